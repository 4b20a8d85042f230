"""The three spiking networks fire the same spikes on every backend, and however a presentation is simulated."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from spiking_cases import BATCH, NETWORKS, learned, patches

from neurosim.engine.backend import require_backend
from neurosim.engine.errors import BackendError
from neurosim.networks.spiking.circuit import build_spiking_circuit
from neurosim.networks.spiking.run import show_spiking

# The last batch is not full.
STIMULI = patches(6 * BATCH - 7, seed=1)
FEW = STIMULI[:5]


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


@functools.cache
def trained(name, backend):
    return NETWORKS[name](backend=backend).fit(STIMULI)


def check_same_learning(name, backend):
    plain, net = trained(name, "numpy"), trained(name, backend)
    np.testing.assert_array_equal(net.history_["spikes"], plain.history_["spikes"])
    np.testing.assert_array_equal(net.usage_, plain.usage_)
    np.testing.assert_allclose(net.history_["objective"], plain.history_["objective"], rtol=1e-10)
    for attribute, values in learned(net).items():
        np.testing.assert_allclose(
            values, learned(plain)[attribute], rtol=1e-10, atol=1e-12, err_msg=attribute
        )
    counts, expected = (each.spike_counts(STIMULI) for each in (net, plain))
    for population in counts:
        np.testing.assert_array_equal(counts[population], expected[population])
        assert expected[population].sum() > 100


def test_learning_and_counts_are_the_same_in_compiled_code():
    try:
        require_backend("cython")
    except BackendError as error:
        pytest.skip(str(error))
    check_same_learning("SAILnet", "cython")


@pytest.mark.slow
def test_learning_and_counts_are_the_same_on_every_backend(name, compiled_backend):
    check_same_learning(name, compiled_backend)


def check_same_spikes(name, backend):
    plain, net = trained(name, "numpy"), trained(name, backend)
    for record in ("spikes", "inhibitory.spikes")[: 1 + (name == "E-I Net")]:
        tables = [each.simulate(FEW, record=record) for each in (plain, net)]
        order = [np.lexsort((t["neuron"], t["stimulus"], t["time"])) for t in tables]
        for column in ("stimulus", "neuron"):
            np.testing.assert_array_equal(
                *(t[column].to_numpy()[k] for t, k in zip(tables, order, strict=True))
            )
        np.testing.assert_allclose(*(t["time"].to_numpy() for t in tables), rtol=1e-12)
        assert len(tables[0]["time"]) > 10


@pytest.mark.slow
def test_spike_times_are_the_same_on_every_backend(name, compiled_backend):
    check_same_spikes(name, compiled_backend)


@pytest.mark.slow
def test_a_whole_presentation_fires_and_learns_as_brian2_does_step_by_step(name, compiled_backend):
    net = NETWORKS[name](backend=compiled_backend).partial_fit(STIMULI[: 2 * BATCH])
    design = net._design(25, dtype=np.float64, backend=compiled_backend, n_replicas=BATCH, capacity=6)
    ends = []
    for step_by_step in (False, True):
        circuit = build_spiking_circuit(replace(design, step_by_step=step_by_step))
        assert circuit.step_by_step == step_by_step
        net._load(circuit)
        rates = net._rates(circuit) | net._constants(circuit)
        schedules = {variable: np.full(6, rate) for variable, rate in rates.items()}
        shown = show_spiking(circuit, STIMULI, timing=net._timing(), schedules=schedules)
        counts = {key: values.copy() for key, values in shown.counts.items()}
        weights = {key: circuit.program.read(w.variable) for key, w in circuit.parts.weights.items()}
        ends.append((counts, weights))
        assert (shown.work[0] > 0) != step_by_step
    for found, expected in zip(*ends, strict=True):
        for key, values in expected.items():
            np.testing.assert_allclose(found[key], values, rtol=1e-12, atol=1e-13, err_msg=key)
    assert sum(counts.sum() for counts in ends[0][0].values()) > 100


@pytest.mark.slow
def test_single_precision_nearly_agrees(name, compiled_backend):
    stimuli = STIMULI.astype(np.float32)
    plain, net = trained(name, "numpy"), NETWORKS[name](backend=compiled_backend)
    net.set_params(learning_rate=0.0).fit(stimuli)
    for attribute, values in learned(plain).items():
        setattr(net, attribute, values.astype(np.float32))
    counts, expected = net.spike_counts(stimuli), plain.spike_counts(STIMULI)
    for population in counts:
        assert counts[population].dtype == np.float32
        # A membrane that rounding puts on the other side of its threshold changes what follows.
        assert (counts[population] != expected[population]).mean() < 0.02
