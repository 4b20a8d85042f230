"""Stop learning when a population has left the range in which it can learn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.errors import DivergenceError

__all__ = ["RateWatch"]

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
                    f"population {name!r} fell silent: no spike in the last {_PATIENCE} runs up to batch {batch}; "
                    "its threshold is out of reach of the stimuli or inhibition has grown too strong: scale the "
                    "stimuli to unit standard deviation, lower the starting threshold or lower the learning rates"
                )
            if mean >= _ALWAYS * self.n_steps:
                raise DivergenceError(
                    f"population {name!r} fires in every step: {mean:.3g} spikes per stimulus and neuron in "
                    f"{self.n_steps} steps at batch {batch}; the threshold is too low for the stimuli, or the "
                    "homeostasis too weak: raise the starting threshold or the homeostasis rate, or scale the stimuli "
                    "to unit standard deviation"
                )
