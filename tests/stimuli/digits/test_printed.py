"""Printed digits: where the ink is, and telling which digit an image is nearest to."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosim.stimuli.digits.fonts import Font, find_font
from neurosim.stimuli.digits.printed import PrintedDigits, nearest_printed, printed_digits

FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONT = find_font(FOLDER / "DejaVuSans.ttf")


def box(image: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Return top, bottom, left and right of the ink in pixels; a pixel partly inked counts for its share."""
    edges: list[float] = []
    for profile in (image.max(axis=1), image.max(axis=0)):
        inked = np.flatnonzero(profile > 0)
        share = profile / image.max()
        edges += [inked[0] + 1 - share[inked[0]], inked[-1] + share[inked[-1]]]
    return edges[0], edges[1], edges[2], edges[3]


@pytest.mark.parametrize("file", ["DejaVuSans.ttf", "DejaVuSerif-BoldItalic.ttf", "DejaVuSansMono.ttf"])
@pytest.mark.parametrize(("size", "fraction"), [(28, 20 / 28), (28, 1.0), (8, 20 / 28), (16, 0.5), (31, 0.7)])
def test_digits_are_as_large_as_fits_and_none_is_larger(file: str, size: int, fraction: float) -> None:
    printed = printed_digits(size, font=find_font(FOLDER / file), fraction=fraction)
    assert printed.images.shape == (10, size, size)
    assert printed.images.dtype == np.float32
    rows, columns = printed.images.any(axis=(0, 2)), printed.images.any(axis=(0, 1))
    margin = (size - fraction * size) / 2
    for inked in (rows, columns):
        first, last = np.flatnonzero(inked)[[0, -1]]
        assert first >= int(margin)
        assert last < size - int(margin)
    assert np.flatnonzero(rows)[0] == int(margin)


def test_the_tallest_digits_take_the_twenty_rows_that_mnist_s_do() -> None:
    boxes = np.array([box(image) for image in printed_digits(28, font=FONT).images])
    heights = boxes[:, 1] - boxes[:, 0]
    assert heights.max() == pytest.approx(20, abs=0.25)
    assert heights.min() > 18.5  # one scale for all: print has digits of one height


def test_each_digit_is_in_the_middle() -> None:
    for image in printed_digits(28, font=FONT).images:
        top, bottom, left, right = box(image)
        assert (top + bottom) / 2 == pytest.approx(14, abs=0.2)
        assert (left + right) / 2 == pytest.approx(14, abs=0.8)  # slopes: an edge pixel's share is a guess


def test_ink_is_conserved_whatever_the_number_of_pixels() -> None:
    ink = np.array([printed_digits(size, font=FONT).images.mean(axis=(1, 2)) for size in (8, 16, 28, 64)])
    np.testing.assert_allclose(ink, np.broadcast_to(ink[-1], ink.shape), rtol=0.03)


def test_edges_are_antialiased_and_the_inside_is_full() -> None:
    images = printed_digits(28, font=FONT).images
    assert images.min() == 0
    assert images.max() == 1
    for image in images:
        assert ((image > 0.1) & (image < 0.9)).sum() > 10
        assert (image == 1).sum() > 10


def test_eight_pixels_are_the_means_of_the_larger_print() -> None:
    small, large = (printed_digits(size, font=FONT).images for size in (8, 64))
    means = large.reshape(10, 8, 8, 8, 8).mean(axis=(2, 4))
    np.testing.assert_allclose(small, means, atol=1e-6)


def test_zero_and_eight_look_the_part() -> None:
    images = printed_digits(64, font=FONT).images
    across = images[:, :, 28:36].max(axis=2) > 0.5  # down the middle: strokes met
    strokes = (np.diff(across.astype(int), axis=1) == 1).sum(axis=1)
    assert strokes[[0, 1, 8]].tolist() == [2, 1, 3]


def test_printing_is_repeatable_and_fonts_differ() -> None:
    first, again = (printed_digits(28, font=FONT).images for _ in range(2))
    np.testing.assert_array_equal(first, again)
    other = printed_digits(28, font=find_font(FOLDER / "DejaVuSerif.ttf"))
    assert np.abs(other.images - first).max() > 0.5
    assert other.font.family == "DejaVu Serif"


def test_rows_of_flat_print_classes() -> None:
    printed = printed_digits(8, font=FONT)
    np.testing.assert_array_equal(printed.flat[[3, 3, 0]], printed.images[[3, 3, 0]].reshape(3, 64))


@pytest.mark.parametrize("size", [0, 3, 28.0, "28"])
def test_impossible_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="size to be a whole number of at least 4 pixels"):
        printed_digits(size, font=FONT)


@pytest.mark.parametrize("fraction", [0.0, 0.1, -1.0, 1.01, float("nan")])
def test_impossible_fractions_are_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=r"from 0\.107 \(digits of 3 pixels\) to 1"):
        printed_digits(28, font=FONT, fraction=fraction)


def test_a_font_that_draws_the_same_for_every_character_is_refused() -> None:
    path = FOLDER / "LastResortHE-Regular.ttf"
    if not path.is_file():
        pytest.skip("this matplotlib comes without the font of last resort")
    with pytest.raises(ValueError, match="draws the same for 0 and 1"):
        printed_digits(28, font=find_font(path))


def test_a_font_that_draws_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageDraw.ImageDraw.text", lambda *_args, **_options: None)
    with pytest.raises(ValueError, match="draws 0, got nothing from 'DejaVu Sans'"):
        printed_digits(28, font=FONT)


@given(scale=st.floats(1e-6, 1e6), noise=st.floats(0, 0.05), seed=st.integers(0, 2**32 - 1))
def test_a_digit_is_recognised_at_any_contrast_and_under_noise(scale: float, noise: float, seed: int) -> None:
    printed = PrintedDigits(PRINTED, FONT)
    labels = np.random.default_rng(seed).integers(0, 10, 30)
    shown = printed.flat[labels] + noise * np.random.default_rng(seed).standard_normal((30, 784))
    np.testing.assert_array_equal(nearest_printed(scale * shown, printed), labels)


PRINTED = printed_digits(28, font=FONT).images


def test_an_image_without_any_digit_in_it_is_anybody_s_guess() -> None:
    """Control: labels are recovered from the pattern, not from anything else."""
    noise = np.random.default_rng(0).standard_normal((2000, 784))
    shares = np.bincount(nearest_printed(noise, PRINTED), minlength=10) / 2000
    assert shares.max() < 0.35


def test_it_is_the_euclidean_distance_after_scaling_to_unit_norm() -> None:
    rng = np.random.default_rng(0)
    recalled = 0.2 * PRINTED.reshape(10, -1)[rng.integers(0, 10, 300)] + 0.2 * rng.standard_normal((300, 784))
    unit = recalled / np.linalg.norm(recalled, axis=1, keepdims=True)
    templates = PRINTED.reshape(10, -1) / np.linalg.norm(PRINTED.reshape(10, -1), axis=1, keepdims=True)
    distances = np.linalg.norm(unit[:, None] - templates[None], axis=2)
    np.testing.assert_array_equal(nearest_printed(recalled, PRINTED), distances.argmin(axis=1))
    unscaled = np.linalg.norm(recalled[:, None] - PRINTED.reshape(1, 10, -1), axis=2).argmin(axis=1)
    assert (
        unscaled != distances.argmin(axis=1)
    ).mean() > 0.5  # control: a faint image is near the digit of least ink


def test_zero_images_are_of_no_class_and_leave_the_others_alone() -> None:
    shown = np.zeros((4, 28, 28))
    shown[2] = PRINTED[7]
    np.testing.assert_array_equal(nearest_printed(shown, PRINTED), [-1, -1, 7, -1])
    np.testing.assert_array_equal(nearest_printed(np.zeros((2, 784)), PRINTED), [-1, -1])
    assert nearest_printed(shown, PRINTED).dtype == np.int64


def test_the_negative_of_a_digit_is_not_that_digit() -> None:
    np.testing.assert_array_less(-1, nearest_printed(-PRINTED, PRINTED))
    assert (nearest_printed(-PRINTED, PRINTED) != np.arange(10)).all()


@pytest.mark.parametrize(
    ("recalled", "printed", "message"),
    [
        (np.ones((2, 64)), PRINTED, "images of 784 pixels, as the printed ones have, got 64"),
        (np.ones(784), PRINTED, r"recalled: expected images of shape .* got \(784,\)"),
        (np.full((1, 784), np.nan), PRINTED, "recalled: expected finite pixels"),
        (np.ones((1, 2)), np.zeros((3, 2)), "zero throughout, first stimulus 0"),
        (np.ones((1, 2)), np.ones(2), "printed: expected images of shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    recalled: NDArray[np.float64], printed: NDArray[np.float64], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        nearest_printed(recalled, printed)


def test_the_default_font_is_the_one_found() -> None:
    assert printed_digits(8).font == find_font()
    assert isinstance(printed_digits(8).font, Font)
