"""The front end of a run's patches makes the same patches of the same images."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.images.images import embedded_photographs
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.image_parts import split
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import PhotographSection

_SIZE, _NAMES = 8, ["camera", "china"]


def _section(**given: Any) -> PhotographSection:
    return PhotographSection.model_validate(
        {
            "photographs": _NAMES,
            "patch_size": _SIZE,
            "n_train": 200,
            "n_test": 50,
            "dtype": "float64",
            **given,
        }
    )


def _stimuli(section: PhotographSection) -> Any:
    return photographs(section, training_rng=np.random.default_rng(1), held_out_rng=np.random.default_rng(2))


def _images() -> dict[str, NDArray[np.float64]]:
    return split(embedded_photographs(_NAMES), fraction=0.2, least_width=16)[0]


@pytest.mark.parametrize("kind", ["olshausen", "centre_surround"])
@pytest.mark.parametrize("normalise", ["none", "std"])
def test_filtered_images_are_those_that_patches_were_cut_from(kind: str, normalise: str) -> None:
    section = _section(whitening={"kind": kind, "std": 0.3}, normalise=normalise)
    stimuli = _stimuli(section)
    fixed = stimuli.front_end.at_fixed_gain()
    images = {name: fixed.apply(image[None])[0, 0] for name, image in _images().items()}
    again = sample_patches(
        images, n_patches=200, size=_SIZE, rng=np.random.default_rng(1), variance_floor=0, normalise=normalise
    )
    np.testing.assert_allclose(again, stimuli.training["patches"], atol=1e-5 * np.abs(again).max())
    assert stimuli.front_end.normalise == ("patch" if normalise == "std" else None)


def test_another_gain_would_be_seen() -> None:
    weak, strong = (
        _stimuli(_section(whitening={"kind": "olshausen", "std": std}, normalise="none"))
        for std in (0.3, 0.6)
    )
    assert strong.front_end.gain == pytest.approx(2 * weak.front_end.gain)


def test_relays_are_split_as_the_patches_are() -> None:
    stimuli = _stimuli(_section(on_off=True, whitening={"kind": "none"}, normalise="std"))
    patch = sample_patches(
        _images(), n_patches=200, size=_SIZE, rng=np.random.default_rng(1), variance_floor=0
    ).reshape(-1, _SIZE, _SIZE)
    np.testing.assert_allclose(stimuli.front_end.rows(patch), stimuli.training["patches"], atol=1e-9)


@pytest.mark.parametrize("kind", ["zca", "none"])
def test_patches_without_their_mean_are_made_of_patches(kind: str) -> None:
    stimuli = _stimuli(_section(whitening={"kind": kind}, normalise="mean"))
    patch = sample_patches(
        _images(), n_patches=200, size=_SIZE, rng=np.random.default_rng(1), variance_floor=0
    ).reshape(-1, _SIZE, _SIZE)
    np.testing.assert_allclose(stimuli.front_end.rows(patch), stimuli.training["patches"], atol=1e-7)


@pytest.mark.parametrize("given", [{"normalise": "norm"}, {"normalise": "std", "whitening": {"kind": "zca"}}])
def test_what_no_front_end_can_say_has_none(given: dict[str, Any]) -> None:
    assert _stimuli(_section(**given)).front_end is None


def test_an_arm_that_divides_patches_by_their_deviation_has_a_front_end_that_does() -> None:
    stimuli = _stimuli(_section(normalise="mean"))
    assert stimuli.front_end.normalise is None
    assert stimuli.normalised("std").front_end.normalise == "patch"
    assert stimuli.normalised("none").front_end is stimuli.front_end
    assert stimuli.normalised("norm").front_end is None
