"""Codes at the minimum to rounding, by active sets, and how far from it any codes are: for `cluster_codes.py`.

The problem of each stimulus y is ½‖y − Φᵀx‖² + Σ_j θ_j(y) x_j over x ≥ 0, or over the simplex. As for non-negative
least squares (Lawson & Hanson 1974, ch. 23), the neuron that would lower it most joins those that are active, these
take the minimum that they have without bounds, and who would fall below zero on the way leaves. All stimuli take their
steps together. It takes about twice as many steps as neurons are active in the end, where gradients take hundreds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.wlsc.unrolled import Penalty, stimulus_thresholds

Floats = NDArray[np.float64]
# Of slopes below this share of the largest drive no neuron joins.
_ROUNDING = 1e-9
_MOST_STEPS = 400


def settled_code(stimuli: NDArray[Any], fields: NDArray[Any], cost: Penalty) -> Floats:
    """Return the code that minimises the objective, shape (n_stimuli, n_fields); RuntimeError if it is not found."""
    force, overlaps = _problem(stimuli, fields, cost)
    simplex, faint = cost.code == "simplex", _ROUNDING * np.abs(force).max()
    code = np.zeros_like(force)
    if simplex:  # The best of the corners.
        code[np.arange(len(code)), np.argmax(force - np.diag(overlaps) / 2, axis=1)] = 1
    active, going = code > 0, np.arange(len(code))
    for _ in range(_MOST_STEPS):
        slope = _uphill(force[going], code[going], overlaps, simplex=simplex)
        gain = np.where(active[going], -np.inf, slope)
        joins = gain.argmax(axis=1)
        better = gain[np.arange(len(going)), joins] > faint
        going, joins = going[better], joins[better]
        if not len(going):
            return code
        active[going, joins] = True
        code[going], active[going] = _relaxed(
            code[going], active[going], force[going], overlaps=overlaps, simplex=simplex
        )
    raise RuntimeError(f"{len(going)} of {len(code)} codes did not come to rest in {_MOST_STEPS} steps")


def kkt_residual(stimuli: NDArray[Any], code: NDArray[Any], fields: NDArray[Any], cost: Penalty) -> Floats:
    """Return for every stimulus the largest |x − P(x − ∇)| of any activity, zero at the minimum alone.

    P takes a step along the slope back to the codes that are allowed.
    """
    force, overlaps = _problem(stimuli, fields, cost)
    ahead = code + force - code @ overlaps
    allowed = _on_simplex(ahead) if cost.code == "simplex" else np.maximum(ahead, 0)
    residual: Floats = np.abs(code - allowed).max(axis=1)
    return residual


def _problem(stimuli: NDArray[Any], fields: NDArray[Any], cost: Penalty) -> tuple[Floats, Floats]:
    """Return what drives each activity up, drive minus threshold, and the overlaps of fields."""
    rows, matrix = stimuli.astype(float), fields.astype(float)
    return rows @ matrix.T - stimulus_thresholds(rows, matrix, cost), matrix @ matrix.T


def _uphill(force: Floats, code: Floats, overlaps: Floats, *, simplex: bool) -> Floats:
    """Return how fast the objective falls with each activity; on the simplex, beside that of the active ones."""
    slope = force - code @ overlaps
    if simplex:
        slope -= (slope * code).sum(axis=1, keepdims=True)  # alike for all that are active, whose sum is one
    return slope


def _relaxed(
    code: Floats, active: NDArray[np.bool_], force: Floats, *, overlaps: Floats, simplex: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    """Take active neurons to their minimum, dropping who would fall below zero."""
    code, active, open_ = code.copy(), active.copy(), np.arange(len(code))
    while len(open_):
        wanted = _unbounded(active[open_], force[open_], overlaps, simplex=simplex)
        falls = active[open_] & (wanted <= 0)
        way = np.full(wanted.shape, np.inf)
        before = code[open_]
        way[falls] = before[falls] / (before[falls] - wanted[falls])
        share = np.minimum(way.min(axis=1, keepdims=True), 1)
        code[open_] = np.where(active[open_], before + share * (wanted - before), 0)
        # Whoever is the first to reach zero leaves, also where rounding would leave a trace.
        leaves = falls & (way <= share)
        active[open_] &= ~leaves
        code[open_] = np.where(leaves, 0, code[open_])
        open_ = open_[falls.any(axis=1)]
    return code, active


def _unbounded(active: NDArray[np.bool_], force: Floats, overlaps: Floats, *, simplex: bool) -> Floats:
    """Return the minimum over the active neurons of every stimulus, with their sum at one on the simplex."""
    n_rows, size = len(active), int(active.sum(axis=1).max())
    places = np.argsort(~active, axis=1, kind="stable")[:, :size]
    used = np.take_along_axis(active, places, axis=1)
    both = used[:, :, None] & used[:, None, :]
    matrix = np.where(both, overlaps[places[:, :, None], places[:, None, :]], 0)
    own = np.arange(size)
    matrix[:, own, own] += ~used  # whose activity is then zero
    right = np.where(used, np.take_along_axis(force, places, axis=1), 0)
    if simplex:
        matrix = np.pad(matrix, ((0, 0), (0, 1), (0, 1)))
        matrix[:, :size, size] = matrix[:, size, :size] = used
        right = np.column_stack([right, np.ones(n_rows)])
    found = np.linalg.solve(matrix, right[:, :, None])[:, :size, 0]
    wanted = np.zeros(active.shape)
    np.put_along_axis(wanted, places, np.where(used, found, 0), axis=1)
    return wanted


def _on_simplex(points: Floats) -> Floats:
    """Return the nearest points that are not negative and add up to one."""
    low = points.max(axis=1, keepdims=True) - 1
    high = points.max(axis=1, keepdims=True)
    for _ in range(60):  # halving what has to be taken away
        middle = (low + high) / 2
        above = np.maximum(points - middle, 0).sum(axis=1, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    nearest: Floats = np.maximum(points - (low + high) / 2, 0)
    return nearest
