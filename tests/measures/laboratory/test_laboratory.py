"""The laboratory of a run: its numbers are declared, controls stand beside them, and what cannot be is not there."""

from functools import cache

import numpy as np
import pytest

from neurosim.analysis.fields.gabor import gabor
from neurosim.measures.context import Context
from neurosim.measures.laboratory import LABORATORY
from neurosim.measures.laboratory.scores import DRAWN, MEAN
from neurosim.measures.mapping.fixed_gain import fixed_gain_front_end
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import LaboratorySection, TileSection
from neurosim.registry.measure import Measured, undeclared
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import Stimuli

THRESHOLD = 0.2


class _FeedForward(LCA):
    """A network whose units do not act on each other: what the control has to equal."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        return np.maximum(X @ self.dictionary_.T - THRESHOLD, 0.0)

    def settle(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.transform(X), np.zeros(len(X), dtype=bool)


@cache
def stimuli() -> Stimuli:
    section = PhotographSection(
        photographs=["camera"], patch_size=8, n_train=200, n_test=20, normalise="std", dtype="float64"
    )
    return photographs(section, training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))


@cache
def network(strength: float = 1.0) -> LCA:
    import pandas as pd

    rng, n = np.random.default_rng(0), 24
    parameters = pd.DataFrame(
        {
            "x0": rng.uniform(3, 4, n), "y0": rng.uniform(3, 4, n), "orientation": rng.uniform(0, np.pi, n),
            "frequency": 0.2, "phase": rng.uniform(0, 2 * np.pi, n), "sigma_x": 1.5, "sigma_y": 1.8, "amplitude": 1.0,
        }
    )  # fmt: skip
    rows = gabor(parameters, height=8, width=8).reshape(n, -1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return _FeedForward.from_dictionary(
        strength * rows, threshold=THRESHOLD, nonnegative=True, backend="numpy"
    )


def context(section: LaboratorySection | None, strength: float = 1.0) -> Context:
    recipe = Recipe().model_copy(update={"laboratory": section})
    return Context(network(strength), stimuli(), recipe=recipe)


@cache
def measured(**keys: object) -> Measured:
    section = LaboratorySection(**keys)
    return LABORATORY.compute(context(section), np.random.default_rng(0))


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
    monkeypatch.setattr(_FeedForward, "settle", odd)
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
    front_end = fixed_gain_front_end(stimuli(), reach=8, rng=np.random.default_rng(0))
    windows = np.stack([space.pictures[0][row : row + 64, row : row + 64] for row in range(0, 340, 30)])
    inside = front_end.apply(windows)[..., 8:-8, 8:-8]
    assert 0.6 < np.sqrt((inside**2).mean()) < 1.5
