"""Stereo patches: where they lie, and that the disparity returned is the one to be seen."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kstest

from neurosim.stimuli.stereo.motorcycle import stereo_pair
from neurosim.stimuli.stereo.patches import StereoPatches, sample_stereo_patches


def numbered(height: int, width: int) -> NDArray[np.float64]:
    """Return an image whose every pixel tells where it is."""
    return np.arange(height * width, dtype=np.float64).reshape(height, width)


def steps(height: int, width: int) -> NDArray[np.float64]:
    """Return a map of disparities in fractions of pixels, with a strip where nothing is known."""
    known = np.broadcast_to(np.linspace(-3.3, 4.7, width), (height, width)).copy()
    known[:, width // 2 : width // 2 + 3] = np.nan
    known[: height // 4, : width // 4] = np.inf
    return known


def match(patches: StereoPatches, shift: int) -> float:
    """Return the mean correlation of left patches with right ones moved by whole pixels."""
    size = round(patches.left.shape[1] ** 0.5)
    left, right = (eye.reshape(-1, size, size) for eye in (patches.left, patches.right))
    a = left[:, :, max(shift, 0) : size + min(shift, 0)].reshape(len(left), -1)
    b = right[:, :, max(-shift, 0) : size + min(-shift, 0)].reshape(len(left), -1)
    a, b = (eye - eye.mean(axis=1, keepdims=True) for eye in (a, b))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1)[norms > 0] / norms[norms > 0]).mean())


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 7), border=st.integers(0, 4), sd=st.floats(0, 3))
def test_patches_are_pieces_of_both_images_and_the_disparity_is_that_of_the_places(
    seed: int, size: int, border: int, sd: float
) -> None:
    left, right, known = numbered(24, 33), -numbered(24, 33), steps(24, 33)
    patches = sample_stereo_patches(
        left,
        right,
        patch_size=size,
        n_patches=30,
        rng=np.random.default_rng(seed),
        disparity=known,
        residual_sd=sd,
        border=border,
    )
    assert len(patches) == 30
    for seen_left, seen_right, disparity, (row, at_left, at_right) in zip(
        patches.left, patches.right, patches.disparity, patches.positions, strict=True
    ):
        assert border <= row <= 24 - border - size
        for image, seen, column in ((left, seen_left, at_left), (right, seen_right, at_right)):
            assert border <= column <= 33 - border - size
            np.testing.assert_array_equal(
                seen.reshape(size, size), image[row : row + size, column : column + size]
            )
        there = known[row + size // 2, at_left + size // 2]
        assert disparity == pytest.approx(at_right - (at_left - there), abs=1e-9)


def test_without_errors_of_vergence_only_the_rounding_is_left() -> None:
    left, right, known = stereo_pair(factor=0.5)
    patches = sample_stereo_patches(
        left,
        right,
        patch_size=12,
        n_patches=2000,
        rng=np.random.default_rng(0),
        disparity=known,
        residual_sd=0.0,
    )
    assert np.abs(patches.disparity).max() <= 0.5
    assert kstest(patches.disparity, "uniform", args=(-0.5, 1)).pvalue > 1e-3


def test_errors_of_vergence_have_the_spread_asked_for() -> None:
    left, right, known = stereo_pair(factor=0.5)
    for sd in (1.0, 3.0):
        patches = sample_stereo_patches(
            left,
            right,
            patch_size=12,
            n_patches=4000,
            rng=np.random.default_rng(0),
            disparity=known,
            residual_sd=sd,
        )
        assert kstest(patches.disparity / sd, "norm").pvalue > 1e-3
        assert kstest(patches.disparity / (1.2 * sd), "norm").pvalue < 1e-3  # control


def test_both_eyes_see_the_same_thing_where_the_disparity_says() -> None:
    left, right, known = stereo_pair(factor=0.5)
    options: dict[str, Any] = {"patch_size": 16, "rng": np.random.default_rng(0), "residual_sd": 2.5}
    patches = sample_stereo_patches(left, right, n_patches=6000, disparity=known, **options)
    for shift in (-3, 0, 3):
        near = np.abs(patches.disparity - shift) < 0.25
        some = StereoPatches(
            patches.left[near], patches.right[near], patches.disparity[near], patches.positions[near]
        )
        matches = {trial: match(some, trial) for trial in range(-6, 7)}
        assert max(matches, key=lambda trial: matches[trial]) == shift
        assert matches[shift] > 0.75
        assert matches[-shift] < matches[shift] - 0.2 or shift == 0
    # Control: eyes that do not verge see different things.
    apart = sample_stereo_patches(left, right, n_patches=2000, **options)
    assert match(apart, 0) < 0.25


def test_without_a_map_the_disparity_is_not_known_and_the_places_are() -> None:
    image = numbered(40, 60)
    options: dict[str, Any] = {"patch_size": 8, "n_patches": 500}
    patches = sample_stereo_patches(image, image, rng=np.random.default_rng(0), residual_sd=0, **options)
    assert np.isnan(patches.disparity).all()
    np.testing.assert_array_equal(patches.left, patches.right)
    moved = sample_stereo_patches(image, image, rng=np.random.default_rng(0), residual_sd=2, **options)
    shifts = moved.positions[:, 2] - moved.positions[:, 1]
    assert shifts.std() == pytest.approx(2, rel=0.1)
    np.testing.assert_array_equal(moved.right - moved.left, np.repeat(shifts[:, None], 64, axis=1))


def test_middles_of_unknown_disparity_are_never_drawn() -> None:
    known = np.full((40, 60), np.nan)
    known[20, 30] = known[10, 12] = 0.0
    image = numbered(40, 60)
    patches = sample_stereo_patches(
        image,
        image,
        patch_size=5,
        n_patches=20,
        rng=np.random.default_rng(0),
        disparity=known,
        residual_sd=0.0,
    )
    assert {tuple(place) for place in patches.positions[:, :2] + 2} == {(20, 30), (10, 12)}


def test_the_same_rng_gives_the_same_patches_and_fewer_are_the_first_of_more() -> None:
    left, right, known = stereo_pair(factor=0.3)
    few, many, other = (
        sample_stereo_patches(
            left,
            right,
            patch_size=8,
            n_patches=n,
            rng=np.random.default_rng(seed),
            disparity=known,
        )
        for n, seed in ((50, 1), (3000, 1), (50, 2))
    )
    np.testing.assert_array_equal(few.left, many.left[:50])
    np.testing.assert_array_equal(few.disparity, many.disparity[:50])
    assert (few.positions != other.positions).any()


def test_images_of_any_real_unit_are_taken() -> None:
    left, right, known = stereo_pair(factor=0.3)
    options: dict[str, Any] = {"patch_size": 8, "n_patches": 50, "disparity": known}
    plain, signed = (
        sample_stereo_patches(eyes[0], eyes[1], rng=np.random.default_rng(0), **options)
        for eyes in ((left, right), (-7 * left, -7 * right))
    )
    np.testing.assert_array_equal(signed.left, -7 * plain.left)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"right": numbered(40, 59)}, "right: expected 40 × 60 pixels, as the left image has, got 40 × 59"),
        ({"disparity": np.zeros((60, 40))}, "disparity: expected 40 × 60 pixels, .* got 60 × 40"),
        (
            {"disparity": np.full((40, 60), np.inf)},
            "disparity: expected a map that is known where patches of 8",
        ),
        ({"disparity": np.full((40, 60), 55.0)}, "got 0 in .* draws; the map is known at 100.0% of 40 × 60"),
        ({"left": np.full((40, 60), np.nan)}, "left: expected finite pixels"),
        ({"right": numbered(40, 60) * 1j}, "right: expected real pixels"),
        ({"patch_size": 33}, "left: expected at least 41 × 41 pixels .* got 40 × 60"),
        ({"patch_size": 1}, "patch_size to be a whole number of at least 2, got 1"),
        ({"n_patches": 0}, "n_patches to be a whole number of at least 1, got 0"),
        ({"border": -1}, "border to be a whole number of at least 0, got -1"),
        ({"residual_sd": -1.0}, r"standard deviation of 0 pixels or more, got -1\.0"),
        ({"residual_sd": np.nan}, "standard deviation of 0 pixels or more, got nan"),
    ],
)
def test_impossible_requests_are_refused(changed: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {
        "left": numbered(40, 60),
        "right": numbered(40, 60),
        "patch_size": 8,
        "n_patches": 3,
        "rng": np.random.default_rng(0),
        "disparity": np.zeros((40, 60)),
    }
    sample_stereo_patches(**usual)
    with pytest.raises(ValueError, match=message):
        sample_stereo_patches(**(usual | changed))


def test_a_seed_does_for_a_generator() -> None:
    image = numbered(40, 60)
    by_seed, by_rng = (
        sample_stereo_patches(image, image, patch_size=8, n_patches=3, rng=rng)
        for rng in (3, np.random.default_rng(3))
    )
    np.testing.assert_array_equal(by_seed.left, by_rng.left)


def test_the_caller_s_map_is_left_alone() -> None:
    known = steps(24, 33)
    kept = known.copy()
    image = numbered(24, 33)
    sample_stereo_patches(
        image, image, patch_size=4, n_patches=3, rng=np.random.default_rng(0), disparity=known
    )
    np.testing.assert_array_equal(known, kept)
