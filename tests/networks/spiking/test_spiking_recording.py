"""Spikes and traces of a presentation: they belong together, and the traces obey the equations."""

import numpy as np
import pytest
from spiking_cases import BATCH, N_INHIBITORY, N_NEURONS, NETWORKS, einet, patches, sailnet, spiking_lca

STIMULI = patches(3 * BATCH, seed=3)
FEW = STIMULI[:7]


@pytest.fixture(params=NETWORKS)
def net(request):
    return NETWORKS[request.param]().partial_fit(STIMULI)


def counted(table):
    counts = np.zeros((table.attrs["n_stimuli"], table.attrs["n_neurons"]))
    np.add.at(counts, (table["stimulus"].to_numpy(), table["neuron"].to_numpy()), 1)
    return counts


def fired(net, table):
    """Spikes as zeros and ones, time × stimulus × neuron."""
    timing = net._timing()
    spikes = np.zeros((timing.n_steps, table.attrs["n_stimuli"], table.attrs["n_neurons"]))
    steps = np.rint(table["time"].to_numpy() / timing.dt).astype(int)
    np.add.at(spikes, (steps, table["stimulus"].to_numpy(), table["neuron"].to_numpy()), 1)
    return spikes


def test_the_spikes_of_every_population_are_those_that_are_counted(net):
    for population, counts in net.spike_counts(FEW).items():
        table = net.simulate(FEW, record=f"{population}.spikes")
        np.testing.assert_array_equal(counted(table), counts)
        assert counts.sum() > 10
    np.testing.assert_array_equal(counted(net.simulate(FEW)), next(iter(net.spike_counts(FEW).values())))


def test_the_table_of_spikes_is_sorted_and_says_what_was_shown(net):
    table = net.simulate(FEW)
    assert set(table) == {"time", "stimulus", "neuron"}
    assert table["time"].dims == ("spike",)
    times = table["time"].to_numpy()
    assert (np.diff(times) >= 0).all()
    timing = net._timing()
    assert times.min() >= 0
    assert times.max() < timing.n_steps * timing.dt
    n_sending = N_NEURONS * 2 if "pairs" in net.get_params() else N_NEURONS
    assert table.attrs == {
        "n_stimuli": 7, "n_neurons": n_sending, "duration": pytest.approx(timing.n_steps * timing.dt),
    }  # fmt: skip


def test_spikes_of_the_inhibitory_population_have_its_size():
    table = einet().partial_fit(STIMULI).simulate(FEW, record="inhibitory.spikes")
    assert table.attrs["n_neurons"] == N_INHIBITORY
    assert table["neuron"].max() < N_INHIBITORY


def test_traces_are_labelled_start_at_rest_and_can_be_thinned(net):
    full, thin = (net.simulate(FEW, record=("u", "n"), every=every) for every in (1, 7))
    timing = net._timing()
    assert full["u"].dims == ("time", "stimulus", "neuron")
    np.testing.assert_allclose(full["time"], timing.dt * np.arange(timing.n_steps), atol=1e-12)
    assert full["time"].attrs["units"] == "s"
    assert not full["u"][0].any()
    assert not full["n"][0].any()
    for name in full:
        np.testing.assert_array_equal(thin[name], full[name][::7])


def test_counts_in_a_trace_are_the_spikes_so_far(net):
    spikes = fired(net, net.simulate(FEW))
    n = net.simulate(FEW, record=("n",))["n"].to_numpy()
    np.testing.assert_array_equal(np.diff(n, axis=0), spikes[:-1])


def test_the_membranes_of_sailnet_obey_its_equation():
    net = sailnet().partial_fit(STIMULI)
    traces = net.simulate(FEW, record=("u", "inhibition", "drive", "theta", "gain"))
    spikes = fired(net, net.simulate(FEW))
    u, inhibition, drive = (traces[name].to_numpy() for name in ("u", "inhibition", "drive"))
    np.testing.assert_allclose(drive[-1], FEW @ net.dictionary_.T, atol=1e-12)
    before = np.concatenate([np.zeros_like(spikes[:1]), spikes[:-1]])
    np.testing.assert_allclose(inhibition, before @ net.lateral_, atol=1e-12)
    reached = 0.9 * u + 0.1 * (drive - inhibition)
    np.testing.assert_array_equal(spikes, reached >= net.thresholds_)
    np.testing.assert_allclose(u[1:], np.where(spikes, 0, reached)[:-1], atol=1e-12)
    np.testing.assert_array_equal(traces["theta"][3, 2], net.thresholds_)
    assert inhibition.max() > 0.1


def test_the_membranes_of_the_excitatory_cells_obey_their_equation():
    net = einet().partial_fit(STIMULI)
    traces = net.simulate(FEW, record=("u", "inhibition", "drive"))
    excitatory, inhibitory = (
        fired(net, net.simulate(FEW, record=r)) for r in ("spikes", "inhibitory.spikes")
    )
    u, inhibition, drive = (traces[name].to_numpy() for name in ("u", "inhibition", "drive"))
    before = np.concatenate([np.zeros_like(inhibitory[:1]), inhibitory[:-1]])
    np.testing.assert_allclose(inhibition, before @ net.inhibit_, atol=1e-12)
    reached = np.exp(-0.1) * u + 0.1 * drive - inhibition
    np.testing.assert_array_equal(excitatory, reached >= net.thresholds_)
    np.testing.assert_allclose(u[1:], np.where(excitatory, 0, reached)[:-1], atol=1e-12)
    assert inhibition.max() > 0.01


def test_the_membranes_of_the_spiking_lca_integrate_what_exceeds_the_threshold():
    net = spiking_lca().partial_fit(STIMULI)
    traces = net.simulate(FEW, record=("u", "inhibition", "drive", "a"))
    spikes = fired(net, net.simulate(FEW))
    u, inhibition, drive = (traces[name].to_numpy() for name in ("u", "inhibition", "drive"))
    both = np.concatenate([net.dictionary_, -net.dictionary_])
    np.testing.assert_allclose(drive[-1], FEW @ both.T, atol=1e-12)
    # A spike's current decays by exp(-dt/tau), dt being a twentieth of tau, and arrives a step later.
    current = inhibition[1:] - np.exp(-0.05) * inhibition[:-1]
    np.testing.assert_allclose(current, (spikes @ (both @ both.T - np.eye(40)))[:-1], atol=1e-9)
    passed = 0.2 * (1 - np.exp(-0.05)) / 0.05 * inhibition
    grown = u + 0.05 * (drive - passed - 1.0)
    np.testing.assert_allclose(u[1:], (grown - 0.2 * spikes)[:-1], atol=1e-9)
    np.testing.assert_allclose(np.diff(traces["a"], axis=0), 0.04 * spikes[:-1], atol=1e-12)


def test_a_monitor_of_the_users_own_sees_the_assembled_network(net):
    from brian2 import SpikeMonitor

    from neurosim.engine.backend import activated
    from neurosim.networks.spiking.run import show_spiking

    circuit = net.assemble(n_replicas=7)
    population = circuit.design.populations[0].name
    with activated("numpy"):
        monitor = SpikeMonitor(circuit.parts.groups[population], name="users_own")
        circuit.network.add(monitor)
    shown = show_spiking(circuit, FEW, timing=net._timing())
    np.testing.assert_array_equal(shown.counts[population], net.spike_counts(FEW)[population])
    # Once more in the step in which the presentation ends.
    assert shown.counts[population].sum() <= len(circuit.program.read(monitor.variables["i"]))
