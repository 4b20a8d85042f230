"""Each kind of homeostasis against its formula, and what it does to the rates of a network."""

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, ms
from spiking_cases import NETWORKS, patches, sailnet

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.presentation import CONTROL, Presentation
from neurosim.engine.program import Program
from neurosim.networks.spiking.homeostasis import Homeostasis

N_REPLICAS, N, VALID, RATES = 4, 6, (4, 3, 1), (0.3, 0.1, 0.5)
RNG = np.random.default_rng(9)
COUNTS = RNG.integers(0, 4, (N_REPLICAS, N)).astype(float)
DRIVES = RNG.standard_normal((N_REPLICAS, N)) + 0.5
START = {name: 0.5 + RNG.random(N) for name in ("theta", "gain", "memory")}
TARGET = 0.4


def adapted(kind, backend, dtype=np.float64):
    """Thresholds or gains of every replica, and the memory, after three batches of which ever fewer stimuli count."""
    with activated(backend, float_dtype=dtype):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        clock = Clock(1 * ms, name="adapting_clock")
        equations = "n : 1\ntheta : 1\ngain : 1\ndrive : 1\nx : 1"
        group = NeuronGroup(N_REPLICAS * N, equations, clock=clock, name="adapting", namespace={})
        presentation = Presentation(
            group, "x", n_replicas=N_REPLICAS, capacity=3, collected={}, reset=[], watched=(group, "x"), settling="x",
            name="adapting_presentation",
        )  # fmt: skip
        rule = Homeostasis(kind, group, N, presentation=presentation, name="adapt")
        program = Program(
            Network(group, presentation.scheduled(clock)), clock=clock, backend=backend, float_dtype=dtype
        )
        control = np.zeros(len(CONTROL), dtype=int)
        for place, value in {"n_presentations": 3, "n_steps": 1, "learning": 2, "bad_step": -1}.items():
            control[CONTROL[place]] = value
        written = {presentation.block.array("control"): control, presentation.block.array("valid"): VALID}
        written |= {rule.rate: RATES, rule.target: [TARGET], rule.memory: START["memory"]}
        written |= {group.variables[name]: np.tile(START[name], N_REPLICAS) for name in ("theta", "gain")}
        written |= {group.variables["n"]: COUNTS, group.variables["drive"]: DRIVES}
        for variable, values in written.items():
            program.write(variable, values)
        program.run(dt=1e-3)
        name = "theta" if kind == "threshold" else "gain"
        return program.read(group.variables[name]).reshape(N_REPLICAS, N), program.read(rule.memory)


def by_hand(kind):
    """The same, one neuron at a time."""
    value = START["theta" if kind == "threshold" else "gain"].copy()
    memory = START["memory"].copy()
    for valid, rate in zip(VALID, RATES, strict=True):
        level = sum(memory) / N
        for i in range(N):
            counts, drives = COUNTS[:valid, i], DRIVES[:valid, i]
            if kind == "threshold":
                value[i] += rate * (sum(counts) / valid - TARGET)
            elif kind == "variance_gain":
                memory[i] += 0.02 * (sum(counts**2) / valid - memory[i])
                value[i] *= (TARGET / memory[i]) ** rate
            else:
                memory[i] += rate * level * (sum(drives > memory[i]) / valid - TARGET)
        if kind == "equalisation":
            value = sum(memory) / N / memory
    return value, memory


KINDS = ("threshold", "variance_gain", "equalisation")


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_is_its_formula_in_every_replica(kind, backend):
    value, memory = adapted(kind, backend)
    expected, remembered = by_hand(kind)
    np.testing.assert_allclose(value, np.tile(expected, (N_REPLICAS, 1)), rtol=1e-12)
    np.testing.assert_allclose(memory, remembered, rtol=1e-12)
    assert np.abs(expected / START["theta" if kind == "threshold" else "gain"] - 1).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_keeps_single_precision(kind, backend):
    value, _ = adapted(kind, backend, np.float32)
    assert value.dtype == np.float32
    np.testing.assert_allclose(value[0], by_hand(kind)[0], rtol=1e-5)


# In a network whose neurons see one pixel each, of very different contrast.

# Contrast is what a network that standardises each stimulus would not see.
CONTRAST = np.geomspace(0.5, 2, 12)
UNIT = np.sqrt((CONTRAST**2).mean())


def lone_neurons(homeostasis, n_stimuli=8000, **changed):
    stimuli = np.random.default_rng(10).standard_normal((n_stimuli, 12)) * CONTRAST
    options = {
        "initial_dictionary": np.eye(12), "field_rate": 0.0, "lateral_rate": 0.0, "target_rate": 0.1,
        "initial_threshold": 1.5 / UNIT, "batch_size": 100, "homeostasis": homeostasis, "standardise": False, **changed,
    }  # fmt: skip
    net = sailnet(12, **options).fit(stimuli)
    return net, net.transform(stimuli[-4000:])


def test_without_homeostasis_rates_follow_the_contrast():
    net, counts = lone_neurons("none", n_stimuli=4000)
    rates = counts.mean(axis=0)
    assert rates[0] < 0.02
    assert rates[-1] > 0.4
    np.testing.assert_array_equal(net.gains_, 1)
    np.testing.assert_array_equal(net.thresholds_, 1.5 / UNIT)


def test_thresholds_bring_every_neuron_to_the_target_rate():
    net, counts = lone_neurons("threshold", homeostasis_rate=0.5)
    np.testing.assert_allclose(counts.mean(axis=0), 0.1, atol=0.04)
    # A neuron that sees twice the contrast has about twice the threshold.
    assert net.thresholds_[-1] / net.thresholds_[0] == pytest.approx(4, rel=0.25)
    np.testing.assert_array_equal(net.gains_, 1)


def test_variance_gain_brings_every_neuron_to_the_target_mean_square():
    changed = {"homeostasis_rate": 0.01, "target_rate": 0.2, "batch_size": 20, "dt": "4 ms"}
    net, counts = lone_neurons("variance_gain", n_stimuli=12000, **changed)
    np.testing.assert_allclose((counts**2).mean(axis=0), 0.2, atol=0.12)
    assert (counts**2).mean() == pytest.approx(0.2, rel=0.2)
    assert net.gains_[0] / net.gains_[-1] == pytest.approx(4, rel=0.25)
    np.testing.assert_array_equal(net.thresholds_, 1.5 / UNIT)


def test_equalisation_makes_gains_inverse_to_the_contrast():
    net, counts = lone_neurons("equalisation", homeostasis_rate=0.1, target_rate=0.2)
    # The level that a normal drive exceeds in a fifth of all cases is .84 standard deviations.
    np.testing.assert_allclose(net.memory_, 0.8416 * CONTRAST / UNIT, rtol=0.25)
    np.testing.assert_allclose(net.gains_, net.memory_.mean() / net.memory_, rtol=1e-12)
    assert np.ptp(counts.mean(axis=0)) < 0.2
    assert np.ptp(lone_neurons("none", n_stimuli=4000)[1].mean(axis=0)) > 0.4


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*KINDS, "none"])
def test_a_network_learns_the_same_with_any_homeostasis_in_compiled_code(kind, compiled_backend):
    stimuli = patches(200, seed=11)
    nets = [sailnet(homeostasis=kind, backend=b).fit(stimuli) for b in ("numpy", compiled_backend)]
    names = ("dictionary_", "lateral_", "thresholds_", "gains_", *(("memory_",) if kind != "none" else ()))
    for name in names:
        first, second = (getattr(net, name) for net in nets)
        np.testing.assert_allclose(second, first, rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(*(net.transform(stimuli) for net in nets))


@pytest.mark.parametrize("kind", [*KINDS, "none"])
def test_what_homeostasis_remembers_goes_on_from_piece_to_piece(kind):
    stimuli = patches(240, seed=11)
    whole = sailnet(homeostasis=kind).partial_fit(stimuli)
    parts = sailnet(homeostasis=kind).partial_fit(stimuli[:80]).partial_fit(stimuli[80:])
    for name in ("thresholds_", "gains_", "dictionary_", "lateral_"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    assert hasattr(whole, "memory_") == (kind != "none")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fitted_network_can_change_its_homeostasis(kind):
    stimuli = patches(80, seed=11)
    for before in ("none", "threshold"):
        net = sailnet(homeostasis=before).fit(stimuli)
        counts = net.transform(stimuli)
        np.testing.assert_array_equal(net.set_params(homeostasis=kind).transform(stimuli), counts)
        start = net.gains_.copy(), net.thresholds_.copy()
        net.partial_fit(stimuli)
        changed = [(now != was).any() for now, was in zip((net.gains_, net.thresholds_), start, strict=True)]
        assert changed == ([False, True] if kind == "threshold" else [True, False])
        if kind == "equalisation":
            # A level of drives, which start from the threshold, and no mean square count.
            assert net.memory_.mean() > 0.5


def test_the_einet_without_homeostasis_keeps_its_thresholds():
    net = NETWORKS["E-I Net"](homeostasis="none").fit(patches(80))
    np.testing.assert_array_equal(net.thresholds_, 1)
    np.testing.assert_array_equal(net.inhibitory_thresholds_, 1)
