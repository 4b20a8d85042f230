"""Book-keeping of learning: what each batch came to, who was active, and who has been silent for long."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.dead_neurons import silent_batches
from neurosim.networks.encoding import Shown
from neurosim.networks.history import Cost, batch_rows

__all__ = ["Course"]

# Silent batches after which a neuron counts as dead while learning goes on.
_DEAD_AFTER = 40


@dataclass
class Course:
    """The course of one call of `fit` or `partial_fit`.

    Parameters
    ----------
    rates : array, shape (n_batches,)
        Learning rate of every batch; zeros for a network that only measures.
    batch_size : int
    n_stimuli : int
        Different stimuli, one epoch.
    n_shown : int
        Stimuli of all epochs together.
    n_neurons : int
    silence : float, default=0
        Activity up to which a neuron counts as silent.

    Attributes
    ----------
    rows : list of dict
        History, one row per batch.
    done : int
        Batches shown so far.
    unexplained : list of float
        Objective of each batch in shares of what silence would cost.
    comparable_from : int
        The first batch whose objective can be compared with the last one's.
    """

    rates: NDArray[np.float64]
    batch_size: int
    n_stimuli: int
    n_shown: int
    n_neurons: int
    silence: float = 0.0
    rows: list[dict[str, float]] = field(default_factory=list)
    done: int = 0
    unexplained: list[float] = field(default_factory=list)
    comparable_from: int = 0

    def __post_init__(self) -> None:
        self._times_active = np.zeros(self.n_neurons, dtype=np.intp)
        self._silent = np.zeros(self.n_neurons, dtype=np.intp)
        self._n_late = 0.0
        self._dead_after = min(-(-self.n_stimuli // self.batch_size), _DEAD_AFTER)

    @property
    def n_batches(self) -> int:
        """Batches of the whole course."""
        return len(self.rates)

    @property
    def over(self) -> bool:
        """Whether all batches were shown."""
        return self.done >= self.n_batches

    def rates_of(self, part: slice) -> NDArray[np.float64]:
        """Return the learning rates of the batches of one run."""
        return self.rates[self.done : self.done + -(-(part.stop - part.start) // self.batch_size)]

    def note(
        self, shown: Shown, part: slice, *, cost: Cost, stimuli: NDArray[np.floating]
    ) -> dict[str, float]:
        """Add what a run left behind, and return the row of its last batch."""
        rates = self.rates_of(part)
        active = np.abs(shown.code) > self.silence if self.silence else shown.code != 0
        rows = batch_rows(shown, active, cost=cost, batch_size=self.batch_size, rates=rates)
        self.rows += rows
        for k, row in enumerate(rows):
            batch = stimuli[k * self.batch_size : (k + 1) * self.batch_size]
            silence = np.einsum("sp,sp->", batch, batch, dtype=np.float64) / (2 * len(batch))
            self.unexplained.append(row["objective"] / silence if silence else 1.0)
        last_epoch = self.n_shown - self.n_stimuli
        counted = slice(max(0, last_epoch - part.start), None)
        if part.stop > last_epoch:
            self._n_late += np.nan if shown.late is None else shown.late[counted].sum()
        self._times_active += active[counted].sum(axis=0)
        self._silent = silent_batches(self._silent, active, n_batches=len(rates))
        self.done += len(rates)
        return self.rows[-1]

    def dead(self) -> NDArray[np.intp]:
        """Return the neurons that were silent for an epoch, or for forty batches, and count anew for them."""
        dead = np.flatnonzero(self._silent >= self._dead_after)
        self._silent[dead] = 0
        return dead

    def unsettled(self) -> float:
        """Return the fraction of the last epoch's stimuli that had not settled, NaN where nobody can tell."""
        return self._n_late / self.n_stimuli

    def usage(self) -> NDArray[np.float64]:
        """Return the fraction of the last epoch's stimuli each neuron was active for."""
        usage: NDArray[np.float64] = self._times_active / self.n_stimuli
        return usage
