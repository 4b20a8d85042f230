"""Tuning to the size of a grating: how far a unit sums, and how much more suppresses it."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.tuning.curve_input import checked_rates, per_unit, rising
from neurosim.analysis.tuning.preferred import larger_component, one_preferred, preferred_curves
from neurosim.analysis.tuning.responsive import LEAST_RATE

__all__ = ["LEAST_SUPPRESSION", "size_properties"]

LEAST_SUPPRESSION = 0.1
"""Suppression index above which a unit counts as suppressed."""

_NEARLY_ALL, _NEARLY_FLAT = 0.95, 0.05  # of the peak; of the plateau

Floats = NDArray[np.float64]


def size_properties(
    rates: ArrayLike,
    *,
    diameters_deg: ArrayLike,
    modulation: ArrayLike | None = None,
    spontaneous: ArrayLike | None = None,
    least: float = LEAST_RATE,
) -> pd.DataFrame:
    """Measure tuning to the diameter of a grating at each unit's best setting.

    Used are mean rates minus the spontaneous one, or modulations F1, whichever are larger at the best condition. The
    plateau is the response to the largest diameter.

    Parameters
    ----------
    rates : array_like, shape (n_units, n_settings, n_diameters) or (n_units, n_diameters)
        Mean rate over phases (`phase_components`), spikes/s, 0 or more. A setting is whatever else was varied:
        orientation, frequency. A unit with a NaN has a row of NaN. Stimuli have to lie on the middle of the unit's
        field: elsewhere there is no suppression to see.
    diameters_deg : array_like, shape (n_diameters,)
        Degrees, rising; 3 or more.
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

        ``surround_suppression_index``, (peak − plateau)/peak; ``suppressed``, whether that is above .1;
        ``grating_summation_field``, the smallest diameter with .95 of the peak, and ``surround_diameter``, the smallest
        beyond the peak at which the response is within 5 % of the plateau (degrees, both of the diameters shown, both
        NaN without suppression); ``surround_to_summation_field``; ``responsive_size``; ``tied_size``.

        NaN where settings with different curves tie for the best, where diameters apart from each other tie, for a
        unit with equal rates everywhere, and where the peak is not above 0. Large diameters with equal responses are no
        tie.

    Raises
    ------
    ValueError
        If shapes do not fit, a rate is negative or infinite, or diameters do not rise.

    References
    ----------
    Cavanaugh, Bair & Movshon 2002, J Neurophysiol 88:2530, doi:10.1152/jn.00692.2001;
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> table = size_properties([[2.0, 20.0, 15.0, 10.0, 10.0]], diameters_deg=[0.25, 0.5, 1, 2, 4])
    >>> table[["surround_suppression_index", "grating_summation_field", "surround_diameter"]].to_numpy().tolist()
    [[0.5, 0.5, 2.0]]
    """
    shown = rising("diameters_deg", diameters_deg, least=3)
    array = checked_rates(rates, len(shown))
    drive = larger_component(
        array, modulation, np.nan_to_num(per_unit("spontaneous", spontaneous, len(array)))
    )
    best = preferred_curves(drive)
    apart = np.isfinite(best.curve).all(axis=1) & ~one_preferred(best.curve, around=False)
    curve = np.where(apart[:, None] | (best.curve.max(axis=1) <= 0)[:, None], np.nan, best.curve)
    peak, plateau = curve.max(axis=1), curve[:, -1]
    index = (peak - plateau) / peak
    suppressed = index > LEAST_SUPPRESSION
    field = _first(curve >= _NEARLY_ALL * peak[:, None], shown)
    at_peak = _first(curve >= peak[:, None], shown)
    flat = curve <= (plateau + _NEARLY_FLAT * np.abs(plateau))[:, None]
    surround = _first(flat & (shown > at_peak[:, None]), shown)
    field, surround = (np.where(suppressed, found, np.nan) for found in (field, surround))
    return pd.DataFrame(
        {
            "surround_suppression_index": index,
            "suppressed": suppressed,
            "grating_summation_field": field,
            "surround_diameter": surround,
            "surround_to_summation_field": surround / field,
            "responsive_size": drive.max(axis=(1, 2)) > least,
            "tied_size": best.tied | apart,
        },
        index=pd.RangeIndex(len(array), name="unit"),
    )


def _first(there: NDArray[np.bool_], diameters: Floats) -> Floats:
    """Return the smallest diameter at which something holds, NaN if at none."""
    return np.where(there.any(axis=1), diameters[there.argmax(axis=1)], np.nan)
