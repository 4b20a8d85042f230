"""E-I Net: sparse coding by excitatory cells that inhibitory cells decorrelate, Dale's law kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayVariable
from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.spiking.checks import rate_remedies
from neurosim.networks.spiking.circuit import INPUTS, Connection, Population, SpikingCircuit, SpikingDesign
from neurosim.networks.spiking.estimator import Learned, SpikingEstimator
from neurosim.networks.spiking.homeostasis import HomeostasisStage, homeostasis_of
from neurosim.networks.spiking.model import EINetParameters
from neurosim.networks.spiking.options import SpikingOptions
from neurosim.networks.spiking.reconstruction import StandardisedReconstruction

__all__ = ["EINet"]

# King et al. 2013: each step the potential decays by exp(-dt/tau) and receives the drive of that step and the spikes of
# the step before, whole. With a gain of 1/(1 - exp(-dt/tau)) exponential Euler takes exactly that step.
EXCITATORY = """
du/dt = (per_step*(step*drive - inhibition{terms}) - u{noise}) / tau : 1
drive : 1                       # feed-forward overlap with the stimulus
inhibition : 1                  # from inhibitory neurons that fired in the step before
theta : 1                       # threshold
n : 1                           # spikes since the stimulus appeared
tau : second (shared)
per_step : 1 (shared)
step : 1 (shared)               # time step in units of tau
"""
INHIBITORY = """
du/dt = (per_step*(excitation - inhibition) - u{noise}) / tau : 1
excitation : 1                  # from excitatory neurons that fired in the step before
inhibition : 1                  # from inhibitory ones
theta : 1
n : 1
tau : second (shared)
per_step : 1 (shared)
"""
# Oja's rule for the fields; for the others one that settles where a weight is the excess of coincidences over chance.
FIELD_RULE = "w += beta*(n_post*s_pre - n_post**2*w)"
CORRELATION_RULE = "w += kappa*(n_post*n_pre - mean_n_post*mean_n_pre*(1 + w))"

_SPIKING = {
    "excite": ("excitatory", "inhibitory", "excitation", ("non_negative",)),
    "inhibit": ("inhibitory", "excitatory", "inhibition", ("non_negative",)),
    "disinhibit": ("inhibitory", "inhibitory", "inhibition", ("non_negative", "no_self_connection")),
}
_KINDS = ("threshold", "none")


class EINet(EINetParameters, StandardisedReconstruction, SpikingEstimator):
    """Sparse coding by an excitatory and an inhibitory population of integrate-and-fire neurons (Dale's law).

    Excitatory cells are driven by the stimulus and learn fields by Oja's rule. Inhibitory cells listen to them and
    inhibit them and each other; a correlation-measuring rule sets all three sets of weights, each of which keeps its
    sign (King, Zylberberg & DeWeese 2013).

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
    excite_ : array, shape (n_neurons, n_inhibitory)
        From excitatory to inhibitory cells, never negative.
    inhibit_ : array, shape (n_inhibitory, n_neurons)
        From inhibitory to excitatory cells; subtracted, never negative.
    disinhibit_ : array, shape (n_inhibitory, n_inhibitory)
        Among inhibitory cells; subtracted, never negative, zero diagonal.
    thresholds_, inhibitory_thresholds_ : array
    gain_, mean_square_, history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As in `SAILnet`.

    Notes
    -----
    Reconstructions are of standardised stimuli, as in `SAILnet`.

    Learning follows spike counts per stimulus, the authors' "mean rate" variant; their published network averages
    spikes over ten steps instead. Rates are theirs: with T the presentation in time constants, a product of rates
    integrated over the presentation is the product of the counts over T, and the stimulus counts as a rate of s/T.

    References
    ----------
    King, Zylberberg & DeWeese 2013, J Neurosci 33:5475, doi:10.1523/JNEUROSCI.4188-12.2013.

    Examples
    --------
    >>> import numpy as np
    >>> patches = np.random.default_rng(0).standard_normal((200, 16))
    >>> net = EINet(8, n_inhibitory=2, learning_rate=0.4, random_state=0, backend="numpy").fit(patches)
    >>> sorted(net.spike_counts(patches[:5]))
    ['excitatory', 'inhibitory']
    """

    def _design(
        self, n_pixels: int, *, dtype: Any, backend: str, n_replicas: int, capacity: int
    ) -> SpikingDesign:
        options = SpikingOptions.of(self)
        fires = {
            "threshold": "u >= theta",
            "reset": "u = 0; n += 1",
            "method": "exponential_euler",
        }
        populations = (
            options.applied(
                Population("excitatory", self.n_neurons, EXCITATORY, cleared=("inhibition",), **fires)
            ),
            options.without_terms().applied(
                Population(
                    "inhibitory",
                    self.n_inhibitory,
                    INHIBITORY,
                    cleared=("excitation", "inhibition"),
                    **fires,
                )
            ),
        )
        spiking = (
            Connection(
                name, source, target, into, rule=CORRELATION_RULE, rates=("kappa",), constraints=kept,
                delay_steps=options.delay_steps,
            )
            for name, (source, target, into, kept) in _SPIKING.items()
        )  # fmt: skip
        field = Connection("dictionary", INPUTS, "excitatory", "drive", rule=FIELD_RULE, rates=("beta",))
        stages = tuple(HomeostasisStage("threshold", p.name) for p in populations)
        return SpikingDesign(
            populations, (*spiking, field), n_pixels, n_replicas, capacity, backend, np.dtype(dtype).name,
            stages=stages if self.homeostasis == "threshold" else (), namespace=dict(self.namespace or {}),
        )  # fmt: skip

    def _learned(self) -> Learned:
        return {
            "dictionary_": ("dictionary",),
            **{f"{name}_": (name,) for name in _SPIKING},
            "thresholds_": ("excitatory", "theta"),
            "inhibitory_thresholds_": ("inhibitory", "theta"),
        }

    def _settings(self, circuit: SpikingCircuit) -> dict[ArrayVariable, Any]:
        dt, options = seconds("dt", self.dt), SpikingOptions.of(self)
        settings: dict[ArrayVariable, Any] = {}
        for name, tau, rate in (
            ("excitatory", self.tau, self.target_rate),
            ("inhibitory", self.tau_inhibitory, self.inhibitory_rate),
        ):
            group = circuit.parts.groups[name]
            kept = np.exp(-dt / seconds("tau", tau))
            settings |= options.settings(group, tau=tau, per_noise=np.sqrt((1 + kept) / (1 - kept)))
            settings[group.variables["per_step"]] = -1 / np.expm1(-dt / seconds("tau", tau))
            if self.homeostasis == "threshold":
                settings[homeostasis_of(circuit, name).target] = rate * self._duration()
        settings[circuit.parts.groups["excitatory"].variables["step"]] = dt / seconds("tau", self.tau)
        return settings

    def _rates(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        plasticities = circuit.parts.plasticities
        rates = {
            plasticities[name].parameter("kappa"): getattr(self, f"{name}_rate") / self._duration()
            for name in _SPIKING
        }
        # The stimulus too counts as so much per time constant.
        rates[plasticities["dictionary"].parameter("beta")] = self.field_rate / self._duration()
        if self.homeostasis == "threshold":
            rates |= {
                homeostasis_of(circuit, name).rate: self.homeostasis_rate
                for name in ("excitatory", "inhibitory")
            }
        return rates

    def _duration(self) -> float:
        """Return the presentation in excitatory time constants."""
        return seconds("presentation", self.presentation) / seconds("tau", self.tau)

    def _remedies(self) -> dict[str, str]:
        return rate_remedies(self)

    def _start(self, stimuli: NDArray[Any], rng: np.random.Generator) -> None:
        n, m, dtype = self.n_neurons, self.n_inhibitory, stimuli.dtype
        self.dictionary_ = self._starting_dictionary(stimuli, rng)
        self.excite_ = rng.random((n, m)).astype(dtype)
        self.inhibit_ = np.zeros((m, n), dtype=dtype)
        self.disinhibit_ = np.zeros((m, m), dtype=dtype)
        self.thresholds_ = np.full(n, self.initial_threshold, dtype=dtype)
        self.inhibitory_thresholds_ = np.full(m, self.initial_threshold, dtype=dtype)
