"""The laboratory of a run: its numbers are declared, controls stand beside them, and what cannot be is not there."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from gabor_network import FeedForward, context, measured, stimuli

from neurosim.analysis.protocol.grating_sets import PROTOCOL
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses
from neurosim.measures.laboratory import LABORATORY
from neurosim.measures.laboratory.fixed_gain import front_end_for
from neurosim.measures.laboratory.populations import CONTROL, DIVIDED, MAIN, Shown
from neurosim.measures.laboratory.scores import (
    DRAWN,
    MEAN,
    Scores,
    invariant_share,
    invariant_share_range,
    least_over_phases,
    scored,
)
from neurosim.recipes.run_sections import LaboratorySection, TileSection
from neurosim.registry.measure import undeclared


def test_every_number_table_and_figure_is_declared() -> None:
    given = measured()
    assert undeclared(LABORATORY, given) == []
    assert {"v1_similarity_mean", "v1_similarity_control", "suppressed_share"} <= set(given.metrics)
    assert sum(name.startswith("v1_similarity_") for name in given.metrics) == 4 + 14
    assert len(given.tables["properties"]) == 24
    assert given.figures["v1_properties"]().axes


def test_units_without_interactions_equal_their_control() -> None:
    metrics = measured().metrics
    assert metrics["suppressed_share"] == metrics["suppressed_share_control"]
    table = measured().tables["scoreboard"].set_index("property")
    # The same units drawn anew: scores of draws scatter.
    assert abs(table.loc[MEAN, "ceiled"] - table.loc[MEAN, "feed_forward_threshold"]) < 0.01


def test_the_controls_stand_beside_the_network() -> None:
    table = measured().tables["scoreboard"].set_index("property")
    assert {"feed_forward", "feed_forward_threshold", "random_fields", "shuffled", DRAWN} <= set(table)
    assert table.loc[MEAN, DRAWN] > table.loc[MEAN, "shuffled"] + 0.1
    assert table.loc["peak_frequency", "n_units"] == 24


def test_gratings_at_which_nothing_settled_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured().metrics["laboratory_unsettled_fraction"] == 0
    odd = lambda self, X: (self.transform(X), np.arange(len(X)) % 2 == 1)  # noqa: E731
    monkeypatch.setattr(FeedForward, "settle", odd)
    given = LABORATORY.compute(context(LaboratorySection(control="off")), np.random.default_rng(0))
    assert given.metrics["laboratory_unsettled_fraction"] == pytest.approx(0.5, abs=0.01)


def test_controls_can_be_left_out() -> None:
    assert "v1_similarity_control" not in measured(control="off").metrics
    columns = set(measured(control="feedforward").tables["scoreboard"])
    assert "feed_forward" in columns
    assert not {"random_fields", "shuffled", DRAWN} & columns


def test_the_scale_is_found_from_the_fields_or_stated() -> None:
    found = measured().metrics["laboratory_pixels_per_degree"]
    assert 10 < found < 20  # .2 cycles/pixel, a little less after the filter, to 2.8 cycles/degree
    assert measured(ppd=24.0, control="off").metrics["laboratory_pixels_per_degree"] == 24


@pytest.mark.parametrize("pools", ["learned", "matched", "random"])
def test_pools_stand_for_complex_cells(pools: str) -> None:
    given = measured(pools=pools, pool_size=4, control="off")
    kinds = given.tables["properties"]["kind"]
    assert (kinds == "pool").sum() == round(0.6 * 24)
    assert 0 <= given.metrics["complex_invariant_share"] <= 1
    assert "simple_units" in given.tables["scoreboard"]
    assert "complex_invariant_share" not in measured().metrics


def test_fields_repeated_over_a_larger_field_without_interactions_have_no_surround() -> None:
    tiled = measured(tile=TileSection(stride=4, size=16), control="off")
    assert tiled.metrics["suppressed_share"] < 0.2
    assert len(tiled.tables["properties"]) == 24


def test_a_network_that_answers_no_grating_has_no_scores() -> None:
    given = LABORATORY.compute(
        context(LaboratorySection(control="off"), strength=1e-9), np.random.default_rng(0)
    )
    assert np.isnan(given.metrics["v1_similarity_mean"])
    assert not given.tables


def test_it_is_measured_only_where_a_recipe_asks_for_it() -> None:
    assert LABORATORY.applies(context(LaboratorySection()))
    assert not LABORATORY.applies(context(None))


def test_the_front_end_makes_images_as_strong_as_patches_are() -> None:
    space = stimuli().image_space
    assert space is not None
    front_end = front_end_for(context(LaboratorySection()), np.random.default_rng(0))
    windows = np.stack([space.pictures[0][row : row + 64, row : row + 64] for row in range(0, 340, 30)])
    inside = front_end.apply(windows)[..., 8:-8, 8:-8]
    assert 0.6 < np.sqrt((inside**2).mean()) < 1.5


def test_a_pair_of_opposite_units_passes_by_its_modulation_and_not_by_its_range() -> None:
    # At eight phases: the sum of squares of a unit and its opposite is cos², of a pair in quadrature with theirs 1.
    phases = np.arange(8) * np.pi / 4
    by_phase = np.stack([np.abs(np.cos(phases)), np.ones(8), np.maximum(np.cos(phases), 0), np.zeros(8)])
    tuned = np.stack([by_phase, 0.1 * by_phase], axis=1)[:, None]  # one condition, two orientations
    least = least_over_phases(ProtocolResponses(PROTOCOL, (tuned, tuned, tuned), np.zeros(4), 0, 1))
    np.testing.assert_allclose(least, [0, 1, 0, np.nan], atol=1e-12)
    pools = pd.DataFrame({"modulation_ratio": [0, 0, 1.57], "circular_variance": 0.3})
    assert invariant_share(pools) == pytest.approx(2 / 3)
    assert invariant_share_range(pools, least[:3]) == pytest.approx(1 / 3)


def test_a_run_with_pools_gives_both_shares() -> None:
    given = measured(pools="matched", pool_size=4, control="off")
    units = given.tables["properties"]
    pools = units[units["kind"] == "pool"]
    passing = (
        (pools["modulation_ratio"] < 1)
        & (pools["circular_variance"] < 0.5)
        & (pools["least_over_phases"] >= 0.1)
    )
    assert given.metrics["complex_invariant_share_range"] == pytest.approx(passing.mean())
    assert given.metrics["complex_invariant_share_range"] <= given.metrics["complex_invariant_share"]


def test_suppression_is_that_of_simple_units_in_network_and_control(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_suppressed_pools(shown: Shown, **keys: Any) -> Scores:
        found = scored(shown, **keys)
        for name in (MAIN, CONTROL):
            found.properties[name]["suppressed"] = shown.is_pool
        return found

    monkeypatch.setattr("neurosim.measures.laboratory.scores.scored", with_suppressed_pools)
    section = LaboratorySection(pools="matched", pool_size=4, control="feedforward")
    given = LABORATORY.compute(context(section), np.random.default_rng(0))
    assert given.tables["properties"]["suppressed"].any()
    assert given.metrics["suppressed_share"] == given.metrics["suppressed_share_control"] == 0


def test_units_without_interactions_under_the_pool_equal_their_control() -> None:
    given, plain = measured(gain_control=2.0, control="feedforward"), measured(control="feedforward")
    table = given.tables["scoreboard"].set_index("property")
    assert abs(table.loc[MEAN, "ceiled"] - table.loc[MEAN, DIVIDED]) < 0.01
    # Divided activity needs more spikes for each unit of it; the controls without a pool stay as they are.
    assert given.metrics["laboratory_rate_scale"] > 1.5 * plain.metrics["laboratory_rate_scale"]
    control = plain.metrics["v1_similarity_control"]
    assert given.metrics["v1_similarity_control"] == pytest.approx(control, abs=1e-3)
    assert given.metrics["suppressed_share_control"] == plain.metrics["suppressed_share_control"]
    assert DIVIDED not in plain.tables["scoreboard"]


def test_a_pool_hears_the_network_once_for_each_image(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    settle = FeedForward.settle
    monkeypatch.setattr(FeedForward, "settle", lambda self, X: calls.append(len(X)) or settle(self, X))
    for section in (LaboratorySection(control="all"), LaboratorySection(control="all", gain_control=2.0)):
        LABORATORY.compute(context(section), np.random.default_rng(0))
    without, with_pool = calls[: len(calls) // 2], calls[len(calls) // 2 :]
    assert sum(with_pool) - sum(without) == 500  # photographs alone, for the pool's mean
