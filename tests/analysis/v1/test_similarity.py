"""Similarity of histograms: bounds, closed forms, what is without a value."""

import numpy as np
import pytest

from neurosim.analysis.v1.similarity import (
    binned,
    distribution_similarity,
    similarity_ceiling,
    similarity_of_draws,
)

CELLS = np.array([5, 20, 40, 25, 10])


def test_the_cells_themselves_have_1_and_the_furthest_histogram_0():
    assert distribution_similarity(CELLS, CELLS) == 1
    # All in the first bin is further from these cells than all in the last.
    assert distribution_similarity([7, 0, 0, 0, 0], CELLS) == pytest.approx(0)
    assert distribution_similarity([0, 0, 0, 0, 7], CELLS) == pytest.approx(1 - 0.9 / 0.95)


def test_a_shift_by_one_bin_costs_its_largest_gap_of_cumulative_shares():
    assert distribution_similarity([0, 5, 20, 40, 35], CELLS) == pytest.approx(1 - 0.40 / 0.95)


def test_every_histogram_may_have_cells_of_its_own():
    pairs = np.array([CELLS, CELLS[::-1]])
    np.testing.assert_allclose(distribution_similarity(pairs, pairs), 1)
    assert (distribution_similarity(pairs, pairs[::-1]) < 1).all()


def test_values_beyond_the_bins_count_in_the_outer_ones_and_nan_in_none():
    assert binned([-9, 0, 1, 3, 9, np.nan, np.inf], [0, 1, 2, 3]).tolist() == [0, 0, 1, 2, 2, -1, 2]


def test_units_without_a_value_are_left_out_of_draws_unless_hardly_any_has_one():
    shares = np.append(CELLS, 0) / CELLS.sum()
    half_missing = np.append(CELLS, CELLS.sum()) / (2 * CELLS.sum())
    whole, half, none = similarity_of_draws(
        [shares, half_missing, [0, 0, 0, 0, 0.001, 0.999]], CELLS, rng=0, n_draws=2000
    )
    assert whole == pytest.approx(similarity_ceiling(CELLS, rng=1, n_draws=2000), abs=0.005)
    assert 0.9 < half < whole
    assert none == 0


def test_more_cells_have_a_higher_ceiling():
    ceilings = [similarity_ceiling(k * CELLS, rng=0) for k in (1, 4, 16)]
    assert ceilings == sorted(ceilings)
    # The expected largest gap falls as one over the root of the number of cells.
    assert (1 - ceilings[0]) / (1 - ceilings[2]) == pytest.approx(4, rel=0.1)


def test_bins_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="one number of bins"):
        distribution_similarity([1, 2], CELLS)
    with pytest.raises(ValueError, match="some cells"):
        distribution_similarity([1, 2], [0, 0])
