"""Reading stimuli from counts, and what is done to stimuli and random states at the door."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking_cases import BATCH, patches, sailnet

from neurosim.networks.estimator.training_data import generator, seed_of
from neurosim.networks.spiking.reconstruction import best_gain, rescaled_residual

STIMULI = patches(2 * BATCH, seed=12)


def test_the_best_gain_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    decoded = rng.standard_normal((30, 7))
    stimuli = 2.5 * decoded + rng.standard_normal((30, 7))
    fitted = np.linalg.lstsq(decoded.reshape(-1, 1), stimuli.ravel(), rcond=None)[0][0]
    assert best_gain(stimuli, decoded) == pytest.approx(fitted)
    assert best_gain(stimuli, 0 * decoded) == 1


@given(factor=st.floats(1e-3, 1e3), shift=st.floats(-5, 5))
def test_the_rescaled_residual_does_not_see_the_scale_of_what_was_decoded(factor, shift):
    decoded = patches(5, seed=1) + shift
    stimuli = patches(5, seed=2)
    residual = rescaled_residual(stimuli, decoded)
    assert rescaled_residual(stimuli, factor * decoded) == pytest.approx(residual, rel=1e-9)


def test_a_residual_is_zero_one_or_root_two_where_it_must_be():
    stimuli = np.array([[1.0, -1.0, 1.0, -1.0]])
    other = np.array([[1.0, 1.0, -1.0, -1.0]])
    assert rescaled_residual(stimuli, 0.3 * stimuli) == pytest.approx(0, abs=1e-12)
    assert rescaled_residual(stimuli, 0 * stimuli) == pytest.approx(1)
    assert rescaled_residual(stimuli, other) == pytest.approx(np.sqrt(2))


def test_the_gain_of_a_network_decodes_the_last_batch_best():
    net = sailnet().fit(STIMULI)
    net = sailnet(learning_rate=0.0, initial_dictionary=net.dictionary_).partial_fit(STIMULI)
    last = STIMULI[BATCH:]
    counts = net.transform(last)
    assert net.gain_ == pytest.approx(best_gain(last, counts @ net.dictionary_))
    found = net.objective(last, counts).mean()
    for worse in (0.9, 1.1):
        other = ((last - worse * net.inverse_transform(counts)) ** 2).sum(axis=1).mean() / 2
        assert other > found


def test_the_residual_of_a_network_is_that_of_its_reconstruction():
    net = sailnet().fit(STIMULI)
    code = net.transform(STIMULI)
    decoded = code @ net.dictionary_
    size = decoded.std(axis=1, keepdims=True)
    scaled = np.divide(decoded, size, out=np.zeros_like(decoded), where=size > 0)
    assert net.residual_rms(STIMULI, code) == pytest.approx(np.sqrt(((STIMULI - scaled) ** 2).mean()))
    assert net.residual_rms(STIMULI, code) < net.residual_rms(STIMULI, code[::-1])


def test_random_states_are_what_scikit_learn_takes_or_a_generator_that_goes_on():
    assert seed_of(generator(3)) == seed_of(generator(3)) != seed_of(generator(4))
    passed = np.random.default_rng(3)
    assert generator(passed) is passed
    assert seed_of(passed) != seed_of(passed)
