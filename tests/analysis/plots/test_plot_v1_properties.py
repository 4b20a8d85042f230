"""The figure of V1 properties: published shares behind, the population's over them, in words and units."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.plots import plot_v1_properties
from neurosim.analysis.v1.properties import V1_PROPERTIES
from neurosim.analysis.v1.scoreboard import v1_scoreboard


def units(n=40, seed=0):
    rng = np.random.default_rng(seed)
    columns = {each.name: rng.uniform(each.edges[0], each.edges[-1], n) for each in V1_PROPERTIES}
    return pd.DataFrame(columns).assign(**{each.responsive: True for each in V1_PROPERTIES})


def test_there_is_a_panel_for_every_property_with_its_unit():
    labels = [axes.get_xlabel() for axes in plot_v1_properties(units()).axes]
    assert len(labels) == 14
    assert labels[0] == "orientation of bars, 0 horizontal (°)"
    assert "peak spatial frequency (cycles/°)" in labels
    assert "modulation ratio F1/F0" in labels


def test_bars_are_the_published_shares_and_the_line_the_units():
    table = units()
    table.loc[20:, "responsive_orientation"] = False
    axes = plot_v1_properties(table).axes[2]
    each = V1_PROPERTIES[2]
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches[:13]], each.counts / 304)
    line = axes.patches[-1].get_data()[0]
    np.testing.assert_allclose(line, np.histogram(table["circular_variance"][:20], each.edges)[0] / 20)


def test_scores_are_written_and_a_rule_is_said():
    table = units().assign(surround_suppression_index=0.0)
    titles = [
        axes.get_title(loc="left")
        for axes in plot_v1_properties(table, scores=v1_scoreboard(table, rng=0).table).axes
    ]
    assert titles[2].startswith("score 0.")
    assert titles[11] == "0: 0 suppressed units"


def test_a_property_that_no_unit_has_is_drawn_without_a_line():
    table = units().assign(surround_diameter=np.nan)
    figure = plot_v1_properties({"one": table, "other": units(seed=1)})
    figure.canvas.draw()
    assert len(figure.axes[12].patches) == 8 + 2


def test_missing_columns_and_too_many_populations_are_refused():
    with pytest.raises(ValueError, match="needs the columns"):
        plot_v1_properties(units().drop(columns="largest_rate"))
    with pytest.raises(ValueError, match="one to 4, got 5"):
        plot_v1_properties({str(k): units() for k in range(5)})
