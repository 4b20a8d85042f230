"""From the parameters a user sets to the numbers of a run: steps, bounds and what ends a presentation."""

import math
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.encoding import Drive
from neurosim.networks.field_norms import stiffness_of
from neurosim.networks.parameters import seconds
from neurosim.networks.stability import steps_of, warn_if_unstable
from neurosim.networks.thresholds import Threshold

__all__ = ["drive_of", "likely_steps", "watched_drive"]

# The default of `epsilon` in thresholds: verify-settling tells how near the objective comes.
_EPSILON = 0.015
# Steps grow up to this share of tau; beyond, reversals cost more than long steps save.
_LONGEST_STEP = 0.5
# The shortest step to start with, as a share of the longest, for a dictionary that would bear longer ones.
_SHORTER = 0.95
# How long a stimulus is shown at most, in tau: until it has settled, or, where all are shown to the end, so long.
_PATIENCE, _BRIEF = 1000, 20
# In how many tau most stimuli have settled.
_USUAL = 25


class _Settings(Protocol):
    tau: Any
    presentation: Any
    dt: Any
    epsilon: float | None
    tolerance: float | None
    carry_over: bool


def drive_of(
    network: _Settings,
    threshold: Threshold,
    *,
    dictionary: NDArray[Any],
    own_norms: bool = False,
    ends_early: bool = True,
) -> Drive:
    """Return the numbers of a run for a dictionary, with the documented defaults filled in.

    Parameters
    ----------
    network : LCA or another with the same settings
    threshold : Threshold
    dictionary : array, shape (n_neurons, n_pixels)
        Weighted as it counts in the objective.
    own_norms : bool, default=False
        Whether activities are divided by the fields' squared norms (`neurosim.networks.field_norms`).
    ends_early : bool, default=True
        Whether presentations can end once a stimulus has settled.

    Returns
    -------
    Drive

    Warns
    -----
    UserWarning
        If a fixed step exceeds the stability bound.
    """
    tau = seconds("tau", network.tau)
    squares = stiffness_of(dictionary)
    # What a neuron has not said moves others by its field's overlap with theirs and, in the published form, its own
    # goal by the squared norm: asked to come closer than that, the stiffest would swing about it for ever.
    stiffest = float(squares.mean() if own_norms else squares.max())
    smallest = _EPSILON * threshold.level / stiffest
    epsilon = smallest if network.epsilon is None else network.epsilon
    told = epsilon if own_norms else epsilon * max(1.0, stiffest)
    tolerance = told if network.tolerance is None else network.tolerance
    presentation = presentation_of(network, tau=tau, ends_early=ends_early and tolerance > 0)
    step = None if network.dt is None else seconds("dt", network.dt)
    fields = dictionary / np.sqrt(squares)[:, np.newaxis] if own_norms else dictionary
    dt, n_steps = steps_of(fields, tau=tau, presentation=presentation, dt=step)
    longest = dt
    if step is None:
        # Steps adapt for every dictionary: fields may learn so much within a run that today's bound is too long.
        longest = _LONGEST_STEP * tau
        dt = min(dt, _SHORTER * longest)
        n_steps = math.ceil(presentation / dt)
    else:
        warn_if_unstable(fields, tau=tau, dt=dt)
    return Drive(
        longest_field=float(np.linalg.norm(dictionary, axis=1).max()),
        threshold=threshold.level,
        upper=threshold.upper,
        tau=tau,
        dt=dt,
        n_steps=n_steps,
        longest_dt=longest,
        presentation=presentation,
        epsilon=epsilon,
        tolerance=tolerance,
        settled_within=max(tolerance, epsilon, smallest),
        confirm=threshold.kind != "soft",
        carry_over=network.carry_over,
    )


def likely_steps(network: _Settings, *, ends_early: bool) -> float:
    """Return about how many time steps a stimulus is shown for, whatever the dictionary."""
    tau = seconds("tau", network.tau)
    shown = presentation_of(network, tau=tau, ends_early=ends_early)
    dt = _LONGEST_STEP * tau if network.dt is None else seconds("dt", network.dt)
    return (min(shown, _USUAL * tau) if ends_early else shown) / dt


def presentation_of(network: _Settings, *, tau: float, ends_early: bool) -> float:
    """Return how long each stimulus is shown at most, in seconds.

    By default 1000 tau where presentations end as soon as a stimulus has settled, and 20 tau where all are shown to the
    end.
    """
    if network.presentation is not None:
        return seconds("presentation", network.presentation)
    return (_PATIENCE if ends_early else _BRIEF) * tau


def watched_drive(network: _Settings, drive: Drive) -> Drive:
    """Return the numbers of a run that is shown to its end, step by step, as recordings and monitors are."""
    presentation = presentation_of(network, tau=drive.tau, ends_early=False)
    if network.presentation is not None:
        return drive
    n_steps = round(presentation / drive.dt) if network.dt is not None else math.ceil(presentation / drive.dt)
    dt = drive.dt if network.dt is not None else presentation / n_steps
    return replace(drive, presentation=presentation, n_steps=n_steps, dt=dt)
