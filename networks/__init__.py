"""Models: one per file, each with its equations, parameters, learning rule and citation."""

from neurosim.engine import quiet_brian2  # noqa: F401, before all that imports Brian2
from neurosim.networks.backprop import UnrolledWLSC
from neurosim.networks.einet import EINet
from neurosim.networks.hidden_pixels import hidden_pixel_score
from neurosim.networks.lca import LCA
from neurosim.networks.linked_lca import LinkedLCA
from neurosim.networks.local_low_dimensionality import LocalLowDimensionality
from neurosim.networks.ordinal_linked_lca import OrdinalLinkedLCA
from neurosim.networks.sailnet import SAILnet
from neurosim.networks.spiking_lca import SpikingLCA
from neurosim.networks.svae import SVAE
from neurosim.networks.topographic_lca import TopographicLCA
from neurosim.networks.wlsc import WLSC

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
