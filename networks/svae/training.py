"""The training of the sparse-coding autoencoder: epochs, rates, and what happens to NaN."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim._turns import call_back
from neurosim.engine.errors import DivergenceError
from neurosim.networks.estimator.checkpoint import KeptTraining
from neurosim.networks.estimator.jax_arrays import NUMPY, jax_and_optax, leaves_of, tree_of
from neurosim.networks.estimator.training_history import extended_history, learning_rate_factors
from neurosim.networks.svae.training_step import Objective, negative_bound, step_of
from neurosim.registry.progress import Progress

__all__ = ["Training", "TrainingSettings"]

_COLUMNS = ("objective", "log_likelihood", "divergence", "learning_rate")


@dataclass(frozen=True)
class TrainingSettings:
    """How often and how fast: `warm_up` epochs are those over which the divergence gains its weight."""

    n_epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    warm_up: float


class Training:
    """Weights on their way, with all that decides how learning goes on.

    `stimuli` (n_stimuli, n_pixels) have a root mean square of one, after a division by `unit`; what is told of the
    bound is for stimuli before that. `epoch` counts whole epochs, `whole` are the weights after them;
    `seconds_compile` is what the first step took.
    """

    def __init__(
        self,
        stimuli: NDArray[np.float32],
        weights: dict[str, Any],
        *,
        objective: Objective,
        settings: TrainingSettings,
        rng: np.random.Generator,
        unit: float = 1.0,
    ) -> None:
        self.epoch, self.seconds_compile = 0, 0.0
        self._jax, _ = jax_and_optax("svae")
        self._stimuli, self._settings, self._rng = stimuli, settings, rng
        self._step, starting_moments = step_of(objective)
        self._weights, self._moments = weights, starting_moments(weights)
        self.whole, self._n_shown, self._began = self.weights, 0, rng.bit_generator.state
        self._rows: list[list[float]] = []
        self._seed = int(rng.integers(2**31 - 1))
        self._key = self._jax.random.PRNGKey(self._seed)
        self._per_epoch = -(-len(stimuli) // settings.batch_size)
        self._factors = learning_rate_factors(settings.schedule, settings.n_epochs * self._per_epoch)
        self._objective = objective
        # A density per pixel of another unit.
        self._shift = stimuli.shape[1] * float(np.log(unit))

    @property
    def weights(self) -> dict[str, Any]:
        """``encoder``, ``dictionary`` and ``offset`` as numpy arrays."""
        copied: dict[str, Any] = self._jax.tree.map(np.array, self._weights)
        return copied

    @property
    def history(self) -> pd.DataFrame:
        """One row per batch: objective (minus the bound, nats), its two parts, learning rate."""
        return extended_history(None, [dict(zip(_COLUMNS, row, strict=True)) for row in self._rows])

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= self._settings.n_epochs

    def run_epoch(self, progress: Progress | None, kept: KeptTraining) -> None:
        """Show every stimulus once, or raise DivergenceError if the bound is no number, be it after the last step."""
        for number, batch in enumerate(self._batches()):
            if number < self._n_shown:  # before a checkpoint
                continue
            started = time.perf_counter()
            self._advance(batch)
            # The first step compiles.
            self.seconds_compile = self.seconds_compile or time.perf_counter() - started
            self._n_shown += 1
            kept.note(self.state)
            if progress is not None:
                row = dict(zip(_COLUMNS, self._rows[-1], strict=True))
                call_back(
                    progress,
                    {"stage": "train", "n_batches": len(self._factors), "batch": len(self._rows), **row},
                )
        self._require_bound(batch)
        self.epoch += 1
        self.whole, self._n_shown = self.weights, 0

    def state(self) -> dict[str, Any]:
        """Return what learning goes on from, for a checkpoint."""
        return {
            "leaves": leaves_of((self._weights, self._moments)),
            "whole": leaves_of(self.whole),
            "rows": np.array(self._rows),
            "place": (self.epoch, self._n_shown),
            # The order of the epoch under way is drawn anew.
            "epoch_began": self._began if self._n_shown else self._rng.bit_generator.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._weights, self._moments = tree_of(state["leaves"], (self._weights, self._moments))
        self.whole = tree_of(state["whole"], self.whole)
        self._rows, (self.epoch, self._n_shown) = state["rows"].tolist(), state["place"]
        self._rng.bit_generator.state = state["epoch_began"]

    def _batches(self) -> Iterator[NDArray[np.float32]]:
        """Yield every stimulus once; the last batch is filled up, because another size would be compiled anew."""
        size = self._settings.batch_size
        self._began = self._rng.bit_generator.state
        order = np.resize(self._rng.permutation(len(self._stimuli)), self._per_epoch * size)
        for start in range(0, len(order), size):
            yield self._stimuli[order[start : start + size]]

    def _advance(self, batch: NDArray[np.float32]) -> None:
        number = len(self._rows)
        rate = self._settings.learning_rate * self._factors[number]
        ramp = self._settings.warm_up * self._per_epoch
        warm = min(1.0, number / ramp) if ramp else 1.0
        self._weights, self._moments, parts = self._step(
            self._weights,
            self._moments,
            batch,
            key=self._key,
            number=number,
            rate=np.float32(rate),
            warm=np.float32(warm),
        )
        likelihood, apart = float(parts[0]) - self._shift, float(parts[1])
        self._require_number(likelihood - apart)
        self._rows.append([apart - likelihood, likelihood, apart, float(rate)])

    def _require_bound(self, batch: NDArray[np.float32]) -> None:
        """Raise if weights have no bound: a step tells the one before it, so nothing has seen the last."""
        no_draws = np.zeros((1, 1, 1), dtype=np.float32)
        with np.errstate(all="ignore"):
            loss, _ = negative_bound(
                self.weights, batch, no_draws, 1.0, objective=self._objective, arrays=NUMPY
            )
        self._require_number(-float(loss))

    def _require_number(self, bound: float) -> None:
        if not np.isfinite(bound):
            raise DivergenceError(
                f"the bound is {bound} at step {len(self._rows)}, in epoch {self.epoch}; the network keeps its "
                f"state from before that epoch; use a smaller learning_rate or decoder_rate (now "
                f"{self._settings.learning_rate:g} and {self._objective.decoder_rate:g})"
            )
