"""Photographs: what a recipe says of them. `photograph_patches` prepares them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import field_validator

from neurosim.registry.stimulus import FilePath, StimulusKind, StimulusSizes, StimulusTraits
from neurosim.stimuli.kinds.patches import PatchSection, patch_sizes

_FILTERS = {
    "olshausen": "Olshausen–Field whitening",
    "centre_surround": "centre–surround filtering",
    "zca": "ZCA whitening",
}


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

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several_paths(cls, source: object) -> object:
        several = isinstance(source, list) and source and all(isinstance(path, str) for path in source)
        if not (several or (isinstance(source, str) and source)):
            raise ValueError(f'expected "embedded", a path or a list of paths, got {source!r}')
        return source


def _sizes(section: PhotographSection) -> StimulusSizes:
    halves = 1 + section.on_off
    return patch_sizes(section, n_features=section.patch_size**2 * halves, copies=halves)


def _words(table: Mapping[str, Any]) -> str:
    size, filtered = table.get("patch_size"), str((table.get("whitening") or {}).get("kind", "none"))
    patches = f"patches of {size} × {size} pixels" if size else "patches"
    images = "the embedded photographs" if table.get("source") == "embedded" else "the user's images"
    after = "" if filtered == "none" else f" after {_FILTERS.get(filtered, filtered)}"
    return f"{patches}, drawn from {images}{after}"


KIND = StimulusKind(
    section=PhotographSection,
    prepare="neurosim.stimuli.kinds.photograph_patches:photographs",
    title="patches of photographs, whitened as retina and thalamus do",
    sizes=_sizes,
    traits=lambda section: StimulusTraits((), False, f"stimuli.kind = {section.kind!r}"),
    words=_words,
    measures=frozenset({"arms", "analysis"}),
    paths={"source": FilePath(words=("embedded",))},
    compared_with_cortex=True,
)
