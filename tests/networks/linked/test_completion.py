"""Recall completed to the patterns it is nearest to: closed forms, and the rule against plain loops and gradients."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, Synapses, ms
from scipy.special import logsumexp, softmax

from neurosim.networks.linked.completion import (
    completed,
    known_patterns,
    learned_recall,
    pattern_of,
    settled_competition,
)

RNG = np.random.default_rng(3)
PATTERNS = RNG.random((4, 9))
RECALLED = RNG.random((20, 9))
CODE = RNG.random((20, 6)) * (RNG.random((20, 6)) < 0.5)
WHICH = RNG.integers(4, size=20)
START = RNG.normal(size=(6, 9))
ALL = np.arange(20)


def learned(*, sharpness=5.0, batches=((ALL, 0.3),), start=START, patterns=PATTERNS, which=WHICH):
    return learned_recall(start, CODE, which, patterns, sharpness=sharpness, batches=batches)


def test_very_sharp_completion_is_the_nearest_pattern():
    patterns = PATTERNS / np.linalg.norm(PATTERNS, axis=1, keepdims=True)
    distances = np.linalg.norm(RECALLED[:, np.newaxis] - patterns, axis=2)
    nearest = patterns[distances.argmin(axis=1)]
    np.testing.assert_allclose(completed(RECALLED, patterns, sharpness=1e6), nearest, atol=1e-12)
    assert np.abs(completed(RECALLED, patterns, sharpness=1.0) - nearest).max() > 0.1


def test_completion_without_sharpness_is_the_mean_pattern():
    mean = np.tile(PATTERNS.mean(axis=0), (20, 1))
    np.testing.assert_allclose(completed(RECALLED, PATTERNS, sharpness=0.0), mean, atol=1e-14)


def test_completion_is_a_softmax_of_overlaps_and_depends_on_no_unit():
    overlaps = RECALLED @ PATTERNS.T / np.square(PATTERNS).sum(axis=1).mean()
    expected = softmax(7 * overlaps, axis=1) @ PATTERNS
    np.testing.assert_allclose(completed(RECALLED, PATTERNS, sharpness=7.0), expected, rtol=1e-12)
    louder = completed(100 * RECALLED, 100 * PATTERNS, sharpness=7.0)
    np.testing.assert_allclose(louder, 100 * expected, rtol=1e-12)


def test_a_pattern_that_is_recalled_stays_as_it_is():
    apart = 3 * np.eye(4)
    np.testing.assert_allclose(completed(apart, apart, sharpness=50.0), apart, atol=1e-12)


def test_the_competition_takes_any_excitation():
    excitation = np.array([[1e4, 1e4 - 1, -1e4]])
    np.testing.assert_allclose(settled_competition(excitation), softmax(excitation, axis=1), atol=1e-15)


def test_membranes_that_compete_through_one_inhibitory_neuron_settle_there():
    excitation = np.array([1.5, 0.3, -0.4, 1.1])
    printed = NeuronGroup(
        4, "du/dt = (b - n - u)/tau : 1\nq = exp(u) : 1\nb : 1\nn : 1\ntau : second (shared)", method="euler"
    )
    pool = NeuronGroup(1, "dn/dt = (total - 1)/tau : 1\ntotal : 1\ntau : second (shared)", method="euler")
    printed.b, printed.tau, pool.tau = excitation, 10 * ms, 10 * ms
    drive = Synapses(printed, pool, "total_post = q_pre : 1 (summed)")
    inhibit = Synapses(pool, printed, "n_post = n_pre : 1 (summed)")
    for pathway in (drive, inhibit):
        pathway.connect()
    network = Network(printed, pool, drive, inhibit)
    network.run(500 * ms, namespace={})
    np.testing.assert_allclose(printed.q[:], settled_competition(excitation[np.newaxis])[0], atol=1e-6)
    np.testing.assert_allclose(pool.n[0], logsumexp(excitation), atol=1e-6)


def test_weights_learn_as_plain_loops_over_pixels_say():
    batches = [(ALL[k::3], 0.3 / (1 + k)) for k in range(3)] * 2
    weights = START.copy()
    for rows, rate in batches:
        residual = PATTERNS[WHICH[rows]] - completed(CODE[rows] @ weights, PATTERNS, sharpness=5.0)
        weights += rate * CODE[rows].T @ residual / len(rows)
    np.testing.assert_allclose(learned(batches=batches), weights, atol=1e-12)
    assert np.abs(weights - START).max() > 0.01


def test_the_rule_follows_the_gradient_of_the_logarithm_of_the_right_print_neurons_activity():
    gain = 5.0 / np.square(PATTERNS).sum(axis=1).mean()

    def likelihood(weights):
        q = settled_competition(gain * CODE @ weights @ PATTERNS.T)
        return np.log(q[ALL, WHICH]).mean()

    step = (learned(batches=[(ALL, 1.0)]) - START) * gain
    for place in [(0, 0), (3, 4), (5, 8)]:
        nudge = np.zeros_like(START)
        nudge[place] = 1e-5
        slope = (likelihood(START + nudge) - likelihood(START - nudge)) / 2e-5
        assert slope == pytest.approx(step[place], rel=1e-5)


def test_without_sharpness_the_rule_is_hebbian_on_what_differs_from_the_mean_pattern():
    hebbian = CODE.T @ (PATTERNS[WHICH] - PATTERNS.mean(axis=0)) / 20
    np.testing.assert_allclose(learned(sharpness=0.0) - START, 0.3 * hebbian, atol=1e-12)


def test_of_a_single_pattern_there_is_nothing_to_learn():
    one = PATTERNS[:1]
    np.testing.assert_array_equal(learned(patterns=one, which=np.zeros(20, dtype=int)), START)


def test_a_silent_neuron_learns_nothing():
    silent = CODE * (np.arange(6) != 2)
    after = learned_recall(START, silent, WHICH, PATTERNS, sharpness=5.0, batches=[(ALL, 0.3)])
    np.testing.assert_array_equal(after[2], START[2])
    assert (after[[0, 1, 3, 4, 5]] != START[[0, 1, 3, 4, 5]]).any(axis=1).all()


def test_patterns_are_known_in_the_order_in_which_they_came():
    which = np.array([2, 2, 0, 1, 3, 0, 1, 3, 2, 1, 0, 3])
    known = known_patterns("print", PATTERNS[which])
    np.testing.assert_array_equal(known, PATTERNS[[2, 0, 1, 3]])
    np.testing.assert_array_equal(known[pattern_of("print", PATTERNS[which], known)], PATTERNS[which])


def test_what_is_seen_once_is_no_pattern():
    message = r"completion\['print'\]: expected a modality of few patterns.* got 20 different ones among 20"
    with pytest.raises(ValueError, match=message):
        known_patterns("print", RECALLED)


def test_another_pattern_than_those_known_is_refused_with_its_place():
    with pytest.raises(ValueError, match=r"print: expected one of the 4 patterns .* another at stimulus 1"):
        pattern_of("print", np.vstack([PATTERNS[2], 2 * PATTERNS[0]]), PATTERNS)
