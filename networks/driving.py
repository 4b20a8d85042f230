"""From the parameters a user sets to the numbers of a run: steps, bounds and what ends a presentation."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.encoding import Drive
from neurosim.networks.parameters import seconds
from neurosim.networks.stability import steps_of, warn_if_unstable
from neurosim.networks.thresholds import Threshold

__all__ = ["drive_of"]

# The default of `epsilon` in thresholds: the objective comes within .1 % of its minimum (docs/speed.md).
_EPSILON = 0.02
# Steps grow up to this share of tau; beyond, reversals cost more than long steps save.
_LONGEST_STEP = 0.5


class _Settings(Protocol):
    tau: Any
    presentation: Any
    dt: Any
    epsilon: float | None
    tolerance: float | None
    carry_over: bool


def drive_of(network: _Settings, threshold: Threshold, *, dictionary: NDArray[Any]) -> Drive:
    """Return the numbers of a run for a dictionary, with the documented defaults filled in.

    Parameters
    ----------
    network : LCA or another with the same settings
    threshold : Threshold
    dictionary : array, shape (n_neurons, n_pixels)
        Weighted as it counts in the objective.

    Returns
    -------
    Drive

    Warns
    -----
    UserWarning
        If a fixed step exceeds the stability bound.
    """
    tau, presentation = seconds("tau", network.tau), seconds("presentation", network.presentation)
    step = None if network.dt is None else seconds("dt", network.dt)
    dt, n_steps = steps_of(dictionary, tau=tau, presentation=presentation, dt=step)
    if step is not None:
        warn_if_unstable(dictionary, tau=tau, dt=dt)
    epsilon = _EPSILON * threshold.level if network.epsilon is None else network.epsilon
    return Drive(
        longest_field=float(np.linalg.norm(dictionary, axis=1).max()),
        threshold=threshold.level,
        upper=threshold.upper,
        tau=tau,
        dt=dt,
        n_steps=n_steps,
        longest_dt=dt if step is not None else max(dt, _LONGEST_STEP * tau),
        presentation=presentation,
        epsilon=epsilon,
        tolerance=epsilon if network.tolerance is None else network.tolerance,
        carry_over=network.carry_over,
    )
