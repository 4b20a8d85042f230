"""What a model of settling membranes may make its own, with what an ordinary one does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin

from neurosim.engine.backend import require_backend
from neurosim.networks.estimator.initial_dictionary import starting_dictionary, unit_rows
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.schedules import learning_rate_factors
from neurosim.networks.estimator.stimuli_input import require_squares, seed_of, validated_stimuli
from neurosim.networks.estimator.stimulus_unit import mean_square, standard_deviation
from neurosim.networks.lca.circuit import Circuit
from neurosim.networks.lca.design import LCADesign
from neurosim.networks.lca.input_pathways import Modality
from neurosim.networks.lca.model import RateParameters
from neurosim.networks.lca.presentation import Drive, learned_weights, load_weights
from neurosim.networks.lca.run_settings import drive_of, likely_steps
from neurosim.networks.lca.stability import dearer_than_silence
from neurosim.networks.lca.thresholds import Threshold
from neurosim.networks.lca.training import Course, pointed_at_residuals

__all__ = ["SettlingModel"]


class SettlingModel(RateParameters, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The parts of a `SettlingNetwork` that differ between models.

    A model inherits from a statement of its own parameters too, `threshold` and perhaps `carry_over` among them, has a
    `_threshold`, and overrides what else is its own.
    """

    threshold: Any
    carry_over: bool
    dictionary_: NDArray[Any]
    mean_square_: float
    threshold_: float

    # What `threshold="auto"` stands for, in standard deviations of the stimuli; None where it stands for nothing.
    _auto_threshold: float | None = 1.0

    @property
    def _sparsity(self) -> str:
        """What makes the code sparse, in words."""
        return f"threshold of {self._level():.3g}, which is in the unit of the stimuli"

    def _measure_unit(self, stimuli: NDArray[Any], gains: tuple[float, ...]) -> None:
        """Measure the unit that the stimuli come in: what learning and a threshold by default are relative to."""
        present = self._weighted(np.ones((1, stimuli.shape[1])), gains)[0] > 0
        shown = stimuli if present.all() else stimuli[:, present]
        self.mean_square_ = mean_square(shown)
        if isinstance(self.threshold, str):
            assert self._auto_threshold is not None
            self.threshold_ = self._auto_threshold * standard_deviation(shown)
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

    def _unit_of_rates(self) -> float:
        """Return what learning rates are divided by: activity times residual grows with the stimuli's square."""
        return self.mean_square_ or 1.0

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

    def _drive(self, *, gains: tuple[float, ...], rng: np.random.Generator) -> Drive:
        """Return the numbers of a run with the present dictionary."""
        drive = drive_of(
            self,
            self._threshold(),
            dictionary=self._weighted(self.dictionary_, gains),
            own_norms=self._own_norms(gains),
            ends_early=self._ends_early,
        )
        return replace(drive, gains=gains, seed=seed_of(rng))

    @property
    def _ends_early(self) -> bool:
        """Whether a presentation can tell that it has settled; with terms of the user's the goal is not known."""
        return not (self.membrane_terms or self.extra_equations)

    def _likely_steps(self) -> float:
        """Return about how many time steps a stimulus will be shown for."""
        return likely_steps(self, ends_early=self._ends_early and self.tolerance != 0)

    def _own_norms(self, gains: tuple[float, ...]) -> bool:
        """Whether activities are divided by the squared norms of fields."""
        return False

    def _seen(self, X: Any, *, reset: bool) -> tuple[NDArray[Any], tuple[float, ...]]:
        """Return validated stimuli and the weight of each modality, none for an only one."""
        stimuli = validated_stimuli(self, X, reset=reset)
        require_squares(stimuli)
        return stimuli, ()

    def _beside(self, y: Any, n_stimuli: int, *, reset: bool) -> NDArray[Any] | None:
        """Return what is known beside each stimulus, its class for example, one entry or row for each."""
        return None

    def _also(self, beside: NDArray[Any]) -> Mapping[str, NDArray[Any]]:
        """Return what is shown to the neurons beside stimuli, by variable, shape (n_stimuli, n_neurons)."""
        return {}

    def _silence_is_allowed(self, beside: NDArray[Any] | None) -> bool:
        """Whether no settled population costs more than a silent one."""
        return True

    def _cost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> NDArray[Any]:
        """Return what activity costs, per stimulus, beside the residual."""
        return self._unmeasured_cost(code)

    def _unmeasured_cost(self, code: NDArray[Any]) -> NDArray[Any]:
        """Return the part of the cost that the circuit does not count in its energies."""
        cost: NDArray[Any] = self._threshold().cost(code).sum(axis=1)
        return cost

    def _n_lost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> int:
        """Count codes that no settled population has."""
        if self._threshold().kind == "hard":  # One with jumps may settle above silence.
            return 0
        return dearer_than_silence(code, stimuli, cost=self._cost(code, stimuli))

    def _load(self, circuit: Circuit, gains: tuple[float, ...]) -> None:
        """Give a circuit what was learned so far."""
        load_weights(circuit, self.dictionary_, gains=gains)

    def _take(self, circuit: Circuit) -> None:
        """Take what a circuit has learned."""
        self.dictionary_ = learned_weights(circuit)

    def _rates(self, course: Course, part: slice) -> NDArray[np.float64]:
        """Return the learning rates of the batches of one run."""
        return course.rates_of(part)

    def _drive_at(self, course: Course, *, gains: tuple[float, ...], rng: np.random.Generator) -> Drive:
        """Return the numbers of a run of learning."""
        return self._drive(gains=gains, rng=rng)

    def _weighted(self, rows: NDArray[Any], gains: tuple[float, ...]) -> NDArray[Any]:
        """Return stimuli or fields as they count in the objective."""
        return rows

    def _scaled(self, dictionary: NDArray[Any]) -> NDArray[Any]:
        """Return fields with the norms that learning keeps."""
        return unit_rows(dictionary)

    def _modalities(self) -> tuple[Modality, ...]:
        """Return what the population sees."""
        n_pixels = self.dictionary_.shape[1] if hasattr(self, "dictionary_") else 1
        return (Modality("", n_pixels),)

    def _starting_dictionary(
        self, stimuli: NDArray[Any], rng: np.random.Generator, *, beside: NDArray[Any] | None
    ) -> NDArray[Any]:
        start = starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)
        return self._scaled(start)

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary
        self.lateral_ = dictionary @ dictionary.T - np.eye(len(dictionary), dtype=dictionary.dtype)

    def _set_usage(self, usage: NDArray[Any]) -> None:
        self.usage_ = usage
        self.dead_neurons_ = np.flatnonzero(usage == 0)

    def _validate_parameters(self) -> None:
        """Raise if a parameter is impossible."""
        check_parameters(self)
        if self.backend != "auto":
            require_backend(self.backend)

    def _threshold(self) -> Threshold:
        raise NotImplementedError

    @property
    def _activity(self) -> str:
        """The threshold function as a Brian2 expression."""
        return self._threshold().expression

    def _design(
        self,
        dtype: Any,
        *,
        backend: str,
        n_replicas: int,
        capacity: int,
        beside: bool = False,
    ) -> LCADesign:
        """Return the design of an LCA with lateral inhibition; a model replaces what is its own."""
        return LCADesign(
            n_neurons=len(self.dictionary_) if hasattr(self, "dictionary_") else self.n_neurons,
            modalities=self._modalities(),
            n_replicas=n_replicas,
            capacity=capacity,
            form="lateral",
            activity=self._activity,
            backend=backend,
            float_dtype=np.dtype(dtype).name,
            membrane_terms=self.membrane_terms,
            extra_equations=self.extra_equations,
            namespace=dict(self.namespace or {}),
        )
