"""How far scores depend on scale and contrast: measured where it is asked for, told of where it is not."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gabor_network import context

from neurosim.measures.laboratory import LABORATORY
from neurosim.measures.laboratory.words_of_tables import sentences_of_tables
from neurosim.recipes.run_sections import LaboratorySection
from neurosim.registry.measure import Measured, undeclared
from neurosim.results.run_folder import RunFolder


@cache
def given(**keys: object) -> Measured:
    section = LaboratorySection(control="feedforward", **keys)
    return LABORATORY.compute(context(section), np.random.default_rng(0))


def page(tables: dict[str, pd.DataFrame]) -> str:
    return " ".join(sentences_of_tables(RunFolder(Path(), {}, {}, "", {}, pd.DataFrame(), tables, {})))


def test_scale_and_contrast_are_changed_one_by_one() -> None:
    found = given(sensitivity=True)
    table = found.tables["sensitivity"].set_index("setting")
    assert undeclared(LABORATORY, found) == []
    ppd = found.metrics["laboratory_pixels_per_degree"]
    np.testing.assert_allclose(table["pixels_per_degree"] / ppd, [1, 0.7, 1.4, 1])
    assert table["contrast"].tolist() == [1, 1, 1, 0.3]
    assert table.loc["as above", "mean_of_14"] == found.metrics["v1_similarity_mean"]
    assert table.loc["as above", "control_mean_of_14"] == found.metrics["v1_similarity_control"]
    assert table.filter(like="mean").notna().all(axis=None)


def test_a_scale_that_is_stated_gives_what_its_row_says() -> None:
    found = given(sensitivity=True)
    table = found.tables["sensitivity"].set_index("setting").loc["pixels per degree × 1.4"]
    stated = given(ppd=float(table["pixels_per_degree"])).metrics
    # The same answers; scores of draws scatter.
    assert table["suppressed_share"] == stated["suppressed_share"]
    assert table["mean_of_14"] == pytest.approx(stated["v1_similarity_mean"], abs=0.01)


def test_units_that_answer_nothing_at_low_contrast_are_told_of() -> None:
    section = LaboratorySection(control="feedforward", sensitivity=True)
    weak = LABORATORY.compute(context(section, strength=0.01), np.random.default_rng(0)).tables["sensitivity"]
    row = weak.set_index("setting").loc["contrast × .3"]
    assert row["left_out_because"] == "network: no unit answers; control: no unit answers"
    assert np.isnan(row["mean_of_14"])


def test_a_scale_that_cannot_be_shown_is_left_out_with_its_reason() -> None:
    table = given(ppd=3.0, sensitivity=True).tables["sensitivity"].set_index("setting")
    assert "state more pixels per degree" in table.loc["pixels per degree × .7", "left_out_because"]
    assert np.isnan(table.loc["pixels per degree × .7", "mean_of_14"])
    assert np.isfinite(table.loc["pixels per degree × 1.4", "mean_of_14"])


def test_it_moves_no_other_number_and_the_page_says_when_it_was_not_done() -> None:
    with_it, without = given(sensitivity=True), given()
    assert with_it.metrics == without.metrics
    assert "sensitivity" not in without.tables
    assert "--sensitivity" in page(without.tables)
    assert "--sensitivity" not in page(with_it.tables)
    assert "mean similarity lies between" in page(with_it.tables)
