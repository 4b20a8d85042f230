"""One call of `fit`: the order of its stimuli, what each batch came to, who was silent for long, what to say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.history import HISTORY_COLUMNS
from neurosim.networks.estimator.learning_warnings import (
    warn_if_dense,
    warn_if_mostly_unused,
    warn_if_worse_than_at_first,
)
from neurosim.networks.lca.presentation import Shown
from neurosim.networks.lca.run_settings import warn_of_a_restless_fit

__all__ = ["Course", "order_of", "pointed_at_residuals", "silent_batches", "warn_after_learning"]

Cost = Callable[[NDArray[Any]], NDArray[Any]]
# Silent batches after which a neuron counts as dead while learning goes on.
_DEAD_AFTER = 40


def batch_rows(
    shown: Shown, active: NDArray[np.bool_], *, cost: Cost, batch_size: int, rates: NDArray[Any]
) -> list[dict[str, float]]:
    """Return what each batch of a run that measured came to.

    Parameters
    ----------
    shown : Shown
        With energies.
    active : bool array, shape (n_stimuli, n_neurons)
        Which neurons were not silent.
    cost : callable
        From a code to what it costs per stimulus beyond the energies.
    batch_size : int
    rates : array, shape (n_batches,)
        Learning rate of each batch.

    Returns
    -------
    list of dict
        ``objective`` and ``active_fraction`` as means over the batch, ``learning_rate``, ``duration`` in seconds, and
        ``unsettled``, how many stimuli were still on their way when their time was up, NaN where nobody can tell.

    Raises
    ------
    ValueError
        If the run did not measure.
    """
    if shown.energy is None:
        raise ValueError("expected a run that measured (measure=True), got one without energies")
    rows = []
    for k, rate in enumerate(rates):
        part = slice(k * batch_size, (k + 1) * batch_size)
        # One batch at a time stays in the cache.
        objective = shown.energy[part].mean() + cost(shown.code[part]).mean()
        unsettled = np.nan if shown.late is None else shown.late[part].sum()
        values = (objective, active[part].mean(), rate, shown.durations[k], unsettled)
        rows.append({name: float(value) for name, value in zip(HISTORY_COLUMNS, values, strict=True)})
    return rows


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


class _Network(Protocol):
    n_epochs: int
    batch_size: int
    carry_over: bool
    learning: bool
    presentation: Any
    dt: Any
    tolerance: float | None
    usage_: NDArray[np.float64]

    @property
    def _sparsity(self) -> str: ...


def order_of(network: _Network, n_stimuli: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the order in which `fit` shows its stimuli: anew at random in every epoch, or as given for a film.

    Raises
    ------
    ValueError
        If a film of several epochs does not fill its last batch: its stimuli would then continue others' membranes.
    """
    if not network.carry_over:
        return np.concatenate([rng.permutation(n_stimuli) for _ in range(network.n_epochs)])
    if network.n_epochs > 1 and n_stimuli % network.batch_size:
        raise ValueError(
            f"expected whole batches of batch_size={network.batch_size} to show a film {network.n_epochs} times with "
            f"carry_over=True, got {n_stimuli} stimuli; leave out the last {n_stimuli % network.batch_size}"
        )
    return np.tile(np.arange(n_stimuli), network.n_epochs)


def warn_after_learning(network: _Network, course: Course, *, shown: float, comparable_from: int) -> None:
    """Warn of a fit that did not settle, left most neurons silent or active, or made the objective worse.

    Parameters
    ----------
    network : SettlingNetwork
        With its usage.
    course : Course
    shown : float
        Seconds each stimulus was shown at most.
    comparable_from : int
        The first batch whose objective can be compared with the last one's.
    """
    if not network.carry_over:
        warn_of_a_restless_fit(network, course.unsettled() * course.n_stimuli, course.n_stimuli, shown=shown)
    if course.n_shown >= course.n_neurons:
        warn_if_mostly_unused(
            network.usage_ > 0,
            what="stayed silent through the whole fit",
            remedy=f"lower the {network._sparsity}; or start from stimuli (initial_dictionary='stimuli') and use "
            "reseed_dead=True",
            stacklevel=5,
        )
    warn_if_dense(float(np.mean(network.usage_)), remedy=f"raise the {network._sparsity}", stacklevel=5)
    if network.learning:
        warn_if_worse_than_at_first(course.unexplained[comparable_from:])


def silent_batches(
    before: NDArray[np.intp], active: NDArray[np.bool_], *, n_batches: int
) -> NDArray[np.intp]:
    """Return for how many batches each neuron has been silent.

    Parameters
    ----------
    before : int array, shape (n_neurons,)
        The same count before these batches.
    active : bool array, shape (n_stimuli, n_neurons)
        Who was not silent in the latest batches.
    n_batches : int
        How many they are.

    Examples
    --------
    >>> silent_batches(np.array([3, 3]), np.array([[False, True]]), n_batches=2)
    array([5, 0])
    """
    return np.where(active.any(axis=0), 0, before + n_batches)


def pointed_at_residuals(
    dictionary: NDArray[np.floating],
    neurons: NDArray[np.intp],
    residual: NDArray[np.floating],
    *,
    rng: np.random.Generator,
) -> NDArray[np.floating]:
    """Return a dictionary in which some neurons have the residuals of badly explained stimuli as their fields.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    neurons : int array
        Rows to replace.
    residual : array, shape (n_stimuli, n_pixels)
        What the population left unexplained; the worst tenth is drawn from, without repetition where it suffices.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n_neurons, n_pixels)
        A copy with unit-norm rows in those places; a row stays if its stimulus was explained entirely.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pointed_at_residuals(np.eye(2), np.array([1]), np.array([[3.0, 4.0]]), rng=rng)
    array([[1. , 0. ],
           [0.6, 0.8]])
    """
    worst = np.argsort(-(residual**2).sum(axis=1))[: max(len(residual) // 10, len(neurons))]
    chosen = residual[rng.choice(worst, size=len(neurons), replace=len(worst) < len(neurons))]
    norms = np.linalg.norm(chosen, axis=1, keepdims=True)
    replaced = dictionary.copy()
    replaced[neurons] = np.where(norms > 0, chosen / np.where(norms > 0, norms, 1), dictionary[neurons])
    return replaced
