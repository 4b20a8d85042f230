"""SAILnet agrees with plain loops of the paper's equations to the last spike."""

import numpy as np
import pytest
from reference_sailnet import Weights, counts_of, learn, spikes_of
from spiking_cases import BATCH, N_NEURONS, N_PIXELS, patches, sailnet, started

# The last batch is not full.
STIMULI = patches(5 * BATCH - 7)
RATES = {"field_rate": 0.05, "lateral_rate": 2.0, "homeostasis_rate": 0.3}
PAPER = {"batch_size": BATCH, "target": 0.2, "rates": tuple(RATES.values())}


def assert_learned(net, expected):
    np.testing.assert_allclose(net.dictionary_, expected.fields, atol=1e-12)
    np.testing.assert_allclose(net.lateral_, expected.lateral, atol=1e-12)
    np.testing.assert_allclose(net.thresholds_, expected.thresholds, atol=1e-12)


def test_learning_agrees_with_the_plain_loops(backend):
    net = started(sailnet(backend=backend, **RATES), STIMULI)
    start = Weights.of(net)
    expected, counts = learn(STIMULI, start, **PAPER)
    net.partial_fit(STIMULI)
    assert_learned(net, expected)
    assert np.abs(expected.fields - start.fields).max() > 0.05
    assert np.abs(expected.thresholds - start.thresholds).max() > 0.05
    assert expected.lateral.max() > 0.1
    per_batch = [counts[k : k + BATCH].mean() for k in range(0, len(counts), BATCH)]
    np.testing.assert_allclose(net.history_["spikes"][-5:], per_batch)


def test_counts_agree_with_the_plain_loops(backend):
    net = sailnet(backend=backend, **RATES).partial_fit(STIMULI)
    expected = counts_of(STIMULI[:50], Weights.of(net))
    np.testing.assert_array_equal(net.transform(STIMULI[:50]), expected)
    assert expected.sum() > 100


def test_spike_times_agree_with_the_plain_loops():
    net = sailnet(**RATES).partial_fit(STIMULI)
    few, weights = STIMULI[:9], Weights.of(net)
    table = net.simulate(few, record="spikes")
    spikes = np.zeros((9, 50, N_NEURONS))
    np.add.at(spikes, (table["stimulus"], np.rint(table["time"] / 1e-3).astype(int), table["neuron"]), 1)
    np.testing.assert_array_equal(spikes, [spikes_of(stimulus, weights) for stimulus in few])


def test_fit_learns_from_the_stimuli_in_the_order_it_draws():
    start = np.linalg.qr(np.random.default_rng(3).standard_normal((N_PIXELS, N_PIXELS)))[0][:N_NEURONS]
    net = sailnet(initial_dictionary=start, random_state=np.random.default_rng(4), **RATES).fit(STIMULI)
    silent = Weights(start, np.zeros((N_NEURONS, N_NEURONS)), np.ones(N_NEURONS))
    shuffled = STIMULI[np.random.default_rng(4).permutation(len(STIMULI))]
    assert_learned(net, learn(shuffled, silent, **PAPER)[0])
    in_order = learn(STIMULI, silent, **PAPER)[0]
    assert np.abs(net.dictionary_ - in_order.fields).max() > 1e-3


@pytest.mark.parametrize(("tau", "eta"), [("10 ms", 0.1), ("5 ms", 0.2), ("20 ms", 0.05)])
def test_the_papers_step_is_dt_over_tau(tau, eta):
    net = started(sailnet(tau=tau, initial_threshold=0.7), STIMULI)
    expected = counts_of(STIMULI[:20], Weights.of(net), eta=eta)
    np.testing.assert_array_equal(net.transform(STIMULI[:20]), expected)
    assert np.any(expected != counts_of(STIMULI[:20], Weights.of(net), eta=0.11))


def test_the_published_constants_are_the_defaults():
    parameters = type(sailnet())().get_params()
    published = {
        "n_neurons": 256, "target_rate": 0.05, "initial_threshold": 2.0, "field_rate": 0.01, "lateral_rate": 1.0,
        "homeostasis_rate": 0.1, "batch_size": 100, "homeostasis": "threshold", "tau": "10 ms", "dt": "1 ms",
        "presentation": "50 ms", "noise": 0.0, "refractory": None, "delay": None,
    }  # fmt: skip
    assert {name: parameters[name] for name in published} == published


def test_the_sketched_mistake_of_doubled_inhibition_would_be_seen():
    net = sailnet(**RATES).partial_fit(STIMULI)
    weights = Weights.of(net)
    weights.lateral *= 2
    assert np.any(net.transform(STIMULI[:50]) != counts_of(STIMULI[:50], weights))
