"""Stereo with planted disparities: closed forms, and the same sign as in photographs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kstest

from neurosim.stimuli.images.images import embedded_photographs
from neurosim.stimuli.stereo.patches import sample_stereo_patches
from neurosim.stimuli.stereo.synthetic import dot_stereogram, planted_stereo


def grating(frequency: float, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cos(2 * np.pi * frequency * columns + 0.4)


@pytest.mark.parametrize(("frequency", "error"), [(0.02, 1e-3), (0.1, 1e-3), (0.25, 2e-3), (0.4, 1e-2)])
def test_a_grating_is_shifted_by_its_formula_to_opposite_sides(frequency: float, error: float) -> None:
    image = np.broadcast_to(grating(frequency, np.arange(400.0)), (30, 400))
    patches = planted_stereo(
        image, patch_size=10, n_patches=300, disparity_sd=2.0, rng=np.random.default_rng(0), border=8
    )
    away = np.abs(patches.positions[:, 1] - 195) < 150  # the mirror at the edges bends what is next to them
    columns = patches.positions[:, 1, None] + np.arange(10.0)
    half = patches.disparity[:, None] / 2
    for seen, expected in ((patches.left, columns - half), (patches.right, columns + half)):
        rows = seen.reshape(-1, 10, 10)
        np.testing.assert_allclose(rows, np.broadcast_to(rows[:, :1], rows.shape), atol=1e-9)
        np.testing.assert_allclose(rows[away, 0], grating(frequency, expected)[away], atol=error)


def test_a_disparity_of_zero_shows_the_image_itself_to_both_eyes() -> None:
    camera = embedded_photographs("camera")["camera"]
    patches = planted_stereo(
        camera, patch_size=16, n_patches=50, disparity_sd=0.0, rng=np.random.default_rng(0)
    )
    for seen, other, (row, column, again) in zip(patches.left, patches.right, patches.positions, strict=True):
        piece = camera[row : row + 16, column : column + 16].ravel()
        np.testing.assert_allclose(seen, piece, atol=1e-12)
        np.testing.assert_allclose(other, piece, atol=1e-12)
        assert column == again
    assert (patches.disparity == 0).all()


def test_neither_eye_is_blurred_more_than_the_other_or_than_the_image() -> None:
    noise = np.random.default_rng(0).standard_normal((200, 200))
    patches = planted_stereo(
        noise, patch_size=16, n_patches=2000, disparity_sd=3.0, rng=np.random.default_rng(1), border=20
    )
    assert patches.left.std() == pytest.approx(patches.right.std(), rel=0.01)
    assert patches.left.std() == pytest.approx(noise.std(), rel=0.02)


def test_disparities_have_the_spread_asked_for_and_say_nothing_of_the_place() -> None:
    noise = np.random.default_rng(0).standard_normal((60, 90))
    patches = planted_stereo(
        noise, patch_size=8, n_patches=4000, disparity_sd=1.5, rng=np.random.default_rng(0)
    )
    assert kstest(patches.disparity / 1.5, "norm").pvalue > 1e-3
    assert kstest(patches.disparity / 1.8, "norm").pvalue < 1e-3  # control
    assert abs(np.corrcoef(patches.disparity, patches.positions[:, 1])[0, 1]) < 0.06
    reach = np.ceil(np.abs(patches.disparity) / 2)
    assert (patches.positions[:, 1] - reach).min() == 4
    assert (patches.positions[:, 1] + reach).max() == 90 - 4 - 8


def test_planted_and_photographed_disparities_have_the_same_sign() -> None:
    """A pair made by moving a whole image is the same seen by either function."""
    noise = np.random.default_rng(0).standard_normal((60, 80))
    near = 3  # left minus right place: the right eye sees everything three pixels further left
    photographed = sample_stereo_patches(
        noise,
        np.roll(noise, -near, axis=1),
        patch_size=12,
        n_patches=200,
        rng=np.random.default_rng(0),
        disparity=np.zeros((60, 80)),  # eyes that do not verge: the map of disparities is what they miss
        residual_sd=0.0,
        border=8,
    )
    planted = planted_stereo(
        noise, patch_size=12, n_patches=2000, disparity_sd=3.0, rng=np.random.default_rng(0), border=8
    )
    same = np.abs(planted.disparity - near) < 0.1
    dots = dot_stereogram(size=12, disparity=near, n_stimuli=100, rng=np.random.default_rng(0))
    pairs = ((photographed.left, photographed.right), (planted.left[same], planted.right[same]), dots)
    for left, right in pairs:
        a, b = left.reshape(-1, 12, 12), right.reshape(-1, 12, 12)
        assert np.corrcoef(a[:, :, near:].ravel(), b[:, :, :-near].ravel())[0, 1] > 0.9
        assert abs(np.corrcoef(a[:, :, :-near].ravel(), b[:, :, near:].ravel())[0, 1]) < 0.1


@given(
    seed=st.integers(0, 2**32 - 1),
    disparity=st.integers(-7, 7),
    density=st.floats(0.05, 1.0),
    correlated=st.sampled_from([1, -1]),
)
def test_dots_are_the_same_or_the_opposite_at_the_place_that_the_disparity_says(
    seed: int, disparity: int, density: float, correlated: int
) -> None:
    left, right = (
        eye.reshape(4, 8, 8)
        for eye in dot_stereogram(
            size=8,
            disparity=disparity,
            n_stimuli=4,
            rng=np.random.default_rng(seed),
            density=density,
            correlated=correlated,
        )
    )
    for x in range(max(disparity, 0), min(8 + disparity, 8)):
        np.testing.assert_array_equal(left[:, :, x], correlated * right[:, :, x - disparity])


def test_dots_are_bright_and_dark_alike_in_each_eye_whatever_the_disparity() -> None:
    rng = np.random.default_rng(0)
    for disparity in (-5, 0, 5):
        for correlated in (1, 0, -1):
            for eye in dot_stereogram(
                size=16, disparity=disparity, n_stimuli=400, rng=rng, density=0.3, correlated=correlated
            ):
                assert eye.shape == (400, 256)
                assert set(np.unique(eye)) == {-1.0, 0.0, 1.0}
                assert (eye == 1).mean() == pytest.approx(0.15, abs=0.005)
                assert (eye == -1).mean() == pytest.approx(0.15, abs=0.005)
                assert (
                    eye.var(axis=0).std() < 0.05
                )  # the edge that the shift uncovers is filled like the rest


@pytest.mark.parametrize(("correlated", "expected"), [(1, 1.0), (0, 0.0), (-1, -1.0)])
def test_the_correlation_of_the_eyes_is_the_one_asked_for(correlated: int, expected: float) -> None:
    left, right = (
        eye.reshape(-1, 16, 16)
        for eye in dot_stereogram(
            size=16, disparity=3, n_stimuli=200, rng=np.random.default_rng(0), correlated=correlated
        )
    )
    at_disparity = np.corrcoef(left[:, :, 3:].ravel(), right[:, :, :-3].ravel())[0, 1]
    assert at_disparity == pytest.approx(expected, abs=0.02)
    assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 0.02  # control: none at another disparity


def test_what_the_shift_uncovers_is_fresh() -> None:
    left, right = (
        eye.reshape(-1, 16, 16)
        for eye in dot_stereogram(size=16, disparity=4, n_stimuli=500, rng=np.random.default_rng(0))
    )
    fresh = right[:, :, -4:].reshape(500, -1)
    for start in range(13):
        other = left[:, :, start : start + 4].reshape(500, -1)
        assert abs(np.corrcoef(fresh.ravel(), other.ravel())[0, 1]) < 0.03


@pytest.mark.parametrize("draw", ["planted", "dots"])
def test_the_same_rng_gives_the_same_stimuli_and_another_gives_others(draw: str) -> None:
    noise = np.random.default_rng(0).standard_normal((40, 50))

    def seen(seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        if draw == "dots":
            return dot_stereogram(size=8, disparity=1, n_stimuli=5, rng=rng)[1]
        return planted_stereo(noise, patch_size=8, n_patches=5, disparity_sd=1, rng=rng).right

    np.testing.assert_array_equal(seen(1), seen(1))
    assert (seen(1) != seen(2)).any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image": np.full((40, 60), np.nan)}, "image: expected finite pixels"),
        ({"image": np.zeros((40, 60, 3))}, "image: expected a grey image"),
        ({"patch_size": 33}, "image: expected at least 41 × 41 pixels"),
        ({"disparity_sd": 80.0}, "image: expected room for a disparity of .* got a width of 60"),
        ({"disparity_sd": -1.0}, "standard deviation of 0 pixels or more"),
        ({"n_patches": 2.5}, r"n_patches to be a whole number of at least 1, got 2\.5"),
    ],
)
def test_impossible_plants_are_refused(changed: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {
        "image": np.random.default_rng(0).standard_normal((40, 60)),
        "patch_size": 8,
        "n_patches": 20,
        "disparity_sd": 1.0,
        "rng": np.random.default_rng(0),
    }
    planted_stereo(**usual)
    with pytest.raises(ValueError, match=message):
        planted_stereo(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"size": 1}, "whole number of at least 2, got 1"),
        ({"disparity": 8}, "whole pixels below the size, 8, got 8"),
        ({"disparity": 1.5}, r"whole pixels below the size, 8, got 1\.5"),
        ({"n_stimuli": 0}, "at least 1, got 0"),
        ({"density": 0.0}, r"density in \(0, 1\], got 0\.0"),
        ({"correlated": 0.5}, r"correlated to be 1, 0 or -1, got 0\.5"),
    ],
)
def test_impossible_dots_are_refused(changed: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"size": 8, "disparity": 2, "n_stimuli": 3, "rng": np.random.default_rng(0)}
    dot_stereogram(**usual)
    with pytest.raises(ValueError, match=message):
        dot_stereogram(**(usual | changed))
