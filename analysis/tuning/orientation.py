"""Orientation tuning as measured in macaque V1: circular variance, half-width, orthogonal/preferred."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.analysis.tuning.curve_input import angles_around, checked_rates, per_unit
from neurosim.analysis.tuning.phase import modulation_ratio
from neurosim.analysis.tuning.preferred import one_preferred, preferred_curves
from neurosim.analysis.tuning.responsive import LEAST_RATE
from neurosim.analysis.tuning.smooth_curves import round_flanks, round_spline, smoothed

__all__ = ["circular_variance", "orientation_properties", "preferred_and_width"]

_STEP = 0.1  # degrees: the spline is looked at this finely
_WIDTH_SMOOTHING, _PREFERENCE_SMOOTHING = 0.4, 0.2  # weight of a neighbour beside 1

Floats = NDArray[np.float64]


def orientation_properties(
    rates: ArrayLike,
    *,
    orientations_deg: ArrayLike,
    modulation: ArrayLike | None = None,
    spontaneous: ArrayLike | None = None,
    least: float = LEAST_RATE,
) -> pd.DataFrame:
    r"""Measure orientation tuning at each unit's best setting.

    Circular variance is :math:`1 - |\sum r e^{2i\theta}| / \sum r`; the half-width is half of what lies between the two
    orientations at which the curve has fallen to .707 of its peak, after a smoothing of (.4, 1, .4)/1.8 over
    neighbouring orientations; the preferred orientation is the peak after (.2, 1, .2)/1.4. Both are read from a
    periodic cubic spline, in steps of .1 degrees.

    Parameters
    ----------
    rates : array_like, shape (n_units, n_settings, n_orientations) or (n_units, n_orientations)
        Mean rate over phases (`phase_components`), spikes/s, 0 or more. A setting is whatever else was varied: spatial
        frequency, diameter. A unit with a NaN has a row of NaN.
    orientations_deg : array_like, shape (n_orientations,)
        Degrees, rising in equal steps over 180.
    modulation : array_like, same shape as `rates`, optional
        F1, for ``modulation_ratio``.
    spontaneous : array_like, shape (n_units,), optional
        Rate without a stimulus, spikes/s; where it is not given it is unknown (NaN) and taken as 0 for ``responsive``.
    least : float
        A unit counts as responsive when its largest rate exceeds the spontaneous one by more than this (spikes/s).

    Returns
    -------
    DataFrame
        One row per unit, none left out:

        ``largest_rate``, ``spontaneous_rate`` (spikes/s); ``modulation_ratio`` (F1/F0 at the best condition, 0 to 2);
        ``preferred_orientation`` (degrees, 0 to below 180, as `orientations_deg`); ``circular_variance``
        (0 one orientation, 1 all alike); ``orientation_half_width`` (degrees, NaN if the curve never falls to .707);
        ``orientation_selective`` (1 or 0: whether it falls); ``orthogonal_to_preferred`` (rates at the sampled
        orientations); ``circular_variance_to_half_width`` (1/degrees); ``orientation_selectivity_index``,
        (preferred − orthogonal)/(preferred + orthogonal);
        ``responsive_orientation`` and ``tied_orientation`` (bool).

        NaN: all properties of a unit with equal rates everywhere, and where settings with different curves tie for the
        best; where orientations apart from each other tie, all but the circular variance and the rates. A peak between
        two orientations is no tie.

    Raises
    ------
    ValueError
        If shapes do not fit, a rate is negative or infinite, orientations are not evenly spaced over 180 degrees, look
        like radians, or are odd in number, so that none is orthogonal to another.

    References
    ----------
    Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, doi:10.1523/JNEUROSCI.22-13-05639.2002;
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> angles = np.arange(0, 180, 15)
    >>> table = orientation_properties([10 + 10 * np.cos(2 * np.deg2rad(angles - 30))], orientations_deg=angles)
    >>> columns = ["preferred_orientation", "circular_variance", "orthogonal_to_preferred", "responsive_orientation"]
    >>> table[columns].round(3).to_numpy().tolist()
    [[30.0, 0.5, 0.0, True]]
    """
    angles = angles_around("orientations_deg", orientations_deg, period=180.0)
    if len(angles) % 2:
        raise ValueError(
            f"expected an even number of orientations, got {len(angles)}: none is orthogonal to another"
        )
    array = checked_rates(rates, len(angles))
    f1 = None if modulation is None else _same_shape(checked_rates(modulation, len(angles)), array)
    baseline = per_unit("spontaneous", spontaneous, len(array))
    best = preferred_curves(array, f1)
    one, curve = one_preferred(best.curve, around=True), best.curve
    variance, largest = circular_variance(curve, orientations_deg=angles), array.max(axis=(1, 2))
    preferred, width = preferred_and_width(curve, orientations_deg=angles)
    orthogonal, ratio = _orthogonal_to_preferred(curve), _ratio_at_best(curve, f1, best.setting)
    selective = np.isfinite(width).astype(float)
    preferred, width, selective, orthogonal, ratio = (
        np.where(one, values, np.nan) for values in (preferred, width, selective, orthogonal, ratio)
    )
    return pd.DataFrame(
        {
            "largest_rate": largest,
            "spontaneous_rate": baseline,
            "modulation_ratio": ratio,
            "preferred_orientation": preferred,
            "circular_variance": variance,
            "orientation_half_width": width,
            "orientation_selective": selective,
            "orthogonal_to_preferred": orthogonal,
            "circular_variance_to_half_width": variance / width,
            "orientation_selectivity_index": (1 - orthogonal) / (1 + orthogonal),
            "responsive_orientation": largest > np.nan_to_num(baseline) + least,
            "tied_orientation": best.tied | (np.isfinite(curve).all(axis=1) & ~one),
        },
        index=pd.RangeIndex(len(array), name="unit"),
    )


def circular_variance(rates: ArrayLike, *, orientations_deg: ArrayLike) -> Floats:
    r"""Return :math:`1 - |\sum r e^{2i\theta}| / \sum r` of each curve.

    Parameters
    ----------
    rates : array_like, shape (..., n_orientations)
        0 or more.
    orientations_deg : array_like, shape (n_orientations,)
        Degrees, rising in equal steps over 180.

    Returns
    -------
    ndarray, shape (...,)
        0 for a response to one orientation only, 1 for equal responses; NaN for a unit that is silent.

    Raises
    ------
    ValueError
        If the orientations are not evenly spaced over 180 degrees or a rate is negative.

    References
    ----------
    Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, equations 1 and 2.

    Examples
    --------
    >>> circular_variance([[1.0, 1.0, 1.0, 1.0], [0.0, 3.0, 0.0, 0.0]], orientations_deg=[0, 45, 90, 135]).round(6)
    array([1., 0.])
    """
    angles = angles_around("orientations_deg", orientations_deg, period=180.0)
    array = unmasked(rates, "rates").astype(np.float64, copy=False)
    if (array < 0).any():
        raise ValueError(
            f"expected rates of 0 or more, got {(array < 0).sum()} negative ones: rectify them first"
        )
    total = array.sum(axis=-1)
    length = np.abs(array @ np.exp(2j * np.deg2rad(angles)))
    return np.asarray(1 - np.divide(length, total, out=np.full(total.shape, np.nan), where=total > 0))


def preferred_and_width(curves: Floats, *, orientations_deg: Floats) -> tuple[Floats, Floats]:
    """Return preferred orientation and half-width (degrees) of each curve (n_units, n_orientations)."""
    fine, lightly = round_spline(
        orientations_deg,
        smoothed(curves, neighbour=_PREFERENCE_SMOOTHING, around=True),
        period=180.0,
        step=_STEP,
    )
    known = np.isfinite(lightly).all(axis=1)
    peak = fine[np.argmax(np.where(np.isnan(lightly), -1.0, lightly), axis=1)] % 180.0
    _, curve = round_spline(
        orientations_deg, smoothed(curves, neighbour=_WIDTH_SMOOTHING, around=True), period=180.0, step=_STEP
    )
    before, after = round_flanks(curve, step=_STEP)
    return np.where(known, peak, np.nan), (before + after) / 2


def _same_shape(modulation: Floats, rates: Floats) -> Floats:
    if modulation.shape != rates.shape:
        raise ValueError(
            f"expected `modulation` of the shape of `rates`, {rates.shape}, got {modulation.shape}"
        )
    return modulation


def _orthogonal_to_preferred(curve: Floats) -> Floats:
    """Return the ratio of rates; NaN where orientations tie and their ratios differ."""
    return _agreed(curve, np.roll(curve, curve.shape[1] // 2, axis=1))


def _ratio_at_best(curve: Floats, modulation: Floats | None, setting: NDArray[np.int64]) -> Floats:
    """Return F1/F0 at the best condition; NaN where orientations tie and their ratios differ, or without F1."""
    if modulation is None:
        return np.full(len(curve), np.nan)
    return _agreed(curve, modulation[np.arange(len(curve)), setting])


def _agreed(curve: Floats, other: Floats) -> Floats:
    """Return other/curve where the curve is largest, NaN if it is so at several places that do not agree."""
    peak = curve.max(axis=1)
    ratio = modulation_ratio(curve, other)
    at_peak = curve >= curve.max(axis=1, keepdims=True) * (1 - 1e-9)
    low = np.where(at_peak, ratio, np.inf).min(axis=1)
    high = np.where(at_peak, ratio, -np.inf).max(axis=1)
    return np.where((peak > 0) & (high - low <= 1e-6), low, np.nan)
