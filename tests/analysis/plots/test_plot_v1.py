"""The comparison with macaque: the published counts, the fields and the distance are what is drawn."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.plots import amplitude_bound_sweep, nx_ny_against_macaque
from neurosim.datasets.v1 import published_table

INSIDE = {"image": [[0.4, 0.5], [0.2, 0.2]]}
BITS = {"image": (0.25, 0.2, 0.125, 0.375)}


def sweep(spaces=("image", "whitened")):
    rows = [
        (space, bound, bound / 10, bound / 20, bound / 5) for space in spaces for bound in (3.0, 1.1, 1.5)
    ]
    return pd.DataFrame(rows, columns=["space", "amplitude_bound", "js_bits", "low", "high"])


def test_the_written_counts_are_the_published_cells():
    axes = nx_ny_against_macaque(INSIDE, divergences=BITS).axes[0]
    assert sum(int(text.get_text()) for text in axes.texts) == published_table("nx_ny").n_cells


def test_each_count_stands_in_its_bin_with_n_x_to_the_right():
    table = published_table("nx_ny")
    drawn = {
        text.xy: int(text.get_text())
        for text in nx_ny_against_macaque(INSIDE, divergences=BITS).axes[0].texts
    }
    assert drawn[table.edges[0][1], table.edges[1][1]] == table.counts[1, 0] == 8


def test_fields_beyond_the_table_are_drawn_on_its_border():
    shapes = {"image": [[0.4, 0.5], [0.01, 0.4], [0.5, 9.0]]}
    points, outside = nx_ny_against_macaque(shapes, divergences=BITS).axes[0].collections[1:]
    edges = published_table("nx_ny").edges[0]
    np.testing.assert_allclose(points.get_offsets(), [[0.4, 0.5]])
    np.testing.assert_allclose(outside.get_offsets(), [[edges[0], 0.4], [0.5, edges[-1]]])


def test_fields_inside_the_table_are_all_drawn_as_points():
    collections = nx_ny_against_macaque(INSIDE, divergences=BITS).axes[0].collections
    assert len(collections) == 2
    assert len(collections[1].get_offsets()) == 2


def test_both_spaces_stand_side_by_side_each_with_its_distance():
    shapes = {"image": [[0.4, 0.5]], "whitened": np.empty((0, 2))}
    bits = BITS | {"whitened": (np.nan, np.nan, np.nan, np.nan)}
    titles = [axes.get_title(loc="left") for axes in nx_ny_against_macaque(shapes, divergences=bits).axes]
    assert "JS 0.25 bits, corrected 0.20 [0.12, 0.38]" in titles[0]
    assert titles[1] == "On whitened patches: 0 fields\nno distance"


def test_a_space_without_a_distance_is_refused_by_name():
    with pytest.raises(ValueError, match="missing: whitened"):
        nx_ny_against_macaque(INSIDE | {"whitened": [[0.3, 0.3]]}, divergences=BITS)


def test_a_distance_without_its_corrected_value_is_refused():
    with pytest.raises(ValueError, match="four numbers"):
        nx_ny_against_macaque(INSIDE, divergences={"image": (0.25, 0.125, 0.375)})


@pytest.mark.parametrize("shapes", [[[0.4, -0.5]], [[0.4, 0.5, 0.6]], [[0.4, np.nan]]])
def test_impossible_shapes_are_refused(shapes):
    with pytest.raises(ValueError, match=r"shapes\['image'\]"):
        nx_ny_against_macaque({"image": shapes}, divergences=BITS)


def test_the_sweep_is_drawn_in_rising_order_of_the_bound():
    line = amplitude_bound_sweep(sweep()).axes[0].containers[0].lines[0]
    np.testing.assert_allclose(line.get_xdata().astype(float), [1.1, 1.5, 3.0])
    np.testing.assert_allclose(line.get_ydata().astype(float), [0.11, 0.15, 0.3])


def test_the_error_bars_are_the_interval():
    _, _, (bars,) = amplitude_bound_sweep(sweep(["image"])).axes[0].containers[0]
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, [[0.055, 0.22], [0.075, 0.3], [0.15, 0.6]])


def test_corrected_values_are_drawn_with_their_interval_where_there_are_any():
    corrected = sweep(["image"]).assign(js_bits_corrected=lambda table: table["js_bits"] - 0.05)
    axes = amplitude_bound_sweep(corrected).axes[0]
    line, _, (bars,) = axes.containers[0]
    np.testing.assert_allclose(line.get_ydata().astype(float), [0.06, 0.1, 0.25])
    np.testing.assert_allclose(next(segment[:, 1] for segment in bars.get_segments()), [0.055, 0.22])
    assert axes.get_ylabel() == "corrected JS divergence from macaque (bits)"


def test_no_space_is_dropped_however_many_there_are():
    many = amplitude_bound_sweep(sweep(["a", "b", "c", "d", "e"]))
    assert len(many.axes[0].containers) == 5


def test_the_bound_used_is_marked():
    lines = amplitude_bound_sweep(sweep(), chosen_bound=2.0).axes[0].lines
    assert [2.0, 2.0] in [list(line.get_xdata()) for line in lines]


def test_a_sweep_without_distances_is_refused():
    with pytest.raises(ValueError, match="missing: js_bits"):
        amplitude_bound_sweep(sweep().drop(columns="js_bits"))
