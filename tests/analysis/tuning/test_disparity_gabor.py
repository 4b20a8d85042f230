"""Gabor functions planted in tuning curves come back, phase and all; flat and noisy curves say so."""

import numpy as np
import pytest

from neurosim.analysis.tuning.disparity import DisparityTuning
from neurosim.analysis.tuning.disparity_gabor import DISPARITY_SHAPES, disparity_gabor, fit_disparity_gabors

AT = np.linspace(-1.2, 1.2, 17)


def tuning_of(curves, at=AT):
    nothing = np.zeros(len(curves))
    return DisparityTuning(at, np.asarray(curves, dtype=float), np.full(len(at), 9), nothing, nothing)


def planted(n=30, seed=0):
    rng = np.random.default_rng(seed)
    bounds = [(1, 9), (1, 20), (-0.3, 0.3), (0.25, 0.5), (0.6, 1.6), (-3, 3)]
    parameters = np.stack([rng.uniform(*bound, n) for bound in bounds], axis=1)
    return parameters, np.stack([disparity_gabor(AT, row) for row in parameters])


def turned(angle):
    return np.abs(np.angle(np.exp(1j * np.asarray(angle))))


def test_the_function_has_its_envelope_and_its_carrier():
    even = np.array([1, 2, 0.5, 0.25, 0, 0])
    np.testing.assert_allclose(disparity_gabor(np.array([0.5, 0.75, 0]), even), 1 + 2 * np.exp([0, -0.5, -2]))
    wave = np.array([1, 2, 0.5, 1e9, 2, np.pi / 2])
    np.testing.assert_allclose(disparity_gabor(np.array([0.5, 0.625, 0.375]), wave), [1, -1, 3])


def test_a_phase_about_half_a_turn_is_given_once_and_not_beyond_it():
    rng = np.random.default_rng(3)
    curves = [
        disparity_gabor(AT, np.array([5, 3, 0, 0.4, 0.9, phase])) + 0.3 * rng.normal(size=len(AT))
        for phase in np.pi + rng.uniform(-0.1, 0.1, 40)
    ]
    phase = fit_disparity_gabors(tuning_of(curves))["phase"]
    assert ((phase > -np.pi) & (phase <= np.pi)).all()
    assert (phase > 0).any()
    assert (phase < 0).any()


def test_planted_parameters_come_back():
    parameters, curves = planted()
    fits = fit_disparity_gabors(tuning_of(curves))
    found = fits[["baseline", "amplitude", "centre", "sigma", "frequency"]].to_numpy()
    np.testing.assert_allclose(found, parameters[:, :5], atol=1e-3)
    assert turned(fits["phase"] - parameters[:, 5]).max() < 1e-3
    assert (fits["r2"] > 0.9999).all()


def test_noise_of_a_tenth_leaves_the_phase_within_half_a_quarter_for_most():
    parameters, curves = planted(60)
    noise = 0.1 * np.ptp(curves, axis=1, keepdims=True)
    noisy = curves + noise * np.random.default_rng(1).normal(size=curves.shape)
    fits = fit_disparity_gabors(tuning_of(noisy))
    assert np.median(turned(fits["phase"] - parameters[:, 5])) < np.pi / 8
    assert fits["r2"].min() > 0.6


def test_the_unit_of_responses_and_disparities_does_not_matter():
    _, curves = planted(5)
    plain = fit_disparity_gabors(tuning_of(curves))
    scaled = fit_disparity_gabors(tuning_of(100 * curves - 7, 30 * AT))
    np.testing.assert_allclose(scaled["amplitude"], 100 * plain["amplitude"], rtol=1e-4)
    np.testing.assert_allclose(scaled["baseline"], 100 * plain["baseline"] - 7, rtol=1e-4)
    np.testing.assert_allclose(scaled["centre"], 30 * plain["centre"], atol=1e-3)
    np.testing.assert_allclose(scaled["frequency"], plain["frequency"] / 30, rtol=1e-4)


@pytest.mark.parametrize("quarter", range(4))
def test_each_quarter_of_phase_has_its_name(quarter):
    phase, shape = quarter * np.pi / 2, DISPARITY_SHAPES[quarter]
    curves = [disparity_gabor(AT, np.array([5, 3, 0, 0.4, 0.9, phase + away])) for away in (-0.6, 0, 0.6)]
    assert fit_disparity_gabors(tuning_of(curves))["shape"].tolist() == [shape] * 3


def test_near_neurons_answer_more_below_their_centre_and_far_ones_above():
    near, far = (
        disparity_gabor(AT, np.array([0, 1, 0, 0.4, 0.9, phase])) for phase in (np.pi / 2, -np.pi / 2)
    )
    assert AT[near.argmax()] < 0 < AT[far.argmax()]
    assert fit_disparity_gabors(tuning_of([near, far]))["shape"].tolist() == ["near", "far"]


def test_a_flat_curve_has_no_fit_and_noise_a_worse_one_than_a_tuned_neuron():
    _, curves = planted(10)
    noise = np.random.default_rng(2).normal(size=(10, len(AT)))
    fits = fit_disparity_gabors(tuning_of(np.concatenate([np.full((1, len(AT)), 4.0), curves, noise])))
    assert fits.loc[0].isna().all()
    assert fits.loc[11:, "r2"].mean() < 0.8 < fits.loc[1:10, "r2"].min()


def test_too_few_disparities_are_refused():
    with pytest.raises(ValueError, match="7 disparities or more for six parameters, got 6"):
        fit_disparity_gabors(tuning_of(np.ones((1, 6)), AT[:6]))
