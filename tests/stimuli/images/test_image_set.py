"""What is refused as an image, and under which name."""

from collections.abc import Callable

import numpy as np
import pytest

from neurosim._masked import unmasked
from neurosim.stimuli.filters.on_off import split_on_off
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.image_set import image_set
from neurosim.stimuli.images.patches import normalise_patches, sample_patches
from neurosim.stimuli.labelled import LabelledImages
from neurosim.stimuli.modalities import paired_arrays, unit_norm
from neurosim.stimuli.stereo.patches import sample_stereo_patches


def test_names_and_order_are_kept_and_unnamed_images_are_numbered() -> None:
    image = np.ones((3, 4))
    assert list(image_set({"b": image, "a": image})) == ["b", "a"]
    assert (
        list(image_set([image, image])) == list(image_set(np.stack([image, image]))) == ["image 0", "image 1"]
    )


@pytest.mark.parametrize(
    ("value", "counts"), [(np.nan, "1 NaN and 0 infinite"), (-np.inf, "0 NaN and 1 infinite")]
)
def test_nan_and_infinite_pixels_name_the_image(value: float, counts: str) -> None:
    broken = np.ones((3, 4))
    broken[1, 2] = value
    with pytest.raises(ValueError, match=f"leaf: expected finite pixels, got {counts} of 12"):
        image_set({"fine": np.ones((3, 4)), "leaf": broken})


def test_colour_complex_and_empty_images_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"sea: expected a grey image .* got shape \(4, 4, 3\)"):
        image_set({"sea": np.zeros((4, 4, 3))})
    with pytest.raises(ValueError, match="sea: expected real pixels, got dtype complex128"):
        image_set({"sea": np.zeros((4, 4), dtype=complex)})
    with pytest.raises(ValueError, match="at least one image"):
        image_set({})


def test_a_single_array_is_not_taken_for_a_list_of_rows() -> None:
    with pytest.raises(ValueError, match="expected several images, got one array of shape"):
        image_set(np.zeros((5, 5)))


MASKED = np.ma.masked_less(np.arange(12.0).reshape(3, 4), 2)


@pytest.mark.parametrize(
    "use",
    [
        lambda: image_set({"leaf": MASKED}),
        lambda: image_set([MASKED]),
        lambda: sample_patches([MASKED], n_patches=1, size=2, rng=np.random.default_rng(0), border=0),
        lambda: normalise_patches(MASKED, how="mean"),
        lambda: paired_arrays({"leaf": MASKED}),
        lambda: unit_norm(MASKED),
        lambda: split_on_off(MASKED),
        lambda: ZCA().fit(MASKED),
        lambda: LabelledImages(MASKED[None] / 12, [0], "leaves"),
        lambda: LabelledImages(np.zeros((3, 2, 2)), np.ma.masked_equal([0, 1, 1], 0), "leaves"),
    ],
)
def test_masked_values_are_refused_and_not_shown(use: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"expected a value everywhere, got [12] masked"):
        use()


def test_a_list_of_masked_images_is_masked_and_an_empty_mask_is_none() -> None:
    with pytest.raises(ValueError, match="got 4 masked of 24"):
        unmasked([MASKED, MASKED], "leaves")
    whole = np.ma.masked_less(np.ones((3, 4)), 0)
    np.testing.assert_array_equal(image_set({"leaf": whole})["leaf"], np.ones((3, 4)))


def test_a_masked_disparity_is_one_that_is_not_known() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((20, 20))
    known = np.ma.masked_array(np.zeros((20, 20)), mask=True)
    known[8:12, 8:12] = 0.0
    patches = sample_stereo_patches(
        image, image, patch_size=4, n_patches=50, rng=rng, disparity=known, residual_sd=0, border=0
    )
    middles = patches.positions[:, :2] + 2
    assert middles.min() >= 8
    assert middles.max() < 12
