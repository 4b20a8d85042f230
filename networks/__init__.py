"""Models, by family: each with its equations, parameters, learning rule and citation.

The names below are imported when they are first used: one model loads no family but those it builds on.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.networks.complex.complex_cells import ComplexCells
    from neurosim.networks.convolutional.convolutional_lca import ConvolutionalLCA
    from neurosim.networks.convolutional.convolutional_linked_lca import ConvolutionalLinkedLCA
    from neurosim.networks.estimator.hidden_pixels import hidden_pixel_score
    from neurosim.networks.lca.lca import LCA
    from neurosim.networks.linked.linked_lca import LinkedLCA
    from neurosim.networks.linked.ordinal_linked_lca import OrdinalLinkedLCA
    from neurosim.networks.parallel.parallel_lca import ParallelLCA
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
    "ComplexCells",
    "ConvolutionalLCA",
    "ConvolutionalLinkedLCA",
    "EINet",
    "LinkedLCA",
    "LocalLowDimensionality",
    "OrdinalLinkedLCA",
    "ParallelLCA",
    "SAILnet",
    "SpikingLCA",
    "TopographicLCA",
    "UnrolledWLSC",
    "hidden_pixel_score",
]

_HOMES = {
    "ComplexCells": "neurosim.networks.complex.complex_cells",
    "ConvolutionalLCA": "neurosim.networks.convolutional.convolutional_lca",
    "ConvolutionalLinkedLCA": "neurosim.networks.convolutional.convolutional_linked_lca",
    "EINet": "neurosim.networks.spiking.einet",
    "LCA": "neurosim.networks.lca.lca",
    "LinkedLCA": "neurosim.networks.linked.linked_lca",
    "LocalLowDimensionality": "neurosim.networks.wlsc.local_low_dimensionality",
    "OrdinalLinkedLCA": "neurosim.networks.linked.ordinal_linked_lca",
    "ParallelLCA": "neurosim.networks.parallel.parallel_lca",
    "SAILnet": "neurosim.networks.spiking.sailnet",
    "SVAE": "neurosim.networks.svae.svae",
    "SpikingLCA": "neurosim.networks.spiking.spiking_lca",
    "TopographicLCA": "neurosim.networks.topographic.topographic_lca",
    "UnrolledWLSC": "neurosim.networks.wlsc.backprop",
    "WLSC": "neurosim.networks.wlsc.wlsc",
    "hidden_pixel_score": "neurosim.networks.estimator.hidden_pixels",
}

__getattr__, __dir__ = lazy_face("neurosim.networks", _HOMES)
