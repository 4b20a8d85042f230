"""The sections of a recipe that say what is shown, what is measured and what the run is called."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from neurosim.runs.section import Section
from neurosim.runs.whitening_sections import OlshausenWhitening, Whitening


class StimuliSection(Section):
    """Which images are shown, how they are whitened, and how patches are drawn from them."""

    source: str | list[str] = "embedded"
    """``"embedded"``, one image file, one folder of images, or a list of image files."""
    photographs: list[str] | None = None
    """Names of the embedded photographs to use; all of them when left out."""
    skip_unreadable: bool = False
    """Go on without an image that cannot be read, instead of stopping."""
    rescale: float = Field(default=1.0, gt=0, le=1)
    """Size of the images that are used over the size of those that were read."""
    patch_size: int = Field(default=16, ge=4, le=64)
    """Side of a square patch in pixels."""
    n_train: int = Field(default=20_000, ge=1)
    """How many patches are drawn to learn from."""
    n_test: int = Field(default=2_000, ge=2)
    """How many patches are drawn from the held-out part to be measured on."""
    held_out_fraction: float = Field(default=0.2, gt=0, lt=1)
    """Share of every image's columns, counted from the right, that learning never sees."""
    border: int = Field(default=4, ge=0)
    """Pixels next to an edge that no patch may touch: filters are unreliable there."""
    variance_floor: float = Field(default=0.0, ge=0)
    """Patches of a smaller variance than this are drawn again."""
    normalise: Literal["none", "mean", "std", "norm"] = "mean"
    """What is done to each patch: nothing, zero mean, also unit standard deviation, or also unit norm."""
    dtype: Literal["float32", "float64"] = "float32"
    """Precision of the patches, and so of the network."""
    on_off: bool = False
    """Split each whitened patch into its positive and negative part, as two populations of LGN cells do."""
    whitening: Whitening = OlshausenWhitening()
    """The filter, with its own parameters."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several_paths(cls, source: object) -> object:
        several = isinstance(source, list) and source and all(isinstance(path, str) for path in source)
        if not (several or (isinstance(source, str) and source)):
            raise ValueError(f'expected "embedded", a path or a list of paths, got {source!r}')
        return source

    @model_validator(mode="after")
    def _names_belong_to_the_embedded(self) -> "StimuliSection":
        if self.photographs is not None and self.source != "embedded":
            raise ValueError(
                f'photographs goes with source = "embedded", got source = {self.source!r}; '
                "leave it out and list the files in source"
            )
        return self


class AnalysisSection(Section):
    """How fields are fitted and compared with cortex."""

    amplitude_bound: float = Field(default=1.5, ge=1)
    """Largest Gabor amplitude, in units of the field's own peak."""
    bound_sweep: list[Annotated[float, Field(ge=1)]] = Field(default=[1.1, 1.5, 2.0, 3.0])
    """Amplitude bounds for which the distance to cortex is reported."""
    n_starts: int = Field(default=12, ge=1)
    """Starting points of every Gabor fit."""
    n_bootstrap: int = Field(default=1_000, ge=100)
    """Resamplings behind the interval of the distance to cortex."""
    margin: int = Field(default=8, ge=0, le=64)
    """Pixels by which a field in the image is wider than its patch on each side: the filter's reach."""


class RunSection(Section):
    """What the run is called and the one number its randomness comes from."""

    name: str = "unnamed"
    """Letters, digits, dot, dash and underscore; names the default output folder."""
    description: str = ""
    """One line for `neurosim recipes` and the report."""
    expected_time: str = ""
    """How long the run takes and on what, in words."""
    seed: int = Field(default=0, ge=0)
    """Root of every random stream of the run."""

    @field_validator("name")
    @classmethod
    def _a_folder_name(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise ValueError(f"expected letters, digits, dots, dashes and underscores, got {name!r}")
        return name
