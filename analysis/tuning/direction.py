"""Direction tuning to drifting gratings: direction selectivity, and the orientation tuning that lies in it."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.tuning.curve_input import angles_around, checked_rates
from neurosim.analysis.tuning.preferred import one_preferred, preferred_curves

__all__ = ["bars_of_directions", "direction_properties"]

Floats = NDArray[np.float64]


def direction_properties(rates: ArrayLike, *, directions_deg: ArrayLike) -> pd.DataFrame:
    r"""Measure how much more a unit responds to one direction of motion than to the opposite one.

    Parameters
    ----------
    rates : array_like, shape (n_units, n_settings, n_directions) or (n_units, n_directions)
        Mean rate, any unit, 0 or more. A setting is whatever else was varied. A unit with a NaN has a row of NaN.
    directions_deg : array_like, shape (n_directions,)
        Degrees, rising in equal steps over 360, an even number.

    Returns
    -------
    DataFrame
        One row per unit: ``preferred_direction`` (degrees, one of those shown);
        ``direction_selectivity_index``, (preferred − opposite)/(preferred + opposite), 0 to 1;
        ``global_direction_selectivity``, :math:`|\sum r e^{i\theta}| / \sum r`, 0 to 1; ``tied_direction``. NaN where
        directions or settings tie, but the global one needs one best setting only.

    Raises
    ------
    ValueError
        If shapes do not fit, a rate is negative or infinite, or directions are not an even number, evenly spaced over
        360 degrees.

    References
    ----------
    Mazurek, Kager & Van Hooser 2014, Front Neural Circuits 8:92, doi:10.3389/fncir.2014.00092.

    Examples
    --------
    >>> table = direction_properties([[6.0, 0.0, 2.0, 0.0]], directions_deg=[0, 90, 180, 270])
    >>> table[["preferred_direction", "direction_selectivity_index"]].to_numpy().tolist()
    [[0.0, 0.5]]
    """
    angles, array = _checked(rates, directions_deg)
    best = preferred_curves(array)
    known = np.isfinite(best.curve).all(axis=1)
    # Unlike orientations, neighbours that tie have different opposites: there is no direction between them.
    one = one_preferred(best.curve, around=True) & (
        (best.curve >= best.curve.max(axis=1, keepdims=True)).sum(axis=1) == 1
    )
    at = np.argmax(np.where(np.isnan(best.curve), -1.0, best.curve), axis=1)
    units = np.arange(len(array))
    top, opposite = (best.curve[units, (at + turn) % len(angles)] for turn in (0, len(angles) // 2))
    with np.errstate(invalid="ignore"):
        index = np.where(one, (top - opposite) / (top + opposite), np.nan)
        total = np.abs(best.curve @ np.exp(1j * np.deg2rad(angles))) / best.curve.sum(axis=1)
    return pd.DataFrame(
        {
            "preferred_direction": np.where(one, angles[at] % 360.0, np.nan),
            "direction_selectivity_index": index,
            "global_direction_selectivity": total,
            "tied_direction": best.tied | (known & ~one),
        },
        index=pd.RangeIndex(len(array), name="unit"),
    )


def bars_of_directions(rates: ArrayLike, *, directions_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Average opposite directions, and name each pair by the orientation of the bars.

    Parameters
    ----------
    rates, directions_deg
        As in `direction_properties`.

    Returns
    -------
    rates : ndarray, shape (n_units, n_settings, n_directions / 2)
        For `orientation_properties`.
    orientations : ndarray, shape (n_directions / 2,)
        Degrees from 0 to below 180, rising: bars lie at right angles to the direction they move in.

    Raises
    ------
    ValueError
        As `direction_properties`.

    Examples
    --------
    >>> rates, orientations = bars_of_directions([[6.0, 0.0, 2.0, 0.0]], directions_deg=[0, 90, 180, 270])
    >>> rates.tolist(), orientations.tolist()
    ([[[0.0, 4.0]]], [0.0, 90.0])
    """
    angles, array = _checked(rates, directions_deg)
    half = len(angles) // 2
    bars = (angles[:half] + 90.0) % 180.0
    order = np.argsort(bars)
    return ((array[..., :half] + array[..., half:]) / 2)[..., order], bars[order]


def _checked(rates: ArrayLike, directions_deg: ArrayLike) -> tuple[Floats, Floats]:
    angles = angles_around("directions_deg", directions_deg, period=360.0)
    if len(angles) % 2:
        raise ValueError(
            f"expected an even number of directions, got {len(angles)}: none is opposite to another"
        )
    return angles, checked_rates(rates, len(angles))
