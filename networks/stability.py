"""The longest time step that a population with lateral inhibition can take, and signs that it was too long."""

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh
from sklearn.exceptions import ConvergenceWarning

__all__ = ["dearer_than_silence", "largest_overlap", "steps_of", "warn_if_unstable", "warn_lost"]

# The default step's share of the bound, which is the edge of oscillation.
_SAFE = 0.9
# Up to this size all eigenvalues are found as fast as the largest.
_FEW = 64


def largest_overlap(dictionary: NDArray[Any]) -> float:
    """Return λ_max(ΦΦᵀ), the strength of the population's stiffest mode.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> largest_overlap(np.ones((2, 3)))
    6.0
    """
    matrix = np.asarray(dictionary)
    smaller = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    gram = (smaller @ smaller.T).astype(np.float64)
    if len(gram) <= _FEW:
        return float(np.round(np.linalg.eigvalsh(gram)[-1], 12))
    start = np.random.default_rng(0).standard_normal(len(gram))
    return float(eigsh(gram, k=1, v0=start, tol=1e-9, return_eigenvectors=False)[0])


def steps_of(
    dictionary: NDArray[Any], *, tau: float, presentation: float, dt: float | None
) -> tuple[float, int]:
    """Choose the time step and the number of steps of one presentation.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    tau, presentation : float
        Seconds.
    dt : float or None
        A step in seconds, or None for .9 of the bound 2τ/λ_max(ΦΦᵀ), and never more than .9 τ: beyond τ forward Euler
        overshoots even without inhibition.

    Returns
    -------
    dt : float
        Seconds; the chosen one divides the presentation evenly.
    n_steps : int

    Raises
    ------
    ValueError
        If the step is longer than the presentation.
    """
    if dt is not None:
        if dt > presentation:
            raise ValueError(f"dt: expected at most the presentation of {presentation:g} s, got {dt:g} s")
        return dt, round(presentation / dt)
    overlap = max(largest_overlap(dictionary), np.finfo(float).tiny)
    longest = _SAFE * min(2 * tau / overlap, tau)
    n_steps = max(1, math.ceil(presentation / longest))
    return presentation / n_steps, n_steps


def warn_if_unstable(dictionary: NDArray[Any], *, tau: float, dt: float) -> None:
    """Warn when the step exceeds the stability bound of the whole population."""
    bound = 2 * tau / max(largest_overlap(dictionary), np.finfo(float).tiny)
    if dt > bound:
        warnings.warn(
            f"dt = {dt:.3g} s exceeds the stability bound 2*tau/lambda_max = {bound:.3g} s of this dictionary; only "
            "active neurons count, so it may still settle, and a divergence stops the simulation; "
            "dt=None keeps below the bound",
            stacklevel=3,
        )


def dearer_than_silence(code: NDArray[Any], stimuli: NDArray[Any], *, cost: NDArray[Any]) -> int:
    """Count the codes that cost more than silence, as no settled population's does.

    Parameters
    ----------
    code : array, shape (n_stimuli, n_neurons)
    stimuli : array, shape (n_stimuli, n_pixels)
    cost : array, shape (n_stimuli,)
        Of the activity alone, without the residual.

    Examples
    --------
    >>> dearer_than_silence(np.array([[0.4, 0.0], [3.0, -3.0]]), np.eye(2), cost=np.array([0.4, 6.0]))
    1
    """
    silence = np.einsum("sp,sp->s", stimuli, stimuli) / 2
    return int((cost > 1.01 * silence + np.finfo(code.dtype).tiny).sum())


def warn_lost(n_lost: int, n_stimuli: int) -> None:
    """Warn of codes that cost more than silence, if there are any."""
    if n_lost:
        warnings.warn(
            f"{n_lost} of {n_stimuli} codes are wrong: they cost more than silence, because the population still swung "
            "when the presentation ended. Fields that are nearly copies do that, and an epsilon above the threshold: "
            "use a fixed dt below 2*tau/lambda_max, a longer presentation or a smaller epsilon",
            ConvergenceWarning,
            stacklevel=4,
        )
