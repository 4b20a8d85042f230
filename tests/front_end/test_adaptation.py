"""Relays that adapted to images have no mean rate over them, the asked strength and floor, and one gain for all."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.front_end import FrontEnd, adapted
from neurosim.stimuli.filters.centre_surround import CentreSurround

Floats = NDArray[np.float64]


def _natural(seed: int = 0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [scale * rng.gamma(1.0, size=size) for scale, size in ((1.0, (30, 40)), (5.0, (50, 20)))]


def _pooled(front_end: FrontEnd, how: Callable[[Floats], Floats]) -> Floats:
    """Return what holds of the channels of each image, averaged over images whatever their sizes."""
    return np.mean([how(front_end.apply(image[None])[0]) for image in _natural()], axis=0)


@pytest.mark.parametrize("floor", [0.0, 0.5, None])
def test_channels_have_no_mean_over_the_images(floor: float | None) -> None:
    front_end = adapted(CentreSurround(), _natural(), floor=floor, rms=0.6)
    np.testing.assert_allclose(_pooled(front_end, lambda channels: channels.mean(axis=(1, 2))), 0, atol=1e-12)


def test_strength_and_floor_are_those_of_the_filtered_images() -> None:
    front_end = adapted(CentreSurround(), _natural(), floor=0.5, rms=0.6)
    signed = FrontEnd(CentreSurround(), gain=front_end.gain)
    assert _pooled(signed, lambda channels: np.mean(channels**2)) ** 0.5 == pytest.approx(0.6)
    lowest = _pooled(front_end, lambda channels: channels.min(axis=(1, 2))) + np.array(front_end.mean)
    np.testing.assert_allclose(lowest, -0.5 * 0.6)


def test_adaptation_is_the_same_for_images_in_another_unit_and_one_gain_for_all() -> None:
    mine, others = (
        adapted(CentreSurround(), [scale * image for image in _natural()], floor=0.5).apply(
            scale * _natural(1)[0][None]
        )
        for scale in (1.0, 7.0)
    )
    np.testing.assert_allclose(mine, others, atol=1e-12)
    fixed = adapted(CentreSurround(), _natural(), floor=None)
    faint = 0.01 * _natural(1)[0][None]
    blank = fixed.apply(np.zeros_like(faint))
    np.testing.assert_allclose(
        fixed.apply(100 * faint) - blank, 100 * (fixed.apply(faint) - blank), atol=1e-12
    )
    assert fixed.normalise is None


def test_without_a_floor_relays_are_push_and_pull() -> None:
    front_end = adapted(CentreSurround(), _natural())
    on, off = front_end.apply(_natural(1)[0][None])[0] + np.array(front_end.mean)[:, None, None]
    np.testing.assert_allclose(on, -off, atol=1e-12)


@pytest.mark.parametrize(
    ("images", "numbers", "message"),
    [
        ([], {}, "leaves something of, got 0"),
        ([np.full((9, 9), 0.5)], {}, "leaves something of, got 1"),
        (_natural(), {"floor": -0.5}, "a floor of 0 or more, or None"),
        (_natural(), {"rms": 0.0}, "an rms above 0"),
    ],
)
def test_what_nothing_can_adapt_to_is_refused(
    images: list[object], numbers: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        adapted(CentreSurround(), images, **numbers)


def test_a_grey_image_is_exactly_nothing_to_linear_relays() -> None:
    # Not merely tiny: a network refuses pixels whose squares vanish in single precision.
    front_end = adapted(CentreSurround(), _natural(), floor=None, rms=0.6)
    assert (front_end.apply(np.zeros((1, 16, 16))) == 0).all()
    floor = adapted(CentreSurround(), _natural(), floor=0.5, rms=0.6)
    assert (np.abs(floor.apply(np.zeros((1, 16, 16)))) > 1e-3).all()  # below its mean rate
