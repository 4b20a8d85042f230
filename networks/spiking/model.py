"""The spiking networks as recipes know them."""

from typing import Any

from neurosim.networks.lca.model import LATERAL, lateral_weights
from neurosim.networks.spiking.parameters import EINetParameters, SAILnetParameters, SpikingLCAParameters
from neurosim.registry.model import Learned, Model
from neurosim.registry.network_section import section_of

SAILnetSection = section_of(SAILnetParameters, model="sailnet")
EINetSection = section_of(EINetParameters, model="einet")
SpikingLCASection = section_of(SpikingLCAParameters, model="spiking-lca")

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


def _weights_of_inhibitory_cells(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
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
