"""Labelled images: what they hold and what they refuse."""

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.stimuli.labelled import LabelledImages, whole_labels

IMAGES = np.linspace(0, 1, 24).reshape(2, 3, 4)


def test_images_and_labels_have_the_stated_types_whatever_they_came_in() -> None:
    for images in (IMAGES, IMAGES.astype(np.float32), IMAGES > 0.5):
        for labels in ([3, 0], [3.0, 0.0], np.array([3, 0], dtype=np.uint8)):
            held = LabelledImages(images, labels, "a test")  # type: ignore[arg-type]
            assert held.images.dtype == np.float32
            assert held.labels.dtype == np.int64
            np.testing.assert_array_equal(held.images, np.asarray(images, dtype=np.float32))
            np.testing.assert_array_equal(held.labels, [3, 0])


def test_flat_images_are_the_rows_of_pixels_one_after_the_other() -> None:
    held = LabelledImages(IMAGES.astype(np.float32), np.array([3, 0]), "a test")
    assert len(held) == 2
    np.testing.assert_array_equal(held.flat, np.linspace(0, 1, 24, dtype=np.float32).reshape(2, 12))
    assert np.shares_memory(held.flat, held.images)


def test_nothing_is_put_in_another_one_s_place() -> None:
    held = LabelledImages(IMAGES.astype(np.float32), np.array([3, 0]), "a test")
    with pytest.raises(FrozenInstanceError):
        held.source = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": IMAGES[0]}, r"shape \(n, height, width\), got shape \(3, 4\)"),
        ({"images": IMAGES[:0]}, r"got shape \(0, 3, 4\)"),
        ({"images": IMAGES * 255}, "divide by the full scale, which is 255"),
        ({"images": IMAGES - 0.1}, r"pixels in \[0, 1\], got -0\.1 to 0\.9"),
        ({"images": np.where(IMAGES == 1, np.nan, IMAGES)}, "NaN or infinite ones in image 1"),
        ({"images": IMAGES.astype(str)}, "real pixels, got dtype <U"),
        ({"images": IMAGES * 1j}, "real pixels, got dtype complex128"),
        ({"labels": [0]}, r"one per sample, shape \(2,\), got shape \(1,\)"),
        ({"labels": [[0], [1]]}, r"got shape \(2, 1\)"),
        ({"labels": [0, -1]}, "whole numbers of 0 or more, got -1 at index 1"),
        ({"labels": [0.5, 1.0]}, r"got 0\.5 at index 0"),
        ({"labels": [0.0, np.nan]}, "got nan at index 1"),
        ({"labels": [np.inf, 0]}, "got inf at index 0"),
        ({"labels": ["cat", "dog"]}, r"got dtype <U3; number the classes from 0 \(numpy\.unique"),
        ({"source": ""}, "one line that says where the images are from, got ''"),
        ({"source": "two\nlines"}, r"got 'two\\nlines'"),
        ({"source": None}, "got None"),
    ],
)
def test_what_is_no_labelled_set_is_refused(changed: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"images": IMAGES, "labels": [3, 0], "source": "a test"}
    LabelledImages(**usual)
    with pytest.raises(ValueError, match=message):
        LabelledImages(**(usual | changed))


@given(st.lists(st.integers(0, 2**53 - 1), min_size=1))
def test_whole_numbers_survive_as_integers_and_as_floats(numbers: list[int]) -> None:
    for given_as in (np.array(numbers, dtype=np.int64), np.array(numbers, dtype=np.float64)):
        assert whole_labels(given_as, n_samples=len(numbers)).tolist() == numbers
