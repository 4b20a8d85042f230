"""What learning must never break: signs, symmetry, rates."""

import numpy as np
import pytest
from reference_einet import Weights as EINetWeights
from reference_einet import learn as learn_einet
from reference_sailnet import Weights as SAILnetWeights
from reference_sailnet import learn as learn_sailnet
from spiking_cases import BATCH, einet, mixtures, patches, sailnet

from neurosim.networks.spiking.einet import EINet
from neurosim.networks.spiking.sailnet import SAILnet

STIMULI = patches(12 * BATCH, seed=4)
PATHWAYS = ("excite_", "inhibit_", "disinhibit_")


def pieces(n_pieces):
    return np.array_split(STIMULI, n_pieces)


def test_no_weight_of_the_einet_ever_has_the_wrong_sign(backend):
    net = einet(backend=backend, learning_rate=1.0, inhibitory_rate=0.4)
    lowest = []
    for piece in pieces(12):
        net.partial_fit(piece)
        for pathway in PATHWAYS:
            assert getattr(net, pathway).min() >= 0, pathway
        assert not np.diag(net.disinhibit_).any()
        lowest.append([(getattr(net, pathway) == 0).mean() for pathway in PATHWAYS])
    # The bound was reached, and not by everything.
    assert (np.max(lowest, axis=0) > 0).all()
    assert all(getattr(net, pathway).max() > 0.1 for pathway in PATHWAYS)


def test_without_the_constraint_weights_of_the_einet_would_cross_zero():
    net = einet(learning_rate=1.0, inhibitory_rate=0.4).partial_fit(STIMULI[:BATCH])
    options = {"batch_size": BATCH, "targets": (0.1, 0.4), "learning_rate": 1.0}
    free, _ = learn_einet(STIMULI[BATCH : 3 * BATCH], EINetWeights.of(net), constrained=False, **options)
    assert min(pathway.min() for pathway in free.pathways()) < -0.05


def test_inhibition_in_sailnet_is_symmetric_not_negative_and_never_of_oneself(backend):
    net = sailnet(backend=backend)
    for piece in pieces(4):
        net.partial_fit(piece)
        np.testing.assert_allclose(net.lateral_, net.lateral_.T, atol=1e-12)
        assert net.lateral_.min() >= 0
        assert not np.diag(net.lateral_).any()
    assert net.lateral_.max() > 0.1
    assert (net.lateral_ == 0).mean() > 0.05


def test_without_the_constraints_sailnet_would_excite_and_inhibit_itself():
    net = sailnet().partial_fit(STIMULI[:BATCH])
    options = {"batch_size": BATCH, "target": 0.2, "rates": (0.01, 1.0, 0.1)}
    free, _ = learn_sailnet(STIMULI[:BATCH], SAILnetWeights.of(net), constrained=False, **options)
    assert free.lateral.min() < 0
    assert np.diag(free.lateral).min() > 0


def rates_of(net, stimuli):
    return {name: counts.mean(axis=0) for name, counts in net.spike_counts(stimuli).items()}


HASTY = {"field_rate": 0.3, "lateral_rate": 3.0, "learning_rate_schedule": "late", "random_state": 0}


def test_thresholds_bring_sailnet_to_its_target_rate_with_every_neuron_alive():
    stimuli = mixtures(20000)
    net = SAILnet(16, homeostasis_rate=1.0, backend="numpy", **HASTY).fit(stimuli)
    rates = rates_of(net, stimuli[:5000])["neurons"]
    assert abs(rates.mean() - 0.05) <= 0.005
    assert rates.min() > 0.02
    assert net.dead_neurons_.size == 0
    assert np.ptp(net.thresholds_) > 0.05


def test_without_homeostasis_sailnet_leaves_the_target_rate():
    stimuli = mixtures(5000)
    net = SAILnet(16, homeostasis="none", backend="numpy", **HASTY).fit(stimuli)
    np.testing.assert_array_equal(net.thresholds_, 2)
    assert abs(rates_of(net, stimuli)["neurons"].mean() - 0.05) > 0.01


@pytest.mark.slow
def test_sailnet_with_the_published_constants_keeps_its_rate(compiled_backend):
    stimuli = mixtures(20000, n_pixels=36)
    net = SAILnet(30, n_epochs=15, backend=compiled_backend, random_state=0).fit(stimuli)
    rates = rates_of(net, stimuli)["neurons"]
    assert abs(rates.mean() - 0.05) <= 0.005
    assert rates.min() > 0.02


@pytest.mark.slow
def test_both_populations_of_the_einet_keep_their_rates(compiled_backend):
    stimuli = mixtures(20000, n_pixels=36)
    options = {"n_inhibitory": 6, "learning_rate": 0.2, "backend": compiled_backend, "random_state": 0}
    net = EINet(30, n_epochs=10, **options).fit(stimuli)
    rates = rates_of(net, stimuli)
    # Spikes per time constant, of which a stimulus is shown for five.
    assert rates["excitatory"].mean() / 5 == pytest.approx(0.02, rel=0.1)
    assert rates["inhibitory"].mean() / 5 == pytest.approx(0.04, rel=0.1)
    started = EINet(30, **options | {"homeostasis": "none", "learning_rate": 0.0}).fit(stimuli)
    assert rates_of(started, stimuli)["inhibitory"].mean() / 5 != pytest.approx(0.04, rel=0.2)
