"""The longest time step that a population with lateral inhibition can take."""

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_overlap", "settling_bound", "steps_of", "warn_if_unstable"]

# The default step's share of the bound, which is the edge of oscillation.
_SAFE = 0.9
# Below this, rounding decides what is left of a net current.
_VISIBLE = 1e-3


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
    matrix = np.asarray(dictionary, dtype=np.float64)
    gram = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    return float(np.round(np.linalg.eigvalsh(gram)[-1], 12))


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
        overshoots even without inhibition, and at τ `settling_bound` sees nothing.

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


def settling_bound(tolerance: float, *, tau: float, dt: float) -> float:
    """Return how small a membrane's net current must look for it to be within a tolerance of rest.

    A presentation sees membranes after a step of forward Euler and the inhibition from before it, which leaves
    ``1 - dt/tau`` of the net current to be seen. Where next to nothing is left it cannot tell, and the bound is zero.

    Parameters
    ----------
    tolerance : float
        In the unit of the stimuli; zero for never.
    tau, dt : float
        Seconds.

    Examples
    --------
    >>> settling_bound(0.01, tau=0.01, dt=0.005)
    0.005
    """
    seen = abs(1 - dt / tau)
    return tolerance * seen if seen > _VISIBLE else 0.0


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
