"""Stimuli without a unit: mean 0 and deviation 1 each, exactly so where they are so already."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking_cases import BATCH, einet, patches, sailnet

from neurosim.networks.estimator.stimulus_unit import learning_unit, standardised
from neurosim.stimuli.images.patches import normalise_patches

RAW = np.random.default_rng(1).gamma(2.0, size=(300, 16)) + 5


@pytest.fixture(params=[sailnet, einet])
def make(request):
    return request.param


@pytest.mark.parametrize("c", [1e-200, 1e-3, 1.0, 255.0, 1e200])
def test_every_stimulus_gets_mean_zero_and_deviation_one_in_any_unit(c):
    found = standardised(c * RAW)
    np.testing.assert_allclose(found, normalise_patches(RAW, how="std"), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_standardised_already_stays_bit_for_bit(dtype):
    patches = normalise_patches(RAW, how="std").astype(dtype)
    np.testing.assert_array_equal(standardised(patches), patches)
    np.testing.assert_array_equal(standardised(2**10 * patches), patches)
    assert standardised(patches).dtype == dtype
    # A little more than rounding is not left.
    assert np.abs(standardised(dtype(1.001) * patches) - patches).max() < 1e-5


@given(level=st.floats(-1e6, 1e6), contrast=st.floats(1e-3, 1e3), shift=st.integers(-60, 60))
def test_level_and_contrast_leave_no_trace_and_powers_of_two_none_at_all(level, contrast, shift):
    stimuli = level + contrast * RAW[:5]
    np.testing.assert_allclose(standardised(stimuli), standardised(RAW[:5]), atol=1e-6)
    np.testing.assert_array_equal(standardised(2.0**shift * stimuli), standardised(stimuli))


@pytest.mark.parametrize("value", [0.0, 0.1, -1e20, 1 / 3])
def test_a_constant_stimulus_becomes_blank_and_not_noise(value):
    stimuli = np.concatenate([np.full((2, 16), value), RAW[:1]])
    found = standardised(stimuli)
    np.testing.assert_array_equal(found[:2], 0)
    assert found[2].std() == pytest.approx(1)


def test_more_stimuli_than_are_taken_at_once_are_standardised_alike():
    many = np.tile(RAW, (30, 1))
    np.testing.assert_array_equal(standardised(many), np.tile(standardised(RAW), (30, 1)))


def test_the_unit_is_the_mean_square_and_one_of_a_power_of_two_to_rounding():
    assert learning_unit(RAW) == pytest.approx((RAW**2).mean(), rel=1e-14)
    for dtype in (np.float64, np.float32):
        assert learning_unit(normalise_patches(RAW, how="std").astype(dtype)) == 1.0
        assert learning_unit(4 * normalise_patches(RAW, how="std").astype(dtype)) == 16.0


@pytest.mark.parametrize(
    ("value", "message"), [(0.0, "zero in every pixel"), (1e200, "got 1e[+]200"), (1e-200, "got 1e-200")]
)
def test_stimuli_without_a_unit_to_measure_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        learning_unit(np.full((3, 4), value))


# The estimators.


def test_a_network_learns_and_codes_what_it_would_of_standardised_stimuli(make):
    net, plain = make().fit(RAW), make().fit(standardised(RAW))
    np.testing.assert_array_equal(net.dictionary_, plain.dictionary_)
    np.testing.assert_array_equal(net.transform(RAW), plain.transform(standardised(RAW)))
    np.testing.assert_array_equal(net.standardised(RAW), standardised(RAW))
    code = net.transform(RAW)
    np.testing.assert_array_equal(net.objective(RAW, code), plain.objective(standardised(RAW), code))
    assert net.residual_rms(RAW, code) == plain.residual_rms(standardised(RAW), code)


def test_switched_off_level_and_relative_contrast_stay_in_what_is_shown_and_decoded(make):
    net = make(standardise=False).partial_fit(RAW)
    square = np.mean(RAW**2)
    shown = net.simulate(RAW[:4], record=("drive",))["drive"][-1].to_numpy()
    np.testing.assert_allclose(shown, RAW[:4] @ net.dictionary_.T / np.sqrt(square), rtol=1e-12)
    np.testing.assert_array_equal(net.standardised(RAW), RAW)
    code = net.transform(RAW)
    decoded = np.sqrt(net.mean_square_) * net.gain_ * code @ net.dictionary_
    np.testing.assert_allclose(net.inverse_transform(code), decoded, rtol=1e-12)
    np.testing.assert_allclose(net.objective(RAW, code), ((RAW - decoded) ** 2).sum(axis=1) / 2, rtol=1e-12)


def test_switched_off_a_unit_of_one_changes_nothing(make):
    stimuli = patches(3 * BATCH)
    net, plain = (make(standardise=kind).fit(stimuli) for kind in (False, True))
    np.testing.assert_array_equal(net.dictionary_, plain.dictionary_)
    loud = make(standardise=False).fit(stimuli).transform(3 * stimuli)
    assert loud.sum() > 2 * plain.transform(3 * stimuli).sum()


def test_constant_stimuli_among_others_get_no_spikes_and_by_themselves_are_refused(make):
    net = make().partial_fit(RAW)
    assert not net.transform(np.full((2, 16), 7.0)).any()
    with pytest.raises(ValueError, match="expected stimuli with contrast, got 40 that are constant"):
        make().fit(np.full((40, 16), 7.0))


def test_one_pixel_cannot_be_standardised(make):
    with pytest.raises(ValueError, match="several pixels to standardise, got n_features=1"):
        make().fit(RAW[:, :1])
    assert make(standardise=False, initial_threshold=0.5).partial_fit(RAW[:, :1]).n_features_in_ == 1
