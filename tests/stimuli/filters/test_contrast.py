"""Filtered sets of a stated contrast."""

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.filters.contrast import contrast_factors, filter_images
from neurosim.stimuli.filters.olshausen import OlshausenField


@pytest.fixture
def images() -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    return {"faint": 0.1 * rng.random((30, 40)), "strong": rng.random((25, 25))}


def test_one_factor_for_the_set_keeps_the_ratios_of_contrast(images: dict[str, NDArray[np.float64]]) -> None:
    filtered = filter_images(images, by=OlshausenField(), std=0.5)
    assert np.mean([image.var() for image in filtered.values()]) == pytest.approx(0.25)
    raw = {name: OlshausenField().apply(image) for name, image in images.items()}
    ratio = filtered["faint"].std() / filtered["strong"].std()
    assert ratio == pytest.approx(raw["faint"].std() / raw["strong"].std())
    assert ratio < 0.2


def test_one_factor_each_makes_every_contrast_the_same(images: dict[str, NDArray[np.float64]]) -> None:
    filtered = filter_images(images, by=OlshausenField(), std=2.0, scale="image")
    for image in filtered.values():
        assert image.std() == pytest.approx(2.0)


def test_factors_of_one_part_apply_to_another(images: dict[str, NDArray[np.float64]]) -> None:
    factors = contrast_factors(images, scale="image")
    assert {name: images[name].std() * factors[name] for name in images} == pytest.approx(
        {"faint": 1, "strong": 1}
    )


def test_a_constant_image_is_named(images: dict[str, NDArray[np.float64]]) -> None:
    blank = {**images, "blank": np.full((20, 20), 0.1)}
    with pytest.raises(ValueError, match="blank: expected an image with contrast"):
        filter_images(blank, by=OlshausenField())
    with pytest.raises(ValueError, match="blank: expected an image with contrast"):
        contrast_factors(blank)


def test_impossible_options_are_refused(images: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(ValueError, match="one of set, image, got 'all'"):
        contrast_factors(images, scale="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="std above 0, got 0"):
        contrast_factors(images, std=0)
