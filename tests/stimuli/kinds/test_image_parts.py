import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.stimuli.kinds.image_parts import split


@given(
    height=st.integers(1, 20),
    width=st.integers(40, 200),
    fraction=st.floats(0.2, 0.8),
)
def test_the_two_parts_are_the_image_and_share_nothing(height: int, width: int, fraction: float) -> None:
    image = np.arange(height * width, dtype=float).reshape(height, width)
    training, held_out = split({"a": image}, fraction=fraction, least_width=4)
    np.testing.assert_array_equal(np.hstack([training["a"], held_out["a"]]), image)
    assert not set(training["a"].ravel()) & set(held_out["a"].ravel())


def test_the_right_hand_fifth_is_held_out() -> None:
    training, held_out = split({"a": np.zeros((3, 100))}, fraction=0.2, least_width=1)
    assert (training["a"].shape, held_out["a"].shape) == ((3, 80), (3, 20))


@pytest.mark.parametrize("fraction", [0.1, 0.9])
def test_a_part_narrower_than_a_patch_is_refused_by_name(fraction: float) -> None:
    with pytest.raises(ValueError, match=r"image 'leaf' is 100 pixels wide .* at least 16"):
        split({"leaf": np.zeros((100, 100))}, fraction=fraction, least_width=16)
