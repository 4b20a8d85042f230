"""A sheet knows its places, its distances and its neighbours, and refuses what does not fit on it."""

import dataclasses

import numpy as np
import pytest

from neurosim.analysis.maps.sheet import Sheet

GRID, TORUS = Sheet(5, 7, torus=False), Sheet(5, 7, torus=True)


def naive_distances(sheet):
    """Over nine copies of the sheet, the nearest copy."""
    apart = sheet.positions[:, None] - sheet.positions
    copies = [-1, 0, 1] if sheet.torus else [0]
    moves = [(a * sheet.height, b * sheet.width) for a in copies for b in copies]
    return np.min([np.linalg.norm(apart + move, axis=2) for move in moves], axis=0)


def test_a_neuron_sits_at_its_row_and_column():
    assert GRID.positions[9].tolist() == [1, 2]
    assert GRID.as_map(np.arange(35))[1, 2] == 9
    assert GRID.n_neurons == 35


@pytest.mark.parametrize("sheet", [GRID, TORUS])
def test_distances_are_to_the_nearest_copy_of_the_sheet(sheet):
    np.testing.assert_allclose(sheet.distances(), naive_distances(sheet))
    np.testing.assert_allclose(sheet.distances([3, 30]), naive_distances(sheet)[[3, 30]])


def test_on_a_torus_every_neuron_is_as_well_placed_as_any_other():
    np.testing.assert_allclose(TORUS.distances().sum(axis=1), TORUS.distances()[0].sum())
    assert len(set(GRID.distances().sum(axis=1).round(6))) > 1


@pytest.mark.parametrize("sheet", [GRID, TORUS])
@pytest.mark.parametrize(("asked", "reach"), [({"connectivity": 4}, 1), ({}, 1.5), ({"radius": 2}, 2)])
def test_neighbours_are_the_pairs_within_reach_each_once(sheet, asked, reach):
    expected = np.argwhere(np.triu(naive_distances(sheet) <= reach + 1e-9, k=1))
    np.testing.assert_array_equal(sheet.neighbour_pairs(**asked), expected)


@pytest.mark.parametrize("sheet", [GRID, TORUS])
def test_sums_weigh_every_neuron_by_its_distance(sheet):
    values = np.random.default_rng(0).normal(size=(2, 35)) + 1j
    kernel = np.exp(-(naive_distances(sheet) ** 2) / (2 * 1.3**2))
    np.testing.assert_allclose(sheet.gaussian_sums(values, width=1.3), values @ kernel)


def test_a_sheet_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GRID.width = 3


def test_what_does_not_fit_on_the_sheet_is_refused():
    with pytest.raises(ValueError, match="35 neurons of a 5 × 7 sheet, got 36"):
        GRID.as_map(np.zeros(36))
    with pytest.raises(ValueError, match="7 × 7 neurons"):
        TORUS.neighbour_pairs(radius=3)
    with pytest.raises(ValueError, match="fits on the 2 × 9 sheet"):
        Sheet(2, 9, torus=True).neighbour_pairs()
    with pytest.raises(ValueError, match="fits on the 5 × 7 sheet"):
        GRID.gaussian_sums(np.zeros(35), width=4)
    with pytest.raises(ValueError, match="fits on the 5 × 7 sheet"):
        GRID.gaussian_sums(np.zeros(35), width=np.inf)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="height, got 0"):
        Sheet(0, 4, torus=True)
    with pytest.raises(ValueError, match=r"width, got 2\.5"):
        Sheet(4, 2.5, torus=True)
    with pytest.raises(ValueError, match="4 or 8"):
        GRID.neighbour_pairs(connectivity=6)
    with pytest.raises(ValueError, match="1 or more"):
        GRID.neighbour_pairs(radius=0.5)
    with pytest.raises(ValueError, match="above 0"):
        GRID.gaussian_sums(np.zeros(35), width=0)
    with pytest.raises(ValueError, match="from 0 to 34"):
        GRID.distances([35])
