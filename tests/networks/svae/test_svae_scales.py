"""Noise and prior scale are shares of the stimuli's size, the same ones in every unit."""

import numpy as np
import pytest

from neurosim.networks.svae.scales import Scales, contrast, scales_of

RNG = np.random.default_rng(3)
STIMULI = RNG.laplace(size=(500, 16))
CENTRED = STIMULI - STIMULI.mean(axis=1, keepdims=True)


def test_contrast_is_what_is_left_of_the_size_without_each_stimulus_s_mean():
    bright = CENTRED + RNG.uniform(50, 100, (500, 1))
    assert contrast(bright) == pytest.approx(np.sqrt(np.mean(CENTRED**2)), rel=1e-9)
    assert contrast(CENTRED) == pytest.approx(np.sqrt(np.mean(CENTRED**2)), rel=1e-12)
    assert contrast(np.full((4, 3), 7.0)) == pytest.approx(0, abs=1e-6)
    assert contrast(np.array([[3.0], [-3.0]])) == 3


def test_left_out_scales_are_shares_and_given_ones_are_taken():
    unit = np.sqrt(np.mean(CENTRED**2))
    assert scales_of(CENTRED, noise_sd=None, prior_scale=None) == Scales(pytest.approx(unit), 0.45, 0.36)
    given = scales_of(CENTRED, noise_sd=0.5, prior_scale=2.0)
    assert (given.noise, given.prior) == pytest.approx((0.5 / unit, 2 / unit), rel=1e-8)


def test_where_hardly_anything_is_left_without_the_means_that_is_told_and_the_least_noise_taken():
    with pytest.warns(
        UserWarning, match=r"root mean square of 50 falls to 0\.\d+ without .* normalise='mean'"
    ):
        assert scales_of(50 + 0.1 * CENTRED, noise_sd=None, prior_scale=None).noise == 0.02
    assert scales_of(50 + 0.1 * CENTRED, noise_sd=5.0, prior_scale=None).noise == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("unit", [2.0**-10, 1 / 255, 255.0, 2.0**10])
def test_shares_are_the_same_numbers_in_every_unit(unit, dtype):
    own = scales_of(STIMULI, noise_sd=0.5, prior_scale=0.7)
    scaled = scales_of((unit * STIMULI).astype(dtype), noise_sd=0.5 * unit, prior_scale=0.7 * unit)
    assert scaled.unit == pytest.approx(unit * own.unit, rel=1e-7)
    if dtype is np.float64:
        assert (scaled.noise, scaled.prior) == (own.noise, own.prior)
