"""Fields on whitened patches and in the image."""

import numpy as np
import pytest

from neurosim.analysis.fields.spaces import fields_in_both_spaces, image_margin
from neurosim.stimuli.filters.olshausen import OlshausenField


class Blur:
    """A stand-in filter that spreads every pixel over a square of 5 × 5."""

    def kernel(self, size: int) -> np.ndarray:
        kernel = np.zeros((size, size))
        middle = size // 2
        kernel[middle - 2 : middle + 3, middle - 2 : middle + 3] = 0.04
        return kernel

    def to_image_space(self, fields: np.ndarray, *, margin: int) -> np.ndarray:
        return np.pad(fields, ((0, 0), (margin, margin), (margin, margin)))


class Matrix:
    """A stand-in for a whitening that is no convolution."""

    def to_image_space(self, fields: np.ndarray, *, margin: int) -> np.ndarray:
        return np.pad(2 * fields, ((0, 0), (margin, margin), (margin, margin)))


def test_the_margin_is_the_reach_of_the_kernel_and_at_most_half_the_field():
    assert image_margin(Blur(), size=16) == 2
    assert image_margin(Blur(), size=3) == 1


def test_a_whitening_without_a_kernel_needs_no_margin():
    spaces = fields_in_both_spaces(np.ones((2, 6, 6)), Matrix())
    assert spaces["image"].shape == (2, 6, 6)
    assert (spaces["image"] == 2).all()


def test_a_wider_margin_adds_next_to_nothing_to_the_image_field():
    field = np.zeros((1, 16, 16))
    field[0, 6:10, 6:10] = 1
    chosen = fields_in_both_spaces(field, OlshausenField())["image"]
    wider = fields_in_both_spaces(field, OlshausenField(), margin=16)["image"]
    assert (chosen**2).sum() == pytest.approx((wider**2).sum(), rel=1e-3)


def test_the_image_field_answers_the_image_as_the_whitened_field_answers_the_whitened_image():
    rng = np.random.default_rng(0)
    field, image = rng.standard_normal((1, 8, 8)), rng.standard_normal((24, 24))
    whitening = OlshausenField()
    in_image = fields_in_both_spaces(field, whitening, margin=8)["image"][0]
    response = (whitening.apply(image)[8:16, 8:16] * field[0]).sum()
    assert (in_image * image).sum() == pytest.approx(response)


def test_whitened_fields_come_back_as_they_were():
    fields = np.random.default_rng(1).standard_normal((3, 5, 7))
    np.testing.assert_array_equal(fields_in_both_spaces(fields, Blur())["whitened"], fields)
