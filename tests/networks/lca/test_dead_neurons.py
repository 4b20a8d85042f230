"""Counting silence, and giving silent neurons something to respond to."""

import numpy as np
import pytest
from reference_lca import random_dictionary

from neurosim.networks.estimator.training_data import pointed_at_residuals
from neurosim.networks.estimator.training_history import silent_batches

RNG = np.random.default_rng(8)


def test_silence_adds_up_until_a_neuron_is_active_once():
    code = np.zeros((6, 3))
    code[4, 1] = -0.1
    np.testing.assert_array_equal(silent_batches(np.array([5, 5, 0]), code, n_batches=2), [7, 0, 2])


def test_dead_rows_become_unit_residuals_of_the_worst_stimuli_and_others_stay():
    dictionary, residual = random_dictionary(6, 4, RNG), RNG.standard_normal((40, 4))
    residual[:4] *= 100
    changed = pointed_at_residuals(dictionary, np.array([1, 4]), residual, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(changed[[0, 2, 3, 5]], dictionary[[0, 2, 3, 5]])
    worst = residual[:4] / np.linalg.norm(residual[:4], axis=1, keepdims=True)
    cosines = changed[[1, 4]] @ worst.T
    np.testing.assert_allclose(cosines.max(axis=1), 1)
    assert cosines[0].argmax() != cosines[1].argmax()


def test_more_dead_neurons_than_stimuli_still_get_a_residual_each():
    changed = pointed_at_residuals(np.eye(5), np.arange(5), np.array([[0, 3, 4, 0, 0.0]]), rng=RNG)
    np.testing.assert_allclose(changed, np.tile([0, 0.6, 0.8, 0, 0], (5, 1)))


@pytest.mark.parametrize("n_stimuli", [1, 20])
def test_a_row_stays_where_nothing_is_left_to_explain(n_stimuli):
    changed = pointed_at_residuals(np.eye(3), np.array([0]), np.zeros((n_stimuli, 3)), rng=RNG)
    np.testing.assert_array_equal(changed, np.eye(3))
