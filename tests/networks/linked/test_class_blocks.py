"""Maps from classes to neurons: equal blocks, any other map, and what each neuron belongs to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neurosim.networks.linked.class_blocks import block_of_neurons, checked_blocks, equal_blocks

CLASSES = np.array(["bar", "dot"])


@given(n_classes=st.integers(1, 12), size=st.integers(1, 9), extra=st.integers(0, 20))
def test_equal_blocks_share_no_neuron_and_follow_each_other(n_classes, size, extra):
    n_neurons = n_classes * size + extra
    blocks = equal_blocks(n_classes=n_classes, n_neurons=n_neurons, neurons_per_class=size)
    assert blocks.shape == (n_classes, n_neurons)
    np.testing.assert_array_equal(blocks.sum(axis=1), size)
    expected = np.concatenate([np.repeat(np.arange(n_classes), size), np.full(extra, -1)])
    np.testing.assert_array_equal(block_of_neurons(blocks), expected)


@given(n_classes=st.integers(1, 12), n_neurons=st.integers(1, 100))
def test_by_default_blocks_are_as_large_as_fits(n_classes, n_neurons):
    if n_neurons < n_classes:
        with pytest.raises(
            ValueError, match=f"holds {n_classes} blocks of 1 neurons, got {n_neurons} neurons"
        ):
            equal_blocks(n_classes=n_classes, n_neurons=n_neurons, neurons_per_class=None)
        return
    blocks = equal_blocks(n_classes=n_classes, n_neurons=n_neurons, neurons_per_class=None)
    left_over = (blocks.sum(axis=0) == 0).sum()
    assert 0 <= left_over < n_classes
    assert np.ptp(blocks.sum(axis=1)) == 0


def test_the_published_map_has_25_neurons_for_each_digit_and_six_for_none():
    blocks = equal_blocks(n_classes=10, n_neurons=256, neurons_per_class=None)
    for digit in range(10):
        np.testing.assert_array_equal(np.flatnonzero(blocks[digit]), np.arange(25 * digit, 25 * digit + 25))
    np.testing.assert_array_equal(np.flatnonzero(block_of_neurons(blocks) < 0), np.arange(250, 256))


@pytest.mark.parametrize("size", [0, -1, 4])
def test_blocks_that_do_not_fit_are_refused(size):
    with pytest.raises(
        ValueError, match=r"holds 3 blocks of \d neurons, got 10 neurons; use more neurons or"
    ):
        equal_blocks(n_classes=3, n_neurons=10, neurons_per_class=size)


@given(blocks=arrays(float, (2, 5), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])))
def test_a_neuron_belongs_to_the_one_class_that_drives_it(blocks):
    for neuron, block in enumerate(block_of_neurons(blocks)):
        drivers = [k for k in range(2) if blocks[k, neuron] > 0]
        assert block == (drivers[0] if len(drivers) == 1 else -1)


def test_a_map_that_fits_keeps_its_numbers():
    blocks = [[1, 0.5, 0], [-2, 0.5, 0]]
    np.testing.assert_array_equal(checked_blocks(blocks, classes=CLASSES, n_neurons=3), blocks)
    assert checked_blocks(blocks, classes=CLASSES, n_neurons=3).dtype == float


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (np.ones((3, 3)), r"\(2, 3\) for the labels bar, dot, got shape \(3, 3\)"),
        (np.ones((2, 4)), r"\(2, 3\) for the labels bar, dot, got shape \(2, 4\)"),
        ([[1, 0, np.nan], [0, 1, 0]], "expected finite values, got NaN or infinity"),
        ([[1, 0, 0], [0, -1, 0]], "expected every class to drive a neuron, got none for dot"),
        ([[1, 0], [1]], "expected a matrix of numbers, one row for each of bar, dot"),
        (None, r"for the labels bar, dot, got shape \(\)"),
        ({"bar": 1}, "expected a matrix of numbers, one row for each of bar, dot"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(blocks, message):
    with pytest.raises(ValueError, match=f"blocks: .*{message}"):
        checked_blocks(blocks, classes=CLASSES, n_neurons=3)
