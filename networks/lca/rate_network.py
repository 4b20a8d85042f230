"""Populations of membranes that settle at the minimum of an objective, and learn their dictionary there.

A model is a statement of its parameters in its family's ``model.py``, `threshold` among them, and up to seven methods
of its own, most of which return what it has (`neurosim.networks.lca.rate_model`). `fit` asks them in this order, and
checks parameters before the third:

1. `_shown`, for validated stimuli and the weights of their modalities;
2. `_beside`, for what is known beside each stimulus, such as its class, and how it enters the circuit;
3. `_learning`, for the norms and rates of learning, and what neurons keep from run to run;
4. `_start`, for the fields to start from;
5. `_objective`, for the threshold, the cost that the circuit does not count, and whether the zero code bounds it;
6. `_design`, for the equations and all else that decides the generated code: the circuit is built of it, or found;
7. `_settings`, before each run of batches, for its numbers: steps, bounds, gains. The engine presents the run, fields
   and what else neurons keep are read back, and the history of training is noted.

`partial_fit` leaves out 4 once there is a dictionary. `transform` asks 1, 2 if it was given a graph, and 5 to 7;
`simulate` asks 1, 6 and 7.
"""

import time
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from neurosim._turns import call_back, simulating
from neurosim.engine.backend import require_backend
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.scikit_learn_names import ScikitLearnNames
from neurosim.networks.estimator.training_data import (
    goes_on,
    mean_square,
    require_squares,
    seed_of,
    standard_deviation,
    starting_dictionary,
    validated_dictionary,
    validated_stimuli,
)
from neurosim.networks.estimator.training_history import (
    TrainingHistory,
    extended_history,
    learning_rate_factors,
    order_of,
    warn_if_worse_than_zero_code,
)
from neurosim.networks.lca.circuit import Circuit, LCADesign, build_circuit
from neurosim.networks.lca.encoding import Encoding
from neurosim.networks.lca.films import FilmEncoding
from neurosim.networks.lca.model import RateParameters
from neurosim.networks.lca.pathways import Modality, overlaps_of
from neurosim.networks.lca.presentation import capacity_of, chunks, learned_weights, load_weights, present
from neurosim.networks.lca.rate_model import Beside, Learning, Objective, Shown, Weights, activity_expression
from neurosim.networks.lca.recording import Recording
from neurosim.networks.lca.run_settings import (
    RunSettings,
    likely_steps,
    settings_of,
    warn_of_a_restless_fit,
    watched,
)
from neurosim.networks.saving.save_method import Saving
from neurosim.registry.progress import Progress

__all__ = ["RateNetwork"]

States = dict[str, NDArray[Any]] | None
"""Of the circuit at the end of a run, for one that carries them over."""

# Threshold of a given dictionary, in the unit of stimuli that are not known yet.
_GIVEN_THRESHOLD = 0.1


class RateNetwork(RateParameters, Encoding, FilmEncoding, Recording, ScikitLearnNames, Saving, BaseEstimator):
    """A population of membranes that settles at the minimum of an objective, and learns its dictionary there."""

    threshold: Any
    carry_over: bool
    dictionary_: NDArray[Any]
    mean_square_: float
    threshold_: float

    # What `threshold="auto"` stands for, in standard deviations of the stimuli; None where it stands for nothing.
    _auto_threshold: float | None = 1.0

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike, **parameters: Any) -> Self:
        """Return a fitted network that encodes with a given dictionary.

        Parameters
        ----------
        dictionary : array, shape (n_neurons, n_pixels)
            Used as it is; rows need not have unit norm.
        **parameters
            As for the constructor; a `threshold` that would be measured from stimuli is .1, in their unit, if it is not
            given.

        Raises
        ------
        ValueError
            If the dictionary is not a finite matrix, or a parameter is impossible.
        """
        matrix = validated_dictionary(dictionary)
        if cls._auto_threshold is not None:
            parameters = {"threshold": _GIVEN_THRESHOLD, **parameters}
        net = cls(n_neurons=len(matrix), **parameters)
        net._validate_parameters()
        net.n_features_in_ = matrix.shape[1]
        net.threshold_ = float(net._level())
        net._set_dictionary(matrix)
        net._set_usage(np.full(len(matrix), np.nan))
        net.history_ = extended_history(None, [])
        net.unsettled_ = np.nan
        net.seconds_compile_ = 0.0
        return net

    @simulating()
    def fit(
        self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None, checkpoint: Given = None
    ) -> Self:
        """Learn the dictionary from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels), or (n_films, n_frames, n_pixels) with ``carry_over``
        y : ignored
        progress : callable, optional
            Called with ``{"stage": "compile"}`` and, after every run of batches, with ``stage="train"``, ``batch``,
            ``n_batches``, ``objective`` and ``active_fraction``.
        checkpoint : str, Path or neurosim.Checkpoint, optional
            A file that keeps the state of learning from time to time; if it is there, learning goes on from it, bit for
            bit (`neurosim.Checkpoint`).

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        ValueError
            If stimuli or parameters are impossible, or the checkpoint is of another training.
        DivergenceError
            If the time step is too long for the dictionary.

        Warns
        -----
        ConvergenceWarning
            If more than a hundredth of the last epoch's stimuli had not settled, more than half of the neurons stayed
            silent, more than 40 % were active on average, or the objective ended above where it began.
        """
        fresh = not goes_on(self)
        shown = self._shown(self._rows(X), reset=fresh)
        shown = replace(shown, beside=self._beside(y, shown, reset=fresh))
        self._validate_parameters()
        beside = shown.beside and shown.beside.rows
        kept = KeptTraining(
            self, checkpoint, fresh=fresh, stimuli=shown.stimuli, gains=shown.weights.gains, beside=beside
        )
        self._measure_unit(shown)
        if fresh:
            self._start_afresh(shown, kept.rng)
        order = order_of(self, len(shown.stimuli), rng=kept.rng)
        self._learn(shown, order, kept=kept, progress=progress)
        self.n_iter_ = self.n_epochs
        return self

    @simulating()
    def partial_fit(self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None) -> Self:
        """Learn from more stimuli, shown once in the given order, starting from the present dictionary.

        Parameters are those of `fit`. The learning-rate schedule starts afresh in every call.
        """
        fresh = not hasattr(self, "dictionary_")
        shown = self._shown(self._rows(X), reset=fresh)
        shown = replace(shown, beside=self._beside(y, shown, reset=fresh))
        self._validate_parameters()
        kept = KeptTraining(self, None)
        if not hasattr(self, "mean_square_"):
            self._measure_unit(shown)
        if fresh:
            self._start_afresh(shown, kept.rng)
        return self._learn(shown, np.arange(len(shown.stimuli)), kept=kept, progress=progress)

    # What a model may have its own of, in the order told above.

    def _shown(self, X: Any, *, reset: bool) -> Shown:
        """Return validated stimuli and the weights of their modalities."""
        stimuli = validated_stimuli(self, X, reset=reset)
        require_squares(stimuli)
        return Shown(stimuli)

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> Beside | None:
        """Return what is known beside each stimulus, or raise if the stimuli cannot be learned from."""
        return None

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        """Return the fields to start from."""
        start = starting_dictionary(self.initial_dictionary, shown.stimuli, n_neurons=self.n_neurons, rng=rng)
        return self._learning().scaled(start)

    def _learning(self) -> Learning:
        """Return how the dictionary learns."""
        # Activity times residual grows with the square of the stimuli.
        return Learning(rate_unit=getattr(self, "mean_square_", 0.0) or 1.0)

    def _design(self, shown: Shown, *, backend: str, n_replicas: int, capacity: int) -> LCADesign:
        """Return the design of a circuit with lateral inhibition and a soft threshold for stimuli such as these."""
        fitted = hasattr(self, "dictionary_")
        return LCADesign(
            n_neurons=len(self.dictionary_) if fitted else self.n_neurons,
            modalities=(Modality("", self.dictionary_.shape[1] if fitted else 1),),
            n_replicas=n_replicas,
            capacity=capacity,
            form="lateral",
            activity=activity_expression("soft", nonnegative=False),
            backend=backend,
            float_dtype=shown.stimuli.dtype.name,
            membrane_terms=self.membrane_terms,
            extra_equations=self.extra_equations,
            namespace=dict(self.namespace or {}),
        )

    def _objective(self) -> Objective:
        """Return what the population minimises beside half the squared residual."""
        raise NotImplementedError

    def _settings(
        self,
        design: LCADesign,
        weights: Weights,
        rng: np.random.Generator,
        history: TrainingHistory | None = None,
    ) -> RunSettings:
        """Return the numbers of a run with the present dictionary; `history` tells how far training is."""
        dictionary, threshold = weights.of(self.dictionary_), self._objective().threshold
        settings = settings_of(self, threshold, dictionary=dictionary, design=design)
        return replace(settings, gains=weights.gains, seed=seed_of(rng))

    # What all models do alike.

    def _validate_parameters(self) -> None:
        """Raise if a parameter is impossible."""
        check_parameters(self)
        if self.backend != "auto":
            require_backend(self.backend)

    def _measure_unit(self, shown: Shown) -> None:
        """Measure the unit that the stimuli come in: what learning and a threshold by default are relative to."""
        absent = shown.stimulus_weights.absent
        stimuli = shown.stimuli[:, ~absent] if absent.any() else shown.stimuli
        self.mean_square_ = mean_square(stimuli)
        if isinstance(self.threshold, str):
            assert self._auto_threshold is not None
            self.threshold_ = self._auto_threshold * standard_deviation(stimuli)
        else:
            self.threshold_ = float(self.threshold)

    def _level(self) -> float:
        """Return the threshold in the unit of the stimuli."""
        if not isinstance(self.threshold, str):
            return self.threshold
        if not hasattr(self, "threshold_"):
            raise ValueError(
                f"threshold: expected a number in the unit of the stimuli, got {self.threshold!r}, which only fit can "
                "measure; give one with the dictionary"
            )
        return self.threshold_

    def _start_afresh(self, shown: Shown, rng: np.random.Generator) -> None:
        for name in self._learning().kept:
            self.__dict__.pop(name, None)
        self._set_dictionary(self._start(shown, rng))
        self.history_ = extended_history(None, [])

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary
        learning = self._learning()
        self.lateral_ = overlaps_of(learning.weights.of(dictionary), learning.blocks)

    def _set_usage(self, usage: NDArray[Any]) -> None:
        self.usage_ = usage
        self.dead_neurons_ = np.flatnonzero(usage == 0)

    def _learn(
        self, shown: Shown, order: NDArray[np.intp], *, kept: KeptTraining, progress: Progress | None
    ) -> Self:
        started = time.perf_counter()
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        learning, objective = self._learning(), self._objective()
        if self.learning:
            self.dictionary_ = learning.scaled(self.dictionary_)
        with kept.choosing():
            circuit = self._circuit(
                shown, n_stimuli=len(order), n_before=len(self.history_) * self.batch_size
            )
        self.seconds_compile_ = time.perf_counter() - started
        history = self._new_history(learning, len(shown.stimuli), len(order))
        bounded = objective.at_most_zero_code and not shown.driven
        if not bounded:  # The objective does not count what drives the population.
            history.comparable_from = history.n_batches
        states, longest = self._gone_on(history, kept.begin(backend=circuit.design.backend))
        for rows in chunks(
            len(order), n_replicas=self.batch_size, capacity=circuit.design.capacity, growing=self.learning
        ):
            if history.has_shown(rows):
                continue
            part = shown.part(order[rows])
            load_weights(circuit, self.dictionary_, gains=shown.weights.gains)
            settings = self._settings(circuit.design, shown.weights, kept.rng, history)
            if circuit.step_by_step:
                settings = watched(self, settings)
            rates = learning.rates(history, rows) / learning.rate_unit if self.learning else None
            also = learning.also(part, history)
            response = present(
                circuit, part.stimuli, settings=settings, rates=rates, measure=True, states=states, also=also
            )  # fmt: skip
            states, longest = response.states, settings.presentation
            if self.learning:
                self._take(circuit, learning)
            row = history.note(response, rows, cost=objective.uncounted, stimuli=part.weighted)
            if bounded:
                # The row is the last batch's, and patches of one batch may have far more contrast than all.
                last = part.weighted[-((len(part.stimuli) - 1) % self.batch_size + 1) :]
                warn_if_worse_than_zero_code(row["objective"], last)
            if self.learning and self.reseed_dead and not history.over:
                residual = part.stimuli - self._rebuilt(response.code, part)
                self._revive(history.dead(), residual, weights=shown.weights, rng=kept.rng)
            kept.note(self._state, history, states, longest)
            if progress is not None:
                call_back(
                    progress, {"stage": "train", "n_batches": history.n_batches, "batch": history.done, **row}
                )
        kept.end(self._state, history, states, longest)
        self._conclude(history, objective, longest=longest)
        if self.learning and learning.afterwards is not None:
            learning.afterwards(shown, order)
        return self

    def _state(self, history: TrainingHistory, states: States, longest: float) -> dict[str, Any]:
        """Return what learning goes on from, for a checkpoint."""
        weights = {name: getattr(self, name) for name in ("dictionary_", *self._learning().kept)}
        return {"learned": weights, "history": history.state, "states": states, "longest": longest}

    def _gone_on(self, history: TrainingHistory, found: dict[str, Any] | None) -> tuple[States, float]:
        """Take what a checkpoint holds, if there is one, and return the states and time of the last run."""
        if found is None:
            return None, 0.0
        history.restore(found["history"])
        for name, values in found["learned"].items():
            setattr(self, name, values)
        return found["states"], found["longest"]

    def _new_history(self, learning: Learning, n_stimuli: int, n_shown: int) -> TrainingHistory:
        factors = learning_rate_factors(self.learning_rate_schedule, -(-n_shown // self.batch_size))
        rates = self.learning * self.learning_rate * factors
        n_neurons, silent = len(self.dictionary_), learning.silent_below
        return TrainingHistory(rates, self.batch_size, n_stimuli, n_shown, n_neurons, silent_below=silent)

    def _take(self, circuit: Circuit, learning: Learning) -> None:
        """Take what a circuit has learned."""
        self.dictionary_ = learned_weights(circuit)
        for name, array in learning.kept.items():
            setattr(self, name, circuit.program.read(circuit.arrays[array]))

    def _revive(
        self, dead: NDArray[np.intp], residual: NDArray[Any], *, weights: Weights, rng: np.random.Generator
    ) -> None:
        """Point dead neurons at stimuli that the others explain badly."""
        learning = self._learning()
        self.dictionary_ = learning.revived(self.dictionary_, dead, residual, weights=weights, rng=rng)
        for name in learning.kept:  # They learn afresh: what they kept is of no use.
            getattr(self, name)[dead] = 0

    def _conclude(self, history: TrainingHistory, objective: Objective, *, longest: float) -> None:
        """Keep what learning came to, and say what went wrong."""
        self._set_dictionary(self.dictionary_)
        self._set_usage(history.usage())
        self.history_ = extended_history(self.history_, history.rows)
        self.unsettled_ = history.unsettled()
        if not self.carry_over:
            n_unsettled = history.unsettled() * history.n_stimuli
            warn_of_a_restless_fit(self, n_unsettled, history.n_stimuli, shown=longest)
        history.warn(sparsity=objective.sparsity, learned=self.learning)

    def _circuit(self, shown: Shown, *, n_stimuli: int, n_before: int = 0) -> Circuit:
        def on(backend: str) -> LCADesign:
            capacity = capacity_of(self.batch_size * max(self.dictionary_.shape), backend=backend)
            return self._design(shown, backend=backend, n_replicas=self.batch_size, capacity=capacity)

        n_steps = likely_steps(self, ends_early=on("numpy").ends_early and self.tolerance != 0)
        work = Work(n_stimuli, len(self.dictionary_), self.batch_size, n_steps, n_before)
        return chosen_circuit(self.backend, on, build_circuit, work=work)
