"""What all networks share whose membranes settle: learning, encoding and measuring, as a scikit-learn estimator."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import call_back, one_at_a_time, simulating
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit
from neurosim.networks.estimator.history import extended_history
from neurosim.networks.estimator.learning_warnings import warn_if_worse_than_silence
from neurosim.networks.estimator.stimuli_input import generator, seed_of, validated_code
from neurosim.networks.lca.circuit import Circuit, build_circuit
from neurosim.networks.lca.design import LCADesign
from neurosim.networks.lca.presentation import capacity_of, chunks, present
from neurosim.networks.lca.recording import WatchedNetwork
from neurosim.networks.lca.run_settings import Settled, warn_unsettled, watched_drive
from neurosim.networks.lca.stability import warn_lost
from neurosim.networks.lca.training import Course, order_of, warn_after_learning

__all__ = ["Progress", "SettlingNetwork"]

Progress = Callable[[dict[str, Any]], None]

# Threshold of a given dictionary, in the unit of stimuli that are not known yet.
_GIVEN_THRESHOLD = 0.1


class SettlingNetwork(WatchedNetwork):
    """A population of membranes that settles at the minimum of an objective, and learns its dictionary there."""

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
        matrix = np.asarray(dictionary)
        matrix = matrix if matrix.dtype == np.float32 else matrix.astype(np.float64)
        if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
            raise ValueError(
                f"expected a finite dictionary of shape (n_neurons, n_pixels), got shape {matrix.shape}"
                f"{' with NaN or infinite values' if matrix.size and not np.isfinite(matrix).all() else ''}"
            )
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
    def fit(self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None) -> Self:
        """Learn the dictionary from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        y : ignored
        progress : callable, optional
            Called with ``{"stage": "compile"}`` and, after every run of batches, with ``stage="train"``, ``batch``,
            ``n_batches``, ``objective`` and ``active_fraction``.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        ValueError
            If stimuli or parameters are impossible.
        DivergenceError
            If the time step is too long for the dictionary.

        Warns
        -----
        ConvergenceWarning
            If more than a hundredth of the last epoch's stimuli had not settled, more than half of the neurons stayed
            silent, more than 40 % were active on average, or the objective ended above where it began.
        """
        stimuli, gains = self._seen(X, reset=True)
        beside = self._beside(y, len(stimuli), reset=True)
        self._validate_parameters()
        self._measure_unit(stimuli, gains)
        rng = generator(self.random_state)
        self._set_dictionary(self._starting_dictionary(stimuli, rng, beside=beside))
        order = order_of(self, len(stimuli), rng=rng)
        self.history_ = extended_history(None, [])
        return self._learn(stimuli, order, rng=rng, progress=progress, gains=gains, beside=beside)

    @simulating()
    def partial_fit(self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None) -> Self:
        """Learn from more stimuli, shown once in the given order, starting from the present dictionary.

        Parameters are those of `fit`. The learning-rate schedule starts afresh in every call.
        """
        fresh = not hasattr(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=fresh)
        beside = self._beside(y, len(stimuli), reset=fresh)
        self._validate_parameters()
        rng = generator(self.random_state)
        if not hasattr(self, "mean_square_"):
            self._measure_unit(stimuli, gains)
        if fresh:
            self._set_dictionary(self._starting_dictionary(stimuli, rng, beside=beside))
            self.history_ = extended_history(None, [])
        order = np.arange(len(stimuli))
        return self._learn(stimuli, order, rng=rng, progress=progress, gains=gains, beside=beside)

    @simulating()
    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the activity each stimulus settles to.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        array, shape (n_stimuli, n_neurons)
            In the unit of the stimuli; exactly zero for a neuron below threshold.

        Warns
        -----
        ConvergenceWarning
            If stimuli had not settled when their time was up, with their number (`settle` says which), or if codes cost
            more than silence: the population still swung at the end.
        """
        check_is_fitted(self, "dictionary_")
        return self._transformed(X)

    @simulating()
    def settle(self, X: ArrayLike) -> Settled:
        """Return the activity each stimulus settles to, and which stimuli had not settled when their time was up.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        Settled
            With ``code``, as `transform` returns it, and ``unsettled``, shape (n_stimuli,); nothing is warned of.
        """
        check_is_fitted(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=False)
        self._validate_parameters()
        return self._settled(stimuli, gains=gains)[0]

    def inverse_transform(self, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that codes stand for, Φᵀa.

        Parameters
        ----------
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli, n_pixels)
        """
        reconstructed: NDArray[Any] = validated_code(self, code) @ self.dictionary_
        return reconstructed

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return what the population minimises, per stimulus.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli,)
            ½‖s − Φᵀa‖² plus the cost of the threshold, λ‖a‖₁ for the soft one.
        """
        activity, (stimuli, gains) = validated_code(self, code), self._seen(X, reset=False)
        if len(activity) != len(stimuli):
            raise ValueError(
                f"expected one code per stimulus, got {len(activity)} for {len(stimuli)} stimuli"
            )
        residual = self._weighted(stimuli - activity @ self.dictionary_, gains)
        total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + self._cost(activity, stimuli)
        return total

    @one_at_a_time()
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean objective of stimuli under their own code; higher is better.

        It compares networks of one threshold only: a smaller threshold always scores higher, so that a search over it
        takes the smallest of its grid; `neurosim.networks.hidden_pixel_score` chooses one.
        """
        return -float(np.mean(self.objective(X, self.transform(X))))

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)

    def _transformed(self, X: ArrayLike, beside: Any = None) -> NDArray[Any]:
        stimuli, gains = self._seen(X, reset=False)
        self._validate_parameters()
        rows = self._beside(beside, len(stimuli), reset=False) if beside is not None else None
        (code, unsettled), n_lost, shown = self._settled(stimuli, gains=gains, beside=rows)
        if not self.carry_over:  # A film goes on before its frames have settled.
            warn_unsettled(self, unsettled, shown=shown)
            warn_lost(n_lost, len(stimuli))
        return code

    def _settled(
        self, stimuli: NDArray[Any], *, gains: tuple[float, ...] = (), beside: NDArray[Any] | None = None
    ) -> tuple[Settled, int, float]:
        """Return codes, how many of them no settled population has, and how long stimuli were shown at most."""
        circuit = self._circuit(stimuli.dtype, n_stimuli=len(stimuli), beside=beside is not None, gains=gains)
        rng = generator(self.random_state)
        code = np.empty((len(stimuli), len(self.dictionary_)), dtype=stimuli.dtype)
        late: list[NDArray[np.bool_] | None] = []
        states, n_lost = None, 0
        self._load(circuit, gains)
        drive = self._drive(gains=gains, rng=rng)
        if circuit.step_by_step:
            drive = watched_drive(self, drive)
        for part in chunks(len(stimuli), n_replicas=self.batch_size, capacity=circuit.design.capacity):
            batch = stimuli[part]
            also = {} if beside is None else self._also(beside[part])
            each = replace(drive, seed=seed_of(rng))
            shown = present(circuit, batch, drive=each, states=states, also=also)
            code[part], states = shown.code, shown.states
            late.append(shown.late)
            if beside is None:
                n_lost += self._n_lost(shown.code, self._weighted(batch, gains))
        known = [each for each in late if each is not None]
        unsettled = np.concatenate(known) if len(known) == len(late) else None
        return Settled(code, unsettled), n_lost, drive.presentation

    def _learn(
        self,
        stimuli: NDArray[Any],
        order: NDArray[np.intp],
        *,
        rng: np.random.Generator,
        progress: Progress | None,
        gains: tuple[float, ...] = (),
        beside: NDArray[Any] | None = None,
    ) -> Self:
        started = time.perf_counter()
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        if self.learning:
            self.dictionary_ = self._scaled(self.dictionary_)
        sizes = {"n_stimuli": len(order), "n_before": len(self.history_) * self.batch_size}
        circuit = self._circuit(stimuli.dtype, beside=beside is not None, gains=gains, **sizes)
        self.seconds_compile_ = time.perf_counter() - started
        course, states = self._course(len(stimuli), len(order)), None
        if not self._silence_is_allowed(beside):  # The objective does not count what drives the population.
            course.comparable_from = course.n_batches
        for part in chunks(
            len(order), n_replicas=self.batch_size, capacity=circuit.design.capacity, growing=self.learning
        ):
            batch = stimuli[order[part]]
            self._load(circuit, gains)
            drive = self._drive_at(course, gains=gains, rng=rng)
            if circuit.step_by_step:
                drive = watched_drive(self, drive)
            shown = present(
                circuit,
                batch,
                drive=drive,
                rates=self._rates(course, part) / self._unit_of_rates() if self.learning else None,
                measure=True,
                states=states,
                also={} if beside is None else self._also(beside[order[part]]),
            )
            states = shown.states
            if self.learning:
                self._take(circuit)
            row = course.note(shown, part, cost=self._unmeasured_cost, stimuli=self._weighted(batch, gains))
            if self._silence_is_allowed(beside):
                # The row is the last batch's, and patches of one batch may have far more contrast than all.
                last = batch[-((len(batch) - 1) % self.batch_size + 1) :]
                warn_if_worse_than_silence(row["objective"], self._weighted(last, gains))
            if self.learning and self.reseed_dead and not course.over:
                residual = batch - shown.code @ self.dictionary_
                self._revive(course.dead(), residual, gains=gains, rng=rng)
            if progress is not None:
                call_back(
                    progress, {"stage": "train", "n_batches": course.n_batches, "batch": course.done, **row}
                )
        self._conclude(course, shown=drive.presentation)
        return self

    def _conclude(self, course: Course, *, shown: float) -> None:
        """Keep what learning came to, and say what went wrong."""
        self._set_dictionary(self.dictionary_)
        self._set_usage(course.usage())
        self.history_ = extended_history(self.history_, course.rows)
        self.unsettled_ = course.unsettled()
        warn_after_learning(self, course, shown=shown, comparable_from=course.comparable_from)

    def _circuit(
        self, dtype: Any, *, n_stimuli: int, beside: bool, gains: tuple[float, ...], n_before: int = 0
    ) -> Circuit:
        def on(backend: str) -> LCADesign:
            capacity = capacity_of(self.batch_size * max(self.dictionary_.shape), backend=backend)
            sizes = {"n_replicas": self.batch_size, "capacity": capacity}
            design = self._design(dtype, backend=backend, beside=beside, **sizes)
            return replace(design, own_norms=self._own_norms(gains))

        work = Work(n_stimuli, len(self.dictionary_), self.batch_size, self._likely_steps(), n_before)
        return chosen_circuit(self.backend, on, build_circuit, work=work)
