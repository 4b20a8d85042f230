"""Spatial-frequency tuning as measured in macaque V1: peak, bandwidth, and whether there is one."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.tuning.curve_input import checked_rates, per_unit, rising
from neurosim.analysis.tuning.preferred import larger_component, one_preferred, preferred_curves
from neurosim.analysis.tuning.responsive import LEAST_RATE
from neurosim.analysis.tuning.smooth_curves import flanks, smoothed, spline

__all__ = ["frequency_properties"]

_STEP = 0.005  # octaves: the spline is looked at this finely
_SMOOTHING = 0.2  # weight of a neighbour beside 1

Floats = NDArray[np.float64]


def frequency_properties(
    rates: ArrayLike,
    *,
    frequencies_cpd: ArrayLike,
    modulation: ArrayLike | None = None,
    spontaneous: ArrayLike | None = None,
    least: float = LEAST_RATE,
) -> pd.DataFrame:
    """Measure spatial-frequency tuning at each unit's best setting.

    The curve is smoothed over neighbouring frequencies by (.2, 1, .2)/1.4, its ends repeated, and interpolated by a
    cubic spline over octaves. The peak is that of mean rate minus spontaneous rate, or of the modulation F1, whichever
    is larger; the bandwidth is that of the mean rate alone.

    Parameters
    ----------
    rates : array_like, shape (n_units, n_settings, n_frequencies) or (n_units, n_frequencies)
        Mean rate over phases (`phase_components`), spikes/s, 0 or more. A setting is whatever else was varied:
        orientation, diameter. A unit with a NaN has a row of NaN.
    frequencies_cpd : array_like, shape (n_frequencies,)
        Cycles/degree, rising; 4 or more.
    modulation : array_like, same shape as `rates`, optional
        F1; without it the mean rate alone decides, as it does at a setting with a NaN here.
    spontaneous : array_like, shape (n_units,), optional
        Rate without a stimulus, spikes/s; 0 where it is not given.
    least : float
        A unit counts as responsive above this (spikes/s over the spontaneous rate).

    Returns
    -------
    DataFrame
        One row per unit, none left out:

        ``peak_frequency`` (cycles/degree; the lowest or highest one shown if the curve rises to there:
        ``peak_at_edge``); ``frequency_bandwidth`` (100 × lower / upper frequency at .707 of the peak, percent: 100 is
        infinitely sharp); ``frequency_bandwidth_octaves``; ``frequency_selective`` (1 if the curve falls to .707 on
        both sides, else 0, and then both widths are NaN); ``responsive_frequency`` (by mean or modulation) and
        ``responsive_frequency_mean`` (by the mean, as for the bandwidth); ``tied_frequency``.

        NaN where settings with different curves tie for the best, where frequencies apart from each other tie, and for
        a unit with equal rates everywhere.

    Raises
    ------
    ValueError
        If shapes do not fit, a rate is negative or infinite, or frequencies do not rise.

    References
    ----------
    De Valois, Albrecht & Thorell 1982, Vision Res 22:545 (peak); Schiller, Finlay & Volman 1976, J Neurophysiol 39:1334
    (bandwidth); Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> frequencies = 2.0 ** np.arange(-2, 4, 0.25)
    >>> table = frequency_properties([30 * np.exp(-np.log2(frequencies / 2) ** 2)], frequencies_cpd=frequencies)
    >>> table[["peak_frequency", "frequency_bandwidth_octaves", "frequency_selective"]].round(2).to_numpy().tolist()
    [[2.0, 1.2, 1.0]]
    """
    shown = rising("frequencies_cpd", frequencies_cpd, least=4)
    array = checked_rates(rates, len(shown))
    baseline = np.nan_to_num(per_unit("spontaneous", spontaneous, len(array)))
    drive = larger_component(array, modulation, baseline)
    peak, edge, peak_tied = _peaks(drive, shown)
    low, high, width_tied = _widths(array, shown)
    known = np.isfinite(low) & np.isfinite(high)
    selective = np.where(width_tied | np.isnan(array).any(axis=(1, 2)), np.nan, known.astype(float))
    return pd.DataFrame(
        {
            "peak_frequency": peak,
            "peak_at_edge": edge,
            "frequency_bandwidth": 100 * low / high,
            "frequency_bandwidth_octaves": np.log2(high / low),
            "frequency_selective": selective,
            "responsive_frequency": drive.max(axis=(1, 2)) > least,
            "responsive_frequency_mean": array.max(axis=(1, 2)) > baseline + least,
            "tied_frequency": peak_tied | width_tied,
        },
        index=pd.RangeIndex(len(array), name="unit"),
    )


def _peaks(drive: Floats, frequencies: Floats) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return peak frequencies, whether they are the lowest or highest shown, and whether there is a tie."""
    octaves, curve, tied = _curves(drive, frequencies)
    at = np.argmax(np.where(np.isnan(curve), -np.inf, curve), axis=1)
    known = np.isfinite(curve).all(axis=1)
    edge = known & ((at == 0) | (at == len(octaves) - 1))
    return np.where(known, 2.0 ** octaves[at], np.nan), edge, tied


def _widths(rates: Floats, frequencies: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return lower and upper frequency at .707 of the peak, and whether there is a tie."""
    octaves, curve, tied = _curves(rates, frequencies)
    step = octaves[1] - octaves[0]
    low, high = (2.0 ** (octaves[0] + step * place) for place in flanks(curve))
    return low, high, tied


def _curves(rates: Floats, frequencies: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return fine octaves, the smoothed best curves there (NaN where tied), and whether there is a tie."""
    best = preferred_curves(rates)
    apart = np.isfinite(best.curve).all(axis=1) & ~one_preferred(best.curve, around=False)
    curve = np.where(apart[:, None], np.nan, best.curve)
    octaves, fine = spline(
        np.log2(frequencies), smoothed(curve, neighbour=_SMOOTHING, around=False), step=_STEP
    )
    return octaves, fine, best.tied | apart
