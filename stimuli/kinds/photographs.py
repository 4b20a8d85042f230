"""Photographs: what a recipe says of them. `photograph_patches` prepares them."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from neurosim.registry.stimulus import FilePath, StimulusKind, StimulusSizes, StimulusTraits
from neurosim.stimuli.kinds.patches import PatchSection, RelaySection, patch_sizes

_FILTERS = {
    "olshausen": "Olshausen–Field whitening",
    "centre_surround": "centre–surround filtering",
    "zca": "ZCA whitening",
}
# What is done to patches where no relays are named, which say it all.
INSTEAD_OF_RELAYS = ("whitening", "on_off", "normalise")


class PhotographSection(PatchSection):
    """Patches of photographs, as one eye sees them."""

    kind: Literal["photographs"] = "photographs"
    """What is shown."""
    source: str | list[str] = "embedded"
    """``"embedded"``, one image file, one folder of images, or a list of image files."""
    skip_unreadable: bool = False
    """Go on without an image that cannot be read or is too small for a patch, instead of stopping."""
    on_off: bool = False
    """Split each whitened patch into its positive and negative part, as two populations of LGN cells do."""
    relays: list[RelaySection] = Field(default=[])
    """Relays of several kinds side by side, in place of ``whitening``, ``on_off`` and ``normalise``."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several_paths(cls, source: object) -> object:
        several = isinstance(source, list) and source and all(isinstance(path, str) for path in source)
        if not (several or (isinstance(source, str) and source)):
            raise ValueError(f'expected "embedded", a path or a list of paths, got {source!r}')
        return source

    @model_validator(mode="after")
    def _relays_say_it_all(self) -> Self:
        names = [relay.name for relay in self.relays]
        if len(set(names)) < len(names):
            raise ValueError(f"relays: expected relays of different names, got {names}")
        given = [key for key in INSTEAD_OF_RELAYS if key in self.model_fields_set]
        if self.relays and given:
            raise ValueError(
                f"relays: expected relays in place of whitening, on_off and normalise, got {' and '.join(given)} too; "
                "leave those out, or the relays (relays = [])"
            )
        return self

    @model_serializer(mode="wrap")
    def _what_counts(self, dumped: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the section without the keys that the others leave without a meaning."""
        table: dict[str, Any] = dumped(self)
        without = INSTEAD_OF_RELAYS if self.relays else ("relays",)
        return {key: value for key, value in table.items() if key not in without}


def _sizes(section: PhotographSection) -> StimulusSizes:
    n_channels = 2 * len(section.relays) or 1 + section.on_off
    # Split patches are held before and after; those of relays are cut from images that were split.
    copies = 1 if section.relays else n_channels
    return patch_sizes(section, n_features=section.patch_size**2 * n_channels, copies=copies)


def _words(table: Mapping[str, Any]) -> str:
    size, filtered = table.get("patch_size"), str((table.get("whitening") or {}).get("kind", "none"))
    patches = f"patches of {size} × {size} pixels" if size else "patches"
    images = "the embedded photographs" if table.get("source") == "embedded" else "the user's images"
    after = "" if filtered == "none" else f" after {_FILTERS.get(filtered, filtered)}"
    if relays := [str(relay.get("name")) for relay in table.get("relays") or []]:
        after = f" as ON and OFF relays answer to them ({', '.join(relays)})"
    return f"{patches}, drawn from {images}{after}"


KIND = StimulusKind(
    section=PhotographSection,
    prepare="neurosim.stimuli.kinds.photograph_patches:photographs",
    title="patches of photographs, whitened as retina and thalamus do",
    sizes=_sizes,
    traits=lambda section: StimulusTraits((), False, f"stimuli.kind = {section.kind!r}"),
    words=_words,
    measures=frozenset({"arms", "analysis", "laboratory"}),
    paths={"source": FilePath(words=("embedded",))},
    compared_with_cortex=True,
)
