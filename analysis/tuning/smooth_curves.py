"""Tuning curves between the conditions shown: smoothed, interpolated by a spline, and where they fall to a level."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

__all__ = ["LEVEL", "flanks", "round_flanks", "round_spline", "smoothed", "spline"]

LEVEL = 0.707  # of the peak: where a tuning curve's width is taken

Floats = NDArray[np.float64]


def smoothed(curves: Floats, *, neighbour: float, around: bool) -> Floats:
    """Average each value with its neighbours, whose weight is `neighbour` to 1; ends are repeated unless `around`."""
    padded = np.pad(curves, ((0, 0), (1, 1)), mode="wrap" if around else "edge")
    return np.asarray(
        (curves + neighbour * (padded[:, :-2] + padded[:, 2:])) / (1 + 2 * neighbour), dtype=np.float64
    )


def round_spline(angles: Floats, curves: Floats, *, period: float, step: float) -> tuple[Floats, Floats]:
    """Return fine angles, from the first on, and the periodic cubic spline through every curve there."""
    fine = angles[0] + np.arange(0.0, period - step / 2, step)
    closed = np.column_stack([curves, curves[:, 0]])
    knots = np.append(angles, angles[0] + period)
    return fine, _through(knots, closed, fine, bc_type="periodic")


def spline(places: Floats, curves: Floats, *, step: float) -> tuple[Floats, Floats]:
    """Return fine places from the first to the last and the cubic spline through every curve there."""
    fine = np.linspace(places[0], places[-1], int(np.ceil((places[-1] - places[0]) / step)) + 1)
    return fine, _through(places, curves, fine, bc_type="not-a-knot")


def _through(knots: Floats, curves: Floats, fine: Floats, *, bc_type: str) -> Floats:
    values = np.full((len(curves), len(fine)), np.nan)
    known = np.isfinite(curves).all(axis=1)
    if known.any():
        values[known] = CubicSpline(knots, curves[known], axis=1, bc_type=bc_type)(fine)
    return values


def round_flanks(curves: Floats, *, step: float) -> tuple[Floats, Floats]:
    """Return how far before and after its largest value each periodic curve falls to `LEVEL` of it; NaN if never."""
    n_values = curves.shape[1]
    peak = _largest(curves)
    onward = (peak[:, None] + np.arange(n_values + 1)) % n_values
    back = (peak[:, None] - np.arange(n_values + 1)) % n_values
    return tuple(step * _first_fall(np.take_along_axis(curves, way, axis=1)) for way in (back, onward))  # type: ignore[return-value]


def flanks(curves: Floats) -> tuple[Floats, Floats]:
    """Return the fractional indices at which each curve falls to `LEVEL` before and after its largest value, or NaN."""
    n_values = curves.shape[1]
    peak = _largest(curves)
    # Held at the end value from the ends on, which falls no further.
    onward = np.minimum(peak[:, None] + np.arange(n_values + 1), n_values - 1)
    back = np.maximum(peak[:, None] - np.arange(n_values + 1), 0)
    before, after = (_first_fall(np.take_along_axis(curves, way, axis=1)) for way in (back, onward))
    return peak - before, peak + after


def _largest(curves: Floats) -> NDArray[np.intp]:
    return np.asarray(np.argmax(np.where(np.isnan(curves), -np.inf, curves), axis=1))


def _first_fall(curves: Floats) -> Floats:
    """Return the fractional index at which each curve, its peak first, falls to `LEVEL` of the peak; NaN if never."""
    level = LEVEL * curves[:, 0]
    below = curves <= level[:, None]
    # A peak of 0 or less is at its level at once: there is no flank to speak of.
    below[:, 0] = False
    units, first = np.arange(len(curves)), below.argmax(axis=1)
    above, under = curves[units, first - 1], curves[units, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = first - 1 + (above - level) / (above - under)
    return np.where(below.any(axis=1) & (curves[:, 0] > 0), found, np.nan)
