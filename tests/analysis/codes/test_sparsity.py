"""Measures of sparseness: closed forms, invariants, silence, bad input."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neurosim.analysis.codes import sparsity

PER_AXIS = [sparsity.hoyer, sparsity.gini, sparsity.kurtosis]
CODES = arrays(np.float64, (7, 4), elements=st.floats(0.01, 100))


@given(active=st.integers(1, 20))
def test_sparseness_of_k_equal_responses_among_n_has_a_closed_form(active):
    code = np.zeros((20, 1))
    code[:active] = 3.0
    n, k = 20, active
    assert sparsity.lifetime_sparseness(code)[0] == pytest.approx((1 - k / n) / (1 - 1 / n), abs=1e-12)
    assert sparsity.hoyer(code)[0] == pytest.approx((np.sqrt(n) - np.sqrt(k)) / (np.sqrt(n) - 1), abs=1e-12)
    assert sparsity.gini(code)[0] == pytest.approx(1 - k / n, abs=1e-12)
    assert sparsity.active_fraction(code) == k / n


def test_exponential_activity_has_lifetime_sparseness_one_half():
    code = np.random.default_rng(0).exponential(size=(200_000, 1))
    assert sparsity.lifetime_sparseness(code)[0] == pytest.approx(0.5, abs=0.01)
    assert sparsity.gini(code)[0] == pytest.approx(0.5, abs=0.01)


def test_kurtosis_separates_laplacian_from_gaussian_and_uniform():
    rng = np.random.default_rng(1)
    code = np.stack([rng.laplace(size=400_000), rng.normal(size=400_000), rng.uniform(size=400_000)], axis=1)
    laplacian, gaussian, uniform = sparsity.kurtosis(code)
    assert laplacian == pytest.approx(3, abs=0.3)
    assert gaussian == pytest.approx(0, abs=0.05)
    assert uniform == pytest.approx(-1.2, abs=0.02)


def test_kurtosis_is_scipys():
    code = np.random.default_rng(2).gamma(0.5, size=(50, 6))
    np.testing.assert_allclose(sparsity.kurtosis(code), scipy.stats.kurtosis(code, axis=0))
    np.testing.assert_allclose(sparsity.kurtosis(code, over="neurons"), scipy.stats.kurtosis(code, axis=1))


@given(code=CODES, scale=st.floats(1e-150, 1e150))
def test_no_measure_depends_on_the_scale(code, scale):
    for measure in (sparsity.lifetime_sparseness, sparsity.population_sparseness, *PER_AXIS):
        np.testing.assert_allclose(measure(scale * code), measure(code), rtol=1e-6, atol=1e-9)


@given(code=CODES)
def test_measures_but_kurtosis_stay_between_zero_and_one_and_ignore_signs_and_order(code):
    rng = np.random.default_rng(0)
    signed = code * rng.choice([-1, 1], size=code.shape)
    for measure in (sparsity.lifetime_sparseness, sparsity.hoyer, sparsity.gini):
        values = measure(code)
        assert ((values > -1e-9) & (values < 1 + 1e-9)).all()
        np.testing.assert_allclose(measure(signed), values)
        np.testing.assert_allclose(measure(rng.permutation(code)), values, atol=1e-12)


def test_population_measures_are_lifetime_measures_of_the_transposed_code():
    code = np.random.default_rng(3).exponential(size=(9, 5))
    np.testing.assert_allclose(sparsity.population_sparseness(code), sparsity.lifetime_sparseness(code.T))
    for measure in PER_AXIS:
        np.testing.assert_allclose(measure(code, over="neurons"), measure(code.T))


def test_a_silent_neuron_is_nan_in_every_measure_and_counts_as_inactive():
    code = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 0.0]])
    for measure in (sparsity.lifetime_sparseness, *PER_AXIS):
        assert np.isnan(measure(code)).tolist() == [True, False]
    assert np.isnan(sparsity.population_sparseness(code)).tolist() == [False, False, True]
    assert sparsity.active_fraction(code) == pytest.approx(1 / 3)


def test_a_constant_neuron_has_no_kurtosis_and_no_sparseness():
    code = np.full((6, 1), 0.1)
    assert np.isnan(sparsity.kurtosis(code)[0])
    assert sparsity.lifetime_sparseness(code)[0] == pytest.approx(0, abs=1e-12)


def test_active_fraction_counts_magnitudes_strictly_above_the_level():
    assert sparsity.active_fraction([[-1.0, 1.0, 0.5, 0.0]], above=0.5) == 0.5


@given(db=st.floats(-20, 60))
def test_signal_to_noise_ratio_is_that_of_a_planted_error(db):
    rng = np.random.default_rng(4)
    stimuli = rng.standard_normal((8, 10))
    error = rng.standard_normal((8, 10))
    error *= np.sqrt((stimuli**2).sum() / (error**2).sum()) * 10 ** (-db / 20)
    assert sparsity.reconstruction_snr_db(stimuli, stimuli + error) == pytest.approx(db, abs=1e-6)


def test_perfect_reconstruction_is_infinite_and_none_is_zero_db():
    stimuli = np.ones((2, 3))
    assert sparsity.reconstruction_snr_db(stimuli, stimuli) == np.inf
    assert sparsity.reconstruction_snr_db(stimuli, 0 * stimuli) == 0


@pytest.mark.parametrize(
    "measure",
    [sparsity.lifetime_sparseness, sparsity.population_sparseness, sparsity.active_fraction, *PER_AXIS],
)
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_code_that_is_not_finite_is_refused(measure, broken):
    with pytest.raises(ValueError, match="expected finite code, got 1 NaN or infinite"):
        measure([[1.0, broken], [0.0, 1.0]])


@pytest.mark.parametrize("code", [[1.0, 2.0], np.zeros((0, 3)), np.zeros((1, 3))])
def test_a_code_without_two_stimuli_is_refused(code):
    with pytest.raises(ValueError, match="expected"):
        sparsity.lifetime_sparseness(code)


def test_an_unknown_axis_and_mismatched_reconstructions_are_refused():
    with pytest.raises(ValueError, match="'stimuli' or 'neurons'"):
        sparsity.gini(np.ones((2, 2)), over="time")
    with pytest.raises(ValueError, match="expected reconstructions of shape"):
        sparsity.reconstruction_snr_db(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="some energy"):
        sparsity.reconstruction_snr_db(np.zeros((2, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="level of 0 or more"):
        sparsity.active_fraction(np.ones((2, 2)), above=-1)
