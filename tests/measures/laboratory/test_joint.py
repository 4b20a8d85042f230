"""Joint structure of a run: beside single cells where their table is there, told of where it is not."""

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

PLACE = Path("ringach2002") / "ringach_2002_orientation.csv"
CONTROLS = [
    "simple_units",
    "feed_forward",
    "feed_forward_threshold",
    "random_pools",
    "shuffled",
    "drawn_gabors",
]


def cells() -> pd.DataFrame:
    """Half of them simple, the simple ones tuned."""
    simple = np.arange(60) % 2
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "orivar": 0.7 - 0.4 * simple + rng.uniform(-0.05, 0.05, 60), "bw": 25.0 + rng.uniform(-3, 3, 60),
            "po": 0.3 - 0.2 * simple, "maxdc": 30.0, "maxfirst": 15.0 + 30 * simple + rng.uniform(0, 1, 60),
            "spont": 1.0,
        }
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    (tmp_path / PLACE).parent.mkdir()
    return tmp_path


def given(**keys: object) -> Measured:
    return LABORATORY.compute(context(LaboratorySection(**keys)), np.random.default_rng(0))


def page(tables: dict[str, pd.DataFrame]) -> str:
    run = RunFolder(Path(), {}, {}, "", {}, pd.DataFrame(), tables, {})
    return " ".join(sentences_of_tables(run))


def test_the_network_stands_beside_cells_and_controls(folder: Path) -> None:
    cells().to_csv(folder / PLACE)
    found = given(pools="random", pool_size=4)
    table = found.tables["joint_structure"].set_index("component")
    assert undeclared(LABORATORY, found) == []
    assert list(table)[-len(CONTROLS) :] == CONTROLS
    assert table["cells"].loc["circular_variance_simple"] == pytest.approx(0.3, abs=0.03)
    assert table.loc["complex_share", "cells"] == 0.5
    units = found.tables["properties"]
    of_pools = units[units["kind"] == "pool"]
    invariant = ((of_pools["modulation_ratio"] < 1) & (of_pools["circular_variance"] < 0.5)).mean()
    assert table.loc["invariant_and_tuned", "value"] == pytest.approx(invariant)
    assert table.loc["invariant_and_tuned", "n_units"] == len(of_pools)
    assert "joint structure" not in page({"joint_structure": found.tables["joint_structure"]})
    assert "rank correlation of" in page({"joint_structure": found.tables["joint_structure"]})


def test_a_group_of_few_units_is_described_and_not_compared(folder: Path) -> None:
    cells().to_csv(folder / PLACE)
    table = given(pools="random", pool_size=4, control="off").tables["joint_structure"].set_index("component")
    few = table[table["n_units"] < 20]
    assert len(few)
    assert few["ceiled"].isna().all()
    assert few["value"].notna().any()
    assert table.loc["spearman_modulation_variance", "n_units"] >= 20
    assert np.isfinite(table.loc["spearman_modulation_variance", "ceiled"])


def test_controls_have_scores_in_a_file_of_their_own(folder: Path) -> None:
    cells().to_csv(folder / PLACE)
    found = given()
    controls = found.tables["joint_structure_controls"]
    main = found.tables["joint_structure"].set_index("component")
    own = controls[controls["population"] == "shuffled"].set_index("component")
    pd.testing.assert_series_equal(own["value"], main["shuffled"], check_names=False)
    assert "joint_structure_controls" not in given(control="off").tables


def test_a_table_that_is_not_there_is_told_of_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    found = given(control="off")
    assert "scoreboard" in found.tables
    assert "joint_structure" not in found.tables
    assert "NEUROSIM_DATA" in page(found.tables)
    assert "neurosim lab" in page(found.tables)


def test_another_file_in_its_place_is_warned_of_and_the_run_goes_on(folder: Path) -> None:
    pd.DataFrame({"other": [1]}).to_csv(folder / PLACE)
    with pytest.warns(UserWarning, match="joint structure is left out: expected the columns orivar"):
        assert "scoreboard" in given(control="off").tables
