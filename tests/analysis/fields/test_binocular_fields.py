"""Fields of two eyes: planted shifts and phases come back, one-eyed neurons are told apart."""

import numpy as np
import pytest

from neurosim.analysis.fields.binocular_fields import field_disparity, ocular_dominance
from neurosim.analysis.fields.gabor import gabor

SIZE = 24


def pairs(n=60, *, shift=0.0, phase=0.0, seed=0):
    """Return Gabors of more than a third of a cycle in the two eyes, and the planted shift and phase.

    The phase is planted along the wave vector that points right.
    """
    rng = np.random.default_rng(seed)
    middle = (SIZE - 1) / 2
    shape = {
        "x0": rng.uniform(middle - 1, middle + 1, n),
        "y0": rng.uniform(middle - 1, middle + 1, n),
        "orientation": rng.uniform(0, np.pi, n),
        "frequency": rng.uniform(0.14, 0.2, n),
        "phase": rng.uniform(-np.pi, np.pi, n),
        "sigma_x": rng.uniform(2.5, 3, n),
        "sigma_y": rng.uniform(2.5, 3, n),
        "amplitude": np.ones(n),
    }
    shifts, phases = shift * rng.uniform(-1, 1, n), phase * rng.uniform(-1, 1, n)
    along = np.where(shape["orientation"] > np.pi / 2, -phases, phases)
    right = shape | {"x0": shape["x0"] + shifts, "phase": shape["phase"] + along}
    return *(gabor(eye, height=SIZE, width=SIZE) for eye in (shape, right)), shifts, phases, shape


def turned(angle):
    return np.abs(np.angle(np.exp(1j * np.asarray(angle))))


def test_one_eyed_neurons_are_at_the_ends_and_equal_ones_in_the_middle():
    left, *_ = pairs(4)
    gain = np.array([0, 1, 3, 0.5])[:, None, None]
    np.testing.assert_allclose(ocular_dominance(left, gain * left), [1, 0, -0.5, 1 / 3])
    np.testing.assert_allclose(ocular_dominance(gain * left, left), [-1, 0, 0.5, -1 / 3])
    assert np.isnan(ocular_dominance(0 * left, 0 * left)).all()


def test_a_shift_of_position_is_found_to_a_twentieth_of_a_pixel_and_is_no_phase():
    left, right, shifts, _, _ = pairs(shift=3)
    found = field_disparity(left, right)
    np.testing.assert_allclose(found["shift"], shifts, atol=0.05)
    np.testing.assert_allclose(found["position_shift"], shifts, atol=0.1)
    assert turned(found["phase_difference"]).max() < 0.1
    assert found["correlation"].min() > 0.95


def test_a_difference_of_phase_is_found_and_is_no_shift_of_position():
    left, right, _, phases, _ = pairs(phase=np.pi * 0.9)
    found = field_disparity(left, right)
    assert np.abs(found["position_shift"]).max() < 0.25
    assert np.median(turned(found["phase_difference"] - phases)) < 0.05
    assert turned(found["phase_difference"] - phases).max() < 0.25


def test_both_at_once_are_told_apart():
    left, right, shifts, phases, _ = pairs(shift=2, phase=1.5)
    found = field_disparity(left, right)
    assert np.abs(found["position_shift"] - shifts).max() < 0.25
    assert turned(found["phase_difference"] - phases).max() < 0.25


def test_the_cross_correlation_adds_phase_to_position():
    x = np.arange(SIZE) - 11.5
    envelope = np.exp(-(x[:, None] ** 2 + x**2) / (2 * 3**2))
    left, right = (envelope * np.cos(2 * np.pi * 0.15 * x + phase) for phase in (0.3, 1.3))
    found = field_disparity(left[None], right[None]).iloc[0]
    assert found["phase_difference"] == pytest.approx(1, abs=0.05)
    # Crossed: a phase ahead moves the right carrier left, nearly by the full phase under a wide envelope.
    assert -1 / (2 * np.pi * 0.15) < found["shift"] < -0.7 / (2 * np.pi * 0.15)


def test_near_vertical_bars_keep_the_sign_of_their_phase_either_side_of_vertical():
    angle = np.array([0.1, np.pi - 0.1])
    shape = {"x0": 11.5, "y0": 11.5, "frequency": 0.15, "sigma_x": 3, "sigma_y": 3, "amplitude": 1}
    left = gabor(shape | {"orientation": angle, "phase": [0.3, -0.3]}, height=SIZE, width=SIZE)
    right = gabor(shape | {"orientation": angle, "phase": [1.1, -1.1]}, height=SIZE, width=SIZE)
    found = field_disparity(left, right)
    np.testing.assert_allclose(found["phase_difference"], 0.8, atol=0.05)
    np.testing.assert_allclose(found["orientation"], angle, atol=0.06)
    assert (found["shift"] < -0.5).all()


def test_exchanging_the_eyes_turns_every_sign():
    left, right, *_ = pairs(shift=2, phase=1.5)
    one, other = field_disparity(left, right), field_disparity(right, left)
    for name in ("shift", "position_shift", "phase_difference"):
        np.testing.assert_allclose(one[name], -other[name], atol=1e-6)


def test_a_vertical_offset_is_no_difference_of_phase():
    left, _, _, _, shape = pairs()
    lower = gabor(shape | {"y0": shape["y0"] + 2}, height=SIZE, width=SIZE)
    assert turned(field_disparity(left, lower)["phase_difference"]).max() < 0.15


def test_frequency_and_orientation_are_those_planted():
    left, right, _, _, shape = pairs()
    found = field_disparity(left, right)
    np.testing.assert_allclose(found["frequency"], shape["frequency"], atol=0.02)
    assert turned(2 * (found["orientation"] - shape["orientation"])).max() < 0.25


def test_fields_that_have_nothing_in_common_correlate_little():
    left, right, *_ = pairs()
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2, 60, SIZE, SIZE))
    assert (
        field_disparity(*noise)["correlation"].max() < 0.4 < field_disparity(left, right)["correlation"].min()
    )


def test_without_a_field_in_one_eye_there_is_no_disparity():
    left, right, *_ = pairs(3, shift=1)
    right[1] = 0
    found = field_disparity(left, right)
    assert found.isna().all(axis=1).tolist() == [False, True, False]


def test_fields_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match="same neurons and size"):
        field_disparity(np.ones((2, 4, 4)), np.ones((2, 4, 5)))
    with pytest.raises(ValueError, match="finite fields"):
        ocular_dominance(np.full((1, 2, 2), np.nan), np.ones((1, 2, 2)))
