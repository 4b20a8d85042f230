"""What spiking networks have in common as scikit-learn estimators whose fit is a simulation."""

import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import call_back, simulating
from neurosim.engine.backend import require_backend
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.parameters import check_parameters, seconds
from neurosim.networks.estimator.scikit_learn_names import ScikitLearnNames
from neurosim.networks.estimator.training_data import (
    generator,
    goes_on,
    seed_of,
    starting_dictionary,
    validated_stimuli,
)
from neurosim.networks.estimator.training_history import (
    extended_history,
    learning_rate_factors,
    warn_if_dense,
    warn_if_mostly_unused,
)
from neurosim.networks.saving.save_method import Saving
from neurosim.networks.spiking.checks import RateWatch, check_declared, runaway_explained
from neurosim.networks.spiking.circuit import SpikingCircuit, SpikingDesign, build_spiking_circuit
from neurosim.networks.spiking.model import SpikingParameters
from neurosim.networks.spiking.reconstruction import Reconstruction
from neurosim.networks.spiking.recording import SpikingRecording
from neurosim.networks.spiking.run import Timing, batch_rows, show_spiking
from neurosim.networks.spiking.told import Told
from neurosim.registry.progress import Progress

__all__ = ["Learned", "SpikingEstimator"]

# Where the circuit keeps a learned array: the weights of a connection, or a variable of a population's neurons.
Learned = Mapping[str, tuple[str, ...]]


class SpikingEstimator(
    SpikingParameters,
    Told,
    Reconstruction,
    SpikingRecording,
    ScikitLearnNames,
    Saving,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Base of spiking networks; a subclass says what its circuit is and what learning changes.

    A subclass inherits from a statement of its own parameters too, and has the methods below that are abstract.
    """

    @abstractmethod
    def _design(
        self, n_pixels: int, *, dtype: Any, backend: str, n_replicas: int, capacity: int
    ) -> SpikingDesign:
        """Describe the circuit."""

    @abstractmethod
    def _learned(self) -> Learned:
        """Name the attributes that learning changes and where the circuit keeps each."""

    @abstractmethod
    def _settings(self, circuit: SpikingCircuit) -> dict[ArrayVariable, Any]:
        """Return the numbers a circuit is given before every run, by variable."""

    @abstractmethod
    def _rates(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        """Return the full learning rate of every rule, by the variable that holds its schedule."""

    def _constants(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        """Return what rules name besides their rates, by the variable that holds its schedule."""
        return {}

    @abstractmethod
    def _remedies(self) -> Mapping[str, str]:
        """Say what to do if neurons are ``"silent"``, fire all the ``"time"``, or too ``"many"`` fire."""

    @abstractmethod
    def _start(self, stimuli: NDArray[Any], rng: np.random.Generator) -> None:
        """Set every learned attribute to what learning starts from."""

    @simulating()
    def fit(
        self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None, checkpoint: Given = None
    ) -> Self:
        """Learn from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        y : ignored
        progress : callable, optional
            Called with ``{"stage": "compile"}`` and, after every run of batches, with ``stage="train"``, ``batch``,
            ``n_batches`` and the last row of `history_`.
        checkpoint : str, Path or neurosim.Checkpoint, optional
            A file that keeps the state of learning from time to time; if it is there, learning goes on from it, bit for
            bit (`neurosim.Checkpoint`).

        Raises
        ------
        ValueError
            If stimuli or parameters are impossible, or the checkpoint is of another training.
        DivergenceError
            If the population falls silent, fires in every step, or its membranes are no numbers any more.

        Warns
        -----
        ConvergenceWarning
            If more than half of the neurons stayed silent, or more than two fifths of them respond to a stimulus.
        """
        fresh = not goes_on(self)
        stimuli = self._admitted(X, reset=fresh)
        kept = KeptTraining(self, checkpoint, fresh=fresh, stimuli=stimuli)
        self._measure(stimuli)
        stimuli = self._as_seen(stimuli)
        if fresh:
            self._start(stimuli, kept.rng)
            self.history_ = extended_history(None, [])
        order = np.concatenate([kept.rng.permutation(len(stimuli)) for _ in range(self.n_epochs)])
        self._learn(stimuli, order, kept=kept, progress=progress)
        self._look_back()
        self.n_iter_ = self.n_epochs
        return self

    @simulating()
    def partial_fit(self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None) -> Self:
        """Learn from more stimuli, shown once in the given order, going on from the present state.

        Parameters are those of `fit`. The learning-rate schedule starts afresh in every call; the unit of the stimuli
        is measured in the first one and kept.
        """
        fresh = not hasattr(self, "dictionary_")
        stimuli = self._admitted(X, reset=fresh)
        if not hasattr(self, "mean_square_"):
            self._measure(stimuli)
        stimuli, kept = self._as_seen(stimuli), KeptTraining(self, None)
        if fresh:
            self._start(stimuli, kept.rng)
            self.history_ = extended_history(None, [])
        return self._learn(stimuli, np.arange(len(stimuli)), kept=kept, progress=progress)

    @simulating()
    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return how often each neuron fires for each stimulus.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        array, shape (n_stimuli, n_neurons)
        """
        return self._code(self.spike_counts(X))

    @simulating()
    def spike_counts(self, X: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return the spike counts of every population.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        dict of str to array, shape (n_stimuli, n_neurons)
            Whole numbers in the precision of the simulation, by the population's name.
        """
        check_is_fitted(self, "dictionary_")
        stimuli = self._as_seen(self._admitted(X, reset=False))
        circuit = self._circuit(stimuli.dtype, n_stimuli=len(stimuli))
        rng = generator(self.random_state)
        self._load(circuit)
        size = circuit.design.n_replicas * circuit.design.capacity
        parts: list[dict[str, NDArray[Any]]] = []
        for first in range(0, len(stimuli), size):
            timing = replace(self._timing(), seed=seed_of(rng))
            with runaway_explained(self, learning=False):
                response = show_spiking(circuit, stimuli[first : first + size], timing=timing)
            parts.append({name: counts.copy() for name, counts in response.counts.items()})
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _admitted(self, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
        """Return stimuli, once they and all parameters are found possible."""
        stimuli = validated_stimuli(self, X, reset=reset)
        self._validate_parameters()
        check_declared(self.extra_equations)
        return stimuli

    def _look_back(self) -> None:
        """Warn of a fit that ended as no sparse code does."""
        remedies = self._advice()
        # Past this function, `fit` and what holds the threads.
        warn_if_mostly_unused(
            self.usage_ > 0,
            what="stayed silent through the whole fit",
            remedy=remedies["silent"],
            stacklevel=5,
        )
        warn_if_dense(float(self.usage_.mean()), remedy=remedies["many"], stacklevel=5)

    def _advice(self) -> dict[str, str]:
        """Return the remedies, with what the user added to the equations."""
        added = f", or change membrane_terms={self.membrane_terms!r}" if self.membrane_terms else ""
        return {name: remedy + added for name, remedy in self._remedies().items()}

    def _code(self, counts: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        return next(iter(counts.values()))

    def _timing(self) -> Timing:
        dt, shown = seconds("dt", self.dt), seconds("presentation", self.presentation)
        return Timing(dt=dt, n_steps=max(1, round(shown / dt)))

    def _learn(
        self, stimuli: NDArray[Any], order: NDArray[np.intp], *, kept: KeptTraining, progress: Progress | None
    ) -> Self:
        """Go through stimuli as the neurons see them."""
        started = time.perf_counter()
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        with kept.choosing():
            circuit = self._circuit(
                stimuli.dtype, n_stimuli=len(order), n_before=len(self.history_) * self.batch_size
            )
        self.seconds_compile_ = time.perf_counter() - started
        n_batches = -(-len(order) // self.batch_size)
        factors = self.learning_rate * learning_rate_factors(self.learning_rate_schedule, n_batches)
        watch = RateWatch(n_steps=self._timing().n_steps, remedies=self._advice())
        begun: Any = (np.zeros(len(self.dictionary_)), 0, pd.DataFrame())
        usage, done, history = self._gone_on(kept.begin(backend=circuit.design.backend), watch) or begun
        rows: list[dict[str, float]] = history.to_dict("records")
        size = circuit.design.n_replicas * circuit.design.capacity
        for first in range(done * self.batch_size, len(order), size):
            batch = stimuli[order[first : first + size]]
            part = factors[done : done + -(-len(batch) // self.batch_size)]
            self._load(circuit)
            schedules = {variable: rate * part for variable, rate in self._rates(circuit).items()}
            schedules |= {variable: np.full(len(part), v) for variable, v in self._constants(circuit).items()}
            timing = replace(self._timing(), seed=seed_of(kept.rng))
            with runaway_explained(self, learning=True):
                response = show_spiking(circuit, batch, timing=timing, schedules=schedules)
            done += len(part)
            watch.look(response.counts, batch=done)
            code = self._code(response.counts)
            # The first batch was encoded by the fields as they were; the last one tells the gain of those they became.
            first_batch, last_batch = slice(self.batch_size), slice((len(part) - 1) * self.batch_size, None)
            objective = self._decoded(batch[first_batch], code[first_batch])
            self._read(circuit)
            self._decoded(batch[last_batch], code[last_batch])
            rows += batch_rows(code, part, objective, size=self.batch_size, timing=timing)
            usage += (code[max(0, len(order) - len(stimuli) - first) :] != 0).sum(axis=0)
            kept.note(self._state, usage, done, rows, watch)
            if progress is not None:
                call_back(progress, {"stage": "train", "n_batches": n_batches, "batch": done, **rows[-1]})
        kept.end(self._state, usage, done, rows, watch)
        self.usage_ = usage / len(stimuli)
        self.dead_neurons_ = np.flatnonzero(self.usage_ == 0)
        self.history_ = extended_history(self.history_, rows)
        return self

    def _state(self, usage: NDArray[Any], done: int, rows: list[Any], watch: RateWatch) -> dict[str, Any]:
        """Return what learning goes on from, for a checkpoint."""
        learned = {name: getattr(self, name) for name in (*self._learned(), "gain_")}
        so_far = (usage, done, pd.DataFrame(rows))
        return {"learned": learned, "so_far": so_far, "silent_runs": watch.silent_runs}

    def _gone_on(self, found: dict[str, Any] | None, watch: RateWatch) -> Any:
        """Take what a checkpoint holds, if there is one, and return usage, batches and history so far."""
        if found is None:
            return None
        for name, values in found["learned"].items():
            setattr(self, name, values)
        watch.silent_runs = found["silent_runs"]
        return found["so_far"]

    def _load(self, circuit: SpikingCircuit) -> None:
        self._write_learned(circuit)
        for variable, values in self._settings(circuit).items():
            circuit.program.write(variable, np.atleast_1d(values))

    def _write_learned(self, circuit: SpikingCircuit) -> None:
        for attribute, place in self._learned().items():
            values = getattr(self, attribute)
            variable = circuit.parts.variable(place)
            copies = 1 if variable.size == values.size else circuit.design.n_replicas
            circuit.program.write(variable, np.tile(values.ravel(), copies))

    def _read(self, circuit: SpikingCircuit) -> None:
        for attribute, place in self._learned().items():
            now = getattr(self, attribute)
            values = circuit.program.read(circuit.parts.variable(place), first=now.size)
            setattr(self, attribute, values.reshape(now.shape))

    def _starting_dictionary(self, stimuli: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        return starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)

    def _circuit(self, dtype: Any, *, n_stimuli: int, n_before: int = 0) -> SpikingCircuit:
        def on(backend: str) -> SpikingDesign:
            n_values = self.batch_size * max(self.dictionary_.shape)
            capacity = int(np.clip(2**22 // n_values, 1, 400 if backend == "cpp_standalone" else 40))
            sizes = {"n_replicas": self.batch_size, "capacity": capacity}
            return self._design(self.n_features_in_, dtype=dtype, backend=backend, **sizes)

        work = Work(n_stimuli, len(self.dictionary_), self.batch_size, self._timing().n_steps, n_before)
        return chosen_circuit(self.backend, on, build_spiking_circuit, work=work)

    def _validate_parameters(self) -> None:
        check_parameters(self)
        if self.backend != "auto":
            require_backend(self.backend)
