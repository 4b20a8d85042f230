"""SAILnet: sparse and independent local coding by integrate-and-fire neurons whose every rule is local."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayVariable
from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.spiking.checks import rate_remedies
from neurosim.networks.spiking.circuit import INPUTS, Connection, Population, SpikingCircuit, SpikingDesign
from neurosim.networks.spiking.estimator import Learned, SpikingEstimator
from neurosim.networks.spiking.homeostasis import HOMEOSTASES, HomeostasisStage, homeostasis_of
from neurosim.networks.spiking.model import SAILnetParameters
from neurosim.networks.spiking.options import SpikingOptions
from neurosim.networks.spiking.reconstruction import StandardisedReconstruction

__all__ = ["SAILnet"]

# Zylberberg et al. 2011, eq. 1: the leak, the drive of the stimulus, and the spikes of the others one step before.
EQUATIONS = """
du/dt = (gain*drive - inhibition - u{terms}{noise}) / tau : 1
drive : 1                       # feed-forward overlap with the stimulus
inhibition : 1                  # from neurons that fired in the step before
theta : 1                       # threshold
gain : 1
n : 1                           # spikes since the stimulus appeared
tau : second (shared)
"""
# Eq. 3, 4: what fires together comes to inhibit each other; fields follow the stimuli they respond to (Oja's rule).
LATERAL_RULE = "w += alpha*(n_post*n_pre - expected)"
FIELD_RULE = "w += beta*(n_post*s_pre - n_post**2*w)"


class SAILnet(SAILnetParameters, StandardisedReconstruction, SpikingEstimator):
    """Sparse coding by leaky integrate-and-fire neurons with synaptically local plasticity.

    Each neuron integrates the overlap of its field with the stimulus, is inhibited by every spike of its neighbours,
    fires at its own threshold and is reset. Three local rules (Zylberberg, Murphy & DeWeese 2011, eq. 3–6) decorrelate
    the population, shape the fields and keep the rate.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
        One field per row.
    lateral_ : array, shape (n_neurons, n_neurons)
        Inhibition by row of column, never negative; symmetric.
    thresholds_, gains_ : array, shape (n_neurons,)
    gain_ : float
        What a spike adds to the reconstruction, in multiples of the neuron's field.
    history_ : pandas.DataFrame
        One row per batch: batch, objective, active_fraction, learning_rate, duration, spikes (per stimulus and neuron).
    mean_square_ : float
        Of the stimuli of the first `fit`, with ``standardise=False``; else 1.
    usage_, dead_neurons_, seconds_compile_, n_features_in_
        As in `LCA`.

    Notes
    -----
    What `inverse_transform` returns, and `objective` and `score` compare with, is the standardised stimulus, which
    `standardised` gives: its own mean and deviation are not in the spikes. With ``standardise=False`` it is the
    stimulus itself, in its unit. Noise or a delay is simulated step by step, which is slower.

    References
    ----------
    Zylberberg, Murphy & DeWeese 2011, PLoS Comput Biol 7:e1002250, doi:10.1371/journal.pcbi.1002250.

    Examples
    --------
    >>> import numpy as np
    >>> patches = np.random.default_rng(0).standard_normal((200, 16))
    >>> net = SAILnet(8, random_state=0, backend="numpy").fit(patches)
    >>> net.transform(patches).shape
    (200, 8)
    """

    def _design(
        self, n_pixels: int, *, dtype: Any, backend: str, n_replicas: int, capacity: int
    ) -> SpikingDesign:
        options = SpikingOptions.of(self)
        neurons = options.applied(
            Population(
                "neurons",
                self.n_neurons,
                EQUATIONS,
                threshold="u >= theta",
                reset="u = 0; n += 1",
                method="euler",
                cleared=("inhibition",),
            )
        )
        field = Connection("dictionary", INPUTS, "neurons", "drive", rule=FIELD_RULE, rates=("beta",))
        lateral = Connection(
            "lateral", "neurons", "neurons", "inhibition", rule=LATERAL_RULE, rates=("alpha", "expected"),
            constraints=("non_negative", "no_self_connection"), delay_steps=options.delay_steps,
        )  # fmt: skip
        stages = () if self.homeostasis == "none" else (HomeostasisStage(self.homeostasis, "neurons"),)
        return SpikingDesign(
            (neurons,), (lateral, field), n_pixels, n_replicas, capacity, backend, np.dtype(dtype).name,
            stages=stages, namespace=dict(self.namespace or {}),
        )  # fmt: skip

    def _learned(self) -> Learned:
        places = {
            "dictionary_": ("dictionary",),
            "lateral_": ("lateral",),
            "thresholds_": ("neurons", "theta"),
            "gains_": ("neurons", "gain"),
        }
        remembered = {} if self.homeostasis == "none" else {"memory_": ("neurons", "homeostasis", "memory")}
        return {**places, **remembered}

    def _settings(self, circuit: SpikingCircuit) -> dict[ArrayVariable, Any]:
        group = circuit.parts.groups["neurons"]
        # Forward Euler keeps this share of the potential from step to step.
        kept = 1 - self._timing().dt / seconds("tau", self.tau)
        settings = SpikingOptions.of(self).settings(
            group, tau=self.tau, per_noise=np.sqrt((1 + kept) / (1 - kept))
        )
        if self.homeostasis != "none":
            settings[homeostasis_of(circuit, "neurons").target] = self.target_rate
        return settings

    def _rates(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        field, lateral = (circuit.parts.plasticities[name] for name in ("dictionary", "lateral"))
        rates = {
            field.parameter("beta"): self.field_rate,
            lateral.parameter("alpha"): self.lateral_rate,
        }
        if self.homeostasis != "none":
            rates[homeostasis_of(circuit, "neurons").rate] = self.homeostasis_rate
        return rates

    def _constants(self, circuit: SpikingCircuit) -> dict[ArrayVariable, float]:
        return {circuit.parts.plasticities["lateral"].parameter("expected"): self.target_rate**2}

    def _remedies(self) -> dict[str, str]:
        return rate_remedies(self)

    def _start(self, stimuli: NDArray[Any], rng: np.random.Generator) -> None:
        n, dtype = self.n_neurons, stimuli.dtype
        self.dictionary_ = self._starting_dictionary(stimuli, rng)
        self.lateral_ = np.zeros((n, n), dtype=dtype)
        self.thresholds_ = np.full(n, self.initial_threshold, dtype=dtype)
        self.gains_ = np.ones(n, dtype=dtype)
        self._start_memory()

    def _start_memory(self) -> None:
        """Start what homeostasis remembers of each neuron; every kind remembers something else."""
        self._memory_of = self.homeostasis
        if self.homeostasis != "none":
            _, observed, *_ = HOMEOSTASES[self.homeostasis]
            start = self.target_rate if observed == "n" else self.initial_threshold
            self.memory_ = np.full_like(self.thresholds_, start)

    def _write_learned(self, circuit: SpikingCircuit) -> None:
        if self._memory_of != self.homeostasis:
            self._start_memory()
        super()._write_learned(circuit)
