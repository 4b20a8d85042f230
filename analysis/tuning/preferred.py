"""The condition a unit prefers, and whether there is just one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.tuning.curve_input import checked_rates

__all__ = ["PreferredCurves", "larger_component", "one_preferred", "preferred_curves"]

_EQUAL = 1e-9  # of the largest rate: what rounding may make of equal responses

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class PreferredCurves(NamedTuple):
    """Tuning of every unit at the setting at which it responds most."""

    curve: Floats
    """Shape (n_units, n_values); NaN where `tied`, and where a rate is NaN."""
    setting: NDArray[np.int64]
    """Which setting that is: shape (n_units,)."""
    tied: Flags
    """Settings with different curves tie, or responses are the same everywhere: shape (n_units,)."""


def preferred_curves(rates: Floats, companion: Floats | None = None) -> PreferredCurves:
    """Return each unit's curve (n_units, n_settings, n_values) at its best setting.

    Settings that tie do no harm while their curves are the same, as those of two diameters beyond the field are;
    a `companion` of the same shape, such as the modulation, has to be the same too.

    Examples
    --------
    >>> found = preferred_curves(np.array([[[1.0, 2.0], [2.0, 1.0]], [[1.0, 2.0], [1.0, 2.0]]]))
    >>> found.tied.tolist(), found.curve.tolist()
    ([True, False], [[nan, nan], [1.0, 2.0]])
    """
    peak = rates.max(axis=2)
    setting = np.argmax(np.where(np.isnan(peak), -np.inf, peak), axis=1)
    units = np.arange(len(rates))
    scale = np.abs(rates).max(axis=(1, 2)) * _EQUAL
    ties = peak >= (peak[units, setting] - scale)[:, None]
    curves = [rates] if companion is None else [rates, companion]
    differ = [
        (np.abs(each - each[units, setting][:, None]).max(axis=2) > 1e3 * scale[:, None]) for each in curves
    ]
    tied = (ties & np.any(differ, axis=0)).any(axis=1) | (np.ptp(rates, axis=(1, 2)) <= scale)
    lost = tied | np.isnan(rates).any(axis=(1, 2))
    return PreferredCurves(np.where(lost[:, None], np.nan, rates[units, setting]), setting, tied)


def one_preferred(curves: Floats, *, around: bool) -> Flags:
    """Whether each curve has one largest value, or several next to each other: a peak between two conditions is one."""
    largest = curves >= (curves.max(axis=1) * (1 - np.sign(curves.max(axis=1)) * _EQUAL))[:, None]
    starts = largest & ~np.roll(largest, 1, axis=1)
    if not around:
        starts[:, 0] = largest[:, 0]
    return np.asarray(starts.sum(axis=1) == 1)


def larger_component(rates: Floats, modulation: ArrayLike | None, spontaneous: Floats) -> Floats:
    """Return mean rates above the spontaneous one and, as further settings, modulations: the larger is the best.

    Where a setting's modulation is not known at every value, its mean rate alone counts.
    """
    above = rates - spontaneous[:, None, None]
    if modulation is None:
        return above
    f1 = checked_rates(modulation, rates.shape[2], name="modulation")
    if f1.shape != rates.shape:
        raise ValueError(f"expected `modulation` of the shape of `rates`, {rates.shape}, got {f1.shape}")
    known = np.isfinite(f1).all(axis=2, keepdims=True)
    return np.concatenate([above, np.where(known, f1, above)], axis=1)
