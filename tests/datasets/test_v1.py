"""The published tables: their counts, edges and citations."""

import numpy as np
import pytest

from neurosim.datasets.v1 import published_numbers, published_table, published_tables


@pytest.mark.parametrize("name", published_tables())
def test_every_table_has_cells_rising_edges_and_a_citation_with_a_year(name):
    table = published_table(name)
    assert table.counts.shape == tuple(len(edges) - 1 for edges in table.edges)
    assert (table.counts >= 0).all()
    assert table.n_cells > 0
    assert all((np.diff(edges) > 0).all() for edges in table.edges)
    assert any(year in table.citation for year in ("1976", "1982", "2002"))
    assert table.quantity.endswith(")")


@pytest.mark.parametrize(
    ("name", "n_cells"),
    [
        ("nx_ny", 79),
        ("preferred_orientation", 385),
        ("surround_suppression_index", 190),
        ("circular_variance", 304),
        ("peak_frequency_simple_foveal", 148),
    ],
)
def test_tables_have_the_published_number_of_cells(name, n_cells):
    assert published_table(name).n_cells == n_cells


def test_19_of_79_cells_are_broadly_tuned_and_the_medians_lie_in_the_published_bins():
    table = published_table("nx_ny")
    edges = table.edges[0]
    assert table.counts[:2, :2].sum() == 19
    assert edges[2] == pytest.approx(0.302, abs=1e-3)
    for axis, median in ((1, 0.365), (0, 0.445)):
        cumulative = np.cumsum(table.counts.sum(axis=axis))
        middle = np.searchsorted(cumulative, 40)
        assert edges[middle] <= median <= edges[middle + 1]


def test_the_median_simple_foveal_cell_prefers_about_2_8_cycles_per_degree():
    table = published_table("peak_frequency_simple_foveal")
    middle = np.searchsorted(np.cumsum(table.counts), table.n_cells / 2)
    assert 2.8 in table.edges[0][middle : middle + 2]


def test_tables_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        published_table("nx_ny").counts[0, 0] = 5


def test_numbers_are_a_copy():
    published_numbers("pinwheel_spacing_mm")["table"]["macaque"] = 9
    assert published_numbers("pinwheel_spacing_mm")["table"]["macaque"] == 0.35


def test_a_name_that_is_not_there_suggests_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'circular_variance'"):
        published_table("circular_varience")
    with pytest.raises(KeyError, match="choose one of"):
        published_numbers("?")
