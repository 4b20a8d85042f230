"""The figure of filters in use shows the table it is given."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.plots.filters import filter_usage, plot_filters
from neurosim.networks.svae.fitted import ACTIVE_NATS

_FILTERS = pd.DataFrame(
    {
        "fall_nats": [0.01, 3.0, -0.2, 0.5],
        "divergence_nats": [0.0, 1.0, 0.1, 0.4],
        "norm": [0.1, 2.0, 0.3, 1.5],
        "active": [False, True, False, True],
    }
)


def _lines(axes):
    return {line.get_label(): line.get_xydata().tolist() for line in axes.lines}


def test_filters_stand_in_falling_order_and_those_below_zero_at_the_lower_end():
    drops, norms = plot_filters(_FILTERS).axes
    lines = _lines(drops)
    assert lines["drop without it"] == [[1, 3.0], [2, 0.5]]
    assert lines["drop, not active"] == [[3, 0.01]]
    assert lines["drop of at most zero"] == [[4, drops.get_ylim()[0]]]
    assert lines["cost of the posterior"] == [[1, 1.0], [2, 0.4], [4, 0.1]]
    assert drops.get_yscale() == "log"
    assert drops.get_title(loc="left") == "2 of 4 filters active"
    drawn = np.concatenate([line.get_xydata() for line in norms.lines[:2]])
    assert drawn.tolist() == [[1, 2.0], [2, 1.5], [3, 0.1], [4, 0.3]]


def test_the_line_is_where_the_network_calls_a_filter_active():
    drops, _ = plot_filters(_FILTERS).axes
    assert _lines(drops)["0.05 nats"][0][1] == ACTIVE_NATS


def test_usage_is_the_fall_of_active_filters():
    assert filter_usage(_FILTERS).tolist() == [0, 3.0, 0, 0.5]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (_FILTERS.drop(columns="norm"), "missing: norm"),
        (_FILTERS.assign(fall_nats=np.nan), "4 NaN"),
        (_FILTERS.iloc[:0], "no rows"),
    ],
)
def test_a_broken_table_is_refused(broken, message):
    with pytest.raises(ValueError, match=message):
        plot_filters(broken)
