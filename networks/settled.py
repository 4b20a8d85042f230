"""Codes with the word whether the population had settled: who was shown out, and what to do about it."""

import warnings
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = ["Settled", "warn_of_a_restless_fit", "warn_unsettled"]

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


class _Settings(Protocol):
    presentation: Any
    dt: Any
    tolerance: float | None


def warn_unsettled(network: _Settings, unsettled: NDArray[np.bool_] | None, *, shown: float) -> None:
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


def warn_of_a_restless_fit(network: _Settings, n_unsettled: float, n_stimuli: int, *, shown: float) -> None:
    """Warn when more than a hundredth of the last epoch's stimuli taught before they had settled."""
    if n_unsettled > _FEW * n_stimuli:
        what = "stimuli of the last epoch had not settled"
        _warn(network, round(n_unsettled), n_stimuli, shown=shown, what=what)


def _warn(network: _Settings, n_unsettled: int, n_stimuli: int, *, shown: float, what: str) -> None:
    warnings.warn(
        f"{n_unsettled} of {n_stimuli} {what} ({n_unsettled / n_stimuli:.2%}): some activity would still move after "
        f"{shown:g} s; {_remedy(network)}",
        ConvergenceWarning,
        stacklevel=5,
    )


def _remedy(network: _Settings) -> str:
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
