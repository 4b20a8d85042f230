"""A presentation simulated replica by replica is the one that Brian2 takes step by step."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from looped_network import SOFT, TAU, Course, LoopedNetwork, inhibition
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_info, threadpool_limits

# Two states, constants (one infinite, one with the name of a size), and every kind of variable and function.
RICH = """
du/dt = (s - u - gain*g - received - shift*(1 - exp(-abs(u))))/tau : 1
dg/dt = (pull - g)/(slow*tau) : 1
a = sign(u)*clip(abs(u) - level, 0, cap)*int(on) : 1 (constant over dt)
pull = a/(1 + weight*n_looped)*int(abs(u) > level) : 1 (constant over dt)
s : 1
received : 1
shift : 1
weight : integer
on : boolean
tau : second (shared)
level : 1 (shared)
"""
CONSTANTS = {"gain": 0.5, "slow": 5, "cap": np.inf, "n_looped": 2}
N, N_BATCHES, N_REPLICAS = 19, 2, 5
RNG = np.random.default_rng(12)
WEIGHTS = inhibition(N, RNG)
STIMULI = 2 * RNG.standard_normal((N_BATCHES, N_REPLICAS, N))
GIVEN = {
    "shift": RNG.standard_normal((N_REPLICAS, N)) / 5,
    "weight": RNG.integers(0, 3, (N_REPLICAS, N)),
    "on": RNG.random((N_REPLICAS, N)) < 0.8,
}
NETWORKS = {"soft": {}, "rich": {"equations": RICH, "namespace": CONSTANTS}}
RTOL = {np.float64: 1e-12, np.float32: 1e-5}
# Steps that grow, changes that are left out, and an end once nobody would send.
SHORTCUTS = {"pace": (1e-3, 5e-3, 1.0), "bounds": (0.05, 1e6, 0.05)}


@cache
def network(backend: str, kind: str = "soft", dtype: Any = np.float64, **options: Any) -> LoopedNetwork:
    shape = {"n_replicas": N_REPLICAS, "capacity": N_BATCHES, **options}
    return LoopedNetwork(backend, WEIGHTS, float_dtype=dtype, **NETWORKS[kind], **shape)


def every_step(net: LoopedNetwork, n_steps: int = 43) -> Course:
    return net.show(STIMULI, given=GIVEN, n_steps=n_steps)


def assert_same_course(found: Course, expected: Course, rtol: float) -> None:
    assert found.at_end.keys() == expected.at_end.keys()
    for name, values in expected.at_end.items():
        assert np.abs(values).max() > 0.1
        assert_allclose(found.at_end[name], values, rtol=rtol, atol=rtol, err_msg=name)
    assert_allclose(found.durations, expected.durations, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", NETWORKS)
def test_every_state_ends_where_the_step_by_step_simulation_ends(kind: str, dtype: Any) -> None:
    found, expected = (every_step(network("numpy", kind, dtype, whole=whole)) for whole in (True, False))
    assert_same_course(found, expected, RTOL[dtype])


@pytest.mark.parametrize(
    ("kind", "dtype"), [("soft", np.float64), ("rich", np.float64), ("rich", np.float32)]
)
def test_compiled_presentations_end_there_too(cython: str, kind: str, dtype: Any) -> None:
    expected = every_step(network("numpy", kind, dtype, whole=False))
    assert_same_course(every_step(network(cython, kind, dtype)), expected, RTOL[dtype])


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", NETWORKS)
def test_both_ways_agree_within_every_compiled_backend(compiled_backend: str, kind: str, dtype: Any) -> None:
    # Not from the cache: standalone has one network at a time.
    built = network.__wrapped__
    found, expected = (every_step(built(compiled_backend, kind, dtype, whole=w)) for w in (True, False))
    assert_same_course(found, expected, RTOL[dtype])


def test_another_number_of_steps_ends_elsewhere() -> None:
    found, other = every_step(network("numpy", "rich")), every_step(network("numpy", "rich"), 42)
    assert all(np.abs(found.at_end[name] - other.at_end[name]).max() > 1e-6 for name in found.at_end)


# Replicas do not see each other.


def _alone(backend: str, stimulus: Any) -> Course:
    return network(backend, n_replicas=1, capacity=1).show(stimulus[np.newaxis, np.newaxis], **SHORTCUTS)


def test_a_stimulus_does_not_see_the_others_of_its_batch(runtime_backend: str) -> None:
    net = network(runtime_backend)
    found, turned = (net.show(stimuli, **SHORTCUTS) for stimuli in (STIMULI[:1], STIMULI[:1, ::-1]))
    assert len(set(found.elapsed)) > 1
    # On numpy the products of another batch may round otherwise.
    equal = assert_array_equal if runtime_backend == "cython" else assert_nearly_equal
    assert_array_equal(turned.elapsed, found.elapsed[::-1])
    for name, values in found.at_end.items():
        equal(turned.at_end[name], values[:, ::-1])
        for replica in range(N_REPLICAS):
            equal(_alone(runtime_backend, STIMULI[0, replica]).at_end[name][0, 0], values[0, replica])


def assert_nearly_equal(found: Any, expected: Any) -> None:
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_replicas_do_not_depend_on_the_number_of_threads(cython: str) -> None:
    net = network(cython)
    found = net.show(STIMULI, **SHORTCUTS)
    if not any(pool["user_api"] == "openmp" and pool["num_threads"] > 1 for pool in threadpool_info()):
        pytest.skip("one thread only")
    with threadpool_limits(limits=1, user_api="openmp"):
        single = net.show(STIMULI, **SHORTCUTS)
    assert_array_equal(single.elapsed, found.elapsed)
    assert (single.n_steps, single.n_sent) == (found.n_steps, found.n_sent)
    for name, values in found.at_end.items():
        assert_array_equal(single.at_end[name], values)


def test_replicas_that_do_not_count_are_left_at_rest(runtime_backend: str) -> None:
    found = network(runtime_backend).show(STIMULI, n_valid=2, n_steps=20)
    assert_array_equal(found.at_end["u"][1, 2:], 0)
    assert np.abs(found.at_end["u"][1, :2]).min() > 0
    assert found.n_steps == 20 * (N_REPLICAS + 2)
    assert found.durations == pytest.approx([0.02, 0.02])


# The ends of a presentation.


def test_an_early_end_is_where_endless_time_would_lead(runtime_backend: str) -> None:
    net = network(runtime_backend)
    early = net.show(STIMULI, **SHORTCUTS)
    _, *rest = SHORTCUTS["bounds"]
    endless = net.show(STIMULI, pace=SHORTCUTS["pace"], bounds=(0, *rest))
    assert (early.durations < 0.2).all()
    assert (endless.durations >= 1).all()
    assert early.n_sent == endless.n_sent
    for name, values in endless.at_end.items():
        assert_allclose(early.at_end[name], values, rtol=1e-12, atol=1e-12)
    # What is left to go at that time is no rounding: without the jump the end would be elsewhere.
    halted = net.show(STIMULI, pace=(1e-3, 5e-3, early.elapsed.min()), bounds=(0, *rest))
    assert np.abs(halted.at_end["u"] - early.at_end["u"]).max() > 1e-3


def test_a_presentation_does_not_end_early_while_another_state_still_moves(backend: str) -> None:
    # z follows ten times as slowly and feeds back into nothing.
    net = LoopedNetwork(backend, WEIGHTS, equations=SOFT + "dz/dt = (u - z)/(10*tau) : 1\n")
    found = net.show(STIMULI[:1, :2], **SHORTCUTS)
    assert (found.elapsed >= 1).all()
    assert_allclose(found.at_end["z"], found.at_end["u"], rtol=1e-3, atol=1e-3)


def test_neurons_that_send_their_membrane_itself_are_shown_to_the_end(backend: str) -> None:
    # u rests where it cancels its input: u + W.T u = s.
    equations = SOFT.replace("a = clip(u - level, 0, inf) : 1 (constant over dt)\n", "")
    weights = WEIGHTS / 3
    net = LoopedNetwork(backend, weights, equations=equations, transmits="u")
    found = net.show(STIMULI[:1, :2], pace=(1e-3, 1e-3, 1.0), bounds=(1e-6, 1e6, 1e-6))
    expected = np.linalg.solve(np.eye(N) + weights.T, STIMULI[0, :2].T).T
    assert_allclose(found.at_end["u"][0], expected, atol=1e-4)


def test_asking_whether_a_membrane_is_about_to_rest_changes_nothing(backend: str) -> None:
    # b feeds back into the membrane; with a tolerance too small to be met the answer is always no.
    equations = SOFT.replace("- received)", "- received - b)") + "b = u/2 : 1 (constant over dt)\n"
    net = LoopedNetwork(backend, WEIGHTS / 3, equations=equations, rest="s - received - b")
    pace = (1e-3, 5e-3, 0.2)
    asked, never = (
        net.show(STIMULI[:1, :2], pace=pace, bounds=(tolerance, 1e6, 0.05)) for tolerance in (1e-300, 0)
    )
    assert_array_equal(asked.elapsed, never.elapsed)
    for name, values in never.at_end.items():
        assert_array_equal(asked.at_end[name], values)


def test_membranes_are_carried_over_from_batch_to_batch(runtime_backend: str) -> None:
    same = np.repeat(STIMULI[:1], 2, axis=0)
    net = network(runtime_backend)
    carried = net.show(same, n_steps=15, carry_over=True)
    for batch, n_steps in enumerate((15, 30)):
        longer = net.show(same[:1], n_steps=n_steps)
        assert_allclose(carried.at_end["u"][batch], longer.at_end["u"][0], rtol=1e-12, atol=1e-12)
    assert np.abs(carried.at_end["u"][1] - carried.at_end["u"][0]).max() > 0.1


# Steps that are too long. Without inhibition a step of three time constants makes u = s (1 - (-2)**k).


@cache
def unstable(backend: str, *, whole: bool = True) -> LoopedNetwork:
    return LoopedNetwork(backend, np.zeros((N, N)), whole=whole, n_replicas=3, capacity=2)


TOO_LONG = (3 * TAU, 3 * TAU, np.inf)


@pytest.mark.parametrize(("limit", "step"), [(100, 8), (300, 16), (1e5, 24)])
def test_a_divergence_names_the_first_step_and_neuron_beyond_the_limit(
    runtime_backend: str, limit: float, step: int
) -> None:
    stimuli = np.zeros((2, 3, N))
    stimuli[1, 1:, 4:] = 1.0
    found = unstable(runtime_backend).show(stimuli, pace=TOO_LONG, bounds=(0, limit, 0), n_steps=30)
    assert (found.shown, found.bad_step, found.bad_neuron) == (1, step, N + 4)


def test_the_earliest_divergence_is_named_and_not_that_of_the_first_replica(runtime_backend: str) -> None:
    stimuli = np.zeros((1, 3, N))
    stimuli[0, 0], stimuli[0, 2, 7] = 0.1, 1.0
    named = [
        (course.bad_step, course.bad_neuron)
        for course in (
            net.show(stimuli, pace=TOO_LONG, bounds=(0, 100, 0), n_steps=30)
            for net in (unstable(runtime_backend), unstable("numpy", whole=False))
        )
    ]
    assert named == [(8, 2 * N + 7)] * 2


def test_a_divergence_is_seen_at_the_end_of_a_short_presentation(runtime_backend: str) -> None:
    stimuli = np.ones((1, 3, N))
    shown = unstable(runtime_backend).show(stimuli, pace=TOO_LONG, bounds=(0, 5, 0), n_steps=3)
    assert (shown.bad_step, shown.bad_neuron) == (3, 0)


def test_a_value_that_is_no_number_does_not_pass_for_rest(runtime_backend: str) -> None:
    # Nobody else has anything to send, so that the population seems to rest at once.
    stimuli = np.zeros((1, 3, N))
    stimuli[0, 1, 5] = np.nan
    found = unstable(runtime_backend).show(stimuli, **SHORTCUTS)
    assert (found.shown, found.bad_step, found.bad_neuron // N) == (0, 8, 1)
