"""Tables of neighbours: who is in them, with which weight, on a torus and on a grid."""

import numpy as np
import pytest

from neurosim.networks.topographic.neighbours import gaussian_neighbours, pooling_neighbours

SHEETS = [(5, 7, torus, side) for torus in (True, False) for side in (1, 3, 5)]


def as_matrix(table):
    """The same table as a matrix, listening neuron by heard one."""
    indices, weights = table
    matrix = np.zeros((len(indices), len(indices)))
    np.add.at(matrix, (np.arange(len(indices))[:, None], indices), weights)
    return matrix


def apart(height, width, *, torus):
    """Rows and columns between all pairs of neurons, by trying every way round."""
    places = [(row, column) for row in range(height) for column in range(width)]
    turns, sides = (-1, 0, 1) if torus else (0,), (height, width)

    def way(here, there, side):
        return min(abs(here - there + turn * side) for turn in turns)

    return np.array([[list(map(way, one, other, sides)) for other in places] for one in places])


@pytest.mark.parametrize(("height", "width", "torus", "side"), SHEETS)
def test_a_pool_holds_the_square_around_its_neuron_and_nobody_else(height, width, torus, side):
    pools = as_matrix(pooling_neighbours(height, width, torus=torus, side=side))
    np.testing.assert_array_equal(pools > 0, (apart(height, width, torus=torus) <= side // 2).all(axis=2))


@pytest.mark.parametrize(("height", "width", "torus", "side"), SHEETS)
def test_the_pools_of_a_neuron_are_those_it_is_in_and_add_up_to_one_threshold(height, width, torus, side):
    pools = as_matrix(pooling_neighbours(height, width, torus=torus, side=side))
    np.testing.assert_array_equal(
        as_matrix(pooling_neighbours(height, width, torus=torus, side=side, of_neuron=True)), pools.T
    )
    np.testing.assert_allclose(np.sqrt(pools).sum(axis=0), 1)


@pytest.mark.parametrize("torus", [True, False])
def test_gaussian_weights_fall_with_distance_leave_out_the_neuron_and_sum_to_one(torus):
    matrix = as_matrix(gaussian_neighbours(7, 9, torus=torus, reach=0.8))
    squares = (apart(7, 9, torus=torus) ** 2).sum(axis=2)
    near = (apart(7, 9, torus=torus) <= 3).all(axis=2) & (squares > 0)
    expected = np.where(near, np.exp(-squares / (2 * 0.8**2)), 0)
    np.testing.assert_allclose(matrix, expected / expected.sum(axis=1, keepdims=True))


def test_a_wide_gaussian_on_a_small_torus_counts_nobody_twice():
    indices, _ = gaussian_neighbours(4, 5, torus=True, reach=10.0)
    assert all(len(set(row)) == len(row) for row in indices.tolist())
    assert not (indices == np.arange(20)[:, None]).any()
