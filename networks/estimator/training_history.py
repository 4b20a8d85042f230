"""The history of training: its order and rates, what each batch came to, who was silent, and what to say of it all."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.parameters import SCHEDULES

__all__ = [
    "HISTORY_COLUMNS",
    "TrainingHistory",
    "extended_history",
    "learning_rate_factors",
    "order_of",
    "silent_batches",
    "warn_if_dense",
    "warn_if_mostly_unused",
    "warn_if_worse_than_at_first",
    "warn_if_worse_than_zero_code",
]


def learning_rate_factors(schedule: str, n_batches: int) -> NDArray[np.float64]:
    """Return the factor of the learning rate for every batch.

    Parameters
    ----------
    schedule : {"constant", "linear", "cosine", "late", "two_step"}
        Constant; falling linearly, or as half a cosine, towards zero; constant for seven tenths of the training
        and then falling geometrically to a hundredth; or constant for two thirds and then a fifth of that, as
        King, Zylberberg & DeWeese 2013 trained the E-I Net.
    n_batches : int

    Returns
    -------
    array, shape (n_batches,)
        In (0, 1].

    Examples
    --------
    >>> learning_rate_factors("linear", 4)
    array([1.  , 0.75, 0.5 , 0.25])
    """
    progress = np.arange(n_batches) / max(1, n_batches)
    if schedule == "constant":
        return np.ones(n_batches)
    if schedule == "linear":
        return 1 - progress
    if schedule == "cosine":
        return (1 + np.cos(np.pi * progress)) / 2
    if schedule == "late":
        return 0.01 ** (np.maximum(0, progress - 0.7) / 0.3)
    if schedule == "two_step":
        # Whole numbers, because rounding of two thirds could move the step by a batch.
        return np.where(3 * np.arange(n_batches) < 2 * n_batches, 1.0, 0.2)
    raise ValueError(f"expected a learning-rate schedule out of {', '.join(SCHEDULES)}, got {schedule!r}")


HISTORY_COLUMNS = ("objective", "active_fraction", "learning_rate", "duration", "unsettled")


def extended_history(history: pd.DataFrame | None, rows: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Return a history with more rows, batches counted on.

    Examples
    --------
    >>> row = {"objective": 1.0, "active_fraction": 0.1, "learning_rate": 0.5, "duration": 0.1, "unsettled": 0}
    >>> list(extended_history(extended_history(None, [row]), [row, row])["batch"])
    [0, 1, 2]
    """
    new = pd.DataFrame(list(rows), columns=list(rows[0] if rows else HISTORY_COLUMNS), dtype=float)
    whole = new
    if history is not None and len(history):
        whole = pd.concat([history.drop(columns="batch"), new], ignore_index=True)
    whole.insert(0, "batch", np.arange(len(whole)))
    return whole


# Silent batches after which a neuron counts as dead while learning goes on.
_DEAD_AFTER = 40
Cost = Callable[[NDArray[Any]], NDArray[Any]]


class Response(Protocol):
    """What a run of batches left behind; attributes as of `neurosim.networks.lca.presentation.Response`."""

    @property
    def code(self) -> NDArray[Any]: ...
    @property
    def energy(self) -> NDArray[Any] | None: ...
    @property
    def durations(self) -> NDArray[np.float64]: ...
    @property
    def late(self) -> NDArray[np.bool_] | None: ...


@dataclass
class TrainingHistory:
    """The history of one call of `fit` or `partial_fit`.

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
    silent_below : float, default=0
        Activity up to which a neuron counts as silent.
    n_positions : int, default=1
        Places at which every neuron stands, with a code for each; it is silent if it is so at all of them.

    Attributes
    ----------
    rows : list of dict
        History, one row per batch.
    done : int
        Batches shown so far.
    unexplained : list of float
        Objective of each batch in shares of what the zero code would cost.
    comparable_from : int
        The first batch whose objective can be compared with the last one's.
    """

    rates: NDArray[np.float64]
    batch_size: int
    n_stimuli: int
    n_shown: int
    n_neurons: int
    silent_below: float = 0.0
    n_positions: int = 1
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
        """Batches of the whole call."""
        return len(self.rates)

    @property
    def over(self) -> bool:
        """Whether all batches were shown."""
        return self.done >= self.n_batches

    @property
    def state(self) -> dict[str, Any]:
        """All that later batches change, for a checkpoint."""
        return {
            "rows": pd.DataFrame(self.rows),
            "unexplained": np.array(self.unexplained),
            "numbers": (self.done, self.comparable_from, self._n_late),
            "times_active": self._times_active,
            "silent": self._silent,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.rows, self.unexplained = state["rows"].to_dict("records"), state["unexplained"].tolist()
        self.done, self.comparable_from, self._n_late = state["numbers"]
        self._times_active, self._silent = state["times_active"], state["silent"]

    def has_shown(self, part: slice) -> bool:
        """Whether the batches of a run were shown already, before a checkpoint."""
        return part.start < self.done * self.batch_size

    def rates_of(self, part: slice) -> NDArray[np.float64]:
        """Return the learning rates of the batches of one run."""
        return self.rates[self.done : self.done + -(-(part.stop - part.start) // self.batch_size)]

    def note(
        self, response: Response, part: slice, *, cost: Cost, stimuli: NDArray[np.floating]
    ) -> dict[str, float]:
        """Add what a run left behind, and return the row of its last batch."""
        rates = self.rates_of(part)
        active = np.abs(response.code) > self.silent_below if self.silent_below else response.code != 0
        rows = _batch_rows(response, active, cost=cost, batch_size=self.batch_size, rates=rates)
        self.rows += rows
        for k, row in enumerate(rows):
            batch = stimuli[k * self.batch_size : (k + 1) * self.batch_size]
            zero_code = np.einsum("sp,sp->", batch, batch, dtype=np.float64) / (2 * len(batch))
            self.unexplained.append(row["objective"] / zero_code if zero_code else 1.0)
        last_epoch = self.n_shown - self.n_stimuli
        counted = slice(max(0, last_epoch - part.start), None)
        if part.stop > last_epoch:
            self._n_late += np.nan if response.late is None else response.late[counted].sum()
        places = active.reshape(len(active), self.n_positions, self.n_neurons)
        self._times_active += places[counted].sum(axis=(0, 1))
        self._silent = silent_batches(self._silent, places.any(axis=1), n_batches=len(rates))
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
        """Return the fraction of the last epoch's stimuli, and positions, each neuron was active for."""
        usage: NDArray[np.float64] = self._times_active / (self.n_stimuli * self.n_positions)
        return usage

    def warn(self, *, sparsity: str, learned: bool) -> None:
        """Warn of training that left most neurons silent or active, or made the objective worse; as `fit` does."""
        usage = self.usage()
        if self.n_shown >= self.n_neurons:
            warn_if_mostly_unused(
                usage > 0,
                what="stayed silent through the whole fit",
                remedy=f"lower the {sparsity}; or start from stimuli (initial_dictionary='stimuli') and use "
                "reseed_dead=True",
                stacklevel=5,
            )
        warn_if_dense(float(np.mean(usage)), remedy=f"raise the {sparsity}", stacklevel=5)
        if learned:
            warn_if_worse_than_at_first(self.unexplained[self.comparable_from :])


class _Trained(Protocol):
    n_epochs: int
    batch_size: int
    carry_over: bool


def order_of(network: _Trained, n_stimuli: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the order in which `fit` shows its stimuli: anew at random in every epoch, or as given for a film."""
    if not network.carry_over:
        return np.concatenate([rng.permutation(n_stimuli) for _ in range(network.n_epochs)])
    if network.n_epochs > 1 and n_stimuli % network.batch_size:
        raise ValueError(
            f"expected whole batches of batch_size={network.batch_size} to show a film {network.n_epochs} times with "
            f"carry_over=True, got {n_stimuli} stimuli; leave out the last {n_stimuli % network.batch_size}"
        )
    return np.tile(np.arange(n_stimuli), network.n_epochs)


def _batch_rows(
    response: Response, active: NDArray[np.bool_], *, cost: Cost, batch_size: int, rates: NDArray[Any]
) -> list[dict[str, float]]:
    """Return what each batch of a run that measured came to; `cost` is of a code, per stimulus, beyond the energies."""
    if response.energy is None:
        raise ValueError("expected a run that measured (measure=True), got one without energies")
    rows = []
    for k, rate in enumerate(rates):
        part = slice(k * batch_size, (k + 1) * batch_size)
        # One batch at a time stays in the cache.
        objective = response.energy[part].mean() + cost(response.code[part]).mean()
        unsettled = np.nan if response.late is None else response.late[part].sum()
        values = (objective, active[part].mean(), rate, response.durations[k], unsettled)
        rows.append({name: float(value) for name, value in zip(HISTORY_COLUMNS, values, strict=True)})
    return rows


def silent_batches(
    before: NDArray[np.intp], active: NDArray[np.bool_], *, n_batches: int
) -> NDArray[np.intp]:
    """Return for how many batches each neuron has been silent, after more of them, active (n_stimuli, n_neurons).

    Examples
    --------
    >>> silent_batches(np.array([3, 3]), np.array([[False, True]]), n_batches=2)
    array([5, 0])
    """
    return np.where(active.any(axis=0), 0, before + n_batches)


# More than half of a population without a response is no population; a code with more active than this is not sparse.
_UNUSED, _DENSE = 0.5, 0.4


def warn_if_dense(active_fraction: float, *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when a code that is meant to be sparse is dense; `active_fraction` is the mean share of active neurons."""
    if active_fraction > _DENSE:
        warnings.warn(
            f"the code is dense: {active_fraction:.0%} of the neurons respond to a stimulus, where a sparse code has "
            f"at most {_DENSE:.0%}: {remedy}",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )


# The last tenth of the batches is compared with the first tenth: worse by a twentieth and by two standard errors.
_ENDS, _MARGIN, _ERRORS = 0.1, 0.05, 2.0


def warn_if_mostly_unused(used: NDArray[np.bool_], *, what: str, remedy: str, stacklevel: int = 3) -> None:
    """Warn when more than half of a population ends unused; `what` says what those neurons do not do."""
    n_unused = int(np.count_nonzero(~used))
    if n_unused > _UNUSED * len(used):
        warnings.warn(
            f"{n_unused} of {len(used)} neurons {what}: {remedy}", ConvergenceWarning, stacklevel=stacklevel
        )


def warn_if_worse_than_at_first(unexplained: list[float]) -> None:
    """Warn when the objective, in shares of what the zero code would cost, ended above where it began."""
    if len(unexplained) < 2:
        return
    n = max(1, int(_ENDS * len(unexplained)))
    first, last = float(np.mean(unexplained[:n])), float(np.mean(unexplained[-n:]))
    # Batches differ; what they differ by from one to the next is no trend.
    scatter = float(np.sqrt(np.mean(np.square(np.diff(unexplained))) / 2))
    if last > (1 + _MARGIN) * first and last - first > _ERRORS * scatter * np.sqrt(2 / n):
        warnings.warn(
            f"learning made the population worse: its objective was {first:.3g} of what the zero code costs in the "
            f"first batches and {last:.3g} in the last; use a smaller learning_rate or larger batches",
            ConvergenceWarning,
            stacklevel=6,
        )


def warn_if_worse_than_zero_code(objective: float, stimuli: NDArray[Any]) -> None:
    """Warn when a population's mean objective is above that of no activity at all, half the stimuli's mean energy."""
    zero_code = float((stimuli**2).sum(axis=1).mean() / 2)
    if objective > 1.01 * zero_code > 0:
        warnings.warn(
            f"the population explains less than the zero code would (objective {objective:.3g} against "
            f"{zero_code:.3g}): it had not settled, or its fields grow faster than it can follow; use a smaller "
            "learning_rate, a longer presentation or a smaller dt",
            stacklevel=4,
        )
