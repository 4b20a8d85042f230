"""Default arguments work on patches of photographs as they come, in whatever unit."""

import functools

import numpy as np
import pytest

from neurosim.networks import EINet, SAILnet, SpikingLCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches


@functools.cache
def patches(kind, n_patches=10_000, seed=0):
    images = embedded_photographs()
    if kind == "filtered":
        images = filter_images(images, by=OlshausenField())
    drawn = sample_patches(images, n_patches=n_patches, size=8, rng=np.random.default_rng(seed))
    return drawn * (255 if kind == "bytes" else 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["raw", "filtered", "bytes"])
@pytest.mark.parametrize("network", [SAILnet, EINet, SpikingLCA])
def test_default_arguments_give_a_sparse_code_by_a_living_population(network, kind):
    net = network(64, random_state=0).fit(patches(kind))
    active = net.transform(patches(kind, 1000, 1)) != 0
    assert 0.01 <= active.mean() <= 0.25
    assert active.any(axis=0).mean() > 0.5
