"""Filters by their transfer function: self-adjoint, linear, and what their kernel says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy.signal import fftconvolve

from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.olshausen import OlshausenField

FILTERS = [OlshausenField(), OlshausenField(cutoff=0.2, steepness=2, ramp=0.5), CentreSurround()]
every_filter = pytest.mark.parametrize("image_filter", FILTERS, ids=str)


class Oriented(FourierFilter):
    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(np.exp(-40 * np.square(np.subtract(frequency_y, frequency_x))))


@every_filter
@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(2, 20),
    width=st.integers(2, 20),
    margin=st.integers(0, 9),
)
def test_a_field_in_image_space_answers_the_image_as_the_field_answers_the_filtered_image(
    image_filter: FourierFilter, seed: int, height: int, width: int, margin: int
) -> None:
    rng = np.random.default_rng(seed)
    fields = rng.normal(size=(3, height, width))
    image = rng.normal(size=(height + 2 * margin, width + 2 * margin))
    filtered = image_filter.apply(image)[margin : margin + height, margin : margin + width]
    in_image_space = image_filter.to_image_space(fields, margin=margin)
    assert in_image_space.shape == (3, *image.shape)
    np.testing.assert_allclose(
        np.sum(in_image_space * image, (1, 2)), np.sum(fields * filtered, (1, 2)), atol=1e-10
    )


@every_filter
def test_the_identity_holds_within_a_photograph_up_to_what_lies_beyond_the_margin(
    image_filter: FourierFilter,
) -> None:
    rng = np.random.default_rng(1)
    images = rng.normal(size=(20, 120, 150))
    y, x = np.mgrid[:12, :12] - 5.5
    field = np.exp(-(x**2 + y**2) / 12) * np.cos(0.8 * x + 0.3)
    filtered = np.stack([image_filter.apply(image) for image in images])
    responses = np.sum(field * filtered[:, 50:62, 70:82], axis=(1, 2))
    errors = []
    for margin in (0, 4, 16):
        seen = images[:, 50 - margin : 62 + margin, 70 - margin : 82 + margin]
        projections = np.sum(image_filter.to_image_space(field[None], margin=margin) * seen, axis=(1, 2))
        errors.append(np.std(projections - responses) / np.std(responses))
    assert errors[2] < 0.02
    assert errors[2] < 0.5 * errors[0]


@every_filter
def test_the_kernel_is_what_the_filter_convolves_with(image_filter: FourierFilter) -> None:
    image = np.random.default_rng(0).normal(size=(140, 140))
    convolved = fftconvolve(image, image_filter.kernel(81), mode="same")
    middle = slice(50, 90)
    np.testing.assert_allclose(
        image_filter.apply(image)[middle, middle], convolved[middle, middle], atol=0.01
    )
    assert np.abs(convolved[middle, middle]).max() > 0.3  # the tolerance above is small beside the signal


@every_filter
@pytest.mark.parametrize("size", [1, 8, 9])
def test_the_kernel_peaks_at_its_centre_pixel(image_filter: FourierFilter, size: int) -> None:
    kernel = image_filter.kernel(size)
    assert kernel.shape == (size, size)
    assert divmod(int(kernel.argmax()), size) == (size // 2, size // 2)


@every_filter
def test_filtering_is_linear_and_removes_the_mean(image_filter: FourierFilter) -> None:
    first, second = np.random.default_rng(2).random((2, 15, 22))
    combined = image_filter.apply(2 * first - 3 * second + 5)
    expected = 2 * image_filter.apply(first) - 3 * image_filter.apply(second)
    np.testing.assert_allclose(combined, expected, atol=1e-12)
    assert abs(combined.mean()) < 1e-13


@every_filter
def test_a_mirrored_or_turned_image_gives_the_mirrored_or_turned_result(image_filter: FourierFilter) -> None:
    image = np.random.default_rng(3).random((13, 18))
    filtered = image_filter.apply(image)
    np.testing.assert_allclose(image_filter.apply(image[::-1]), filtered[::-1], atol=1e-13)
    np.testing.assert_allclose(image_filter.apply(image.T), filtered.T, atol=1e-13)


@every_filter
def test_a_standing_grating_is_multiplied_by_the_gain_at_its_frequency(image_filter: FourierFilter) -> None:
    size, cycles = 64, 9
    grating = np.cos(2 * np.pi * cycles / size * (np.arange(size) + 0.5))[None, :] * np.ones((40, 1))
    expected = image_filter.transfer(0.0, cycles / size) * grating
    np.testing.assert_allclose(image_filter.apply(grating), expected, atol=1e-12)


@every_filter
def test_opposite_edges_do_not_meet(image_filter: FourierFilter) -> None:
    ramp = np.linspace(0, 1, 200)[None, :] * np.ones((60, 1))
    periodic = np.fft.ifft2(
        np.fft.fft2(ramp) * image_filter.transfer(np.fft.fftfreq(60)[:, None], np.fft.fftfreq(200)[None, :])
    ).real
    assert np.abs(image_filter.apply(ramp)).max() < np.abs(periodic).max() / 3


def test_an_oriented_transfer_function_is_refused() -> None:
    with pytest.raises(ValueError, match="even in both frequencies, got one of Oriented"):
        Oriented().apply(np.eye(8))


def test_impossible_fields_margins_and_kernels_are_refused() -> None:
    whitening = OlshausenField()
    with pytest.raises(ValueError, match=r"\(n_fields, height, width\), got \(4, 64\); reshape"):
        whitening.to_image_space(np.ones((4, 64)), margin=2)
    with pytest.raises(ValueError, match="margin of 0 pixels or more, got -1"):
        whitening.to_image_space(np.ones((1, 8, 8)), margin=-1)
    with pytest.raises(ValueError, match="NaN or infinite values in 1, first in 2"):
        whitening.to_image_space(np.ones((3, 8, 8)) * [[[1]], [[1]], [[np.nan]]], margin=1)
    with pytest.raises(ValueError, match="at least 1 pixel, got size=0"):
        whitening.kernel(0)
    with pytest.raises(ValueError, match="1 NaN and 0 infinite of 4"):
        whitening.apply([[1.0, 2.0], [np.nan, 4.0]])
