"""Small spiking networks that several tests share, so that each is compiled once."""

import numpy as np

from neurosim.networks.spiking.einet import EINet
from neurosim.networks.spiking.sailnet import SAILnet
from neurosim.networks.spiking.spiking_lca import SpikingLCA

N_NEURONS, N_INHIBITORY, N_PIXELS, BATCH = 20, 5, 25, 40
LEARNED = {
    SAILnet: ("dictionary_", "lateral_", "thresholds_", "gains_"),
    EINet: (
        "dictionary_", "excite_", "inhibit_", "disinhibit_", "thresholds_", "inhibitory_thresholds_",
    ),
    SpikingLCA: ("dictionary_",),
}  # fmt: skip


def patches(n_stimuli, *, n_pixels=N_PIXELS, seed=0):
    """Noise patches of zero mean and unit standard deviation."""
    values = np.random.default_rng(seed).standard_normal((n_stimuli, n_pixels))
    values -= values.mean(axis=1, keepdims=True)
    return values / values.std(axis=1, keepdims=True)


def mixtures(n_stimuli, *, n_pixels=16, seed=0):
    """Patches of zero mean and unit standard deviation that a tenth of a fixed set of sources add up to."""
    rng = np.random.default_rng(seed)
    sources = rng.standard_normal((2 * n_pixels, n_pixels))
    strength = rng.laplace(size=(n_stimuli, len(sources))) * (rng.random((n_stimuli, len(sources))) < 0.1)
    values = strength @ sources + 0.1 * rng.standard_normal((n_stimuli, n_pixels))
    values -= values.mean(axis=1, keepdims=True)
    return values / values.std(axis=1, keepdims=True)


def sailnet(n_neurons=N_NEURONS, **changed):
    """A SAILnet with more spikes than the published one, so that a few stimuli teach."""
    options = {"target_rate": 0.2, "initial_threshold": 1.0, "batch_size": BATCH, "random_state": 0}
    return SAILnet(n_neurons, **{**options, "backend": "numpy", **changed})


def einet(n_neurons=N_NEURONS, **changed):
    """An E-I Net with more spikes than the published one, so that a few stimuli teach."""
    options = {
        "n_inhibitory": N_INHIBITORY, "target_rate": 0.1, "inhibitory_rate": 0.2, "initial_threshold": 1.0,
        "batch_size": BATCH, "random_state": 0,
    }  # fmt: skip
    return EINet(n_neurons, **{**options, "backend": "numpy", **changed})


def spiking_lca(n_neurons=N_NEURONS, **changed):
    """A spiking LCA that sees each stimulus for five time constants."""
    options = {
        "threshold": 1.0, "charge": 0.2, "dt": "0.05 ms", "presentation": "5 ms", "batch_size": BATCH,
        "random_state": 0,
    }  # fmt: skip
    return SpikingLCA(n_neurons, **{**options, "backend": "numpy", **changed})


NETWORKS = {"SAILnet": sailnet, "E-I Net": einet, "spiking LCA": spiking_lca}


def started(net, stimuli):
    """Give a network what learning starts from, and let it learn nothing."""
    rate = net.learning_rate
    net.set_params(learning_rate=0.0).partial_fit(stimuli)
    return net.set_params(learning_rate=rate)


def learned(net):
    """Every array that learning changes, by its attribute."""
    return {name: getattr(net, name) for name in LEARNED[type(net)]}
