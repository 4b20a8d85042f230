"""Levenberg–Marquardt for many bounded Gabor fits at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor_moments import (
    LOG_AMPLITUDE,
    THETA,
    Floats,
    NormalEquations,
    normal_equations,
    quadrature_moments,
)

__all__ = ["FitProblem", "FitState", "fit_starts"]

_N_SHAPE = 6
# (iterations, starts kept afterwards): most starts have met in the same minimum by then.
_SCHEDULE = ((5, 4), (8, 2), (80, 1))
# Of the time, when each has ended.
_DONE = (0.5, 0.8, 1.0)
_DAMPING_START, _DAMPING_LEAST, _DAMPING_MOST = 1e-2, 1e-9, 1e8
_TOLERANCE = 1e-9  # fall of the squared error, relative to itself, that counts as settled
_EXACT = 1e-14  # squared error relative to the field's energy below which only rounding is left


@dataclass(frozen=True)
class FitProblem:
    """Fields (n_fields, n_pixels), scaled to a peak of one, and the box of the six shape parameters.

    With an offset fields are of zero mean.
    """

    fields: Floats
    monomials: Floats
    lower: Floats
    upper: Floats
    amplitude_bound: float
    offset: bool = False

    @cached_property
    def energy(self) -> Floats:
        """Sum of squares of every field, shape (n_fields,)."""
        return np.asarray(np.einsum("np,np->n", self.fields, self.fields))


@dataclass
class FitState:
    """One row per running fit."""

    owner: NDArray[np.intp]  # index of the field
    shape: Floats  # (n_fits, 6)
    system: NormalEquations
    damping: Floats
    settled: NDArray[np.bool_]

    def take(self, rows: NDArray[np.intp]) -> "FitState":
        """Return the chosen fits."""
        return FitState(
            self.owner[rows], self.shape[rows], self.system.take(rows), self.damping[rows], self.settled[rows]
        )

    def put(self, rows: NDArray[np.intp], fits: "FitState") -> None:
        """Write fits back to their rows."""
        self.system.put(rows, fits.system)
        self.shape[rows], self.damping[rows], self.settled[rows] = fits.shape, fits.damping, fits.settled


def fit_starts(
    problem: FitProblem, starts: Floats, *, tell: Callable[[float], None] = lambda share: None
) -> FitState:
    """Fit every field from all its starts, dropping the worse ones on the way; return the best of each field.

    `starts` is (n_fields, n_starts, 6); a start outside the box begins on the box's face. `tell` is called with about
    the share of the work that is done.
    """
    n_fields, n_starts, _ = starts.shape
    owner = np.repeat(np.arange(n_fields), n_starts)
    shape = np.clip(starts.reshape(-1, _N_SHAPE), problem.lower, problem.upper)
    system = _evaluate(problem, shape, owner)
    state = FitState(
        owner, shape, system, np.full(len(owner), _DAMPING_START), np.zeros(len(owner), dtype=bool)
    )
    for (n_iterations, n_kept), share in zip(_SCHEDULE, _DONE, strict=True):
        _iterate(problem, state, n_iterations)
        state = state.take(_best_rows(state, n_fields, n_kept))
        tell(share)
    return state


def _evaluate(problem: FitProblem, shape: Floats, owner: NDArray[np.intp]) -> NormalEquations:
    moments = quadrature_moments(shape, problem.fields, owner, problem.monomials, offset=problem.offset)
    return normal_equations(shape, moments, problem.energy[owner], problem.amplitude_bound)


def _best_rows(state: FitState, n_fields: int, n_kept: int) -> NDArray[np.intp]:
    """Return the rows of the `n_kept` smallest errors of every field."""
    errors = state.system.squared_error.reshape(n_fields, -1)
    order = np.argsort(errors, axis=1, kind="stable")[:, :n_kept]
    return (order + np.arange(n_fields)[:, None] * errors.shape[1]).ravel()


def _iterate(problem: FitProblem, state: FitState, n_iterations: int) -> None:
    """Advance all unsettled fits in place."""
    for _ in range(n_iterations):
        rows = np.flatnonzero(~state.settled)
        if len(rows) == 0:
            return
        fits = state.take(rows)
        _advance(problem, fits)
        state.put(rows, fits)


def _advance(problem: FitProblem, fits: FitState) -> None:
    """Take one damped step of every fit; keep it where the error falls, else raise the damping."""
    trial = np.clip(fits.shape + _step(problem, fits), problem.lower, problem.upper)
    system = _evaluate(problem, trial, fits.owner)
    old, new = fits.system.squared_error, system.squared_error
    better = new < old
    exact = np.minimum(old, new) <= _EXACT * problem.energy[fits.owner]
    fits.settled = exact | np.where(better, old - new <= _TOLERANCE * old, fits.damping >= _DAMPING_MOST)
    fits.shape = np.where(better[:, None], trial, fits.shape)
    accepted = np.flatnonzero(better)
    fits.system.put(accepted, system.take(accepted))
    damping = np.where(better, fits.damping / 8, fits.damping * 5)
    fits.damping = np.clip(damping, _DAMPING_LEAST, _DAMPING_MOST)


def _step(problem: FitProblem, fits: FitState) -> Floats:
    """Solve the damped normal equations; parameters held by a bound do not move.

    Amplitude and phase are solved together with the shape but undamped: eliminating them is variable
    projection in Kaufman's approximation (Golub & Pereyra 2003, doi:10.1088/0266-5611/19/2/201).
    """
    matrix, descent = fits.system.matrix.copy(), fits.system.descent.copy()
    held = np.zeros(descent.shape, dtype=bool)
    pull = descent[:, :_N_SHAPE]
    held[:, :_N_SHAPE] = ((fits.shape <= problem.lower) & (pull < 0)) | (
        (fits.shape >= problem.upper) & (pull > 0)
    )
    held[:, LOG_AMPLITUDE] = fits.system.amplitude_bound_hit
    diagonal = np.einsum("nii->ni", matrix)
    floor = 1e-10 * diagonal.max(axis=1, keepdims=True) + 1e-30
    diagonal += floor
    diagonal[:, :_N_SHAPE] *= 1 + fits.damping[:, None]
    matrix[held[:, :, None] | held[:, None, :]] = 0
    diagonal[held] = 1
    descent[held] = 0
    step = np.linalg.solve(matrix, descent[:, :, None])[:, :_N_SHAPE, 0]
    # The orientation has no bound: where the field says nothing about it, keep its angle a small number.
    step[:, THETA] = np.clip(step[:, THETA], -np.pi / 2, np.pi / 2)
    return np.asarray(step)
