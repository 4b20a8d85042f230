"""Refractory period, noise, delay and the user's own terms do what they say, in every network that has them."""

import functools

import numpy as np
import pytest
from reference_einet import Weights as EINetWeights
from reference_einet import counts_of as einet_counts
from reference_sailnet import Weights as SAILnetWeights
from reference_sailnet import counts_of as sailnet_counts
from spiking_cases import BATCH, einet, learned, patches, sailnet, spiking_lca, started

STIMULI = patches(2 * BATCH, seed=7)
LOUD = 6 * STIMULI[:6]
# Shown as loud as they are.
NETWORKS = {
    "SAILnet": functools.partial(sailnet, standardise=False),
    "E-I Net": functools.partial(einet, standardise=False),
    "spiking LCA": spiking_lca,
}
DT = {"SAILnet": 1e-3, "E-I Net": 1e-3, "spiking LCA": 5e-5}


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


def intervals(table):
    """Times between the spikes of one neuron in one presentation."""
    order = np.lexsort((table["time"], table["neuron"], table["stimulus"]))
    time, neuron, stimulus = (table[key].to_numpy()[order] for key in ("time", "neuron", "stimulus"))
    same = (np.diff(neuron) == 0) & (np.diff(stimulus) == 0)
    return np.diff(time)[same]


# Refractory period.


def test_no_two_spikes_of_a_neuron_are_closer_than_the_dead_time(name):
    dead, net = 4 * DT[name], started(NETWORKS[name](), STIMULI)
    free = intervals(net.simulate(LOUD)).min()
    found = intervals(net.set_params(refractory=f"{dead} s").simulate(LOUD)).min()
    assert free == pytest.approx(DT[name])
    # And it may fire again as soon as it is over.
    assert found == pytest.approx(dead)


def test_a_dead_time_between_two_steps_is_rounded_up(name):
    net = started(NETWORKS[name](), STIMULI).set_params(refractory=f"{2.3 * DT[name]} s")
    assert intervals(net.simulate(LOUD)).min() == pytest.approx(3 * DT[name])


def test_both_populations_of_the_einet_are_refractory():
    net = started(einet(initial_threshold=0.3), STIMULI)
    before, after = (
        intervals(net.set_params(refractory=dead).simulate(LOUD, record="inhibitory.spikes")).min()
        for dead in (None, "3 ms")
    )
    assert (before, after) == (pytest.approx(1e-3), pytest.approx(3e-3))


def test_a_neuron_is_ready_when_the_next_stimulus_appears():
    net = started(sailnet(refractory="200 ms", batch_size=1, standardise=False), STIMULI)
    counts = net.transform(LOUD)
    np.testing.assert_array_equal(counts, net.transform(LOUD[::-1])[::-1])
    assert counts.max() == 1
    assert (counts.sum(axis=1) > 1).all()


def test_a_refractory_membrane_goes_on_integrating():
    net = sailnet(refractory="4 ms", lateral_rate=2.0, standardise=False).partial_fit(STIMULI)
    expected = sailnet_counts(LOUD, SAILnetWeights.of(net), dead_steps=4)
    np.testing.assert_array_equal(net.transform(LOUD), expected)
    assert (expected != sailnet_counts(LOUD, SAILnetWeights.of(net))).any()


@pytest.mark.slow
def test_the_refractory_period_is_the_same_in_compiled_code(name, compiled_backend):
    nets = [NETWORKS[name](backend=b, refractory=f"{3 * DT[name]} s") for b in ("numpy", compiled_backend)]
    counts = [net.partial_fit(STIMULI).spike_counts(LOUD) for net in nets]
    for population, expected in counts[0].items():
        np.testing.assert_array_equal(counts[1][population], expected)
    for attribute, values in learned(nets[0]).items():
        np.testing.assert_allclose(learned(nets[1])[attribute], values, rtol=1e-10, atol=1e-12)


# Noise.


def silent_membranes(make, **changed):
    """Membrane potentials of neurons that never fire and see nothing."""
    net = started(make(initial_threshold=1e9, **changed), STIMULI)
    return net.simulate(np.zeros((BATCH, 25)), record=("u",))["u"].to_numpy()


@pytest.mark.parametrize("make", [sailnet, einet])
@pytest.mark.parametrize("tau", ["10 ms", "3 ms"])
def test_noise_gives_a_membrane_that_cannot_fire_its_standard_deviation(make, tau):
    u = silent_membranes(make, noise=0.3, tau=tau, presentation="250 ms")[80:]
    assert u.std() == pytest.approx(0.3, rel=0.03)
    assert abs(u.mean()) < 0.02
    # Each step keeps the share that the leak leaves.
    step = 1 / int(tau.removesuffix(" ms"))
    kept = 1 - step if make is sailnet else np.exp(-step)
    assert np.corrcoef(u[:-1].ravel(), u[1:].ravel())[0, 1] == pytest.approx(kept, abs=0.01)


@pytest.mark.parametrize("dt", ["0.05 ms", "0.1 ms"])
def test_noise_lets_a_membrane_without_leak_walk(dt):
    net = spiking_lca(charge=1e9, threshold=0.0, noise=0.3, dt=dt, presentation="5 ms").partial_fit(STIMULI)
    u = net.simulate(np.zeros((BATCH, 25)), record=("u",))["u"].to_numpy()
    per_tau = round(1 / float(dt.removesuffix(" ms")))
    for n_tau in (1, 4):
        spread = u[n_tau * per_tau].std()
        assert spread == pytest.approx(0.3 * np.sqrt(n_tau), rel=0.08)


def test_next_to_no_noise_changes_nothing(name):
    net = NETWORKS[name]().partial_fit(STIMULI)
    plain = net.spike_counts(STIMULI)
    for population, counts in net.set_params(noise=1e-13).spike_counts(STIMULI).items():
        np.testing.assert_array_equal(counts, plain[population])
    assert any(
        (counts != plain[key]).any()
        for key, counts in net.set_params(noise=0.3).spike_counts(STIMULI).items()
    )


def test_noise_differs_between_stimuli_and_seeds_and_comes_back_with_the_seed(name, backend):
    net = NETWORKS[name](noise=0.3, backend=backend).partial_fit(STIMULI)
    same = np.tile(STIMULI[:1], (BATCH, 1))
    first, second = (net.transform(same) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.ptp(first, axis=0).max() > 0
    assert (net.set_params(random_state=1).transform(same) != first).any()


# Delay: a spike is felt one step later without it, and so many steps later with it.


@pytest.mark.parametrize("n_steps", [1, 3])
def test_spikes_of_sailnet_are_felt_that_much_later(n_steps, backend):
    net = sailnet(lateral_rate=2.0, delay=f"{n_steps} ms", backend=backend).partial_fit(STIMULI)
    expected = sailnet_counts(STIMULI[:20], SAILnetWeights.of(net), delay=n_steps)
    np.testing.assert_array_equal(net.transform(STIMULI[:20]), expected)
    assert (expected != sailnet_counts(STIMULI[:20], SAILnetWeights.of(net))).any()


@pytest.mark.parametrize("n_steps", [1, 3])
def test_spikes_of_the_einet_are_felt_that_much_later_at_every_synapse(n_steps, backend):
    net = einet(learning_rate=0.5, delay=f"{n_steps} ms", backend=backend).partial_fit(STIMULI)
    # Strong enough for every synapse to change what the others do.
    net.inhibit_, net.disinhibit_ = 3 * net.inhibit_, net.disinhibit_ + 0.2 * (1 - np.eye(5))
    expected = einet_counts(STIMULI[:20], EINetWeights.of(net), delay=n_steps)
    at_once = einet_counts(STIMULI[:20], EINetWeights.of(net))
    for k, counts in enumerate(net.spike_counts(STIMULI[:20]).values()):
        np.testing.assert_array_equal(counts, expected[k])
        assert (expected[k] != at_once[k]).any()


@pytest.mark.parametrize("n_steps", [0, 3])
def test_spikes_of_the_spiking_lca_are_felt_that_much_later(n_steps):
    delay = {"delay": f"{n_steps * 5e-5} s"} if n_steps else {}
    net = spiking_lca(**delay).partial_fit(STIMULI)
    inhibition = net.simulate(STIMULI[:6], record=("inhibition",))["inhibition"].to_numpy()
    spikes, table = np.zeros((100, 6, 40)), net.simulate(STIMULI[:6])
    np.add.at(spikes, (np.rint(table["time"] / 5e-5).astype(int), table["stimulus"], table["neuron"]), 1)
    both = np.concatenate([net.dictionary_, -net.dictionary_])
    arrived = inhibition[1:] - np.exp(-0.05) * inhibition[:-1]
    sent = (spikes @ (both @ both.T - np.eye(40)))[: 99 - n_steps]
    np.testing.assert_allclose(arrived[n_steps:], sent, atol=1e-9)
    assert not arrived[:n_steps].any()


def test_spikes_on_their_way_when_a_stimulus_ends_do_not_reach_the_next():
    net = sailnet(delay="7 ms").partial_fit(STIMULI)
    apart = np.concatenate([net.transform(part) for part in (LOUD[:3], LOUD[3:])])
    one_by_one = net.set_params(batch_size=1).transform(LOUD)
    np.testing.assert_array_equal(one_by_one, apart)
    assert (apart != net.set_params(delay=None).transform(LOUD)).any()


def test_a_delay_between_two_steps_is_refused(name):
    net = NETWORKS[name](delay=f"{2.5 * DT[name]} s")
    with pytest.raises(ValueError, match=r"delay: expected a whole number of time steps of .*, got "):
        net.fit(STIMULI)


# The user's own terms.

ADAPTATION = {"membrane_terms": "- strength*g", "extra_equations": "dg/dt = (n - g)/(20*ms) : 1"}


def test_a_constant_term_is_a_weaker_drive():
    net = started(sailnet(), STIMULI)
    expected = sailnet_counts(STIMULI[:20], SAILnetWeights.of(net), subtracted=0.3)
    net.set_params(membrane_terms="- shift", namespace={"shift": 0.3})
    np.testing.assert_array_equal(net.transform(STIMULI[:20]), expected)
    # Its value is part of the circuit: another one is another circuit.
    net.set_params(namespace={"shift": 0.1})
    assert (net.transform(STIMULI[:20]) != expected).any()


@pytest.mark.filterwarnings("ignore:.* make a neuron fire in every step")
def test_adaptation_lowers_the_rate_and_starts_anew_with_each_stimulus(name):
    net = NETWORKS[name]().partial_fit(STIMULI)
    # A spiking LCA has no more spikes to send than one a step.
    loud = LOUD / (6 if name == "spiking LCA" else 2)
    plain = np.abs(net.transform(loud)).sum()
    net.set_params(namespace={"strength": 0.2}, **ADAPTATION)
    adapted = net.transform(loud)
    assert np.abs(adapted).sum() < 0.95 * plain
    np.testing.assert_array_equal(net.set_params(batch_size=2).transform(loud), adapted)
    trace = net.simulate(loud, record=("g", "n"))
    assert not trace["g"][0].any()
    dt, tau = DT[name], 20e-3
    g, n = trace["g"].to_numpy(), trace["n"].to_numpy()
    kept = 1 - dt / tau if name == "SAILnet" else np.exp(-dt / tau)
    np.testing.assert_allclose(g[1:], kept * g[:-1] + (1 - kept) * n[:-1], atol=1e-9)


@pytest.mark.slow
def test_adaptation_is_the_same_in_compiled_code(name, compiled_backend):
    options = {"namespace": {"strength": 0.2}, **ADAPTATION}
    counts = [
        NETWORKS[name](backend=b, **options).partial_fit(STIMULI).spike_counts(LOUD)
        for b in ("numpy", compiled_backend)
    ]
    for population, expected in counts[0].items():
        np.testing.assert_array_equal(counts[1][population], expected)
