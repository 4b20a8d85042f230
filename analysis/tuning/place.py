"""Where a unit's field lies and how large it is, from responses to a small stimulus at many places."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from neurosim._masked import unmasked
from neurosim.analysis.tuning.curve_input import per_unit

__all__ = ["field_places"]

_IN_FIELD, _HALF = 0.05, 0.5  # of the largest response
_FINER = 8  # the area is counted on a grid this much finer than the map's

Floats = NDArray[np.float64]


def field_places(
    maps: ArrayLike, *, x: ArrayLike, y: ArrayLike, spontaneous: ArrayLike | None = None
) -> pd.DataFrame:
    r"""Measure place and size of fields that were mapped by a small stimulus, such as a grating of .5 degrees.

    Parameters
    ----------
    maps : array_like, shape (n_units, n_y, n_x)
        Largest response, over orientations and phases, to the stimulus at each place; any unit.
    x, y : array_like, shapes (n_x,) and (n_y,)
        Degrees, in equal steps.
    spontaneous : array_like, shape (n_units,), optional
        Response to a blank, which is taken off; what then is negative counts as 0.

    Returns
    -------
    DataFrame
        One row per unit: ``field_x``, ``field_y`` (degrees), the centre of gravity of the places with more than 5 % of
        the largest response; ``field_diameter`` (degrees), of a circle of the area with more than half of it, the full
        width at half maximum of a round Gaussian field; ``field_at_edge``, whether that area touches the border of the
        map. NaN for a unit without a response above the blank's.

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, or places are not in equal steps.

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495 (the centre).

    Examples
    --------
    >>> places = np.linspace(-2, 2, 81)
    >>> field = np.exp(-((places[None, :] - 0.5) ** 2 + places[:, None] ** 2) / (2 * 0.3**2))
    >>> table = field_places([field], x=places, y=places)
    >>> table[["field_x", "field_diameter"]].round(2).to_numpy().tolist()  # 2 sqrt(2 ln 2) × .3
    [[0.5, 0.71]]
    """
    array = unmasked(maps, "maps").astype(np.float64, copy=False)
    across, down = _even("x", x), _even("y", y)
    if array.ndim != 3 or array.shape[1:] != (len(down), len(across)):
        raise ValueError(f"expected maps of shape (n_units, {len(down)}, {len(across)}), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"expected finite maps, got {(~np.isfinite(array)).sum()} NaN or infinite responses")
    blank = np.nan_to_num(per_unit("spontaneous", spontaneous, len(array)))
    above = np.maximum(array - blank[:, None, None], 0.0)
    peak = above.max(axis=(1, 2))
    silent, level = peak <= 0, np.where(peak > 0, peak, np.nan)[:, None, None]
    weight = np.where(above > _IN_FIELD * level, above, 0.0)
    total = np.where(silent, np.nan, weight.sum(axis=(1, 2)))
    inner = above > _HALF * level
    border = inner[:, [0, -1]].any(axis=(1, 2)) | inner[:, :, [0, -1]].any(axis=(1, 2))
    area = np.array([_area_above_half(each, across, down) for each in above])
    return pd.DataFrame(
        {
            "field_x": (weight * across).sum(axis=(1, 2)) / total,
            "field_y": (weight * down[:, None]).sum(axis=(1, 2)) / total,
            "field_diameter": np.where(silent, np.nan, 2 * np.sqrt(area / np.pi)),
            "field_at_edge": border,
        },
        index=pd.RangeIndex(len(array), name="unit"),
    )


def _area_above_half(response: Floats, x: Floats, y: Floats) -> float:
    """Return the area (degrees²) in which the spline through a map exceeds half of its largest value."""
    fine_x, fine_y = (np.linspace(places[0], places[-1], _FINER * (len(places) - 1) + 1) for places in (x, y))
    along = CubicSpline(x, response, axis=1)(fine_x)
    fine = CubicSpline(y, along, axis=0)(fine_y)
    return float((fine > _HALF * fine.max()).sum() * (fine_x[1] - fine_x[0]) * (fine_y[1] - fine_y[0]))


def _even(name: str, places: ArrayLike) -> Floats:
    array = np.asarray(places, dtype=np.float64)
    step = np.diff(array) if array.ndim == 1 else np.empty(0)
    if len(step) < 1 or not np.allclose(step, step[0], rtol=1e-6) or step[0] <= 0:
        raise ValueError(f"expected {name} to rise in equal steps (degrees), got {array.tolist()}")
    return array
