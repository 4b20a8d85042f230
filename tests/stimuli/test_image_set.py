"""What is refused as an image, and under which name."""

import numpy as np
import pytest

from neurosim.stimuli.image_set import image_set


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
