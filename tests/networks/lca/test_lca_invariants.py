"""What must not change, or change only in one direction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_lca import random_dictionary, random_stimuli

from neurosim.networks import LCA

N_NEURONS, N_PIXELS, N_STIMULI = 24, 16, 6
RNG = np.random.default_rng(11)
DICTIONARY = random_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = random_stimuli(N_STIMULI, N_PIXELS, RNG)


def network(dictionary=DICTIONARY, **changed):
    parameters = {"threshold": 0.1, "batch_size": N_STIMULI, **changed}
    return LCA.from_dictionary(dictionary, **parameters)


def energies(**changed):
    """Objective of the activity at every step, shape (n_steps, n_stimuli)."""
    net = network(presentation="100 ms", **changed)
    activity = net.simulate(STIMULI, record=("a",))["a"].to_numpy()
    return np.array([net.objective(STIMULI, code) for code in activity])


@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("kind", ["soft", "hard", "firm"])
def test_the_energy_never_rises_with_a_small_step(kind, form):
    energy = energies(threshold_kind=kind, form=form, dt="0.1 ms")
    assert np.diff(energy, axis=0).max() <= 1e-12
    assert (energy[-1] < energy[0]).all()


@pytest.mark.filterwarnings("ignore:dt = 0.008 s exceeds the stability bound")
def test_the_energy_rises_with_a_step_beyond_the_bound():
    assert np.diff(energies(dt="8 ms"), axis=0).max() > 1


@settings(max_examples=10)
@given(order=st.permutations(range(N_NEURONS)))
def test_permuting_neurons_permutes_the_code(order):
    code, permuted = network().transform(STIMULI), network(DICTIONARY[order]).transform(STIMULI)
    np.testing.assert_allclose(permuted, code[:, order], atol=1e-12)


def test_a_signed_population_answers_the_negative_stimulus_with_the_negative_code():
    code = network().transform(STIMULI)
    np.testing.assert_array_equal(network().transform(-STIMULI), -code)
    assert (code < 0).any()


def test_a_one_sided_population_does_not():
    net = network(nonnegative=True)
    code, opposite = net.transform(STIMULI), net.transform(-STIMULI)
    assert (code >= 0).all()
    assert (opposite >= 0).all()
    assert not np.allclose(opposite, code, atol=0.05)


@settings(max_examples=10)
@given(flips=st.lists(st.sampled_from([-1.0, 1.0]), min_size=N_NEURONS, max_size=N_NEURONS))
def test_turning_a_field_over_turns_its_activity_over(flips):
    flipped = network(np.array(flips)[:, np.newaxis] * DICTIONARY).transform(STIMULI)
    np.testing.assert_allclose(flipped, network().transform(STIMULI) * flips, atol=1e-12)


@pytest.mark.parametrize("kind", ["soft", "hard", "firm"])
@settings(max_examples=10)
@given(factor=st.floats(1e-3, 1e3))
def test_stimulus_and_threshold_scaled_together_scale_the_code(kind, factor):
    code = network(threshold_kind=kind).transform(STIMULI)
    scaled = network(threshold_kind=kind, threshold=0.1 * factor).transform(factor * STIMULI)
    np.testing.assert_allclose(scaled, factor * code, atol=1e-9 * factor)


def test_a_stimulus_scaled_alone_does_not_scale_the_code():
    assert not np.allclose(network().transform(3 * STIMULI), 3 * network().transform(STIMULI), atol=0.05)


def test_rotating_pixel_space_leaves_the_code():
    rotation = np.linalg.qr(RNG.standard_normal((N_PIXELS, N_PIXELS)))[0]
    rotated = network(DICTIONARY @ rotation).transform(STIMULI @ rotation)
    np.testing.assert_allclose(rotated, network().transform(STIMULI), atol=1e-10)


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_a_code_does_not_depend_on_the_other_stimuli_of_its_batch(form):
    together = network(form=form).transform(STIMULI)
    alone = np.concatenate([network(form=form).transform(stimulus[np.newaxis]) for stimulus in STIMULI])
    np.testing.assert_allclose(alone, together, atol=1e-12)


def test_more_threshold_means_no_more_cost_weighted_activity():
    totals = [np.abs(network(threshold=t).transform(STIMULI)).sum(axis=1) for t in (0.05, 0.1, 0.2, 0.4)]
    assert (np.diff(totals, axis=0) <= 1e-9).all()


def test_a_blank_stimulus_leaves_the_population_silent():
    np.testing.assert_array_equal(network().transform(np.zeros((1, N_PIXELS))), np.zeros((1, N_NEURONS)))
