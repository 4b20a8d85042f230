"""Models: one per file, each with its equations, parameters, learning rule and citation."""

from neurosim.engine import quiet_brian2  # noqa: F401, before all that imports Brian2
from neurosim.networks.estimator.hidden_pixels import hidden_pixel_score
from neurosim.networks.lca.lca import LCA
from neurosim.networks.linked.linked_lca import LinkedLCA
from neurosim.networks.linked.ordinal_linked_lca import OrdinalLinkedLCA
from neurosim.networks.spiking.einet import EINet
from neurosim.networks.spiking.sailnet import SAILnet
from neurosim.networks.spiking.spiking_lca import SpikingLCA
from neurosim.networks.svae.svae import SVAE
from neurosim.networks.topographic.topographic_lca import TopographicLCA
from neurosim.networks.wlsc.backprop import UnrolledWLSC
from neurosim.networks.wlsc.local_low_dimensionality import LocalLowDimensionality
from neurosim.networks.wlsc.wlsc import WLSC

__all__ = [
    "LCA",
    "SVAE",
    "WLSC",
    "EINet",
    "LinkedLCA",
    "LocalLowDimensionality",
    "OrdinalLinkedLCA",
    "SAILnet",
    "SpikingLCA",
    "TopographicLCA",
    "UnrolledWLSC",
    "hidden_pixel_score",
]
