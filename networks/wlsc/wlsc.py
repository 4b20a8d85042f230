"""WLSC: structured sparse coding, in which neurons near the stimulus have low thresholds."""

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.networks.estimator.checkpoint import Given
from neurosim.networks.estimator.training_data import seed_of, starting_dictionary, validated_code
from neurosim.networks.estimator.training_history import TrainingHistory
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.pathways import stiffness_of
from neurosim.networks.lca.rate_model import Beside, Learning, Objective, Shown, Threshold, Weights
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.run_settings import RunSettings, settings_of
from neurosim.networks.wlsc.circuit import CODES, wlsc_extension
from neurosim.networks.wlsc.graph import checked_graph, merged_fields, typical_norm
from neurosim.networks.wlsc.model import WLSCParameters
from neurosim.networks.wlsc.unrolled import Penalty, stimulus_thresholds, wlsc_objective
from neurosim.registry.progress import Progress

__all__ = ["WLSC"]

# A lone neuron's field learns at its own pace; that of many that share a stimulus has to be slower.
_FEW_ACTIVE = 8
# Steps of the simplex's fixed clock while a lone neuron settles, and the activity that its normaliser overlooks.
_STEPS_PER_TAU = 20
_SIMPLEX_EPSILON = 1e-4
# Sums that miss one by more than this share are announced.
_OFF_SIMPLEX = 0.1


class WLSC(WLSCParameters, RateNetwork):
    """Sparse coding with a Laplacian penalty on the graph between stimuli and neurons, simulated in Brian2.

    The membranes of an LCA, each with a threshold of its own, λ‖y − φ_j‖²: the further the neuron's field φ_j from
    the stimulus y, the harder it is to drive. They settle at the minimum of
    ``½‖y − Φᵀx‖² + λ Σ_j |x_j| ‖y − φ_j‖²``, and `fit` learns by a local rule of two terms: Hebbian on the residual,
    and a pull towards the stimuli a neuron is active for. With fields of unit norm and a non-negative code this is ℓ1
    coding in another unit; free norms, signed codes, the simplex and graphs of the user's are not.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
    curvature_ : array, shape (n_neurons,)
        Running ⟨x² + 2λ|x|⟩ of every neuron.
    merged_neurons_ : list of tuple of int
        Pairs of neurons whose fields have become the same, to a thousandth of their length.
    lateral_, history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`. The objective counts the penalty.

    Notes
    -----
    The circuit is the lateral form of the LCA's with fields of any norm: activity is potential over ‖φ_j‖². With
    ``threshold=0`` and free norms nothing depends on the unit of the stimuli but the fields, which have that unit. Unit
    norms fix a unit of their own, the fields': then ``locality`` means what it says for stimuli near unit norm.

    A free field moves by the length of a hundred stimuli times the learning rate at most. Where the only activity of a
    neuron in a batch is a trace, before any locality pulls at it, the field that suits it would be without bound.

    An inhibitory neuron holds the codes of the simplex at a sum of one. It needs fixed steps of τ/(20 ⟨‖φ‖²⟩) at most,
    and all stimuli are shown to the end.

    References
    ----------
    Huml, Tasissa & Ba 2023, arXiv:2402.10213.
    Tasissa, Tankala, Murphy & Ba 2023, K-Deep Simplex, arXiv:2012.02134 (the simplex).

    Examples
    --------
    >>> import numpy as np
    >>> net = WLSC.from_dictionary(np.eye(2), locality=0.25)
    >>> net.transform([[1.0, 0.5]]).round(3)  # thresholds 1/16 and 5/16
    array([[0.938, 0.188]])
    """

    carry_over = False
    _auto_threshold = None

    def fit(
        self,
        X: ArrayLike,
        y: Any = None,
        *,
        graph: ArrayLike | None = None,
        progress: Progress | None = None,
        checkpoint: Given = None,
    ) -> Self:
        """Learn the dictionary from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        y : ignored
        graph : array, shape (n_stimuli, n_neurons), optional
            Weights of the edges between stimuli and neurons, of at least zero: factors of the penalty. One by default.
        progress : callable, optional
            As for `neurosim.networks.LCA.fit`, as is `checkpoint`.
        checkpoint : str, Path or neurosim.Checkpoint, optional

        Raises
        ------
        ValueError
            If stimuli, graph or parameters are impossible, or a neuron has no edge.

        Warns
        -----
        UserWarning
            If fields became the same; it names the neurons.
        """
        fitted = super().fit(X, graph, progress=progress, checkpoint=checkpoint)
        return fitted._with_merged_fields()

    def partial_fit(
        self, X: ArrayLike, y: Any = None, *, graph: ArrayLike | None = None, progress: Progress | None = None
    ) -> Self:
        """Learn from more stimuli, shown once in the given order; parameters are those of `fit`."""
        return super().partial_fit(X, graph, progress=progress)._with_merged_fields()

    @simulating()
    def transform(self, X: ArrayLike, *, graph: ArrayLike | None = None) -> NDArray[Any]:
        """Return the activity each stimulus settles to, shape (n_stimuli, n_neurons); `graph` as for `fit`."""
        check_is_fitted(self, "dictionary_")
        return self._transformed(X, graph)

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike, *, graph: ArrayLike | None = None) -> NDArray[Any]:
        """Return ½‖y − Φᵀx‖² + Σ_j θ_j(y)|x_j| per stimulus, θ_j(y) = threshold + λ·graph·‖y − φ_j‖²."""
        activity, shown = validated_code(self, code), self._shown(X, reset=False)
        return wlsc_objective(shown.stimuli, activity, self.dictionary_, self._penalty(), graph=graph)

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> Beside | None:
        if y is None:
            return None
        n_neurons = len(self.dictionary_) if not reset else self.n_neurons
        # A few stimuli need not reach every neuron; all that a dictionary is learned from have to.
        graph = checked_graph(y, (len(shown.stimuli), n_neurons), connected=reset)
        return Beside(graph, lambda edges: {"edge": edges})

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        stimuli = shown.stimuli
        rows = starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)
        if self.norm == "unit":
            return rows
        if isinstance(self.initial_dictionary, str):
            return rows * typical_norm(stimuli)
        return np.asarray(self.initial_dictionary, dtype=stimuli.dtype)

    def _learning(self) -> Learning:
        return Learning(
            # The rule divides by each neuron's curvature, which has the unit of activity times residual.
            rate_unit=1.0,
            scaled=lambda fields: fields,
            rates=self._rates,
            kept={"curvature_": "running"},
        )

    def _rates(self, history: TrainingHistory, part: slice) -> NDArray[np.float64]:
        noted = [0.0, *self.history_["active_fraction"], *(row["active_fraction"] for row in history.rows)]
        rates = history.rates_of(part)
        # In place, so that the history tells the rates that were used.
        rates *= min(1, _FEW_ACTIVE / max(noted[-1] * len(self.dictionary_), 1))
        return rates

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        graph = shown.beside is not None
        return replace(
            super()._design(shown, **sizes),
            activity=CODES[self.code],
            shown=("edge",) if graph else (),
            own_norms=True,
            extension=wlsc_extension(code=self.code, unit_norm=self.norm == "unit", graph=graph),
        )

    def _penalty(self) -> Penalty:
        return Penalty(self._level(), self.locality, self.code)

    def _objective(self) -> Objective:
        level = self._level()
        return LocalityObjective(
            threshold=Threshold("soft", level, level, self.code != "signed"),
            sparsity=f"locality of {self.locality:g}",
            at_most_zero_code=self.code != "simplex",
            penalty=self._penalty(),
            dictionary=self.dictionary_,
        )

    def _settings(
        self,
        design: LCADesign,
        weights: Weights,
        rng: np.random.Generator,
        history: TrainingHistory | None = None,
    ) -> RunSettings:
        locality = self.locality if history is None else self._grown(history) * self.locality
        squares = np.square(self.dictionary_, dtype=float).sum(axis=1)
        # The threshold for a stimulus as long as a field, at right angles to it, tells what is a small activity. Other
        # stimuli have no say, so that no code depends on them.
        typical = self._level() + 2 * locality * float(squares.mean())
        threshold = Threshold("soft", typical, typical, nonnegative=True)
        settings = replace(
            settings_of(self, threshold, dictionary=self.dictionary_, design=design),
            threshold=self._level(),
            upper=self._level(),
            seed=seed_of(rng),
            shared={"locality": locality},
            schedules={"pull": 2 * locality},
            arrays={"running": getattr(self, "curvature_", np.zeros(len(self.dictionary_)))},
        )
        return self._restrained(settings) if self.code == "simplex" else settings

    def _grown(self, history: TrainingHistory) -> float:
        """Return the share of the penalty that has grown by now."""
        # Who goes on with partial_fit has learned before, however short the pieces.
        ramp = self.locality_ramp * history.n_batches * (len(self.history_) == 0)
        share = 1.0 if not self.learning or history.done >= ramp else history.done / ramp
        # While the penalty grows from run to run, so does the objective.
        history.comparable_from = (
            history.n_batches if share < 1 else min(history.comparable_from, history.done)
        )
        return share

    def _restrained(self, settings: RunSettings) -> RunSettings:
        """Return run settings with the normalising neuron's numbers, and the fixed steps that it needs."""
        n_neurons = len(self.dictionary_)
        # So slow that a step takes away no more than what is too much while a fifth of the neurons is active.
        slower = max(1, n_neurons / (5 * _STEPS_PER_TAU))
        settings = replace(
            settings,
            epsilon=_SIMPLEX_EPSILON if self.epsilon is None else self.epsilon,
            shared={**settings.shared, "gain": float(1 / np.mean(1 / stiffness_of(self.dictionary_)))},
            arrays={**settings.arrays, "tau_normaliser": [slower * settings.tau]},
        )
        if self.dt is not None:
            return settings
        # Potentials are in units of activity, so this pace suits fields of any length.
        n_steps = math.ceil(settings.presentation / min(settings.dt, settings.tau / _STEPS_PER_TAU))
        dt = settings.presentation / n_steps
        return replace(settings, dt=dt, n_steps=n_steps, longest_dt=dt)

    def _with_merged_fields(self) -> Self:
        """Note which fields have become the same, and warn of them."""
        self.merged_neurons_ = merged_fields(self.dictionary_)
        if self.merged_neurons_:
            pairs = ", ".join(f"{i} and {j}" for i, j in self.merged_neurons_[:5])
            warnings.warn(
                f"the fields of {len(self.merged_neurons_)} pairs of neurons have become the same: {pairs}"
                f"{', …' if len(self.merged_neurons_) > 5 else ''}; a smaller locality keeps fields apart",
                stacklevel=3,
            )
        return self


@dataclass(frozen=True, kw_only=True)
class LocalityObjective(Objective):
    """The cost Σ_j θ_j(y)|x_j|, which the circuit counts with the fields of each batch."""

    penalty: Penalty
    dictionary: NDArray[Any]

    def cost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> NDArray[Any]:
        thresholds = stimulus_thresholds(stimuli, self.dictionary, self.penalty)
        cost: NDArray[Any] = (thresholds * np.abs(code)).sum(axis=1)
        return cost

    def uncounted(self, code: NDArray[Any]) -> NDArray[Any]:
        return np.zeros(len(code))

    def n_lost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> int:
        if self.penalty.code == "simplex":
            _warn_off_simplex(code.sum(axis=1))
            return 0
        return super().n_lost(code, stimuli)


def _warn_off_simplex(sums: NDArray[Any]) -> None:
    """Warn of activities that do not add up to one: the normalising neuron had not come to rest."""
    off = np.abs(sums - 1) > _OFF_SIMPLEX
    if off.any():
        warnings.warn(
            f"{off.sum()} of {len(sums)} codes do not add up to one (sums {sums.min():.2f} to {sums.max():.2f}): the "
            "normalising neuron had not come to rest; use a longer presentation or a smaller dt",
            ConvergenceWarning,
            stacklevel=5,
        )
