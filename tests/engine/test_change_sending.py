"""Neurons send changes of activity larger than epsilon; steps grow, shrink on the way back, and end at rest."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from looped_network import TAU, Course, LoopedNetwork, inhibition
from numpy.testing import assert_allclose, assert_array_equal
from reference_presentation import present

N, N_REPLICAS, LEVEL = 17, 6, 0.5
RNG = np.random.default_rng(41)
WEIGHTS = inhibition(N, RNG)
STIMULI = 2 * RNG.standard_normal((1, N_REPLICAS, N))


@cache
def network(backend: str, *, float_dtype: Any = np.float64) -> LoopedNetwork:
    return LoopedNetwork(backend, WEIGHTS, n_replicas=N_REPLICAS, float_dtype=float_dtype)


def shown(
    backend: str, epsilon: float, tolerance: float, *, dt: float = 1e-3, longest: float = 5e-3
) -> Course:
    return network(backend).show(STIMULI, pace=(dt, longest, 0.4), bounds=(tolerance, 1e6, epsilon))


# Two implementations.


@pytest.mark.parametrize("longest", [1e-3, 5e-3])
@pytest.mark.parametrize(
    ("epsilon", "tolerance"), [(1e-7, 0), (0.02, 0.02), (0.05, 0.01), (0, 1e-3), (0.02, 0.2)]
)
def test_every_stimulus_takes_the_steps_of_the_plain_loops(
    runtime_backend: str, epsilon: float, tolerance: float, longest: float
) -> None:
    found = shown(runtime_backend, epsilon, tolerance, longest=longest)
    plain = [
        present(
            stimulus, WEIGHTS, level=LEVEL, tau=TAU, pace=(1e-3, longest, 0.4),
            epsilon=epsilon, tolerance=tolerance,
        )
        for stimulus in STIMULI[0]
    ]  # fmt: skip
    assert_allclose(found.at_end["u"][0], [each.u for each in plain], rtol=1e-9, atol=1e-9)
    assert_allclose(found.at_end["a"][0], [each.a for each in plain], rtol=1e-9, atol=1e-9)
    assert_allclose(found.elapsed, [each.seconds for each in plain], rtol=1e-12)
    assert found.n_steps == sum(each.n_steps for each in plain)
    assert found.n_sent == sum(each.n_sent for each in plain)


def test_numpy_and_compiled_code_take_the_same_steps_and_send_the_same(cython: str) -> None:
    courses = [shown(backend, 0.01, 0.01) for backend in ("numpy", cython)]
    assert_allclose(courses[1].at_end["u"], courses[0].at_end["u"], rtol=1e-9, atol=1e-9)
    assert_allclose(courses[1].elapsed, courses[0].elapsed, rtol=1e-12)
    assert (courses[1].n_steps, courses[1].n_sent) == (courses[0].n_steps, courses[0].n_sent)


def test_single_precision_comes_to_the_same_end() -> None:
    options = {"pace": (1e-3, 5e-3, 0.4), "bounds": (0.02, 1e6, 0.02)}
    single = network("numpy", float_dtype=np.float32).show(STIMULI, **options)
    assert single.at_end["a"].dtype == np.float32
    # A change that rounds to the other side of epsilon may be sent later; each is worth less than epsilon.
    assert_allclose(single.at_end["a"], shown("numpy", 0.02, 0.02).at_end["a"], atol=0.02)


# Counted by hand: without inhibition, steps of half the time constant make u = s (1 - 2**-k).

HALF = (TAU / 2, TAU / 2, 1.0)


@cache
def pair(backend: str) -> LoopedNetwork:
    """Two neurons, of which the first inhibits the second with weight 1/2."""
    return LoopedNetwork(backend, [[0, 0.5], [0, 0]], n_replicas=2)


def test_a_pair_of_neurons_sends_and_rests_as_counted_by_hand(runtime_backend: str) -> None:
    # Activity of the first, by step: 0 0 .25 .375 .4375 .46875 .484375 .4921875; of the second, nothing.
    # It sends .25, .375 and .484375, the first further than .1 from what was sent before. After step 7 nobody sends,
    # and its goal of .5 is no further than .1 from .484375.
    stimulus = [1.0, 0.3]
    found = pair(runtime_backend).show([[stimulus, [0, 0]]], pace=HALF, bounds=(0.1, 1e6, 0.1))
    assert_array_equal(found.elapsed, [7 * TAU / 2, 0])
    assert (found.n_steps, found.n_sent) == (7, 3)
    assert_array_equal(found.at_end["u"][0], [[1, 0.3 - 0.484375 / 2], [0, 0]])
    assert_array_equal(found.at_end["a"][0], [[0.5, 0], [0, 0]])


def test_a_pair_of_neurons_that_sends_everything_is_counted_by_hand(runtime_backend: str) -> None:
    # u of the second: 0 .15 .225 .2 .15625; it is silent. The first sends .25 at step 2 and .125 more at step 3; at
    # the end, step 4, nobody sends any more.
    found = pair(runtime_backend).show([[[1.0, 0.3], [0, 0]]], pace=HALF, n_steps=4)
    assert_allclose(found.at_end["u"][0, 0], [0.9375, 0.15625], rtol=1e-15)
    assert (found.n_steps, found.n_sent) == (8, 2)
    assert_array_equal(found.elapsed, [4 * TAU / 2] * 2)


def test_a_change_of_exactly_epsilon_is_not_sent(runtime_backend: str) -> None:
    for epsilon, n_sent in ((0.25, 0), (0.25 - 1e-9, 1)):
        found = pair(runtime_backend).show(
            [[[1.0, 0], [0, 0]]], pace=HALF, n_steps=3, bounds=(0, 1e6, epsilon)
        )
        assert found.n_sent == n_sent


def test_a_lone_neuron_takes_growing_steps_until_its_time_is_up(runtime_backend: str) -> None:
    # Nothing swings back, so that steps, which begin above a fifth of the longest, are multiplied by 1.2 up to it.
    shortest, longest, duration = 1e-3, 3e-3, 0.05
    steps, seconds = [], 0.0
    while seconds < duration:
        steps.append(min(longest, shortest * 1.2 ** len(steps), duration - seconds))
        seconds += steps[-1]
    found = pair(runtime_backend).show(
        [[[0.4, 0], [0, 0]]], pace=(shortest, longest, duration), bounds=(0, 1e6, 0.01)
    )
    # The last step is cut short: no stimulus is shown for longer than it was to be.
    assert_allclose(found.elapsed, duration, rtol=1e-12)
    assert found.at_end["u"][0, 0, 0] == pytest.approx(0.4 * (1 - np.prod(1 - np.array(steps) / TAU)))
    assert found.n_steps == 2 * len(steps)


def test_a_silent_neuron_rests_at_once(runtime_backend: str) -> None:
    # From rest to u = .4 its activity stays zero, so nobody has to wait for it.
    found = pair(runtime_backend).show([[[0.4, 0], [0.4, 0.4]]], pace=HALF, bounds=(0.01, 1e6, 0.01))
    assert_array_equal(found.elapsed, 0)
    assert_array_equal(found.at_end["u"][0], [[0.4, 0], [0.4, 0.4]])


# Consequences.


@pytest.mark.parametrize("epsilon", [0.01, 0.03, 0.1])
def test_what_neurons_receive_is_off_by_what_was_not_sent_at_most(
    runtime_backend: str, epsilon: float
) -> None:
    found = shown(runtime_backend, epsilon, epsilon)
    received = STIMULI - found.at_end["u"]
    unsaid = np.abs(received - found.at_end["a"] @ WEIGHTS)
    assert (unsaid <= epsilon * np.abs(WEIGHTS).sum(axis=0) * (1 + 1e-9)).all()
    assert unsaid.max() > 0.1 * epsilon


def test_fewer_changes_are_sent_the_larger_epsilon_is() -> None:
    sent = [shown("numpy", epsilon, 0).n_sent for epsilon in (0, 1e-3, 1e-2, 1e-1)]
    assert sent == sorted(sent, reverse=True)
    assert sent[-1] < sent[0] / 5


def test_steps_that_grow_settle_where_the_longest_would_swing_for_ever() -> None:
    # Five neurons that inhibit each other by .9: their common mode bears steps of 2 tau / 4.6 at most.
    net = LoopedNetwork("numpy", 0.9 * (1 - np.eye(5)), n_replicas=1)
    stimulus = np.full((1, 1, 5), 3.0)
    short, growing, longest = (
        net.show(stimulus, pace=(*steps, 0.4), bounds=(0, 1e6, 1e-3))
        for steps in ((5e-4, 5e-4), (5e-4, 5e-3), (5e-3, 5e-3))
    )
    settled = 2.5 / 4.6
    for course in (short, growing):
        assert_allclose(course.at_end["a"], settled, atol=0.01)
    assert np.abs(longest.at_end["a"] - settled).min() > 0.1
    assert growing.n_steps < short.n_steps / 2


def test_a_crowd_that_would_swing_as_one_comes_to_rest(runtime_backend: str) -> None:
    # A hundred neurons that inhibit each other by .99 bear steps of .02 tau; a growing step that all of them take
    # together overshoots thirtyfold, and would again and again if the growth did not learn from it.
    n, tau = 100, 1e-2
    net = LoopedNetwork(runtime_backend, 0.99 * (1 - np.eye(n)), n_replicas=1)
    stimulus = 1.5 + 0.01 * np.random.default_rng(0).random((1, 1, n))
    found = net.show(stimulus, pace=(1.8 * tau / n, tau / 2, 0.4), bounds=(0, 1e6, 1e-3))
    exact = (stimulus.sum() - LEVEL * n) / (1 + 0.99 * (n - 1))
    assert_allclose(found.at_end["a"].sum(), exact, atol=0.05)
