"""A measure that is added as the page says is known everywhere: one file, and one line in `MEASURES`."""

import json
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from neurosim import measures
from neurosim.recipes.recipe import load_recipe
from neurosim.report.page import write_report
from neurosim.results.target import RunFolderError, require_free
from neurosim.runs.execute import execute
from neurosim.runs.measured_files import written_by_measures

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
_TINY = (
    'stimuli.photographs=["camera"]', "stimuli.patch_size=8", "stimuli.n_train=200", "stimuli.n_test=50",
    "network.n_neurons=8", "network.backend=numpy", "analysis.bound_sweep=[1.5]", "analysis.n_starts=1",
    "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip


@pytest.fixture(scope="module")
def added() -> measures.Measure:
    """The measure of the page: the file it would be, run."""
    text = (
        PAGE.read_text(encoding="utf-8").split("## Add a measure")[1].split("```python\n")[1].split("```")[0]
    )
    module = ModuleType("neurosim.measures.nearest_fields")
    exec(text, module.__dict__)
    measure: measures.Measure = module.__dict__["NEAREST"]
    return measure


@pytest.fixture(scope="module")
def runs(added: measures.Measure, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run without the measure, and one with it in front of all others."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patched:
        execute(load_recipe("lca", assignments=_TINY), out=folder / "without")
        patched.setattr("neurosim.measures.MEASURES", (added, *measures.MEASURES))
        execute(load_recipe("lca", assignments=_TINY), out=folder / "with")
    return {name: folder / name for name in ("without", "with")}


@pytest.fixture
def known(added: measures.Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line."""
    monkeypatch.setattr("neurosim.measures.MEASURES", (*measures.MEASURES, added))


def _summary(folder: Path) -> dict[str, float]:
    values: dict[str, float] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return {name: value for name, value in values.items() if not name.startswith("seconds_")}


def test_its_numbers_tables_columns_and_figures_are_part_of_the_run(runs: dict[str, Path]) -> None:
    summary = _summary(runs["with"])
    assert 0 < summary["nearest_cosine_shuffled"] < 1
    quartiles = pd.read_csv(runs["with"] / "nearest.csv")["cosine"]
    assert summary["nearest_cosine"] == pytest.approx(quartiles[1])
    assert "nearest" in pd.read_csv(runs["with"] / "fields.csv")
    assert (runs["with"] / "figures" / "nearest.png").read_bytes().startswith(b"\x89PNG")


def test_it_moves_no_other_number_though_it_draws_before_all_others(runs: dict[str, Path]) -> None:
    before, after = _summary(runs["without"]), _summary(runs["with"])
    assert after.keys() - before.keys() == {"nearest_cosine", "nearest_cosine_shuffled"}
    assert {name: after[name] for name in before} == before
    columns = pd.read_csv(runs["without"] / "fields.csv")
    pd.testing.assert_frame_equal(pd.read_csv(runs["with"] / "fields.csv")[list(columns)], columns)


@pytest.mark.usefixtures("known")
def test_the_page_shows_and_explains_all_of_it(runs: dict[str, Path]) -> None:
    page = write_report(runs["with"]).read_text(encoding="utf-8")
    for words in (
        "The field most like a neuron&#39;s own has a cosine of",
        "Median over neurons of the largest cosine with another field.",
        "Nearest fields",
        "How alike the nearest fields are.",
        "quartiles over neurons (nearest.csv).",
    ):
        assert words in page
    assert "Not documented" not in page


@pytest.mark.usefixtures("known")
def test_a_folder_that_does_not_tell_its_files_may_hold_its_table(runs: dict[str, Path]) -> None:
    (runs["with"] / ".neurosim-run.json").unlink()
    require_free(runs["with"], overwrite=True, writes=written_by_measures)


def test_without_the_line_its_table_is_nobodys(runs: dict[str, Path]) -> None:
    (runs["with"] / ".neurosim-run.json").unlink(missing_ok=True)
    with pytest.raises(RunFolderError, match=r"nearest\.csv"):
        require_free(runs["with"], overwrite=True, writes=written_by_measures)
