"""Motion of fields whose motion is known."""

import numpy as np
import pytest

from neurosim.analysis import film_strips, motion_properties, motion_shares, space_time_slices

T, Y, X = np.meshgrid(np.arange(16) - 7.5, np.arange(24) - 11.5, np.arange(24) - 11.5, indexing="ij")
ENVELOPE = np.exp(-(T**2) / 18 - (Y**2 + X**2) / 50)


def drifting(*, direction_deg: float, frequency: float, temporal: float) -> np.ndarray:
    ahead = X * np.cos(np.deg2rad(direction_deg)) - Y * np.sin(np.deg2rad(direction_deg))
    return ENVELOPE * np.cos(2 * np.pi * (frequency * ahead - temporal * T))


@pytest.mark.parametrize("direction", [0.0, 45.0, 90.0, 160.0, 200.0, 315.0])
def test_a_drifting_gabor_has_its_direction_its_speed_and_selectivity_one(direction: float) -> None:
    field = drifting(direction_deg=direction, frequency=0.2, temporal=0.15)
    table = motion_properties(field[None]).iloc[0]
    assert table["direction_selectivity"] == pytest.approx(1, abs=0.01)
    assert table["speed"] == pytest.approx(0.75, abs=0.1)
    assert abs((table["direction_deg"] - direction + 180) % 360 - 180) < 5
    assert abs((table["orientation_deg"] - direction + 90 + 90) % 180 - 90) < 5
    assert table["temporal_frequency"] == pytest.approx(0.15, abs=0.01)
    assert table["separability"] == pytest.approx(0.5, abs=0.01)
    assert not table["at_border"]
    backwards = motion_properties(field[None, ::-1]).iloc[0]
    assert abs((backwards["direction_deg"] - direction) % 360 - 180) < 5


def test_separable_fields_have_no_direction_and_those_at_rest_no_frequency() -> None:
    flickering = ENVELOPE * np.cos(2 * np.pi * 0.2 * X) * np.cos(2 * np.pi * 0.15 * T)
    still = np.exp(-(Y**2 + X**2) / 50) * np.cos(2 * np.pi * 0.2 * X)
    table = motion_properties([flickering, still, np.zeros_like(still)])
    np.testing.assert_allclose(table["direction_selectivity"][:2], 0, atol=1e-9)
    np.testing.assert_allclose(table["separability"][:2], 1, atol=1e-9)
    assert table["temporal_frequency"].tolist()[1] == 0
    assert np.isnan(table["direction_deg"][1])
    assert table.loc[2, ["speed", "separability", "direction_selectivity"]].isna().all()
    assert not table["selective"].any()


def test_two_opposite_gabors_have_the_ratio_of_their_amplitudes() -> None:
    one, other = (drifting(direction_deg=d, frequency=0.2, temporal=0.2) for d in (0.0, 180.0))
    table = motion_properties([one + 0.25 * other, one + 0.75 * other])
    np.testing.assert_allclose(table["opposite_over_preferred"], [0.25, 0.75], atol=0.01)
    assert table["selective"].tolist() == [True, False]


def test_a_field_that_the_frame_cuts_off_is_at_the_border() -> None:
    near = np.exp(-(T**2) / 18 - (Y**2 + (X + 11) ** 2) / 8)
    table = motion_properties([ENVELOPE, near])
    assert table["at_border"].tolist() == [False, True]


def test_shares_of_noise_tell_that_it_is_selective_by_chance_and_inseparable() -> None:
    noise = motion_properties(np.random.default_rng(0).standard_normal((300, 8, 12, 12)))
    shares = motion_shares(noise)
    assert 0.4 < shares["selective"] < 0.9
    assert shares["separable"] == 0
    assert np.isnan(shares["selective_of_separable"])
    assert shares["selective_of_inseparable"] == shares["selective"]


def test_slices_of_what_moves_are_oblique_and_of_what_rests_upright() -> None:
    moving = drifting(direction_deg=30.0, frequency=0.2, temporal=0.15)
    still = drifting(direction_deg=30.0, frequency=0.2, temporal=0.0)
    angles = motion_properties([moving, still])["orientation_deg"]
    slices = space_time_slices([moving, still], orientations_deg=angles)
    assert slices.shape == (2, 16, 24)
    for picture, ratio in zip(slices, (0.15 / 0.2, 0.0), strict=True):
        spectrum = np.abs(np.fft.fft2(picture, (160, 240)))
        row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
        speed = np.fft.fftfreq(160)[row] / np.fft.fftfreq(240)[column]
        assert abs(speed) == pytest.approx(ratio, abs=0.05)
    np.testing.assert_array_equal(film_strips([moving])[0, :, 24:48], moving[1])


def test_what_are_no_fields_in_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n_fields, n_frames, height, width\), got \(3, 4, 5\)"):
        motion_properties(np.ones((3, 4, 5)))
    with pytest.raises(ValueError, match="2 frames or more, got 1"):
        motion_properties(np.ones((3, 1, 4, 5)))
    with pytest.raises(ValueError, match="finite fields"):
        motion_properties(np.full((3, 2, 4, 5), np.inf))
    with pytest.raises(ValueError, match="one orientation for each of 1 fields"):
        space_time_slices(np.ones((1, 2, 4, 5)), orientations_deg=[1.0, 2.0])
