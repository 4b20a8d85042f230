"""A front end is linear where it says so, has its adjoint, and comes back from plain arrays as it was."""

import io

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end import FrontEnd
from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.filters.on_off import split_on_off
from neurosim.stimuli.filters.zca import ZCA

LAPLACE = np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])


class Stretched(FourierFilter):
    """Even in both frequencies, but not the same in all directions."""

    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(np.exp(-30 * np.square(frequency_y) - 5 * np.square(frequency_x)))


class Oriented(FourierFilter):
    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(np.exp(-40 * np.square(np.subtract(frequency_y, frequency_x))))


def _whitener() -> ZCA:
    return ZCA().fit(np.random.default_rng(3).normal(size=(300, 30)) @ np.diag(np.linspace(0.2, 2, 30)))


FILTERS = {
    "none": None,
    "olshausen": OlshausenField(),
    "flat": OlshausenField(ramp=0.5),
    "centre-surround": CentreSurround(),
    "stretched": Stretched(),
    "kernel": LAPLACE,
    "whitening": _whitener(),
}
every_filter = pytest.mark.parametrize("given", FILTERS.values(), ids=FILTERS)


def _images(seed: int = 0, n: int = 4, height: int = 5, width: int = 6) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(n, height, width))


@every_filter
def test_the_adjoint_is_the_adjoint_of_the_linear_front_end(given: object) -> None:
    front_end = FrontEnd(given, gain=2.5)
    images, fields = _images(0), _images(1)
    offset = front_end.apply(np.zeros((1, 5, 6)))  # a whitening matrix takes the mean patch away first
    np.testing.assert_allclose(
        np.einsum("ncij,mij->nm", front_end.apply(images) - offset, fields),
        np.einsum("nij,mij->nm", images, front_end.adjoint(fields)),
        atol=1e-12,
    )


def test_the_adjoint_with_relays_is_exact_above_their_floor_and_not_below() -> None:
    front_end = FrontEnd(OlshausenField(), on_off=2.0)
    fields = np.random.default_rng(2).normal(size=(3, 2, 5, 6))

    def both(images: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        through = np.einsum("ncij,mcij->nm", front_end.apply(images), fields)
        return through, np.einsum("nij,mij->nm", images, front_end.adjoint(fields))

    np.testing.assert_allclose(*both(0.5 * _images()), atol=1e-12)
    assert not np.allclose(*both(50 * _images()))


def test_relays_in_push_and_pull_have_their_adjoint_however_large_the_image() -> None:
    front_end = FrontEnd(OlshausenField(), gain=2.0, on_off="push_pull", mean=(0.3, -0.2))
    fields = np.random.default_rng(2).normal(size=(3, 2, 5, 6))
    images = 50 * _images()
    taken = np.einsum("c,mcij->m", [0.3, -0.2], fields)
    np.testing.assert_allclose(
        np.einsum("ncij,mcij->nm", front_end.apply(images), fields) + taken,
        np.einsum("nij,mij->nm", images, front_end.adjoint(fields)),
        atol=1e-10,
    )


def test_a_margin_lets_the_filter_spread_a_field() -> None:
    front_end = FrontEnd(OlshausenField(), gain=3.0)
    fields = _images()
    np.testing.assert_allclose(
        front_end.adjoint(fields, margin=4),
        3 * OlshausenField().to_image_space(fields, margin=4),
        atol=1e-6,
    )


@pytest.mark.parametrize("size", [(16, 16), (37, 52), (512, 300)])
@pytest.mark.parametrize("name", ["olshausen", "flat", "centre-surround", "stretched"])
def test_a_sampled_filter_does_what_the_formula_does(name: str, size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).normal(size=size)
    by_formula = FILTERS[name].apply(image)
    error = np.abs(FrontEnd(FILTERS[name]).apply(image[None])[0, 0] - by_formula).max()
    assert error < 1e-6 * np.abs(by_formula).max()


def test_a_kernel_is_convolved_with_the_mirrored_image() -> None:
    from scipy.ndimage import convolve

    image = _images()[0]
    np.testing.assert_allclose(
        FrontEnd(LAPLACE).apply(image[None])[0, 0], convolve(image, LAPLACE, mode="reflect"), atol=1e-12
    )


def test_a_whitening_matrix_whitens_patches_of_its_size_alone() -> None:
    rows = _images().reshape(4, -1)
    np.testing.assert_allclose(
        FrontEnd(FILTERS["whitening"]).rows(_images()), FILTERS["whitening"].apply(rows)
    )
    with pytest.raises(ValueError, match=r"expected images of 30 pixels.*got 8 × 8; use a filter"):
        FrontEnd(FILTERS["whitening"]).apply(np.ones((1, 8, 8)))


@pytest.mark.parametrize(("on_off", "base"), [("split", 0.0), (0.4, 0.4), ("push_pull", 1e9)])
def test_relays_are_those_of_split_patches(on_off: object, base: float) -> None:
    rows = FrontEnd(OlshausenField()).rows(_images())
    np.testing.assert_array_equal(
        FrontEnd(OlshausenField(), on_off=on_off).rows(_images()), split_on_off(rows, base=base)
    )


def test_division_by_patch_contrast_forgets_contrast_and_keeps_a_blank_blank() -> None:
    front_end = FrontEnd(OlshausenField(), normalise="patch")
    images = _images()
    np.testing.assert_allclose(front_end.apply(3 * images), front_end.apply(images), atol=1e-12)
    np.testing.assert_allclose(front_end.apply(images).std(axis=(1, 2, 3)), 1)
    assert not front_end.apply(np.full((1, 5, 6), 0.5)).any()


def test_division_by_local_contrast_saturates_at_half_where_it_says() -> None:
    flat = np.full((1, 9, 9), 2.0)
    front_end = FrontEnd(normalise="local", semi_saturation=2.0)
    np.testing.assert_allclose(front_end.apply(flat), 1 / np.sqrt(2))
    assert front_end.at_fixed_gain().apply(flat)[0, 0, 0, 0] == 2.0


def test_the_gain_that_brings_images_to_an_rms_is_one_for_all() -> None:
    images = _images(n=50) * np.linspace(0.1, 3, 50)[:, None, None]
    scaled = FrontEnd(OlshausenField()).scaled_to(images, rms=0.7)
    shown = scaled.apply(images)
    assert np.sqrt(np.mean(shown**2)) == pytest.approx(0.7)
    assert shown[-1].std() > 10 * shown[0].std()


def test_another_gain_takes_the_mean_rate_of_its_own_images_away() -> None:
    images = _images(n=50)
    before = FrontEnd(OlshausenField(), on_off=0.5, mean=(9.0, 9.0))
    np.testing.assert_allclose(before.scaled_to(images).apply(images).mean(axis=(0, 2, 3)), 0, atol=1e-12)
    assert before.apply(images).mean() < -8


@every_filter
def test_what_was_saved_as_plain_arrays_is_the_same_bit_for_bit(given: object) -> None:
    front_end = FrontEnd(given, gain=1.7, on_off=0.3, mean=(0.1, 0.2), normalise="local", pool_sigma=2.0)
    file = io.BytesIO()
    np.savez(file, **front_end.to_dict())
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        again = FrontEnd.from_dict(saved)
    np.testing.assert_array_equal(again.apply(_images()), front_end.apply(_images()))
    assert again.on_off == 0.3
    signed = FrontEnd.from_dict(FrontEnd(given).to_dict())
    assert (signed.on_off, signed.normalise) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gain": 0}, "gain above 0, got 0"),
        ({"on_off": "both"}, "None, 'split', 'push_pull' or a base of 0 or more, got 'both'"),
        ({"on_off": -1.0}, "a base of 0 or more, got -1.0"),
        ({"on_off": True}, "got True"),
        (
            {"on_off": "split", "mean": (0.5,)},
            r"mean: expected a finite number for each of 2 channel\(s\), got",
        ),
        ({"normalise": "std"}, "None, 'patch' or 'local', got 'std'"),
        ({"pool_sigma": 0.0}, "pool_sigma above 0"),
        ({"filter": np.eye(3)[:, :2]}, r"odd number of rows and columns, got \(3, 2\)"),
        ({"filter": np.arange(9.0).reshape(3, 3)}, "same when mirrored"),
        ({"filter": ZCA()}, "fitted whitener"),
        ({"filter": Oriented()}, "even in both frequencies"),
    ],
)
def test_impossible_front_ends_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FrontEnd(**arguments)


def test_what_is_no_filter_and_no_picture_is_refused() -> None:
    with pytest.raises(TypeError, match="filter: expected a filter with transfer"):
        FrontEnd(filter="olshausen")
    with pytest.raises(ValueError, match=r"shape \(n_images, height, width\), got \(3, 16\); reshape rows"):
        FrontEnd().apply(np.ones((3, 16)))
    with pytest.raises(ValueError, match=r"expected fields of shape \(n_fields, 2, height, width\)"):
        FrontEnd(on_off="split").adjoint(np.ones((3, 4, 4)))
    with pytest.raises(ValueError, match="finite images"):
        FrontEnd().apply(np.full((1, 2, 2), np.nan))
    with pytest.raises(ValueError, match="as to_dict writes it"):
        FrontEnd.from_dict({"gain": 1.0})
