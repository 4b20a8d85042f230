"""Drawing patches: where from, which are refused, how they are normalised."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chisquare

from neurosim.stimuli.images.patches import normalise_patches, sample_channels, sample_patches


def numbered(height: int, width: int) -> NDArray[np.float64]:
    """Return an image whose every pixel tells where it is."""
    return np.arange(height * width, dtype=np.float64).reshape(height, width)


def corners(patches: NDArray[np.floating], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the first pixel of patches of a numbered image."""
    rows, columns = np.divmod(patches[:, 0].astype(int), width)
    return rows, columns


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(2, 8),
    border=st.integers(0, 5),
    extra=st.tuples(st.integers(0, 7), st.integers(0, 7)),
)
def test_patches_are_pieces_of_the_image_and_stay_off_the_border(
    seed: int, size: int, border: int, extra: tuple[int, int]
) -> None:
    height, width = (size + 2 * border + more for more in extra)
    image = numbered(height, width)
    patches = sample_patches([image], n_patches=20, size=size, rng=np.random.default_rng(seed), border=border)
    rows, columns = corners(patches, width)
    assert rows.min() >= border
    assert columns.min() >= border
    assert rows.max() + size <= height - border
    assert columns.max() + size <= width - border
    for patch, y, x in zip(patches, rows, columns, strict=True):
        np.testing.assert_array_equal(patch.reshape(size, size), image[y : y + size, x : x + size])


@pytest.mark.parametrize("n_channels", [1, 3])
def test_channels_are_cut_at_the_same_place_and_at_that_of_a_single_image(n_channels: int) -> None:
    images = {"a": numbered(20, 30), "b": 1e6 + numbered(25, 15)}
    stacks = {name: np.stack([image + 1e8 * k for k in range(n_channels)]) for name, image in images.items()}
    together = sample_channels(stacks, n_patches=50, size=4, rng=np.random.default_rng(7))
    alone = sample_patches(images, n_patches=50, size=4, rng=np.random.default_rng(7))
    for k, channel in enumerate(np.split(together, n_channels, axis=1)):
        np.testing.assert_array_equal(channel, alone + 1e8 * k)


def test_every_position_is_equally_likely() -> None:
    patches = sample_patches(
        [numbered(9, 11)], n_patches=8000, size=4, rng=np.random.default_rng(0), border=1
    )
    rows, columns = corners(patches, 11)
    counts = np.bincount((rows - 1) * 6 + columns - 1, minlength=24)
    assert chisquare(counts).pvalue > 1e-3
    skewed = counts + 60 * (np.arange(24) < 4)  # control: the test sees a preference of a fifth for one row
    assert chisquare(skewed).pvalue < 1e-3


def test_every_image_is_equally_likely_whatever_its_size() -> None:
    images = {"small": numbered(12, 12), "large": 1e6 + numbered(90, 90)}
    patches = sample_patches(images, n_patches=4000, size=4, rng=np.random.default_rng(1))
    assert (patches[:, 0] < 1e6).mean() == pytest.approx(0.5, abs=0.03)


def test_the_same_rng_gives_the_same_patches_and_another_gives_others() -> None:
    images = [np.random.default_rng(0).random((40, 40))]
    first, again, other = (
        sample_patches(images, n_patches=50, size=8, rng=np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_constant_patch_is_refused() -> None:
    image = np.full((60, 60), 0.1)
    image[20:40, 20:40] = np.random.default_rng(0).random((20, 20))
    patches = sample_patches([image], n_patches=500, size=6, rng=np.random.default_rng(0), variance_floor=0.0)
    assert (np.ptp(patches, axis=1) > 0).all()
    anywhere = np.lib.stride_tricks.sliding_window_view(image, (6, 6))
    assert (np.ptp(anywhere, axis=(2, 3)) == 0).mean() > 0.3  # control: there was something to refuse


def test_all_patches_lie_above_the_variance_floor() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((80, 80)) * np.linspace(0, 1, 80)
    floored = sample_patches([image], n_patches=300, size=8, rng=rng, variance_floor=0.02)
    assert floored.var(axis=1).min() > 0.02
    free = sample_patches([image], n_patches=300, size=8, rng=rng, variance_floor=0.0)
    assert free.var(axis=1).min() < 0.02


def test_images_that_cannot_fill_the_request_are_an_error_with_numbers() -> None:
    image = np.zeros((200, 200))
    image[100, 100] = 1e-3
    with pytest.raises(
        ValueError, match=r"expected 40 patches with a variance above 0\.5, got 0 in 2000 draws"
    ):
        sample_patches([image], n_patches=40, size=8, rng=np.random.default_rng(0), variance_floor=0.5)


def test_a_constant_image_is_named() -> None:
    images = {"leaf": numbered(20, 20), "wall": np.full((20, 20), 0.3)}
    with pytest.raises(
        ValueError, match=r"wall: expected an image with contrast, got one .* constant at 0\.3"
    ):
        sample_patches(images, n_patches=1, size=4, rng=np.random.default_rng(0))


def test_an_image_smaller_than_a_patch_is_named_with_both_sizes() -> None:
    images = {"leaf": numbered(40, 40), "stamp": numbered(40, 17)}
    with pytest.raises(ValueError, match=r"stamp: expected at least 20 × 20 pixels .* got 40 × 17"):
        sample_patches(images, n_patches=1, size=16, rng=np.random.default_rng(0), border=2)


def test_broken_pixels_name_the_image() -> None:
    torn = numbered(30, 30)
    torn[3, 4] = np.nan
    with pytest.raises(ValueError, match="torn: expected finite pixels, got 1 NaN and 0 infinite of 900"):
        sample_patches({"torn": torn}, n_patches=1, size=8, rng=np.random.default_rng(0))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-6, 1e6))
def test_normalisation_does_what_its_name_says(seed: int, scale: float) -> None:
    patches = scale * np.random.default_rng(seed).random((7, 16))
    mean, std, norm = (normalise_patches(patches, how=how) for how in ("mean", "std", "norm"))
    np.testing.assert_array_equal(normalise_patches(patches, how="none"), patches)
    for normalised in (mean / scale, std, norm):
        np.testing.assert_allclose(normalised.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(std.std(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(norm, axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(mean, patches - patches.mean(axis=1, keepdims=True))


def test_the_sampler_normalises_the_patches_it_would_have_given() -> None:
    images = [np.random.default_rng(0).random((40, 40))]
    plain = sample_patches(images, n_patches=30, size=8, rng=np.random.default_rng(5))
    scaled = sample_patches(images, n_patches=30, size=8, rng=np.random.default_rng(5), normalise="std")
    np.testing.assert_array_equal(scaled, normalise_patches(plain, how="std"))


def test_a_constant_patch_cannot_be_scaled() -> None:
    patches = np.array([[0.1, 0.2], [0.1, 0.1]])
    with pytest.raises(
        ValueError, match="got 1 constant ones, first patch 1, which cannot be scaled to unit length"
    ):
        normalise_patches(patches, how="norm")
    np.testing.assert_array_equal(normalise_patches(patches, how="mean")[1], 0)


@pytest.mark.parametrize("dtype", [np.float32, "float64"])
def test_the_type_asked_for_is_given(dtype: object) -> None:
    options = {"n_patches": 5, "size": 4, "rng": np.random.default_rng(0)}
    patches = sample_patches([numbered(20, 20)], dtype=dtype, **options)  # type: ignore[arg-type]
    assert patches.dtype == np.dtype(dtype)  # type: ignore[call-overload]
    assert patches.shape == (5, 16)
    assert patches.flags.c_contiguous


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_patches": 0}, "n_patches to be a whole number of at least 1, got 0"),
        ({"size": 1}, "size to be a whole number of at least 2, got 1"),
        ({"size": 4.0}, r"size to be a whole number of at least 2, got 4\.0"),
        ({"border": -1}, "border to be a whole number of at least 0, got -1"),
        ({"variance_floor": -1.0}, r"variance_floor of 0 or more, got -1\.0"),
        ({"normalise": "unit"}, "one of none, mean, std, norm, got 'unit'"),
        ({"dtype": "int32"}, "dtype float32 or float64, got int32"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, object], message: str) -> None:
    usual = {"n_patches": 3, "size": 4, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        sample_patches([numbered(20, 20)], **{**usual, **options})  # type: ignore[arg-type]


def test_a_seed_does_for_a_generator() -> None:
    shown = {"n_patches": 3, "size": 4}
    by_seed, by_rng = (
        sample_patches([numbered(20, 20)], **shown, rng=rng) for rng in (3, np.random.default_rng(3))
    )
    np.testing.assert_array_equal(by_seed, by_rng)
