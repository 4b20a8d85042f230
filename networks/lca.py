"""The locally competitive algorithm: sparse coding by leaky membranes that inhibit those whose fields overlap."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim.engine.backend import BACKENDS, chosen_backend, one_blas_thread, require_backend
from neurosim.networks.circuit_cache import kept
from neurosim.networks.course import Course
from neurosim.networks.dead_neurons import pointed_at_residuals
from neurosim.networks.driving import drive_of
from neurosim.networks.encoding import Drive, capacity_of, chunks, learned_weights, load_weights, present
from neurosim.networks.history import extended_history, warn_if_worse_than_silence
from neurosim.networks.input_pathways import Modality
from neurosim.networks.lca_circuit import FORMS, Circuit, LCADesign, build_circuit, equations
from neurosim.networks.parameters import flag, one_of, positive, seconds, whole
from neurosim.networks.recorded import recorded_presentation
from neurosim.networks.schedules import SCHEDULES, learning_rate_factors
from neurosim.networks.stability import dearer_than_silence, warn_unsettled
from neurosim.networks.starting_dictionary import starting_dictionary
from neurosim.networks.stimuli_input import generator, seed_of, validated_stimuli
from neurosim.networks.thresholds import THRESHOLD_KINDS, Threshold

__all__ = ["LCA"]

Progress = Callable[[dict[str, Any]], None]


class LCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Sparse coding by a population of membranes with lateral inhibition, simulated in Brian2.

    Every neuron is driven by the overlap of its field with the stimulus and inhibited by active neurons as far as
    their fields overlap (Rozell et al. 2008, eq. 2.4). With the soft threshold the membranes settle at the LASSO
    solution, the minimum of ½‖s − Φᵀa‖² + λ‖a‖₁. `fit` learns the fields by a local Hebbian rule on the residual.

    Parameters
    ----------
    n_neurons : int, default=256
    threshold : float, default=0.1
        λ, in the unit of the stimuli.
    threshold_kind : {"soft", "hard", "firm"}, default="soft"
    upper_threshold : float, optional
        Where the firm threshold joins the identity; twice `threshold` by default.
    nonnegative : bool, default=False
        One-sided neurons, as real ones are; else each stands for a pair of opposite sign.
    form : {"lateral", "residual"}, default="lateral"
        Inhibition through lateral weights ΦΦᵀ − I, or through input neurons that hold the residual. Same result;
        learning is strictly local in the second, the first is faster.
    tau : str or Quantity, default="10 ms"
        Membrane time constant.
    presentation : str or Quantity, default="200 ms"
        How long each stimulus is shown at most.
    dt : str or Quantity, optional
        Fixed time step. By default every stimulus has steps of its own: they start at τ/10, grow up
        to τ/2 while the population moves on, and shrink when it swings back, to .9 of 2τ/λ_max(ΦΦᵀ) if need be.
    epsilon : float, optional
        A neuron tells the others only changes of its activity larger than this, in the unit of the stimuli; by default
        .02 of `threshold`. 0 sends every change.
    tolerance : float, optional
        End a stimulus's presentation once no activity would still move further than this, and let the membranes go
        where they are heading; by default `epsilon`, when no neuron would ever send again. 0 shows all to the end.
    carry_over : bool, default=False
        Start from the membranes of the batch before, for stimuli that follow each other as in a film: stimulus k of
        a batch continues stimulus k of the one before.
    n_epochs : int, default=1
        How often `fit` shows all stimuli.
    batch_size : int, default=100
        Replicas of the population, each with a stimulus of its own; learning averages over them.
    learning_rate : float, default=0.5
    learning_rate_schedule : {"constant", "linear", "cosine", "late", "two_step"}, default="constant"
    learning : bool, default=True
        False freezes the dictionary: `fit` only measures.
    reseed_dead : bool, default=False
        Give neurons that were silent for all batches of an epoch, at most 40, the residual of a badly explained
        stimulus.
    initial_dictionary : {"noise", "stimuli"} or array, shape (n_neurons, n_pixels), default="noise"
        Rows are scaled to unit norm; random directions by default.
    membrane_terms : str, default=""
        Added inside the bracket of the membrane equation, for example ``"- g"`` or ``"+ sigma*sqrt(tau)*xi"``. With
        such terms presentations do not end early; random ones are simulated step by step, with every activity sent.
    extra_equations : str, default=""
        More Brian2 equations, for the variables those terms use.
    namespace : dict, optional
        Values of other names in them.
    backend : {"auto", "numpy", "cython", "cpp_standalone"}, default="auto"
        Code-generation target of Brian2. ``"auto"`` compiles with Cython where that pays, for many stimuli on a machine
        with a compiler, and else is ``"numpy"``.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
        One unit-norm field per row.
    lateral_ : array, shape (n_neurons, n_neurons)
        Overlaps ΦΦᵀ − I.
    history_ : pandas.DataFrame
        One row per batch: batch, objective (per stimulus), active_fraction, learning_rate, duration (seconds shown).
    usage_ : array, shape (n_neurons,)
        Fraction of the last epoch's stimuli each neuron was active for.
    dead_neurons_ : int array
        Neurons with zero usage.
    seconds_compile_ : float
        Wall time spent on generating and compiling code; next to nothing where this process has compiled it before.
    n_features_in_ : int

    Notes
    -----
    Precision follows the stimuli: float32 in, float32 simulation; everything else is float64. Stimuli are not
    rescaled. The objective counts the cost of the chosen threshold, and `score` is minus its mean.

    References
    ----------
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
    Olshausen & Field 1996, Nature 381:607, doi:10.1038/381607a0 (learning).

    Examples
    --------
    >>> import numpy as np
    >>> net = LCA.from_dictionary(np.eye(3), threshold=0.5, presentation="200 ms")
    >>> net.transform([[2.0, 0.25, -1.0]]).round(3)
    array([[ 1.5,  0. , -0.5]])
    """

    def __init__(
        self,
        n_neurons: int = 256,
        *,
        threshold: float = 0.1,
        threshold_kind: str = "soft",
        upper_threshold: float | None = None,
        nonnegative: bool = False,
        form: str = "lateral",
        tau: Any = "10 ms",
        presentation: Any = "200 ms",
        dt: Any = None,
        epsilon: float | None = None,
        tolerance: float | None = None,
        carry_over: bool = False,
        n_epochs: int = 1,
        batch_size: int = 100,
        learning_rate: float = 0.5,
        learning_rate_schedule: str = "constant",
        learning: bool = True,
        reseed_dead: bool = False,
        initial_dictionary: str | ArrayLike = "noise",
        membrane_terms: str = "",
        extra_equations: str = "",
        namespace: Mapping[str, Any] | None = None,
        backend: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_neurons = n_neurons
        self.threshold = threshold
        self.threshold_kind = threshold_kind
        self.upper_threshold = upper_threshold
        self.nonnegative = nonnegative
        self.form = form
        self.tau = tau
        self.presentation = presentation
        self.dt = dt
        self.epsilon = epsilon
        self.tolerance = tolerance
        self.carry_over = carry_over
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.learning = learning
        self.reseed_dead = reseed_dead
        self.initial_dictionary = initial_dictionary
        self.membrane_terms = membrane_terms
        self.extra_equations = extra_equations
        self.namespace = namespace
        self.backend = backend
        self.random_state = random_state

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike, **parameters: Any) -> Self:
        """Return a fitted network that encodes with a given dictionary.

        Parameters
        ----------
        dictionary : array, shape (n_neurons, n_pixels)
            Used as it is; rows need not have unit norm.
        **parameters
            As for the constructor.

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
        net = cls(n_neurons=len(matrix), **parameters)
        net._validate_parameters()
        net.n_features_in_ = matrix.shape[1]
        net._set_dictionary(matrix)
        net._set_usage(np.full(len(matrix), np.nan))
        net.history_ = extended_history(None, [])
        net.seconds_compile_ = 0.0
        return net

    @one_blas_thread()
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
        LCA
            The estimator itself.

        Raises
        ------
        ValueError
            If stimuli or parameters are impossible.
        DivergenceError
            If the time step is too long for the dictionary.
        """
        stimuli, gains = self._seen(X, reset=True)
        labels = self._labels(y, len(stimuli), reset=True)
        self._validate_parameters()
        rng = generator(self.random_state)
        self._set_dictionary(self._starting_dictionary(stimuli, rng, labels=labels))
        order = np.concatenate([rng.permutation(len(stimuli)) for _ in range(self.n_epochs)])
        self.history_ = extended_history(None, [])
        return self._learn(stimuli, order, rng=rng, progress=progress, gains=gains, labels=labels)

    @one_blas_thread()
    def partial_fit(self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None) -> Self:
        """Learn from more stimuli, shown once in the given order, starting from the present dictionary.

        Parameters are those of `fit`. The learning-rate schedule starts afresh in every call.
        """
        fresh = not hasattr(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=fresh)
        labels = self._labels(y, len(stimuli), reset=fresh)
        self._validate_parameters()
        rng = generator(self.random_state)
        if fresh:
            self._set_dictionary(self._starting_dictionary(stimuli, rng, labels=labels))
            self.history_ = extended_history(None, [])
        order = np.arange(len(stimuli))
        return self._learn(stimuli, order, rng=rng, progress=progress, gains=gains, labels=labels)

    @one_blas_thread()
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
            If codes cost more than silence: the population still swung at the end.
        """
        check_is_fitted(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=False)
        self._validate_parameters()
        return self._encoded(stimuli, gains=gains)

    def inverse_transform(self, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that codes stand for, Φᵀa.

        Parameters
        ----------
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli, n_pixels)
        """
        reconstructed: NDArray[Any] = self._checked_code(code) @ self.dictionary_
        return reconstructed

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
        activity, (stimuli, gains) = self._checked_code(code), self._seen(X, reset=False)
        if len(activity) != len(stimuli):
            raise ValueError(
                f"expected one code per stimulus, got {len(activity)} for {len(stimuli)} stimuli"
            )
        residual = self._weighted(stimuli - activity @ self.dictionary_, gains)
        total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + self._threshold().cost(activity).sum(axis=1)
        return total

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean objective of stimuli under their own code; higher is better."""
        return -float(np.mean(self.objective(X, self.transform(X))))

    @one_blas_thread()
    def simulate(self, X: ArrayLike, *, record: tuple[str, ...] = ("u", "a"), every: int = 1) -> xr.Dataset:
        """Show stimuli once, all at the same time, and record the dynamics.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        record : tuple of str
            Variables of the membrane equations, or of the input neurons: ``s``, and in the residual form
            ``prediction`` and ``r``.
        every : int, default=1
            Record every so many steps.

        Returns
        -------
        xarray.Dataset
            Variables of shape time × stimulus × neuron, or pixel for those of the inputs; time in seconds.
        """
        check_is_fitted(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=False)
        self._validate_parameters()
        circuit = self._assembled(stimuli.dtype, n_replicas=len(stimuli))
        drive = self._drive(gains, generator(self.random_state))
        load_weights(circuit, self.dictionary_, gains=gains)
        return recorded_presentation(circuit, stimuli, drive=drive, record=record, every=every)

    def assemble(self, *, n_replicas: int = 1, dtype: Any = np.float64) -> Circuit:
        """Return the Brian2 objects of this network, to add monitors or anything else before the first run.

        Parameters
        ----------
        n_replicas : int, default=1
            Stimuli shown at the same time.
        dtype : {float64, float32}

        Returns
        -------
        Circuit
            With ``network``, ``neurons`` and ``inputs``; show stimuli with `show`.
        """
        check_is_fitted(self, "dictionary_")
        self._validate_parameters()
        return self._assembled(np.dtype(dtype), n_replicas=n_replicas)

    def show(self, circuit: Circuit, X: ArrayLike) -> NDArray[Any]:
        """Show stimuli to an assembled circuit for one presentation and return their code."""
        stimuli, gains = self._seen(X, reset=False)
        if len(stimuli) > circuit.design.n_replicas:
            raise ValueError(
                f"the circuit has {circuit.design.n_replicas} replicas, got {len(stimuli)} stimuli; "
                "assemble it with as many"
            )
        drive = self._drive(gains, generator(self.random_state))
        load_weights(circuit, self.dictionary_, gains=gains)
        return present(circuit, stimuli, drive=drive).code.copy()

    @property
    def equations(self) -> str:
        """The Brian2 equations of the membranes, as text with units."""
        return equations(self._design(np.float64, backend="numpy", n_replicas=1, capacity=1))

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)

    def _encoded(self, stimuli: NDArray[Any], *, gains: tuple[float, ...] = ()) -> NDArray[Any]:
        circuit = self._circuit(stimuli.dtype, n_stimuli=len(stimuli))
        rng = generator(self.random_state)
        code = np.empty((len(stimuli), len(self.dictionary_)), dtype=stimuli.dtype)
        states, n_lost = None, 0
        load_weights(circuit, self.dictionary_, gains=gains)
        drive = self._drive(gains, rng)
        for part in chunks(len(stimuli), n_replicas=self.batch_size, capacity=circuit.design.capacity):
            batch = stimuli[part]
            shown = present(circuit, batch, drive=replace(drive, seed=seed_of(rng)), states=states)
            code[part], states = shown.code, shown.states
            seen = self._weighted(batch, gains)
            n_lost += dearer_than_silence(shown.code, seen, threshold=self._threshold())
        warn_unsettled(0 if self.carry_over else n_lost, len(stimuli))
        return code

    def _learn(
        self,
        stimuli: NDArray[Any],
        order: NDArray[np.intp],
        *,
        rng: np.random.Generator,
        progress: Progress | None,
        gains: tuple[float, ...] = (),
        labels: NDArray[np.intp] | None = None,
    ) -> Self:
        started = time.perf_counter()
        # Pieces that partial_fit is given add up.
        n_stimuli = len(order) + len(self.history_) * self.batch_size
        circuit = self._circuit(stimuli.dtype, n_stimuli=n_stimuli, progress=progress)
        self.seconds_compile_ = time.perf_counter() - started
        course, states = self._course(len(stimuli), len(order)), None
        for part in chunks(
            len(order), n_replicas=self.batch_size, capacity=circuit.design.capacity, growing=self.learning
        ):
            batch = stimuli[order[part]]
            load_weights(circuit, self.dictionary_, gains=gains)
            shown = present(
                circuit,
                batch,
                drive=self._drive(gains, rng),
                rates=course.rates_of(part) if self.learning else None,
                measure=True,
                states=states,
                injected=None if labels is None else self._injected(labels[order[part]]),
            )
            states = shown.states
            if self.learning:
                self.dictionary_: NDArray[Any] = learned_weights(circuit)
            row = course.note(shown, part, threshold=self._threshold())
            if labels is None:
                warn_if_worse_than_silence(row["objective"], self._weighted(batch, gains))
            if self.learning and self.reseed_dead and not course.over:
                residual = batch - shown.code @ self.dictionary_
                self._revive(course.dead(), residual, gains=gains, rng=rng)
            if progress is not None:
                progress({"stage": "train", "n_batches": course.n_batches, "batch": course.done, **row})
        self._set_dictionary(self.dictionary_)
        self._set_usage(course.usage())
        self.history_ = extended_history(self.history_, course.rows)
        return self

    def _course(self, n_stimuli: int, n_shown: int) -> Course:
        factors = learning_rate_factors(self.learning_rate_schedule, -(-n_shown // self.batch_size))
        rates = self.learning * self.learning_rate * factors
        return Course(rates, self.batch_size, n_stimuli, n_shown, len(self.dictionary_))

    def _revive(
        self,
        dead: NDArray[np.intp],
        residual: NDArray[Any],
        *,
        gains: tuple[float, ...],
        rng: np.random.Generator,
    ) -> None:
        """Point dead neurons at stimuli that the others explain badly."""
        if len(dead):
            moved = pointed_at_residuals(self.dictionary_, dead, residual, rng=rng)
            self.dictionary_ = self._scaled(moved)

    def _drive(self, gains: tuple[float, ...], rng: np.random.Generator) -> Drive:
        """Return the numbers of a run with the present dictionary."""
        drive = drive_of(self, self._threshold(), dictionary=self._weighted(self.dictionary_, gains))
        return replace(drive, gains=gains, seed=seed_of(rng))

    def _seen(self, X: Any, *, reset: bool) -> tuple[NDArray[Any], tuple[float, ...]]:
        """Return validated stimuli and the weight of each modality, none for an only one."""
        return validated_stimuli(self, X, reset=reset), ()

    def _labels(self, y: Any, n_stimuli: int, *, reset: bool) -> NDArray[np.intp] | None:
        """Return the class of each stimulus, where learning is told."""
        return None

    def _injected(self, labels: NDArray[np.intp]) -> NDArray[Any]:
        """Return the current into each neuron while stimuli of these classes are learned."""
        raise NotImplementedError

    def _weighted(self, rows: NDArray[Any], gains: tuple[float, ...]) -> NDArray[Any]:
        """Return stimuli or fields as they count in the objective."""
        return rows

    def _scaled(self, dictionary: NDArray[Any]) -> NDArray[Any]:
        """Return fields with the norms that learning keeps."""
        return dictionary

    def _modalities(self) -> tuple[Modality, ...]:
        """Return what the population sees."""
        n_pixels = self.dictionary_.shape[1] if hasattr(self, "dictionary_") else 1
        return (Modality("", n_pixels),)

    def _checked_code(self, code: ArrayLike) -> NDArray[Any]:
        check_is_fitted(self, "dictionary_")
        activity = np.asarray(code)
        if activity.ndim != 2 or activity.shape[1] != len(self.dictionary_):
            raise ValueError(
                f"expected a code of shape (n_stimuli, {len(self.dictionary_)}), got {activity.shape}; "
                "pass what transform returned"
            )
        return activity

    def _validate_parameters(self) -> None:
        for name in ("n_neurons", "batch_size", "n_epochs"):
            whole(name, getattr(self, name), at_least=1)
        positive("threshold", self.threshold, or_zero=True)
        positive("learning_rate", self.learning_rate, or_zero=True)
        for name in ("epsilon", "tolerance"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name), or_zero=True)
        one_of("threshold_kind", self.threshold_kind, THRESHOLD_KINDS)
        one_of("form", self.form, tuple(FORMS))
        one_of("learning_rate_schedule", self.learning_rate_schedule, SCHEDULES)
        for name in ("tau", "presentation"):
            seconds(name, getattr(self, name))
        if self.dt is not None:
            seconds("dt", self.dt)
        if self.upper_threshold is not None:
            positive("upper_threshold", self.upper_threshold)
        one_of("backend", self.backend, ("auto", *BACKENDS))
        if self.backend != "auto":
            require_backend(self.backend)
        for name in ("nonnegative", "carry_over", "learning", "reseed_dead"):
            flag(name, getattr(self, name))
        if self.threshold_kind == "firm" and not self._threshold().upper > self.threshold:
            raise ValueError(
                f"upper_threshold has to be above threshold={self.threshold}, got {self._threshold().upper}"
            )

    def _threshold(self) -> Threshold:
        upper = 2 * self.threshold if self.upper_threshold is None else self.upper_threshold
        return Threshold(self.threshold_kind, self.threshold, upper, self.nonnegative)

    def _starting_dictionary(
        self, stimuli: NDArray[Any], rng: np.random.Generator, *, labels: NDArray[np.intp] | None
    ) -> NDArray[Any]:
        start = starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)
        return self._scaled(start)

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary
        self.lateral_ = dictionary @ dictionary.T - np.eye(len(dictionary), dtype=dictionary.dtype)

    def _set_usage(self, usage: NDArray[Any]) -> None:
        self.usage_ = usage
        self.dead_neurons_ = np.flatnonzero(usage == 0)

    def _design(self, dtype: Any, *, backend: str, n_replicas: int, capacity: int) -> LCADesign:
        return LCADesign(
            n_neurons=len(self.dictionary_) if hasattr(self, "dictionary_") else self.n_neurons,
            modalities=self._modalities(),
            n_replicas=n_replicas,
            capacity=capacity,
            form=self.form,
            activity=self._threshold().expression,
            backend=backend,
            float_dtype=np.dtype(dtype).name,
            membrane_terms=self.membrane_terms,
            extra_equations=self.extra_equations,
            namespace=dict(self.namespace or {}),
        )

    def _circuit(self, dtype: Any, *, n_stimuli: int, progress: Progress | None = None) -> Circuit:
        if progress is not None:
            progress({"stage": "compile"})
        backend = chosen_backend(self.backend, n_values=n_stimuli * len(self.dictionary_))
        capacity = capacity_of(self.batch_size * max(self.dictionary_.shape), backend=backend)
        design = self._design(dtype, backend=backend, n_replicas=self.batch_size, capacity=capacity)
        return kept(design.key(), lambda: build_circuit(design))

    def _assembled(self, dtype: Any, *, n_replicas: int) -> Circuit:
        """Build a circuit that Brian2 takes step by step, so that it can be watched."""
        backend = chosen_backend(self.backend, n_values=0)
        design = self._design(dtype, backend=backend, n_replicas=n_replicas, capacity=1)
        return build_circuit(replace(design, step_by_step=True))
