"""The exact LASSO optimum, certified by duality, and how far above it a code is."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Optimum", "excess_percent", "lasso_objective", "lasso_optimum", "lower_bound", "polished"]

Floats = NDArray[np.float64]
# Coordinate descent in double precision takes a second per patch and more for larger dictionaries.
_MOST_FOR_COORDINATE_DESCENT = 512


@dataclass(frozen=True)
class Optimum:
    """The smallest objective of every stimulus, and what duality says it cannot be below.

    Parameters
    ----------
    objective, bound : array, shape (n_stimuli,)
    """

    objective: Floats
    bound: Floats

    @property
    def uncertainty_percent(self) -> float:
        """How far the mean can be above the true optimum, in percent of it."""
        return float(100 * (self.objective.mean() - self.bound.mean()) / self.bound.mean())


def lasso_objective(
    stimuli: NDArray[Any], code: NDArray[Any], *, dictionary: NDArray[Any], threshold: float
) -> Floats:
    """Return ½‖s − Φᵀa‖² + λ‖a‖₁ of every stimulus, in double precision.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    code : array, shape (n_stimuli, n_neurons)
    dictionary : array, shape (n_neurons, n_pixels)
    threshold : float

    Returns
    -------
    array, shape (n_stimuli,)

    Examples
    --------
    >>> lasso_objective(np.array([[3.0, 0.0]]), np.array([[2.0, 0.0]]), dictionary=np.eye(2), threshold=1.0)
    array([2.5])
    """
    s, a, fields = (np.asarray(array, dtype=np.float64) for array in (stimuli, code, dictionary))
    residual = s - a @ fields
    return np.asarray((residual**2).sum(axis=1) / 2 + threshold * np.abs(a).sum(axis=1))


def lower_bound(
    stimuli: NDArray[Any], code: NDArray[Any], *, dictionary: NDArray[Any], threshold: float
) -> Floats:
    """Return a value that no code's objective is below, for every stimulus: the dual objective at the scaled residual.

    Equal to the objective where the code is optimal.

    References
    ----------
    Kim, Koh, Lustig, Boyd, Gorinevsky 2007, IEEE J Sel Top Signal Process 1:606, doi:10.1109/JSTSP.2007.910971.
    """
    s, a, fields = (np.asarray(array, dtype=np.float64) for array in (stimuli, code, dictionary))
    residual = s - a @ fields
    steepest = np.maximum(np.abs(residual @ fields.T).max(axis=1), np.finfo(float).tiny)
    feasible = residual * np.minimum(1, threshold / steepest)[:, None]
    return np.asarray(((s**2).sum(axis=1) - ((s - feasible) ** 2).sum(axis=1)) / 2)


def polished(
    stimuli: NDArray[Any], code: NDArray[Any], *, dictionary: NDArray[Any], threshold: float
) -> Floats:
    """Solve the optimality equations on each code's support, Φ_S(s − Φ_Sᵀa) = λ sign(a), by dense factorisation.

    Where a sign flips the solution is still a code, only not a better one.
    """
    s, a, fields = (np.asarray(array, dtype=np.float64) for array in (stimuli, code, dictionary))
    solved = np.zeros_like(a)
    for k in range(len(s)):
        support = np.flatnonzero(a[k])
        active = fields[support]
        right = active @ s[k] - threshold * np.sign(a[k, support])
        solved[k, support] = np.linalg.lstsq(active @ active.T, right, rcond=None)[0]
    return solved


def lasso_optimum(stimuli: NDArray[Any], *, dictionary: NDArray[Any], threshold: float) -> Optimum:
    """Return the best of several exact solvers in double precision.

    SPAMS' homotopy in double precision, its support polished by a dense solve, and, for at most 512 neurons,
    scikit-learn's coordinate descent to a tolerance of 1e-10.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    dictionary : array, shape (n_neurons, n_pixels)
    threshold : float
    """
    problem: dict[str, Any] = {
        "dictionary": np.asarray(dictionary, dtype=np.float64),
        "threshold": threshold,
    }
    s = np.asarray(stimuli, dtype=np.float64)
    codes = [_homotopy(s, **problem)]
    if len(dictionary) <= _MOST_FOR_COORDINATE_DESCENT:
        codes.append(_coordinate_descent(s, **problem))
    codes += [polished(s, code, **problem) for code in codes]
    objectives = np.stack([lasso_objective(s, code, **problem) for code in codes])
    bounds = np.stack([lower_bound(s, code, **problem) for code in codes])
    return Optimum(objectives.min(axis=0), bounds.max(axis=0))


def excess_percent(objective: Floats, optimum: Floats) -> float:
    """Return by how many percent a mean objective is above the mean optimum.

    Examples
    --------
    >>> excess_percent(np.array([1.0, 3.03]), np.array([1.0, 3.0]))  # doctest: +ELLIPSIS
    0.74999...
    """
    return float(100 * (objective.mean() / optimum.mean() - 1))


def _homotopy(stimuli: Floats, *, dictionary: Floats, threshold: float) -> Floats:
    import spams

    columns = np.asfortranarray(stimuli.T)
    code = spams.lasso(
        columns, D=np.asfortranarray(dictionary.T), lambda1=threshold, mode=2, numThreads=1, cholesky=True
    )
    return np.asarray(code.toarray().T, dtype=np.float64)


def _coordinate_descent(stimuli: Floats, *, dictionary: Floats, threshold: float) -> Floats:
    from sklearn.linear_model import Lasso

    n_pixels = stimuli.shape[1]
    solver = Lasso(
        alpha=threshold / n_pixels, fit_intercept=False, precompute=True, tol=1e-10, max_iter=100_000
    )
    with warnings.catch_warnings():
        # Past rounding it cannot converge further; duality tells how good the result is.
        warnings.simplefilter("ignore")
        return np.asarray(solver.fit(dictionary.T, stimuli.T).coef_, dtype=np.float64)
