"""Films: what a recipe says of them. `film_clips` prepares them."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from neurosim.registry.section import Section
from neurosim.registry.stimulus import FilePath, StimulusKind, StimulusSizes, StimulusTraits

CLIPS = "clips"
"""Name of the only modality."""


class FilmSection(Section):
    """Clips of a film, whitened in space and time together."""

    kind: Literal["films"] = "films"
    """What is shown."""
    source: str = "made"
    """``"made"``, of photographs over which a window moves, a folder of numbered frames, or a video file (extra
    ``video``)."""
    photographs: list[str] | None = None
    """Names of the embedded photographs that films are made of; all of them when left out."""
    motion: Literal["eye", "move", "still"] = "eye"
    """How made films move: as an eye does that drifts, follows and jumps; all of it steadily; or not, but contrast
    wanders."""
    rate_hz: float | None = Field(default=None, gt=0)
    """Frames per second of a folder's frames."""
    patch_size: int = Field(default=12, ge=4, le=64)
    """Side of the clips' square frames in pixels."""
    n_frames: int = Field(default=8, ge=2, le=64)
    """Frames of a clip."""
    n_kept: int = Field(default=300, ge=1)
    """Principal components in space and time that are kept."""
    loudest: float = Field(default=1.5, ge=1)
    """Norm of a whitened clip, in medians, above which it is turned down to it."""
    n_train: int = Field(default=60_000, ge=1)
    """How many clips are drawn to learn from."""
    n_test: int = Field(default=2_000, ge=2)
    """How many clips are drawn from the held-out part to be measured on."""
    held_out_fraction: float = Field(default=0.2, gt=0, lt=1)
    """Share that learning never sees: of every photograph's columns, from the right, or of a film's last frames."""
    control: bool = True
    """Whether a second network of the same parameters learns from the same clips with their motion taken out."""
    dtype: Literal["float32", "float64"] = "float32"
    """Precision of the clips, and so of the network."""

    @model_validator(mode="after")
    def _keys_go_with_the_source(self) -> Self:
        made = self.source == "made"
        for key in ("photographs", "motion"):
            if not made and key in self.model_fields_set and getattr(self, key) is not None:
                raise ValueError(
                    f'{key}: goes with source = "made", got source = {self.source!r}; leave it out'
                )
        if made and self.rate_hz is not None:
            raise ValueError(
                "rate_hz: goes with a folder of frames; speeds of made films are in pixels per frame: leave it out"
            )
        return self

    @model_validator(mode="after")
    def _no_more_is_kept_than_there_is(self) -> Self:
        n_pixels = self.n_frames * self.patch_size**2
        if self.n_kept >= n_pixels:
            raise ValueError(
                f"n_kept: expected less than n_frames * patch_size**2 = {n_pixels}, since mean grey is left out, got "
                f"{self.n_kept}"
            )
        return self


def _sizes(section: FilmSection) -> StimulusSizes:
    # Clips before they are whitened, and those without motion, are held beside the rows.
    n_pixels = section.n_frames * section.patch_size**2
    copies = 1 + section.control + -(-2 * n_pixels // section.n_kept)
    return StimulusSizes(section.n_train, section.n_test, section.n_kept, copies=copies)


def _words(table: Mapping[str, Any]) -> str:
    size, n_frames = table.get("patch_size"), table.get("n_frames")
    made = "a film made of photographs" if table.get("source") == "made" else "the user's film"
    return f"clips of {n_frames} frames of {size} × {size} pixels, from {made}, whitened in space and time"


KIND = StimulusKind(
    section=FilmSection,
    prepare="neurosim.stimuli.kinds.films.film_clips:film_clips",
    title="clips of a film, made of photographs or given, whitened in space and time",
    sizes=_sizes,
    traits=lambda section: StimulusTraits((CLIPS,), False, f"stimuli.kind = {section.kind!r}"),
    words=_words,
    measures=frozenset(),
    paths={"source": FilePath(words=("made",))},
)
