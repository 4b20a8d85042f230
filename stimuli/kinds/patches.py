"""What a recipe says of patches of images: the whitening filter with its parameters, and how patches are cut."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from neurosim.registry.section import Section
from neurosim.registry.stimulus import StimulusSizes

Precision = Literal["float32", "float64"]
_FLOAT64 = 8


class _ScaledFilter(Section):
    std: float = Field(default=1.0, gt=0)
    """Standard deviation of the filtered images that are learned from, in the filtered images' own unit."""
    scale: Literal["set", "image"] = "set"
    """One factor for all images, which keeps their ratios of contrast, or one for each."""


class OlshausenFilter(Section):
    """`neurosim.stimuli.OlshausenField`: a ramp against the 1/f spectrum of scenes, with a low-pass."""

    kind: Literal["olshausen"] = "olshausen"
    """Which filter."""
    cutoff: float = Field(default=0.4, gt=0, le=1)
    """Frequency in cycles per pixel at which the low-pass has fallen to 1/e."""
    steepness: float = Field(default=4.0, gt=0)
    """How sharply it falls."""
    ramp: float = Field(default=1.0, ge=0)
    """Power of the frequency: 1 as published."""


class CentreSurroundFilter(Section):
    """`neurosim.stimuli.CentreSurround`: the difference of Gaussians of retina and LGN."""

    kind: Literal["centre_surround"] = "centre_surround"
    """Which filter."""
    centre_sigma: float = Field(default=1.0, gt=0)
    """Standard deviation of the centre in pixels."""
    surround_sigma: float = Field(default=3.0, gt=0)
    """Standard deviation of the surround in pixels."""
    surround_weight: float = Field(default=1.0, ge=0, le=1)
    """Volume of the surround over that of the centre."""
    cutoff: float | None = Field(default=None, gt=0, le=1)
    """Frequency in cycles per pixel at which a low-pass has fallen to 1/e; left out, there is none."""
    steepness: float = Field(default=4.0, gt=0)
    """How sharply it falls."""

    @model_validator(mode="after")
    def _the_surround_is_wider(self) -> Self:
        if self.surround_sigma <= self.centre_sigma:
            raise ValueError(
                f"expected surround_sigma above centre_sigma = {self.centre_sigma}, got {self.surround_sigma}"
            )
        return self


class OlshausenWhitening(OlshausenFilter, _ScaledFilter):
    """The same as whitening, which has a scale."""


class CentreSurroundWhitening(CentreSurroundFilter, _ScaledFilter):
    """The same as whitening, which has a scale."""


class ZCAWhitening(Section):
    """`neurosim.stimuli.ZCA`, fitted to the training patches."""

    kind: Literal["zca"] = "zca"
    """Which filter."""
    regularisation: float = Field(default=1e-2, ge=0)
    """Added to the covariance, relative to the mean variance of a pixel."""


class NoWhitening(Section):
    """Patches of the photographs as they are."""

    kind: Literal["none"] = "none"
    """Which filter."""


Whitening = Annotated[
    OlshausenWhitening | CentreSurroundWhitening | ZCAWhitening | NoWhitening, Field(discriminator="kind")
]


class RelaySection(Section):
    """ON and OFF cells of one kind, `neurosim.front_end.adapted`: a filter, a floor and one fixed gain."""

    name: str = Field(min_length=1)
    """By which the page and networks call them."""
    filter: Annotated[OlshausenFilter | CentreSurroundFilter | NoWhitening, Field(discriminator="kind")]
    """What they do to images."""
    floor: float | None = Field(default=None, ge=0)
    """How far they can fall below their rest, in root mean squares; left out or "none", linear push–pull."""
    rms: float = Field(default=1.0, gt=0)
    """Root mean square of the filtered images, in the stimuli's unit: how strong these relays are beside others."""

    @field_validator("floor", mode="before")
    @classmethod
    def _without_a_floor(cls, floor: object) -> object:
        return None if floor == "none" else floor


class PatchSection(Section):
    """What patches of whitened images have in common, be they for one eye or for two."""

    kind: str
    """What is shown."""
    source: str | list[str] = "embedded"
    """Where the images are from."""
    photographs: list[str] | None = None
    """Names of the embedded photographs to use; all of them when left out."""
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
    """Patches of a smaller variance than this, over all pixels and channels, are drawn again."""
    normalise: Literal["none", "mean", "std", "norm"] = "mean"
    """What is done to each patch: nothing, zero mean, also unit standard deviation, or also unit norm."""
    dtype: Precision = "float32"
    """Precision of the patches, and so of the network."""
    whitening: Whitening = OlshausenWhitening()
    """The filter, with its own parameters."""

    @model_validator(mode="after")
    def _names_belong_to_the_embedded(self) -> Self:
        if self.photographs is not None and self.source != "embedded":
            raise ValueError(
                f'photographs goes with source = "embedded", got source = {self.source!r}; leave it out'
            )
        return self


def patch_sizes(section: PatchSection, *, n_features: int, copies: int = 1) -> StimulusSizes:
    """Return the sizes of patches of so many features, held so many times before they are whitened."""
    # ZCA takes them in double precision and gives them again.
    n_bytes = 4 if section.dtype == "float32" else _FLOAT64
    whitened = 2 * _FLOAT64 // n_bytes if section.whitening.kind == "zca" else 0
    return StimulusSizes(
        section.n_train, section.n_test, n_features, copies=copies + whitened, patch_size=section.patch_size
    )
