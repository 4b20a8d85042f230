"""Relays that adapted to images have no mean rate over them, the asked strength and one gain for all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.front_end import FrontEnd, adapted
from neurosim.stimuli.filters.centre_surround import CentreSurround


def _natural(seed: int = 0) -> list[NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return [scale * rng.gamma(1.0, size=size) for scale, size in ((1.0, (30, 40)), (5.0, (50, 20)))]


def _pooled(front_end: FrontEnd, images: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], float]:
    shown = [front_end.apply(image[None])[0] for image in images]
    mean = np.mean([each.mean(axis=(1, 2)) for each in shown], axis=0)
    return mean, float(np.sqrt(np.mean([np.mean(each**2) for each in shown])))


@pytest.mark.parametrize("floor", [0.0, 0.5, None])
def test_channels_have_no_mean_over_the_images_and_the_asked_rms_whatever_their_sizes(floor: float | None) -> None:
    mean, rms = _pooled(adapted(CentreSurround(), _natural(), floor=floor, rms=0.6), _natural())
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    assert rms == pytest.approx(0.6)


def test_the_floor_counts_in_root_mean_squares_of_the_filtered_images() -> None:
    front_end = adapted(CentreSurround(), _natural(), floor=0.5, rms=2.0)
    linear = FrontEnd(CentreSurround(), gain=front_end.gain)
    _, rms = _pooled(linear, _natural())
    assert front_end.on_off == pytest.approx(0.5 * rms)


def test_adaptation_is_the_same_for_images_in_another_unit_and_one_gain_for_all() -> None:
    mine, others = (
        adapted(CentreSurround(), [scale * image for image in _natural()], floor=0.5).apply(scale * _natural(1)[0][None])
        for scale in (1.0, 7.0)
    )
    np.testing.assert_allclose(mine, others, atol=1e-12)
    fixed = adapted(CentreSurround(), _natural(), floor=None)
    faint = 0.01 * _natural(1)[0][None]
    blank = fixed.apply(np.zeros_like(faint))
    np.testing.assert_allclose(fixed.apply(100 * faint) - blank, 100 * (fixed.apply(faint) - blank), atol=1e-12)
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
def test_what_nothing_can_adapt_to_is_refused(images: list[object], numbers: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        adapted(CentreSurround(), images, **numbers)
