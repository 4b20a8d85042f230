"""Stop learning when a population has left the range in which it can learn, and say what is the matter."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np
from brian2 import Equations
from brian2.core.base import BrianObjectException
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from neurosim.engine.errors import DivergenceError
from neurosim.networks.spiking.model import StandardisedParameters

__all__ = ["RateWatch", "check_declared", "rate_remedies", "runaway_explained", "warn_if_capped"]

# Runs of batches in a row without a single spike after which a population counts as silent.
_PATIENCE = 3
# Share of all spikes that a neuron could send that counts as firing all the time.
_ALWAYS = 0.95
# No parameter of any of these networks has a meaning beyond it.
_ABSURD = 1e15


class RateWatch:
    """Looks at the spike counts of every run; remedies are by ``"silent"`` and, for firing all the time, ``"time"``."""

    def __init__(self, *, n_steps: int, remedies: Mapping[str, str]) -> None:
        self.n_steps, self.remedies = n_steps, remedies
        self.silent_runs: dict[str, int] = {}

    def look(self, counts: Mapping[str, NDArray[Any]], *, batch: int) -> None:
        """Raise if a population fell silent or fires in every step; counts have the shape (n_stimuli, n_neurons)."""
        for name, values in counts.items():
            mean = float(np.mean(values))
            self.silent_runs[name] = 0 if mean > 0 else self.silent_runs.get(name, 0) + 1
            if self.silent_runs[name] >= _PATIENCE:
                raise DivergenceError(
                    f"population {name!r} fell silent: 0 spikes per stimulus and neuron in the last {_PATIENCE} runs "
                    f"up to batch {batch}; its threshold is out of reach of the stimuli or inhibition has grown too "
                    f"strong: {self.remedies['silent']}"
                )
            if mean >= _ALWAYS * self.n_steps:
                raise DivergenceError(
                    f"population {name!r} fires in every step: {mean:.3g} spikes per stimulus and neuron in "
                    f"{self.n_steps} steps at batch {batch}; the threshold is too low for the stimuli, or what keeps "
                    f"the rate too weak: {self.remedies['time']}"
                )


def check_declared(extra_equations: str) -> None:
    """Raise if a user's equations declare a parameter, which nothing but a namespace could give a value."""
    declared = sorted(Equations(extra_equations).parameter_names) if extra_equations.strip() else []
    if declared:
        names = ", ".join(declared)
        raise ValueError(
            f"extra_equations: expected equations, got the parameter {names}, which nothing sets and so stays 0: take "
            f"its line out and pass its value in namespace={{{declared[0]!r}: ...}}"
        )


@contextmanager
def runaway_explained(network: Any, *, learning: bool) -> Iterator[None]:
    """Add to a divergence what of the network's parameters explains it; with `learning` weights change meanwhile."""
    try:
        yield
    except DivergenceError as error:
        raise DivergenceError(f"{error}; {_cause(network, learning=learning)}") from None
    except BrianObjectException as error:
        # Plain Python divides what is the same for all neurons, and does not do so by zero.
        if not isinstance(error.__cause__, ZeroDivisionError):
            raise
        raise DivergenceError(f"the equations divide by zero; {_cause(network, learning=learning)}") from None


def _cause(network: Any, *, learning: bool) -> str:
    namespace = network.namespace or {}
    numbers = {name: value for name, value in network.get_params().items() if isinstance(value, Real)}
    absurd = [f"{name}={value!r}" for name, value in numbers.items() if abs(float(value)) > _ABSURD]
    zero = [f"{name} = {value}" for name, value in namespace.items() if np.all(np.asarray(value) == 0)]
    if absurd:
        return f"no membrane can take {' and '.join(absurd)}: pass a smaller one"
    if zero:
        return (
            f"the namespace gives {' and '.join(zero)}, which the equations may divide by: pass another value"
        )
    if network.membrane_terms or network.extra_equations:
        return (
            f"membrane_terms={network.membrane_terms!r} and extra_equations={network.extra_equations!r} were added to "
            f"the equations: make them smaller, or dt={network.dt!r} shorter than what they change in"
        )
    if learning and network.learning_rate > 0:
        return (
            f"weights have run away: lower learning_rate={network.learning_rate!r} or the rates it multiplies"
        )
    return "weights or thresholds are no numbers that a membrane can take: learn them again"


def warn_if_capped(counts: NDArray[Any], *, most: int, bound: str, remedy: str) -> None:
    """Warn of neurons that fired nearly as often as they can, whose rates would be higher if they could."""
    n_lost = int((counts.max(axis=1, initial=0) > _ALWAYS * most).sum())
    if n_lost:
        warnings.warn(
            f"{n_lost} of {len(counts)} stimuli make a neuron fire {bound}: {remedy}",
            ConvergenceWarning,
            stacklevel=3,
        )


def rate_remedies(network: StandardisedParameters) -> dict[str, str]:
    """Say what to do with neurons that homeostasis should keep from silence, from firing all the time and together."""
    threshold, rate = (
        f"initial_threshold={network.initial_threshold!r}",
        f"target_rate={network.target_rate!r}",
    )
    if network.homeostasis == "none":
        held = "set homeostasis='none' to 'threshold', or"
        return {
            "silent": f"{held} lower {threshold}",
            "time": f"{held} raise {threshold}",
            "many": f"{held} raise {threshold}",
        }
    speed = f"homeostasis_rate={network.homeostasis_rate!r}"
    return {
        "silent": f"lower {threshold} or learning_rate={network.learning_rate!r}, or show more stimuli, of which each "
        f"batch of {network.batch_size} moves thresholds by {speed}",
        "time": f"raise {threshold} or {speed}",
        "many": f"lower {rate}, or show more stimuli until it is reached",
    }
