"""Front ends side by side give the channels of each, and fields in image space that are the sum of theirs."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.front_end import FrontEnd, ParallelFrontEnd
from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.olshausen import OlshausenField

BROAD = FrontEnd(CentreSurround(), gain=3.0, on_off=2.0, mean=(0.4, 0.1))
SHARP = FrontEnd(OlshausenField(), on_off="push_pull")
SIGNED = FrontEnd(gain=0.5)


def _three() -> ParallelFrontEnd:
    return ParallelFrontEnd([BROAD, SHARP, SIGNED], names=["broad", "sharp", "signed"])


def _images(seed: int = 0, n: int = 4) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(n, 7, 9))


def test_channels_are_those_of_each_front_end_in_their_order() -> None:
    shown = _three().apply(_images())
    assert shown.shape == (4, 5, 7, 9)
    for name, part in zip(("broad", "sharp", "signed"), (BROAD, SHARP, SIGNED), strict=True):
        np.testing.assert_array_equal(shown[:, _three().channels[name]], part.apply(_images()))
    np.testing.assert_array_equal(_three().rows(_images()), shown.reshape(4, -1))


def test_the_adjoint_is_the_adjoint_while_no_relay_is_at_its_floor_and_not_below() -> None:
    front_end, fields = _three(), np.random.default_rng(2).normal(size=(3, 5, 7, 9))
    blank = front_end.apply(np.zeros((1, 7, 9)))

    def both(images: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        through = np.einsum("ncij,mcij->nm", front_end.apply(images) - blank, fields)
        return through, np.einsum("nij,mij->nm", images, front_end.adjoint(fields))

    np.testing.assert_allclose(*both(0.1 * _images()), atol=1e-12)
    assert not np.allclose(*both(20 * _images()))


def test_fields_on_one_front_end_alone_are_its_own_in_the_image() -> None:
    fields = np.zeros((2, 5, 7, 9))
    fields[:, 2:4] = np.random.default_rng(2).normal(size=(2, 2, 7, 9))
    np.testing.assert_allclose(
        _three().adjoint(fields, margin=3), SHARP.adjoint(fields[:, 2:4], margin=3), atol=1e-15
    )


def test_one_gain_for_all_images_and_another_for_each_front_end() -> None:
    images = _images(n=30) * np.linspace(0.1, 3, 30)[:, None, None]
    scaled = _three().scaled_to(images, rms=[1.0, 0.5, 2.0])
    assert np.sqrt(np.mean(scaled.apply(images)[:, 4] ** 2)) == pytest.approx(2.0)
    assert np.sqrt(np.mean(scaled.apply(images)[:, 2] ** 2)) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="an rms for each of broad, sharp, signed, got 2"):
        _three().scaled_to(images, rms=[1.0, 0.5])


def test_at_fixed_gain_none_divides_by_contrast() -> None:
    front_end = ParallelFrontEnd([SIGNED, FrontEnd(normalise="local")])
    assert front_end.normalise == "local"
    fixed = front_end.at_fixed_gain()
    assert fixed.normalise is None
    np.testing.assert_allclose(fixed.apply(3 * _images()), 3 * fixed.apply(_images()))


def test_what_was_saved_as_plain_arrays_is_the_same_bit_for_bit() -> None:
    file = io.BytesIO()
    np.savez(file, **_three().to_dict())
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        again = ParallelFrontEnd.from_dict(saved)
    assert again.names == ("broad", "sharp", "signed")
    np.testing.assert_array_equal(again.apply(_images()), _three().apply(_images()))


def test_more_than_ten_are_told_apart() -> None:
    many = ParallelFrontEnd([FrontEnd(gain=1.0 + number) for number in range(12)])
    again = ParallelFrontEnd.from_dict(many.to_dict())
    assert [part.gain for part in again.front_ends] == [1.0 + number for number in range(12)]


def test_impossible_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="one FrontEnd or more"):
        ParallelFrontEnd([])
    with pytest.raises(ValueError, match="2 names that tell front ends apart, got"):
        ParallelFrontEnd([SIGNED, SHARP], names=["a", "a"])
    with pytest.raises(ValueError, match=r"shape \(n_fields, 5, height, width\), got \(2, 2, 7, 9\)"):
        _three().adjoint(np.ones((2, 2, 7, 9)))
    with pytest.raises(ValueError, match="as to_dict writes them"):
        ParallelFrontEnd.from_dict(SIGNED.to_dict())
    with pytest.raises(ValueError, match="expected 1 front ends, 0, got more too"):
        ParallelFrontEnd.from_dict(ParallelFrontEnd([SIGNED]).to_dict() | {"more": 1})
