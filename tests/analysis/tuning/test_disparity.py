"""Disparity tuning of neurons: means, the index of Prince et al., and what noise alone gives."""

import numpy as np
import pytest
from scipy.stats import f_oneway

from neurosim.analysis.tuning.disparity import disparity_measures, disparity_tuning

DISPARITIES = np.repeat(np.linspace(-0.8, 0.8, 9), 12)


def counts(preferred, gain=20.0, n_seeds=1):
    """Return Poisson counts of neurons tuned to the given disparities."""
    rng = np.random.default_rng(0)
    rate = 2 + gain * np.exp(-((DISPARITIES[:, None] - np.asarray(preferred)) ** 2) / 0.08)
    return rng.poisson(np.tile(rate, n_seeds))


def test_the_mean_is_over_the_stimuli_of_a_disparity_in_any_order():
    responses = counts([-0.4, 0.2])
    order = np.random.default_rng(1).permutation(len(DISPARITIES))
    tuning = disparity_tuning(responses[order], DISPARITIES[order])
    np.testing.assert_allclose(tuning.mean, responses.reshape(9, 12, 2).mean(axis=1).T)
    np.testing.assert_allclose(tuning.disparities, np.linspace(-0.8, 0.8, 9))
    np.testing.assert_array_equal(tuning.n_stimuli, 12)


def test_the_index_is_that_of_the_paper():
    responses = counts([0.2, -0.6], gain=4)
    roots = np.sqrt(responses).reshape(9, 12, 2)
    residual = np.sqrt(((roots - roots.mean(axis=1, keepdims=True)) ** 2).sum(axis=(0, 1)) / (108 - 9))
    spread = np.ptp(roots.mean(axis=1), axis=0)
    np.testing.assert_allclose(disparity_tuning(responses, DISPARITIES).ddi, spread / (spread + 2 * residual))


def test_the_probability_is_that_of_an_analysis_of_variance():
    responses = counts([0.2], gain=1)
    groups = np.sqrt(responses).reshape(9, 12)
    tuning = disparity_tuning(responses, DISPARITIES)
    np.testing.assert_allclose(tuning.p_value, f_oneway(*groups).pvalue)


def test_the_preferred_disparity_is_found_for_most_neurons():
    preferred = np.linspace(-0.6, 0.6, 7)
    measures = disparity_measures(disparity_tuning(counts(preferred), DISPARITIES))
    np.testing.assert_allclose(measures["preferred_disparity"], preferred, atol=0.201)
    assert (measures["ddi"] > 0.5).all()
    assert (measures["p_value"] < 1e-6).all()


def test_without_noise_the_index_is_one_and_the_modulation_that_of_the_curve():
    measures = disparity_measures(disparity_tuning([[1.0], [1.0], [4.0], [4.0]], [0, 0, 1, 1]))
    assert measures.iloc[0].tolist() == [1.0, 1.0, 0.0, 3.0, 0.6]


def test_shuffled_disparities_leave_the_index_that_noise_gives():
    responses = counts([0.2] * 50)
    shuffled = np.random.default_rng(2).permutation(DISPARITIES)
    tuned, chance = (disparity_tuning(responses, d) for d in (DISPARITIES, shuffled))
    noise = np.random.default_rng(3).poisson(8, responses.shape)
    assert tuned.ddi.min() > chance.ddi.max() + 0.1
    assert chance.ddi.mean() == pytest.approx(disparity_tuning(noise, DISPARITIES).ddi.mean(), abs=0.06)


def test_one_in_twenty_untuned_neurons_passes_at_one_in_twenty():
    noise = np.random.default_rng(4).normal(9, 1, (len(DISPARITIES), 2000))
    p_value = disparity_tuning(noise, DISPARITIES, square_root=False).p_value
    assert (p_value < 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_square_roots_make_the_index_blind_to_the_rate_of_poisson_noise():
    flat = np.repeat([[5.0, 80.0]], len(DISPARITIES), axis=0)
    many = np.random.default_rng(5).poisson(np.tile(flat, 200))
    rooted, plain = (disparity_tuning(many, DISPARITIES, square_root=root) for root in (True, False))
    for tuning in (rooted, plain):
        assert tuning.ddi[::2].mean() == pytest.approx(tuning.ddi[1::2].mean(), abs=0.02)
    assert not np.array_equal(rooted.ddi, plain.ddi)


def test_a_silent_neuron_has_neither_index_nor_preference():
    responses = np.column_stack([counts([0.0]), np.zeros(len(DISPARITIES)), np.full(len(DISPARITIES), 3.0)])
    measures = disparity_measures(disparity_tuning(responses, DISPARITIES))
    assert measures.loc[1:, ["preferred_disparity", "ddi", "p_value"]].isna().all(axis=None)
    assert np.isnan(measures.loc[1, "modulation_index"])
    assert measures.loc[2, "modulation_index"] == 0
    assert measures.loc[0].notna().all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="without repetitions"):
        disparity_tuning(np.ones((3, 1)), [0, 1, 2])
    with pytest.raises(ValueError, match="got 1 disparities"):
        disparity_tuning(np.ones((3, 1)), [0, 0, 0])
    with pytest.raises(ValueError, match="one finite disparity for each of 3"):
        disparity_tuning(np.ones((3, 1)), [0, 0, np.nan])
    with pytest.raises(ValueError, match="2 negative ones"):
        disparity_tuning([[-1.0], [1.0], [-2.0]], [0, 0, 1])
    assert disparity_tuning([[-1.0], [1.0], [-2.0]], [0, 0, 1], square_root=False).mean.tolist() == [[0, -2]]
