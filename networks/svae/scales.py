"""The units of a sparse-coding autoencoder: stimuli's size and contrast, and noise and prior scale relative to them."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.training_data import mean_square

__all__ = ["NOISE_SHARE", "PRIOR_SHARE", "Scales", "contrast", "scales_of"]

NOISE_SHARE = 0.45
"""The noise that is taken if none is given, over the stimuli's contrast."""
PRIOR_SHARE = 0.36
"""The prior's scale that is taken if none is given, over the stimuli's root mean square."""

# What the bound can be learned with in single precision, over the root mean square.
_SUITABLE_NOISE = (0.02, 2.0)
_SUITABLE_PRIOR = (1e-4, 1e4)
# Beyond these, squares are no numbers any more.
_SMALLEST, _LARGEST = 1e-100, 1e100


@dataclass(frozen=True)
class Scales:
    """What has a unit, once in that of the stimuli and twice without one.

    Parameters
    ----------
    unit : float
        Root mean square of the stimuli, in their unit.
    noise, prior : float
        Standard deviation of the noise and scale of the prior, over `unit`. Nine digits are kept, more than single
        precision has: so the same stimuli in another unit are learned from with the same numbers.
    """

    unit: float
    noise: float
    prior: float


def contrast(stimuli: NDArray[Any]) -> float:
    """Return the root mean square of stimuli after each one's own mean is taken away, in their unit.

    Of patches whose mean is zero it is their root mean square; of raw patches it leaves out how bright they are. A
    stimulus of one pixel is its own mean, so there it is the root mean square.

    Examples
    --------
    >>> contrast(np.array([[9.0, 11.0], [1.0, -1.0]]))
    1.0
    """
    if stimuli.shape[1] == 1:
        return float(np.sqrt(mean_square(stimuli)))
    of_means = np.mean(np.square(stimuli.mean(axis=1, dtype=np.float64)))
    return float(np.sqrt(max(mean_square(stimuli) - of_means, 0)))


def scales_of(stimuli: NDArray[Any], *, noise_sd: float | None, prior_scale: float | None) -> Scales:
    """Return the scales with which an autoencoder learns from stimuli, those not given as shares of what it measures.

    Warns if no noise is given and the stimuli have hardly any contrast; ValueError if they cannot be squared, or noise
    or prior are far from their size.

    Examples
    --------
    >>> scales_of(np.array([[2.0, -2.0]]), noise_sd=1.0, prior_scale=None)
    Scales(unit=2.0, noise=0.5, prior=0.36)
    """
    unit = _size(stimuli)
    noise = _default_noise(stimuli, unit) if noise_sd is None else _given_noise(float(noise_sd), unit)
    prior = PRIOR_SHARE if prior_scale is None else _given_prior(float(prior_scale), unit)
    return Scales(unit, float(f"{noise:.9g}"), float(f"{prior:.9g}"))


def _size(stimuli: NDArray[Any]) -> float:
    largest = float(np.abs(stimuli).max())
    if largest == 0:
        raise ValueError("expected stimuli with something in them, got zeros only; show others")
    if not _SMALLEST < largest < _LARGEST:
        raise ValueError(
            f"expected stimuli whose largest pixel is between {_SMALLEST:g} and {_LARGEST:g}, got {largest:.3g}; "
            "show them in another unit"
        )
    return float(np.sqrt(mean_square(stimuli)))


def _default_noise(stimuli: NDArray[Any], unit: float) -> float:
    share, least = NOISE_SHARE * contrast(stimuli) / unit, _SUITABLE_NOISE[0]
    if share < least:
        warnings.warn(
            f"stimuli differ by little but their means: their root mean square of {unit:.3g} falls to "
            f"{contrast(stimuli):.3g} without them. The noise is {least * unit:.3g}, the least that can be learned "
            "with, and hides the rest; take the means away before, as sample_patches does with normalise='mean'",
            stacklevel=4,
        )
    return max(share, least)


def _given_noise(noise_sd: float, unit: float) -> float:
    least, greatest = _SUITABLE_NOISE
    if not least <= noise_sd / unit <= greatest:
        raise ValueError(
            f"noise_sd: expected {0.1 * unit:.3g} to {unit:.3g} for stimuli whose root mean square is "
            f"{unit:.3g} (and at the very least {least * unit:.3g}, at most {greatest * unit:.3g}), got "
            f"{noise_sd:.3g}; rescale the stimuli or leave noise_sd out"
        )
    return noise_sd / unit


def _given_prior(prior_scale: float, unit: float) -> float:
    least, greatest = _SUITABLE_PRIOR
    if not least <= prior_scale / unit <= greatest:
        raise ValueError(
            f"prior_scale: expected about {0.1 * unit:.3g} to {unit:.3g} for stimuli whose root mean square is "
            f"{unit:.3g} (and at the very least {least * unit:.3g}, at most {greatest * unit:.3g}), got "
            f"{prior_scale:.3g}; rescale the stimuli or leave prior_scale out"
        )
    return prior_scale / unit
