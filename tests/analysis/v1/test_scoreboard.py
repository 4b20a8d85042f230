"""The scoreboard: published ceilings, planted populations, the rule for size scores, counting and coverage."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.v1.properties import SIZE_SCORES, V1_PROPERTIES, v1_property
from neurosim.analysis.v1.scoreboard import v1_scoreboard
from neurosim.analysis.v1.similarity import similarity_ceiling, similarity_of_draws

RESPONSIVE = {each.responsive: True for each in V1_PROPERTIES}


def drawn(n_units, rng, exponent=1.0):
    """Units of the published distributions, or, with another exponent, of sharpened or flattened ones."""
    columns = {}
    for each in V1_PROPERTIES:
        shares = each.counts**exponent * (each.counts > 0)
        bins = rng.choice(len(shares), size=n_units, p=shares / shares.sum())
        columns[each.name] = each.edges[bins] + np.diff(each.edges)[bins] * rng.uniform(size=n_units)
    return pd.DataFrame(columns).assign(**RESPONSIVE)


@pytest.mark.parametrize("each", V1_PROPERTIES, ids=lambda each: each.name)
def test_ceilings_are_the_published_ones(each):
    assert similarity_ceiling(each.counts, rng=0, n_draws=5000) == pytest.approx(
        each.published_ceiling, abs=0.01
    )


def test_alexnets_published_mean_is_the_landmark():
    assert np.mean([each.alexnet for each in V1_PROPERTIES]) == pytest.approx(0.731, abs=0.001)


def test_a_population_of_the_published_distributions_scores_1_and_shuffling_bins_less():
    found = v1_scoreboard(drawn(1000, np.random.default_rng(0)), rng=0)
    assert found.mean.ceiled == pytest.approx(1, abs=0.02)
    assert found.mean.low <= 1 <= found.mean.high + 0.01
    other = pd.DataFrame({each.name: each.edges[-1] for each in V1_PROPERTIES}, index=range(50))
    assert v1_scoreboard(other.assign(**RESPONSIVE), rng=0).mean.ceiled < 0.4


def test_an_orientation_beyond_the_last_edge_is_horizontal():
    assert v1_property("preferred_orientation").bins([170.0, 157.0, 10.0]).tolist() == [0, 3, 0]


def test_with_fewer_than_20_suppressed_units_the_two_size_scores_are_0_and_say_why():
    units = drawn(200, np.random.default_rng(0))
    units["surround_suppression_index"] = 0.0
    units.loc[:18, "surround_suppression_index"] = 0.5
    units.loc[19:, list(SIZE_SCORES)] = np.nan
    table = v1_scoreboard(units, rng=0).table.set_index("property")
    for name in SIZE_SCORES:
        assert table.loc[name, "ceiled"] == 0
        assert table.loc[name, "zero_because"] == "19 suppressed units, fewer than 20"
        assert (table.loc[name, "n_used"], table.loc[name, "n_missing"]) == (19, 181)
    assert (table["n_suppressed"] == 19).all()
    unruled = v1_scoreboard(units, rng=0, least_suppressed=1).table.set_index("property")
    assert (unruled.loc[list(SIZE_SCORES), "ceiled"] > 0.7).all()


def test_units_that_do_not_respond_are_counted_and_not_scored():
    units = drawn(300, np.random.default_rng(0))
    silent = units.assign(circular_variance=0.999, responsive_orientation=False)
    both = pd.concat([units, silent], ignore_index=True)
    row = v1_scoreboard(both, rng=0).table.set_index("property").loc["circular_variance"]
    assert (row["n_units"], row["n_responsive"], row["n_used"]) == (600, 300, 300)
    assert row["ceiled"] == pytest.approx(1, abs=0.05)
    none = v1_scoreboard(silent, rng=0).table.set_index("property").loc["circular_variance"]
    assert (none["ceiled"], none["zero_because"]) == (0, "no responsive unit")


def test_units_without_a_value_are_counted_as_missing():
    units = drawn(100, np.random.default_rng(0))
    units.loc[:39, "orientation_half_width"] = np.nan
    row = v1_scoreboard(units, rng=0).table.set_index("property").loc["orientation_half_width"]
    assert (row["n_used"], row["n_missing"]) == (60, 40)


def test_a_missing_column_and_an_empty_table_are_refused():
    units = drawn(30, np.random.default_rng(0))
    with pytest.raises(ValueError, match="missing: peak_frequency"):
        v1_scoreboard(units.drop(columns="peak_frequency"), rng=0)
    with pytest.raises(ValueError, match="at least one unit"):
        v1_scoreboard(units[:0], rng=0)


def test_the_same_seed_gives_the_same_numbers():
    units = drawn(50, np.random.default_rng(0))
    first, second = (v1_scoreboard(units, rng=3, n_bootstrap=20).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.slow
@pytest.mark.parametrize("exponent", [1.0, 3.0])
def test_intervals_of_a_property_and_of_the_mean_cover_the_score_of_the_population(exponent):
    rng, covered, mean_covered = np.random.default_rng(0), [], []
    truths = []
    for each in V1_PROPERTIES:
        shares = np.append(each.counts**exponent * (each.counts > 0), 0.0)
        ceiling = similarity_ceiling(each.counts, rng=0, n_draws=10_000)
        truths.append(
            similarity_of_draws(shares / shares.sum(), each.counts, rng=0, n_draws=10_000) / ceiling
        )
    for _ in range(60):
        found = v1_scoreboard(drawn(150, rng, exponent), rng=rng, n_bootstrap=150, n_draws=400)
        covered.append((found.table["low"] <= truths) & (found.table["high"] >= truths))
        mean_covered.append(found.mean.low <= np.mean(truths) <= found.mean.high)
    assert np.mean(covered) > 0.88
    assert np.mean(mean_covered) > 0.85
