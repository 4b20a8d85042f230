"""The spiking networks as recipes know them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from neurosim.networks.lca.model import LATERAL, lateral_weights
from neurosim.registry.model import Learned, Model
from neurosim.registry.parameter_types import (
    AutomaticOrNotNegative,
    AutomaticOrPositive,
    Backend,
    Duration,
    InitialDictionary,
    Schedule,
    microseconds,
)
from neurosim.registry.section import Section


class SpikingSection(Section):
    """What all spiking networks have."""

    model: str
    """Which network."""
    n_neurons: int = Field(default=256, ge=1)
    """Size of the population."""
    tau: Duration = "10 ms"
    """Membrane time constant."""
    dt: Duration = "1 ms"
    """Time step."""
    presentation: Duration = "50 ms"
    """How long each stimulus is shown."""
    refractory: Duration | None = None
    """How long a neuron cannot fire after a spike; left out, it can at once."""
    noise: float = Field(default=0.0, ge=0)
    """Standard deviation of the membrane potential that noise alone would give."""
    delay: Duration | None = None
    """How long lateral spikes travel beyond the time step they always take: whole time steps; left out, none."""
    n_epochs: int = Field(default=1, ge=1)
    """How often the training patches are gone through."""
    batch_size: int = Field(default=100, ge=1)
    """Stimuli that are shown at once and that one update averages over."""
    learning_rate: float = Field(default=1.0, gt=0)
    """Factor of all learning rates."""
    learning_rate_schedule: Schedule = "constant"
    """How that factor falls in the course of training."""
    initial_dictionary: InitialDictionary = "noise"
    """Fields learning starts from: random directions, or randomly chosen patches."""
    backend: Backend = "auto"
    """What Brian2 generates: nothing, Cython, a C++ program, or whichever of the first two pays."""

    @model_validator(mode="after")
    def _times_are_steps(self) -> Self:
        if microseconds(self.dt) > microseconds(self.presentation):
            raise ValueError(f"expected dt of at most presentation = {self.presentation!r}, got {self.dt!r}")
        if self.delay is not None and microseconds(self.delay) % microseconds(self.dt):
            raise ValueError(f"expected a delay of whole time steps of dt = {self.dt!r}, got {self.delay!r}")
        return self


class SAILnetSection(SpikingSection):
    """Parameters of `neurosim.networks.SAILnet`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["sailnet"] = "sailnet"
    """Which network."""
    target_rate: float = Field(default=0.05, gt=0)
    """Spikes per stimulus and neuron that homeostasis keeps to."""
    initial_threshold: float = Field(default=2.0, gt=0)
    """Membrane threshold that learning starts from."""
    field_rate: float = Field(default=0.01, ge=0)
    """Learning rate of the fields, the paper's β."""
    lateral_rate: float = Field(default=1.0, ge=0)
    """Learning rate of the lateral inhibition, the paper's α."""
    homeostasis_rate: float = Field(default=0.1, ge=0)
    """Learning rate of thresholds or gains, the paper's γ."""
    homeostasis: Literal["threshold", "variance_gain", "equalisation", "none"] = "threshold"
    """How neurons keep their rate; the first is the paper's."""
    standardise: bool = True
    """Show each patch with mean 0 and standard deviation 1."""


class EINetSection(SpikingSection):
    """Parameters of `neurosim.networks.EINet`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["einet"] = "einet"
    """Which network."""
    n_neurons: int = Field(default=400, ge=1)
    """Excitatory cells."""
    n_inhibitory: int = Field(default=49, ge=1)
    """Inhibitory cells."""
    tau: Duration = "10 ms"
    """Membrane time constant of excitatory cells, which rates are counted by."""
    tau_inhibitory: Duration = "5 ms"
    """Membrane time constant of inhibitory cells."""
    learning_rate: float = Field(default=0.1, gt=0)
    """Factor of all learning rates."""
    target_rate: float = Field(default=0.02, gt=0)
    """Spikes of an excitatory cell per `tau` that homeostasis keeps to."""
    inhibitory_rate: float = Field(default=0.04, gt=0)
    """Spikes of an inhibitory cell per `tau` that homeostasis keeps to."""
    initial_threshold: float = Field(default=2.0, gt=0)
    """Membrane threshold that learning starts from."""
    field_rate: float = Field(default=0.2, ge=0)
    """Learning rate of the fields."""
    excite_rate: float = Field(default=0.7, ge=0)
    """Learning rate of the weights from excitatory to inhibitory cells."""
    inhibit_rate: float = Field(default=0.7, ge=0)
    """Learning rate of the weights from inhibitory to excitatory cells."""
    disinhibit_rate: float = Field(default=1.5, ge=0)
    """Learning rate of the weights among inhibitory cells."""
    homeostasis_rate: float = Field(default=1.0, ge=0)
    """Learning rate of the thresholds."""
    homeostasis: Literal["threshold", "none"] = "threshold"
    """How neurons keep their rate."""
    standardise: bool = True
    """Show each patch with mean 0 and standard deviation 1."""


class SpikingLCASection(SpikingSection):
    """Parameters of `neurosim.networks.SpikingLCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["spiking-lca"] = "spiking-lca"
    """Which network."""
    n_neurons: int = Field(default=256, ge=1)
    """Fields; with `pairs`, each has two neurons."""
    threshold: AutomaticOrNotNegative = "auto"
    """What the current into a soma has to exceed, which is the sparsity penalty, in the unit of the patches; "auto" is
    twice the standard deviation of their pixels."""
    pairs: bool = True
    """Two neurons of opposite sign per field, for signed codes, or one."""
    charge: AutomaticOrPositive = "auto"
    """What a neuron integrates between two spikes, in the unit of the patches times `tau`; "auto" lets rates reach four
    times the patches' root mean square norm."""
    tau: Duration = "1 ms"
    """Time constant of the synaptic currents."""
    dt: Duration = "0.01 ms"
    """Time step; a neuron fires once in each at most."""
    learning_rate: float = Field(default=0.5, gt=0)
    """Step of the Hebbian rule."""


_GAIN = Learned(
    "gain_", "gain", (), "what a unit of the code adds to the reconstruction, in multiples of the field"
)
_DRIVE = Learned("gains_", "drive_gain", ("neuron",), "factor of a neuron's feed-forward drive")
_INHIBITORY = (
    Learned(
        "excite_",
        "excite",
        ("neuron", "inhibitory"),
        "what a spike of an excitatory neuron gives an inhibitory one",
    ),
    Learned(
        "inhibit_",
        "inhibit",
        ("inhibitory", "neuron"),
        "what a spike of an inhibitory neuron takes from an excitatory one",
    ),
    Learned(
        "disinhibit_",
        "disinhibit",
        ("from_inhibitory", "inhibitory"),
        "what a spike of from_inhibitory takes from inhibitory",
    ),
    Learned(
        "inhibitory_thresholds_",
        "inhibitory_threshold",
        ("inhibitory",),
        "membrane threshold of inhibitory neurons",
    ),
)


def _weights_of_inhibitory_cells(section: EINetSection, n_pixels: int) -> dict[str, tuple[str, int]]:
    number = section.n_inhibitory * (2 * section.n_neurons + section.n_inhibitory)
    return {"weights of inhibitory cells": ("n_inhibitory", number)}


MODELS = (
    Model(
        section=SpikingLCASection,
        estimator="neurosim.networks.spiking.spiking_lca:SpikingLCA",
        title="spiking LCA: rates of integrate-and-fire neurons that come to solve the LASSO",
        citation="Shapero, Zhu, Hasler & Rozell 2014, doi:10.1142/S0129065714400012",
        capabilities=frozenset({"spikes"}),
        learned=(LATERAL, _GAIN),
        threshold="threshold_",
        weights=lateral_weights,
    ),
    Model(
        section=SAILnetSection,
        estimator="neurosim.networks.spiking.sailnet:SAILnet",
        title="SAILnet: spikes, local rules, homeostasis",
        citation="Zylberberg, Murphy & DeWeese 2011, doi:10.1371/journal.pcbi.1002250",
        capabilities=frozenset({"standardises", "spikes"}),
        learned=(LATERAL, _DRIVE, _GAIN),
        threshold="thresholds_",
        weights=lateral_weights,
    ),
    Model(
        section=EINetSection,
        estimator="neurosim.networks.spiking.einet:EINet",
        title="E-I Net: excitatory cells that inhibitory cells decorrelate",
        citation="King, Zylberberg & DeWeese 2013, doi:10.1523/JNEUROSCI.4188-12.2013",
        capabilities=frozenset({"standardises", "spikes"}),
        learned=(_GAIN, *_INHIBITORY),
        threshold="thresholds_",
        weights=_weights_of_inhibitory_cells,
    ),
)
