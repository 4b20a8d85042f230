"""E-I Net agrees with plain loops of the paper's equations to the last spike."""

import numpy as np
from reference_einet import N_STEPS, Weights, counts_of, learn, spikes_of
from spiking_cases import BATCH, N_INHIBITORY, N_NEURONS, einet, learned, patches, started

# The last batch is not full.
STIMULI = patches(5 * BATCH - 7)
PAPER = {"batch_size": BATCH, "targets": (0.1, 0.2)}


def test_learning_agrees_with_the_plain_loops(backend):
    net = started(einet(backend=backend, learning_rate=0.3), STIMULI)
    start = Weights.of(net)
    expected, counts = learn(STIMULI, start, learning_rate=0.3, **PAPER)
    net.partial_fit(STIMULI)
    for name, values in learned(net).items():
        np.testing.assert_allclose(values, getattr(expected, name[:-1]), atol=1e-12, err_msg=name)
        assert np.abs(values - getattr(start, name[:-1])).max() > 0.01, name
    per_batch = [counts[0][k : k + BATCH].mean() for k in range(0, len(STIMULI), BATCH)]
    np.testing.assert_allclose(net.history_["spikes"][-5:], per_batch)
    assert counts[1].sum() > 100


def test_counts_of_both_populations_agree_with_the_plain_loops(backend):
    net = einet(backend=backend, learning_rate=0.3).partial_fit(STIMULI)
    expected, found = counts_of(STIMULI[:50], Weights.of(net)), net.spike_counts(STIMULI[:50])
    for k, name in enumerate(("excitatory", "inhibitory")):
        np.testing.assert_array_equal(found[name], expected[k])
        assert expected[k].sum() > 50


def test_spike_times_of_both_populations_agree_with_the_plain_loops():
    net = einet(learning_rate=0.3).partial_fit(STIMULI)
    few, weights = STIMULI[:9], Weights.of(net)
    plain = [spikes_of(stimulus, weights) for stimulus in few]
    for k, (name, size) in enumerate({"excitatory": N_NEURONS, "inhibitory": N_INHIBITORY}.items()):
        table = net.simulate(few, record=f"{name}.spikes")
        spikes = np.zeros((9, N_STEPS, size))
        np.add.at(spikes, (table["stimulus"], np.rint(table["time"] / 1e-3).astype(int), table["neuron"]), 1)
        np.testing.assert_array_equal(spikes, [pair[k] for pair in plain])


def test_fit_draws_the_first_excitation_and_then_the_order_of_the_stimuli():
    start = np.eye(25)[:N_NEURONS]
    net = einet(
        initial_dictionary=start, random_state=np.random.default_rng(4), learning_rate=0.3, n_epochs=2
    ).fit(STIMULI)
    rng = np.random.default_rng(4)
    zeros = (np.zeros((N_INHIBITORY, N_NEURONS)), np.zeros((N_INHIBITORY, N_INHIBITORY)))
    drawn = rng.random((N_NEURONS, N_INHIBITORY))
    weights = Weights(start, drawn, *zeros, np.ones(N_NEURONS), np.ones(N_INHIBITORY))
    order = np.concatenate([rng.permutation(len(STIMULI)) for _ in range(2)])
    expected, _ = learn(STIMULI[order], weights, learning_rate=0.3, **PAPER)
    for name, values in learned(net).items():
        np.testing.assert_allclose(values, getattr(expected, name[:-1]), atol=1e-12, err_msg=name)


def test_rates_are_spikes_per_time_constant_however_long_a_stimulus_is_shown():
    short = started(einet(initial_threshold=0.3, presentation="30 ms"), STIMULI)
    thresholds = short.thresholds_.copy()
    counts = short.transform(STIMULI[:BATCH])
    short.set_params(learning_rate=1.0).partial_fit(STIMULI[:BATCH])
    # A tenth of a spike in each of three time constants.
    np.testing.assert_allclose(short.thresholds_, thresholds + counts.mean(axis=0) - 0.3, atol=1e-12)


def test_the_published_constants_are_the_defaults():
    parameters = type(einet())().get_params()
    published = {
        "n_neurons": 400, "n_inhibitory": 49, "target_rate": 0.02, "inhibitory_rate": 0.04, "initial_threshold": 2.0,
        "field_rate": 0.2, "excite_rate": 0.7, "inhibit_rate": 0.7, "disinhibit_rate": 1.5, "batch_size": 100,
        "homeostasis_rate": 1.0, "learning_rate": 0.1, "tau": "10 ms", "tau_inhibitory": "5 ms", "dt": "1 ms",
        "presentation": "50 ms",
    }  # fmt: skip
    assert {name: parameters[name] for name in published} == published
