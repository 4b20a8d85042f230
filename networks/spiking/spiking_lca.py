"""Spiking LCA: integrate-and-fire neurons whose firing rates come to solve the LASSO."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._turns import one_at_a_time
from neurosim.engine.arrays import ArrayVariable
from neurosim.engine.dense import propagation
from neurosim.engine.operation import Operation
from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.estimator.training_data import standard_deviation, validated_dictionary
from neurosim.networks.estimator.training_history import extended_history
from neurosim.networks.lca.pathways import OVERLAPS, compare_fields
from neurosim.networks.learning_rules import Rule
from neurosim.networks.spiking.checks import warn_if_capped
from neurosim.networks.spiking.circuit import (
    INPUTS,
    Connection,
    Parts,
    Population,
    SpikingCircuit,
    SpikingDesign,
)
from neurosim.networks.spiking.estimator import Learned, SpikingEstimator
from neurosim.networks.spiking.model import SpikingLCAParameters
from neurosim.networks.spiking.options import SpikingOptions

__all__ = ["SpikingLCA"]

# Tang, Lin & Davies 2017, section 2: the current into a soma is the drive less the filtered spikes of the others; what
# exceeds the threshold is integrated, and every time it reaches the spike threshold `charge`, the neuron fires.
EQUATIONS = """
du/dt = (drive - charge*over_step*inhibition - threshold{terms}{noise}) / tau : 1
dinhibition/dt = -inhibition / tau : 1
drive : 1                       # feed-forward overlap with the stimulus
a : 1                           # firing rate since the stimulus appeared, in the unit of the stimuli
n : 1                           # spikes since the stimulus appeared
tau : second (shared)
threshold : 1 (shared)
charge : 1 (shared)
per_spike : 1 (shared)          # what a spike adds to the rate
over_step : 1 (shared)          # mean of a decaying current over a time step
"""
INPUT_EQUATIONS = """
s : 1                           # stimulus, one pixel per input neuron
prediction : 1                  # what the rates explain of it
r = s - prediction : 1          # residual
"""
RULE = "w += eta*a_post*r_pre"
# The automatic threshold, in standard deviations of a pixel, and the largest rate under the automatic spike threshold,
# in norms of a stimulus: photographs have patches of several times the usual contrast.
_DEVIATIONS, _NORMS = 2.0, 4.0
# What goes with a given dictionary, in the unit of stimuli that are not known yet.
_GIVEN = {"threshold": 0.1, "charge": 0.1}


class SpikingLCA(SpikingLCAParameters, SpikingEstimator):
    """Sparse coding by integrate-and-fire neurons with lateral inhibition.

    The rates of the population settle at the LASSO solution, the minimum of ½‖s − Φᵀa‖² + λ‖a‖₁, with an error that
    falls as one over time (Shapero et al. 2014; Tang, Lin & Davies 2017). `fit` learns the fields by a local Hebbian
    rule on the residual of the rates.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
        One unit-norm field per row.
    threshold_, charge_ : float
        λ and the spike threshold, in the unit of the stimuli.
    mean_square_, standard_deviation_ : float
        Of the pixels of the stimuli of the first `fit`: `learning_rate` is relative to the one, "auto" to both.
    history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As in `SAILnet`.

    References
    ----------
    Shapero, Zhu, Hasler & Rozell 2014, Int J Neural Syst 24:1440001, doi:10.1142/S0129065714400012.
    Tang, Lin & Davies 2017, arXiv:1705.05475.

    Examples
    --------
    >>> import numpy as np
    >>> options = {"threshold": 0.5, "charge": 0.1, "presentation": "100 ms", "backend": "numpy"}
    >>> net = SpikingLCA.from_dictionary(np.eye(2), **options)
    >>> net.transform([[2.0, -1.0]]).round(1)
    array([[ 1.5, -0.5]])
    """

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike, **parameters: Any) -> Self:
        """Return a fitted network that encodes with a given dictionary.

        Parameters
        ----------
        dictionary : array, shape (n_neurons, n_pixels)
            Rates solve the LASSO for rows of unit norm.
        **parameters
            As for the constructor; a `threshold` or `charge` that would be measured from stimuli is .1, in their unit,
            if it is not given.

        Raises
        ------
        ValueError
            If the dictionary is no finite matrix, or a parameter is impossible.
        """
        matrix = validated_dictionary(dictionary)
        net = cls(n_neurons=len(matrix), **{**_GIVEN, **parameters})
        net._validate_parameters()
        net._check_numbers()
        net.n_features_in_, net.dictionary_, net.gain_ = matrix.shape[1], matrix, 1.0
        net.usage_, net.dead_neurons_ = np.full(len(matrix), np.nan), np.zeros(0, dtype=np.intp)
        net.history_, net.seconds_compile_ = extended_history(None, []), 0.0
        return net

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return ½‖s − Φᵀa‖² + λ‖a‖₁ of every stimulus, shape (n_stimuli,)."""
        l1 = np.abs(np.asarray(code)).sum(axis=1)
        total: NDArray[Any] = super().objective(X, code) + self.threshold_ * l1
        return total

    @property
    def threshold_(self) -> float:
        """λ in the unit of the stimuli."""
        return self._number("threshold", lambda: _DEVIATIONS * self.standard_deviation_)

    @property
    def charge_(self) -> float:
        """The spike threshold, what a neuron integrates between two spikes, in the unit of the stimuli times `tau`."""
        return self._number("charge", self._automatic_spike_threshold)

    def _automatic_spike_threshold(self) -> float:
        norm = float(np.sqrt(self.mean_square_ * self.n_features_in_))
        return _NORMS * norm * self._timing().dt / seconds("tau", self.tau)

    def _number(self, name: str, automatic: Callable[[], float]) -> float:
        value = getattr(self, name)
        return automatic() if isinstance(value, str) else float(value)

    def _check_numbers(self) -> None:
        """Raise if a parameter is to be measured on stimuli and there were none."""
        missing = [name for name in ("threshold", "charge") if isinstance(getattr(self, name), str)]
        if missing and not hasattr(self, "mean_square_"):
            raise ValueError(
                f"{' and '.join(missing)}: expected a number in the unit of the stimuli, got 'auto', which only a "
                "fit can measure; a charge of dt/tau times the norm of the largest stimulus leaves rates room"
            )

    def _as_seen(self, stimuli: NDArray[Any]) -> NDArray[Any]:
        self._check_numbers()
        return super()._as_seen(stimuli)

    def _measure(self, stimuli: NDArray[Any]) -> None:
        super()._measure(stimuli)
        self.standard_deviation_ = standard_deviation(stimuli)
        if self.threshold == "auto" and self.standard_deviation_ == 0:
            raise ValueError(
                f"threshold: expected a number for {len(stimuli)} stimuli whose pixels are all the same, got 'auto', "
                "which is relative to their standard deviation"
            )

    def _design(
        self, n_pixels: int, *, dtype: Any, backend: str, n_replicas: int, capacity: int
    ) -> SpikingDesign:
        options = SpikingOptions.of(self)
        neurons = options.applied(
            Population(
                "neurons",
                self.n_neurons * (1 + self.pairs),
                EQUATIONS,
                threshold="u >= charge",
                reset="u -= charge; n += 1; a += per_spike",
                # With the mean over the step, a spike takes away what it stands for however long the step is.
                method="exponential_euler",
                cleared=("a",),
            )
        )
        field = Connection(
            "dictionary", INPUTS, "neurons", "drive", rule=RULE, rates=("eta",),
            constraints=() if self.pairs else ("unit_norm",),
        )  # fmt: skip
        lateral = Connection(
            "lateral", "neurons", "neurons", "inhibition", keeps=True, delay_steps=options.delay_steps
        )
        after = (_TiePairs(), _CompareFields()) if self.pairs else (_CompareFields(),)
        return SpikingDesign(
            (neurons,), (field, lateral), n_pixels, n_replicas, capacity, backend, np.dtype(dtype).name,
            input_equations=INPUT_EQUATIONS, stages=(_Explain(), *after), namespace=dict(self.namespace or {}),
        )  # fmt: skip

    def _learned(self) -> Learned:
        return {"dictionary_": ("dictionary",)}

    def _write_learned(self, circuit: SpikingCircuit) -> None:
        matrix = np.concatenate([self.dictionary_, -self.dictionary_]) if self.pairs else self.dictionary_
        overlaps = matrix @ matrix.T - np.eye(len(matrix), dtype=matrix.dtype)
        circuit.program.write(circuit.parts.weights["dictionary"].variable, matrix)
        circuit.program.write(circuit.parts.weights["lateral"].variable, overlaps)

    def _settings(self, circuit: SpikingCircuit) -> dict[ArrayVariable, Any]:
        group = circuit.parts.groups["neurons"]
        step = self._timing().dt / seconds("tau", self.tau)
        numbers = {
            "threshold": self.threshold_,
            "charge": self.charge_,
            "per_spike": self._per_spike(),
            "over_step": -np.expm1(-step) / step,
        }
        shared = {group.variables[name]: value for name, value in numbers.items()}
        # Without a leak a membrane under noise alone walks at random.
        return SpikingOptions.of(self).settings(group, tau=self.tau, per_noise=step**-0.5) | shared

    def _per_spike(self) -> float:
        timing = self._timing()
        return self.charge_ * seconds("tau", self.tau) / (timing.dt * timing.n_steps)

    def _rates(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        # Each neuron of a pair moves, and their mean is what both become. Rate times residual is a square of the unit.
        eta = circuit.parts.plasticities["dictionary"].parameter("eta")
        return {eta: (1.0 + self.pairs) / self.mean_square_}

    def _remedies(self) -> dict[str, str]:
        threshold, spike_threshold = self._said("threshold"), self._said("charge")
        return {
            "silent": f"lower {threshold} or {spike_threshold}",
            "time": f"raise {threshold} or {spike_threshold}",
            "many": f"raise {threshold}",
        }

    def _said(self, name: str) -> str:
        value, number = getattr(self, name), getattr(self, f"{name}_")
        return f"{name}={value!r}" + (f" (here {number:.3g})" if isinstance(value, str) else "")

    def _start(self, stimuli: NDArray[Any], rng: np.random.Generator) -> None:
        self.dictionary_ = self._starting_dictionary(stimuli, rng)

    def _code(self, counts: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        n = self.n_neurons
        spikes = counts["neurons"]
        self._warn_if_capped(spikes)
        signed = spikes[:, :n] - spikes[:, n:] if self.pairs else spikes
        code: NDArray[Any] = signed * signed.dtype.type(self._per_spike())
        return code

    def _warn_if_capped(self, spikes: NDArray[Any]) -> None:
        timing, largest = self._timing(), "charge*tau/dt"
        bound, remedy = "in every step", f"pass a larger charge than {self._said('charge')}"
        # As the membrane counts the dead time: in whole steps, but for rounding.
        dead_steps = SpikingOptions.of(self).refractory / timing.dt - 0.05
        if dead_steps > 1:
            largest, bound = "charge*tau/refractory", "as soon as it is no longer refractory"
            remedy += f", or a shorter refractory={self.refractory!r}"
        else:
            remedy += f", or a smaller dt={self.dt!r}"
        apart = max(1, int(np.ceil(dead_steps)))
        per_step = self.charge_ * seconds("tau", self.tau) / timing.dt
        bound += f", which bounds its rate at {largest} = {per_step / apart:.3g}"
        if timing.n_steps > 1:
            warn_if_capped(spikes, most=-(-timing.n_steps // apart), bound=bound, remedy=remedy)

    def _decoded(self, shown: NDArray[Any], code: NDArray[Any]) -> float:
        self.gain_ = 1.0
        residual = shown - code @ self.dictionary_
        cost = self.threshold_ * np.abs(code).sum(axis=1)
        return float(((residual**2).sum(axis=1) / 2 + cost).mean())


@dataclass(frozen=True)
class _Explain:
    """Tells the input neurons what the rates explain of the stimulus, before learning."""

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        explain = propagation(
            parts.groups["neurons"],
            parts.groups[INPUTS],
            parts.weights["dictionary"],
            transmits="a",
            into="prediction",
            name="explain",
        )
        parts.presentation.measures.append(explain)


@dataclass(frozen=True)
class _TiePairs:
    """Makes the second half of the fields the first with the other sign, of unit norm, after learning moved both."""

    told = Rule(
        "fields of a pair: set after the rule", "w_first = (w_first - w_second)/norm\nw_second = -w_first"
    )

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        weights = parts.weights["dictionary"]
        n_rows, n_columns = weights.shape

        def tie(weights: NDArray[Any]) -> None:
            first, second = weights.reshape(2, n_rows // 2, n_columns)
            fields = first - second
            norms = np.linalg.norm(fields, axis=1, keepdims=True)
            fields /= np.where(norms > 0, norms, 1)
            first[:], second[:] = fields, -fields

        operation = Operation(
            "tie_pairs",
            {"weights": weights.variable},
            _TIE,
            tie,
            sizes={"n_half": n_rows // 2, "n_columns": n_columns},
        )
        parts.presentation.learning.append(operation)


@dataclass(frozen=True)
class _CompareFields:
    """Makes the lateral weights the overlaps of the fields, which is not local."""

    told = Rule("lateral, from neurons to neurons: set, not learned", OVERLAPS)

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        parts.presentation.learning.append(
            compare_fields(parts.weights["dictionary"], parts.weights["lateral"])
        )


_TIE = """
auto* first = weights;
auto* second = weights + (size_t)n_half * n_columns;
for (int k = 0; k < n_half * n_columns; ++k) first[k] -= second[k];
normalise_rows(first, n_half, n_columns);
for (int k = 0; k < n_half * n_columns; ++k) second[k] = -first[k];
return 0;
"""
