"""The laboratory on a finished run gives what the recipe would have given, and leaves the run as it is."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from neurosim.recipes.recipe import load_recipe
from neurosim.results.run_files import files_in
from neurosim.results.store import RunFolderError
from neurosim.runs.execute import execute
from neurosim.runs.finished.compare import side_by_side
from neurosim.runs.finished.figures import figures_again
from neurosim.runs.finished.laboratory import laboratory, laboratory_folder

_TINY = (
    'stimuli.photographs=["camera"]', "stimuli.patch_size=8", "stimuli.n_train=600", "stimuli.n_test=50",
    "network.n_neurons=20", "network.batch_size=100", "network.threshold=3.0", "analysis.bound_sweep=[1.5]",
    "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4", "network.backend=cpp_standalone",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "with"
    execute(load_recipe("lca", assignments=[*_TINY, "laboratory.control=feedforward"]), out=folder)
    return folder


@pytest.fixture(scope="module")
def again(run: Path) -> Path:
    laboratory(run)
    return laboratory_folder(run)


def _summary(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return values


def test_a_run_with_a_laboratory_has_its_files_and_numbers(run: Path) -> None:
    assert {"scoreboard.csv", "properties.csv", "figures/v1_properties.png"} <= set(files_in(run))
    assert {"v1_similarity_mean", "v1_similarity_control", "suppressed_share"} <= set(_summary(run))
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Fourteen properties beside macaque V1" in page
    assert "mean similarity of" in page
    assert len(pd.read_csv(run / "properties.csv")) == 20


def test_the_command_gives_what_the_recipe_gave(run: Path, again: Path) -> None:
    found, before = _summary(again), _summary(run)
    assert {name: before[name] for name in found if name != "seconds_analyze"} == {
        name: value for name, value in found.items() if name != "seconds_analyze"
    }
    assert (again / "scoreboard.csv").read_bytes() == (run / "scoreboard.csv").read_bytes()
    assert (again / "report.html").is_file()


def test_the_page_shows_the_neurons_of_the_run_with_their_curves(run: Path, again: Path) -> None:
    assert (again / "network.nc").read_bytes() == (run / "network.nc").read_bytes()
    page = (again / "report.html").read_text(encoding="utf-8")
    assert 'id="explorer"' in page
    inside = re.search(r'id="cells">(.*?)</script>', page, re.DOTALL)
    assert inside is not None
    (neurons,) = json.loads(inside[1])["groups"]
    assert neurons["count"] == 20
    assert {curve["words"] for curve in neurons["tuning"]} >= {"orientation of the bars (degrees)"}
    assert "fit" in neurons["views"][0]


def test_its_figure_is_drawn_for_print_without_measuring(run: Path, again: Path) -> None:
    events: list[Any] = []
    (drawn,) = figures_again(again, kind="svg", progress=events.append)
    assert drawn == again / "figures" / "v1_properties.svg"
    assert not events
    assert {"properties.csv", "properties_control.csv", "scoreboard.csv"} <= set(files_in(run))


def test_two_runs_stand_side_by_side_with_units(run: Path, again: Path) -> None:
    table = side_by_side([run, again])
    assert list(table) == ["unit", "with", "with-laboratory"]
    assert table.loc["active_fraction", "unit"] == "fraction"
    assert table.loc["active_fraction", "with-laboratory"] is None
    assert table.loc["v1_similarity_mean", "with"] == table.loc["v1_similarity_mean", "with-laboratory"]


def test_results_are_not_replaced_unless_asked(run: Path, again: Path) -> None:
    before = (again / "summary.json").read_bytes()
    with pytest.raises(RunFolderError, match="already holds a run"):
        laboratory(run)
    assert (again / "summary.json").read_bytes() == before


def test_the_runs_own_folder_is_never_replaced(run: Path) -> None:
    before = sorted(files_in(run))
    with pytest.raises(ValueError, match="expected another folder than the run's own"):
        laboratory(run, out=run, overwrite=True)
    assert sorted(files_in(run)) == before


def test_too_few_pixels_per_degree_leave_nothing_behind(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="state more pixels per degree"):
        laboratory(run, assignments=["laboratory.ppd=1"], out=tmp_path / "coarse")
    assert not list(tmp_path.iterdir())


def test_only_a_run_of_one_network_on_photographs_will_do(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"found no summary\.json"):
        laboratory(tmp_path)
    other = tmp_path / "linked"
    other.mkdir()
    (other / "summary.json").write_text("{}", encoding="utf-8")
    (other / "recipe.toml").write_text(load_recipe("linked").to_toml(), encoding="utf-8")
    with pytest.raises(ValueError, match="expected a run of one network on photographs"):
        laboratory(other)
    (other / "recipe.toml").write_text(load_recipe("wlsc-arms").to_toml(), encoding="utf-8")
    with pytest.raises(ValueError, match="got several networks"):
        laboratory(other)


def test_one_run_is_nothing_to_compare(run: Path) -> None:
    with pytest.raises(ValueError, match="two runs or more"):
        side_by_side([run])
    with pytest.raises(ValueError, match="got one twice"):
        side_by_side([run, run / ".." / run.name])
