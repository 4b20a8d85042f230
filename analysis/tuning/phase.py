"""How a unit's response follows the phase of a grating: mean rate F0, modulation F1, and their ratio."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.analysis.tuning.curve_input import angles_around

__all__ = ["PhaseComponents", "modulation_ratio", "phase_components"]

Floats = NDArray[np.float64]


class PhaseComponents(NamedTuple):
    """Mean and modulation over the phases of a grating, in the unit of the responses."""

    mean: Floats
    """F0, the DC: mean over phases."""
    modulation: Floats
    """F1: amplitude of the sinusoid of one cycle, half of peak to trough."""


def phase_components(responses: ArrayLike, *, phases_deg: ArrayLike) -> PhaseComponents:
    r"""Split responses over the phases of a grating into their mean and their modulation.

    .. math:: F_0 = \frac1n \sum_k r_k, \qquad F_1 = \frac2n \Bigl|\sum_k r_k e^{-i\varphi_k}\Bigr|

    Parameters
    ----------
    responses : array_like, shape (..., n_phases)
        Rates or activity, any unit, phases last.
    phases_deg : array_like, shape (n_phases,)
        Degrees, rising in equal steps over 360; 3 or more.

    Returns
    -------
    PhaseComponents
        Arrays of shape (...,).

    Raises
    ------
    ValueError
        If the phases do not go round in equal steps, are in radians, or the last axis has another length.

    References
    ----------
    Skottun et al. 1991, Vision Res 31:1079, doi:10.1016/0042-6989(91)90033-2.

    Examples
    --------
    >>> phases = np.arange(0, 360, 45)
    >>> found = phase_components(5 + 3 * np.cos(np.deg2rad(phases - 20)), phases_deg=phases)
    >>> round(float(found.mean), 6), round(float(found.modulation), 6)
    (5.0, 3.0)
    """
    shown = angles_around("phases_deg", phases_deg, period=360.0)
    array = unmasked(responses, "responses").astype(np.float64, copy=False)
    if array.ndim == 0 or array.shape[-1] != len(shown):
        raise ValueError(
            f"expected responses with the {len(shown)} phases as last axis, got shape {array.shape}"
        )
    wave = np.exp(-1j * np.deg2rad(shown))
    modulation = 2 / len(shown) * np.abs(array @ wave)
    return PhaseComponents(np.asarray(array.mean(axis=-1)), np.asarray(modulation))


def modulation_ratio(mean: ArrayLike, modulation: ArrayLike) -> Floats:
    """Return F1/F0, by which cells are called simple (above 1) or complex (below 1).

    Parameters
    ----------
    mean, modulation : array_like of equal shapes
        From `phase_components`, or F0 and F1 of responses to drifting gratings.

    Returns
    -------
    ndarray, same shape
        From 0 to 2: 0 for an energy unit, pi/2 for a half-rectified sinusoid, 2 for a single phase. NaN where the mean
        is 0.

    Raises
    ------
    ValueError
        If shapes differ or a mean is negative.

    References
    ----------
    Skottun et al. 1991, Vision Res 31:1079; Ringach, Shapley & Hawken 2002, J Neurosci 22:5639.

    Examples
    --------
    >>> modulation_ratio([2.0, 0.0], [1.0, 0.0])
    array([0.5, nan])
    """
    f0, f1 = np.asarray(mean, dtype=np.float64), np.asarray(modulation, dtype=np.float64)
    if f0.shape != f1.shape:
        raise ValueError(
            f"expected mean and modulation of equal shapes, got {f0.shape} and {f1.shape}; pass both from one set"
        )
    if (f0 < 0).any():
        raise ValueError(
            f"expected means of 0 or more, got {(f0 < 0).sum()} negative ones: F1/F0 is of rates, rectify "
            "activity first"
        )
    return np.asarray(np.divide(f1, f0, out=np.full(f0.shape, np.nan), where=f0 > 0))
