"""Stop learning when a population has left the range in which it can learn."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from neurosim.engine.errors import DivergenceError

__all__ = ["RateWatch", "warn_if_saturated"]

# Runs of batches in a row without a single spike after which a population counts as silent.
_PATIENCE = 3
# Share of all steps in which the population fires that counts as firing all the time.
_ALWAYS = 0.95


class RateWatch:
    """Looks at the spike counts of every run of batches.

    Parameters
    ----------
    network : estimator
        Its parameters are named in the messages.
    n_steps : int
        Steps of a presentation, the most spikes a neuron can send.
    """

    def __init__(self, network: Any, *, n_steps: int) -> None:
        self.network, self.n_steps = network, n_steps
        self.silent_runs: dict[str, int] = {}

    def look(self, counts: Mapping[str, NDArray[Any]], *, batch: int) -> None:
        """Raise if a population fell silent or fires in every step.

        Parameters
        ----------
        counts : mapping of str to array, shape (n_stimuli, n_neurons)
            Spikes of the batches since the last look.
        batch : int
            Batches learned from so far.

        Raises
        ------
        DivergenceError
        """
        for name, values in counts.items():
            mean = float(np.mean(values))
            self.silent_runs[name] = 0 if mean > 0 else self.silent_runs.get(name, 0) + 1
            if self.silent_runs[name] >= _PATIENCE:
                raise DivergenceError(
                    f"population {name!r} fell silent: 0 spikes per stimulus and neuron in the last {_PATIENCE} runs "
                    f"up to batch {batch}; its threshold is out of reach of the stimuli or inhibition has grown too "
                    "strong: scale the stimuli to unit standard deviation, or lower "
                    f"{self._named('initial_threshold', 'threshold')} or {self._named('learning_rate')}"
                )
            if mean >= _ALWAYS * self.n_steps:
                raise DivergenceError(
                    f"population {name!r} fires in every step: {mean:.3g} spikes per stimulus and neuron in "
                    f"{self.n_steps} steps at batch {batch}; the threshold is too low for the stimuli, or the "
                    "homeostasis too weak: scale the stimuli to unit standard deviation, or raise "
                    f"{self._named('initial_threshold', 'threshold')} or {self._named('homeostasis_rate', 'charge')}"
                )

    def _named(self, *names: str) -> str:
        """Return the first of the parameters that the network has, with its value."""
        name = next(name for name in names if hasattr(self.network, name))
        return f"{name}={getattr(self.network, name)!r}"


def warn_if_saturated(counts: NDArray[Any], *, n_steps: int) -> None:
    """Warn of neurons that fired in nearly every step, whose rates would be higher if they could.

    Parameters
    ----------
    counts : array, shape (n_stimuli, n_neurons)
    n_steps : int
        Steps of a presentation.

    Warns
    -----
    ConvergenceWarning
        With the number of stimuli concerned.
    """
    n_lost = int((counts.max(axis=1, initial=0) > _ALWAYS * n_steps).sum())
    if n_lost and n_steps > 1:
        warnings.warn(
            f"{n_lost} of {len(counts)} stimuli make a neuron fire in every step, which bounds its rate at "
            "charge*tau/dt: pass a larger charge or a smaller dt",
            ConvergenceWarning,
            stacklevel=3,
        )
