"""ON and OFF halves and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from neurosim.stimuli.filters.on_off import join_on_off, split_on_off

signed = arrays(np.float64, array_shapes(min_dims=1, max_dims=3), elements=st.floats(-1e6, 1e6))


@settings(deadline=None)
@given(signed)
def test_joining_undoes_splitting(values: np.ndarray) -> None:
    np.testing.assert_array_equal(join_on_off(split_on_off(values)), values)


@settings(deadline=None)
@given(signed)
def test_halves_are_rectified_and_never_both_active(values: np.ndarray) -> None:
    halves = split_on_off(values)
    assert halves.shape == (*values.shape[:-1], 2 * values.shape[-1])
    on, off = np.split(halves, 2, axis=-1)
    assert (halves >= 0).all()
    assert not np.logical_and(on > 0, off > 0).any()


@settings(deadline=None)
@given(signed)
def test_the_opposite_contrast_swaps_the_halves(values: np.ndarray) -> None:
    on, off = np.split(split_on_off(values), 2, axis=-1)
    np.testing.assert_array_equal(split_on_off(-values), np.concatenate([off, on], axis=-1))


def test_the_float_type_is_kept() -> None:
    patches = np.array([[1.0, -1.0]], dtype=np.float32)
    assert split_on_off(patches).dtype == join_on_off(split_on_off(patches)).dtype == np.float32
    assert split_on_off([[1, -1]]).dtype == np.float64


def test_a_pixel_active_in_both_halves_does_not_come_back() -> None:
    both = np.array([[0.7, 0.2]])
    assert not np.allclose(split_on_off(join_on_off(both)), both)


def test_odd_lengths_and_broken_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"even last axis .* got shape \(2, 3\)"):
        join_on_off(np.ones((2, 3)))
    with pytest.raises(ValueError, match="1 NaN or infinite of 2"):
        split_on_off([1.0, np.nan])


def test_relays_with_a_base_signal_both_signs_of_small_values_and_stop_at_their_floor() -> None:
    on, off = np.split(split_on_off(np.array([0.3, -0.3, 2.0, -2.0]), base=0.5), 2)
    np.testing.assert_array_equal(on, [0.3, -0.3, 2.0, -0.5])
    np.testing.assert_array_equal(off, [-0.3, 0.3, -0.5, 2.0])
    with pytest.raises(ValueError, match="base of 0 or more"):
        split_on_off([1.0, 2.0], base=-0.1)
