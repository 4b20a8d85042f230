"""From a user's parameters to the numbers of a run: steps, bounds, what ends a presentation, who did not settle."""

import math
import warnings
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.lca.presentation import Drive
from neurosim.networks.lca.stability import steps_of, stiffness_of, warn_if_unstable
from neurosim.networks.lca.thresholds import Threshold

__all__ = ["Settled", "drive_of", "likely_steps", "warn_of_a_restless_fit", "warn_unsettled", "watched_drive"]

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


class _Shown(Protocol):
    presentation: Any
    dt: Any
    tolerance: float | None


class _Settings(_Shown, Protocol):
    tau: Any
    epsilon: float | None
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
        Whether activities are divided by the fields' squared norms (`neurosim.networks.lca.stability`).
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


# So many of the stimuli of an epoch may be unsettled before learning says so; the history counts all of them.
_FEW = 0.01


class Settled(NamedTuple):
    """Codes, and which of them are no fixed point.

    Attributes
    ----------
    code : array, shape (n_stimuli, n_neurons)
    unsettled : bool array, shape (n_stimuli,), or None
        Whose time was up while an activity would still have moved further than `tolerance`, or than `epsilon` where
        that is larger. None where nobody can tell: with terms of the user's in the equations, on the simplex, and with
        ``threshold=0``.
    """

    code: NDArray[Any]
    unsettled: NDArray[np.bool_] | None


def warn_unsettled(network: _Shown, unsettled: NDArray[np.bool_] | None, *, shown: float) -> None:
    """Warn of stimuli that had not settled when their time was up, if there are any.

    Parameters
    ----------
    network : SettlingNetwork
        Whose settings decide what can be done.
    unsettled : bool array, shape (n_stimuli,), or None
    shown : float
        Seconds each was shown at most.

    Warns
    -----
    ConvergenceWarning
        With the number, the share and the remedy.
    """
    if unsettled is not None and unsettled.any():
        _warn(network, int(unsettled.sum()), len(unsettled), shown=shown, what="codes are not settled")


def warn_of_a_restless_fit(network: _Shown, n_unsettled: float, n_stimuli: int, *, shown: float) -> None:
    """Warn when more than a hundredth of the last epoch's stimuli taught before they had settled."""
    if n_unsettled > _FEW * n_stimuli:
        what = "stimuli of the last epoch had not settled"
        _warn(network, round(n_unsettled), n_stimuli, shown=shown, what=what)


def _warn(network: _Shown, n_unsettled: int, n_stimuli: int, *, shown: float, what: str) -> None:
    warnings.warn(
        f"{n_unsettled} of {n_stimuli} {what} ({n_unsettled / n_stimuli:.2%}): some activity would still move after "
        f"{shown:g} s; {_remedy(network)}",
        ConvergenceWarning,
        stacklevel=5,
    )


def _remedy(network: _Shown) -> str:
    remedies = []
    if network.presentation is not None:
        remedies.append("use a longer presentation, or presentation=None, which waits up to 1000 tau")
    if network.dt is not None:
        remedies.append("use a shorter dt, or dt=None, if the population swings")
    if network.tolerance is not None and network.tolerance > 0:
        remedies.append(f"allow a tolerance above {network.tolerance:g}")
    if not remedies:
        remedies.append(
            "fields that are nearly copies of each other settle slowly, and populations with a hard threshold may "
            "never come to rest: use a presentation longer than 1000 tau, a higher threshold or a larger tolerance"
        )
    return "; ".join(remedies)
