"""The whitening filters a recipe can name, each with its own parameters."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from neurosim.registry.section import Section


class _ScaledFilter(Section):
    std: float = Field(default=1.0, gt=0)
    """Standard deviation of the filtered images that are learned from, in the filtered images' own unit."""
    scale: Literal["set", "image"] = "set"
    """One factor for all images, which keeps their ratios of contrast, or one for each."""


class OlshausenWhitening(_ScaledFilter):
    """`neurosim.stimuli.OlshausenField`: a ramp against the 1/f spectrum of scenes, with a low-pass."""

    kind: Literal["olshausen"] = "olshausen"
    """Which filter."""
    cutoff: float = Field(default=0.4, gt=0, le=1)
    """Frequency in cycles per pixel at which the low-pass has fallen to 1/e."""
    steepness: float = Field(default=4.0, gt=0)
    """How sharply it falls."""
    ramp: float = Field(default=1.0, ge=0)
    """Power of the frequency: 1 as published."""


class CentreSurroundWhitening(_ScaledFilter):
    """`neurosim.stimuli.CentreSurround`: the difference of Gaussians of retina and LGN."""

    kind: Literal["centre_surround"] = "centre_surround"
    """Which filter."""
    centre_sigma: float = Field(default=1.0, gt=0)
    """Standard deviation of the centre in pixels."""
    surround_sigma: float = Field(default=3.0, gt=0)
    """Standard deviation of the surround in pixels."""
    surround_weight: float = Field(default=1.0, ge=0, le=1)
    """Volume of the surround over that of the centre."""

    @model_validator(mode="after")
    def _the_surround_is_wider(self) -> "CentreSurroundWhitening":
        if self.surround_sigma <= self.centre_sigma:
            raise ValueError(
                f"expected surround_sigma above centre_sigma = {self.centre_sigma}, got {self.surround_sigma}"
            )
        return self


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
