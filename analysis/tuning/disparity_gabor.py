"""Gabor functions of one dimension fitted to disparity tuning curves: the phase tells the shape."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.progress import counted
from neurosim.analysis.tuning.disparity import DisparityTuning

__all__ = ["DISPARITY_SHAPES", "disparity_gabor", "fit_disparity_gabors"]

DISPARITY_SHAPES = ("tuned excitatory", "near", "tuned inhibitory", "far")
"""Names of the quarters of phase about 0, π/2, π and −π/2."""

_PARAMETERS = ("baseline", "amplitude", "centre", "sigma", "frequency", "phase")
_FEWEST = 7  # disparities: one more than parameters
# Of the range of a curve: a Gabor of low frequency and unbounded amplitude fits a quiet curve equally well.
_LARGEST_AMPLITUDE = 2.0

_NO_FIT = (np.nan,) * (len(_PARAMETERS) + 1)
_N_STARTS = 4

Floats = NDArray[np.float64]


class _Grid(NamedTuple):
    points: Floats  # (n_points, 3): centre, sigma, frequency
    quarter: NDArray[np.int64]  # of the frequencies, (n_points,)
    basis: Floats  # (n_points, n_disparities, 3)
    solution: Floats  # least squares: (n_points, 3, n_disparities)


def disparity_gabor(disparities: Floats, parameters: Floats) -> Floats:
    r"""Evaluate the Gabor function of a tuning curve.

    .. math:: b + A\, e^{-(d - d_0)^2/2\sigma^2} \cos(2\pi f (d - d_0) + \varphi)

    Parameters
    ----------
    disparities : ndarray, shape (n_disparities,)
        d, any unit.
    parameters : ndarray, shape (6,)
        b and A (unit of the responses), d₀ and σ (unit of the disparities), f (cycles per unit of disparity)
        and φ (radians), in the order of the columns of `fit_disparity_gabors`.

    Returns
    -------
    ndarray, shape (n_disparities,)

    Examples
    --------
    >>> disparity_gabor(np.array([0.0, 0.5]), np.array([1.0, 2.0, 0.0, 9e9, 1.0, 0.0]))
    array([ 3., -1.])
    """
    baseline, amplitude, centre, sigma, frequency, phase = parameters
    away = disparities - centre
    envelope = amplitude * np.exp(-0.5 * (away / sigma) ** 2)
    return np.asarray(baseline + envelope * np.cos(2 * np.pi * frequency * away + phase))


def fit_disparity_gabors(tuning: DisparityTuning) -> pd.DataFrame:
    """Fit a Gabor function to each tuning curve and name its shape by the phase.

    Parameters
    ----------
    tuning : DisparityTuning
        From `disparity_tuning`, at seven disparities or more. Every disparity counts the same.

    Returns
    -------
    DataFrame
        One row per neuron: ``baseline``, ``amplitude`` (0 or more; at most twice the range of the curve),
        ``centre``, ``sigma``, ``frequency`` (from half a cycle over all disparities to one cycle per two),
        ``phase`` (radians, (-pi, pi]), ``r2`` and ``shape``, one of ``DISPARITY_SHAPES``: cells form a
        continuum, so the four are quarters of the circle of phase, no clusters. ``"near"`` prefers disparities
        below the centre, which are crossed if the stimuli keep the convention. Missing for a curve that
        is flat. Mind ``r2`` before using a phase: with six parameters, noise at 15 disparities reaches .57
        on average.

    Raises
    ------
    ValueError
        If there are fewer than seven disparities.

    References
    ----------
    Prince, Cumming & Parker 2002, J Neurophysiol 87:209, doi:10.1152/jn.00466.2000 (Gabor parameters; no
    evidence for discrete types).

    Examples
    --------
    >>> d = np.linspace(-1, 1, 15)
    >>> curve = disparity_gabor(d, np.array([3.0, 2.0, 0.1, 0.3, 1.2, np.pi / 2]))
    >>> nothing = np.zeros(1)
    >>> fits = fit_disparity_gabors(DisparityTuning(d, curve[None], np.full(15, 9), nothing, nothing))
    >>> fits.round(2)[["centre", "sigma", "frequency", "phase", "shape"]].to_numpy().tolist()
    [[0.1, 0.3, 1.2, 1.57, 'near']]
    """
    at = tuning.disparities
    if len(at) < _FEWEST:
        raise ValueError(f"expected {_FEWEST} disparities or more for six parameters, got {len(at)}")
    spread = np.ptp(tuning.mean, axis=1)
    curves = (tuning.mean - tuning.mean.min(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)[:, None]
    grid = _grid(at)
    rows = [
        _fit(at, curve, grid) if wide > 0 else _NO_FIT
        for curve, wide in counted(list(zip(curves, spread, strict=True)), "fitting disparity tuning")
    ]
    table = pd.DataFrame(rows, columns=[*_PARAMETERS, "r2"])
    table["amplitude"] *= spread
    table["baseline"] = table["baseline"] * spread + tuning.mean.min(axis=1)
    table["shape"] = [_shape(phase) for phase in table["phase"]]
    return table


def _fit(at: Floats, curve: Floats, grid: _Grid) -> tuple[float, ...]:
    """Return parameters and R² of the best fit to a curve between 0 and 1."""
    from scipy.optimize import least_squares

    low, high = _bounds(at)
    starts = [np.clip(start, low, high) for start in _starts(curve, grid)]
    found = [
        least_squares(
            lambda p: disparity_gabor(at, p) - curve,
            start,
            jac=lambda p: _slopes(at, p),
            bounds=(low, high),
            x_scale=high - low,
        )
        for start in starts
    ]
    best = min(found, key=lambda one: float(one.cost))
    *others, phase = best.x
    wrapped = np.pi - (np.pi - phase) % (2 * np.pi)
    r2 = 1 - 2 * float(best.cost) / float(((curve - curve.mean()) ** 2).sum())
    return (*map(float, others), float(wrapped), r2)


def _slopes(at: Floats, parameters: Floats) -> Floats:
    """Return the derivatives of `disparity_gabor`: (n_disparities, 6)."""
    _, amplitude, centre, sigma, frequency, phase = parameters
    away = at - centre
    envelope = np.exp(-0.5 * (away / sigma) ** 2)
    angle = 2 * np.pi * frequency * away + phase
    even, odd = envelope * np.cos(angle), amplitude * envelope * np.sin(angle)
    centred = amplitude * even * away / sigma**2 + 2 * np.pi * frequency * odd
    widened = amplitude * even * away**2 / sigma**3
    return np.stack([np.ones_like(at), even, centred, widened, -2 * np.pi * away * odd, -odd], axis=1)


def _bounds(at: Floats) -> tuple[Floats, Floats]:
    extent, step = float(np.ptp(at)), float(np.median(np.diff(at)))
    low = [-_LARGEST_AMPLITUDE, 0.0, at[0], step / 2, 0.5 / extent, -2 * np.pi]
    high = [_LARGEST_AMPLITUDE + 1, _LARGEST_AMPLITUDE, at[-1], extent, 0.5 / step, 2 * np.pi]
    return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)


def _grid(at: Floats) -> _Grid:
    """Lay a grid over centre, sigma and frequency; baseline and both waves are linear at each of its points."""
    low, high = _bounds(at)
    axes = (
        np.linspace(low[2], high[2], 17),
        np.geomspace(low[3], high[3], 7),
        np.geomspace(low[4], high[4], 4 * _N_STARTS),
    )
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    quarter = np.broadcast_to(np.arange(4 * _N_STARTS) // 4, points.shape[:-1]).ravel()
    points = points.reshape(-1, 3)
    away = at - points[:, :1]
    envelope = np.exp(-0.5 * (away / points[:, 1:2]) ** 2)
    angle = 2 * np.pi * points[:, 2:] * away
    basis = np.stack([np.ones_like(away), envelope * np.cos(angle), -envelope * np.sin(angle)], axis=-1)
    return _Grid(points, quarter, basis, np.linalg.pinv(basis, rcond=1e-6))


def _starts(curve: Floats, grid: _Grid) -> list[Floats]:
    """Return the best point in each quarter of the frequencies, so that no single minimum takes all starts."""
    weights = grid.solution @ curve
    error = (((grid.basis @ weights[:, :, None])[:, :, 0] - curve) ** 2).sum(axis=1)
    amplitude = np.hypot(weights[:, 1], weights[:, 2])
    error[amplitude > _LARGEST_AMPLITUDE] = np.inf
    best = [int(np.where(grid.quarter == q, error, np.inf).argmin()) for q in range(_N_STARTS)]
    phase = np.arctan2(weights[:, 2], weights[:, 1])
    return [np.array([weights[i, 0], amplitude[i], *grid.points[i], phase[i]]) for i in best]


def _shape(phase: float) -> str | None:
    return None if np.isnan(phase) else DISPARITY_SHAPES[round(phase / (np.pi / 2)) % 4]
