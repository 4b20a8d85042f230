"""Smaller copies of images."""

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.images.resampling import rescale_images


def grating(cycles_per_pixel: float) -> NDArray[np.float64]:
    row: NDArray[np.float64] = np.cos(2 * np.pi * cycles_per_pixel * np.arange(64))
    return np.tile(row, (48, 1))


def test_halving_doubles_the_frequency_of_what_can_be_shown() -> None:
    small = rescale_images({"a": grating(1 / 16)}, factor=0.5)["a"]
    assert small.shape == (24, 32)
    spectrum = np.abs(np.fft.rfft(small[12] - small[12].mean()))
    assert np.argmax(spectrum) / 32 == pytest.approx(1 / 8)


def test_little_is_left_of_what_cannot_be_shown() -> None:
    fine = grating(0.4)
    assert rescale_images([fine], factor=0.5)["image 0"].std() < 0.25 * fine.std()
    assert fine[::2, ::2].std() > 0.9 * fine.std()  # control: leaving out pixels folds all of it


def test_values_stay_within_their_range_and_a_constant_stays_constant() -> None:
    image = np.random.default_rng(0).random((30, 41))
    small = rescale_images([image], factor=0.3)["image 0"]
    assert image.min() <= small.min()
    assert small.max() <= image.max()
    np.testing.assert_allclose(rescale_images([np.full((9, 9), 7.0)], factor=0.5)["image 0"], 7.0)


def test_a_factor_of_one_copies() -> None:
    image = np.random.default_rng(0).random((5, 5))
    copied = rescale_images([image], factor=1)["image 0"]
    np.testing.assert_array_equal(copied, image)
    assert not np.shares_memory(copied, image)


@pytest.mark.parametrize("factor", [0, -0.5, 2, float("nan")])
def test_impossible_factors_are_refused(factor: float) -> None:
    with pytest.raises(ValueError, match=r"expected a factor in \(0, 1\]"):
        rescale_images([np.ones((5, 5))], factor=factor)
