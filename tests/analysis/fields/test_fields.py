"""Model-free measures of fields: participation ratio, reverse correlation, spectral bandwidth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.analysis.fields.fields import participation_ratio, reverse_correlation, spectral_bandwidths
from neurosim.analysis.fields.gabor import gabor

GABOR = {"x0": 15.5, "y0": 15.5, "orientation": 0.6, "frequency": 0.15, "phase": 0.0, "amplitude": 1.0}


@given(pixels=st.integers(1, 64), value=st.floats(-1e100, 1e100).filter(lambda v: abs(v) > 1e-100))
def test_participation_ratio_counts_equal_pixels(pixels, value):
    field = np.zeros(64)
    field[:pixels] = value
    assert participation_ratio(field.reshape(1, 8, 8))[0] == pytest.approx(pixels)


def test_participation_ratio_of_noise_is_a_third_of_the_pixels():
    # <x²>²/<x⁴> = 1/3 for a Gaussian
    field = np.random.default_rng(0).standard_normal((1, 200, 200))
    assert participation_ratio(field)[0] / 40_000 == pytest.approx(1 / 3, abs=0.01)


def test_participation_ratio_of_a_zero_field_is_nan():
    assert np.isnan(participation_ratio(np.zeros((1, 4, 4)))[0])


def test_reverse_correlation_recovers_the_planted_field_of_a_rectified_neuron():
    rng = np.random.default_rng(1)
    field = gabor({**GABOR, "x0": 6, "y0": 6, "sigma_x": 2, "sigma_y": 3}, height=12, width=12)[0]
    noise = rng.standard_normal((20_000, 12, 12))
    drive = np.tensordot(noise, field, axes=2)
    responses = np.stack([np.maximum(drive, 0), rng.permutation(np.maximum(drive, 0))], axis=1)
    mapped = reverse_correlation(noise, responses)
    assert mapped.shape == (2, 12, 12)
    likeness = [np.corrcoef(estimate.ravel(), field.ravel())[0, 1] for estimate in mapped]
    assert likeness[0] > 0.95
    assert abs(likeness[1]) < 0.3  # control: the same responses to other stimuli


def test_reverse_correlation_of_spike_counts_is_the_spike_triggered_average():
    rng = np.random.default_rng(2)
    stimuli, counts = rng.random((30, 4)), rng.poisson(1.0, (30, 1))
    triggered = np.repeat(stimuli, counts[:, 0], axis=0).mean(axis=0) - stimuli.mean(axis=0)
    np.testing.assert_allclose(reverse_correlation(stimuli, counts)[0], triggered)


def test_reverse_correlation_of_a_silent_neuron_is_zero():
    assert not reverse_correlation(np.eye(3), np.zeros((3, 2))).any()


def test_reverse_correlation_refuses_unequal_numbers_and_nan():
    with pytest.raises(ValueError, match="equally many stimuli"):
        reverse_correlation(np.ones((3, 4)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="expected finite responses"):
        reverse_correlation(np.ones((2, 4)), [[np.nan], [0.0]])


@pytest.mark.parametrize("n", [0.45, 0.6])
def test_bandwidths_of_a_round_gabor_have_a_closed_form(n):
    sigma = n / GABOR["frequency"]
    table = spectral_bandwidths(gabor({**GABOR, "sigma_x": sigma, "sigma_y": sigma}, height=32, width=32))
    cut = np.sqrt(2 * np.log(2)) / (2 * np.pi)  # Gaussian spectrum at half height, in units of 1/sigma
    octaves = np.log2((n + cut) / (n - cut))
    degrees = np.degrees(np.arccos(1 - np.log(2) / (4 * np.pi**2 * n**2)))
    row = table.iloc[0]
    assert row["peak_frequency"] == pytest.approx(0.15, abs=0.003)
    assert row["peak_orientation"] == pytest.approx(0.6, abs=0.03)
    assert row["frequency_bandwidth_octaves"] == pytest.approx(octaves, rel=0.05)
    assert row["orientation_half_bandwidth_degrees"] == pytest.approx(degrees, rel=0.05)


def test_a_higher_level_gives_narrower_bands():
    field = gabor({**GABOR, "sigma_x": 3, "sigma_y": 4}, height=32, width=32)
    half, upper = (spectral_bandwidths(field, level=level).iloc[0, 2:] for level in (0.5, 2**-0.5))
    assert (upper < half).all()


def test_a_blob_is_low_pass_and_untuned():
    row = spectral_bandwidths(
        gabor({**GABOR, "frequency": 0, "sigma_x": 3, "sigma_y": 3}, height=32, width=32)
    )
    assert np.isinf(row["frequency_bandwidth_octaves"].iloc[0])
    assert np.isinf(row["orientation_half_bandwidth_degrees"].iloc[0])


def test_bandwidths_of_a_zero_field_are_nan_and_a_level_of_one_is_refused():
    assert spectral_bandwidths(np.zeros((1, 8, 8))).isna().all(axis=None)
    with pytest.raises(ValueError, match="level between 0 and 1"):
        spectral_bandwidths(np.ones((1, 8, 8)), level=1.0)


def test_a_neuron_that_responds_the_same_to_everything_has_no_field():
    """Not one of rounding, which could be fitted and drawn."""
    stimuli = np.random.default_rng(0).random((50, 6, 6))
    responses = np.stack([np.full(50, 0.3), np.arange(50.0)], axis=1)
    constant, varied = reverse_correlation(stimuli, responses)
    assert not constant.any()
    assert varied.any()
