"""The figures of a finished run once more, for print: all of them, with the run's own numbers."""

import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from neurosim.analysis.plots import plot_rates
from neurosim.measures import writes
from neurosim.recipes.recipe import load_recipe
from neurosim.results.run_files import files_in, foreign_file
from neurosim.runs.analyze import save_figure
from neurosim.runs.execute import execute
from neurosim.runs.finished.figures import figures_again

_TINY = ("run.seed=1", "stimuli.n_train=600", "stimuli.n_test=60", "stimuli.patch_size=8", "network.n_neurons=20",
         "network.backend=numpy", "analysis.n_starts=2")  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures") / "run"
    execute(load_recipe("lca", assignments=_TINY), out=folder)
    return folder


@pytest.fixture(scope="module")
def drawn(run: Path) -> list[Path]:
    return figures_again(run, kind="svg")


def test_every_figure_of_the_run_is_there_as_svg(run: Path, drawn: list[Path]) -> None:
    assert {path.stem for path in drawn} == {path.stem for path in (run / "figures").glob("*.png")}
    assert all(ElementTree.fromstring(path.read_bytes()).tag.endswith("}svg") for path in drawn)


def test_it_is_said_what_is_measured_again(run: Path) -> None:
    events: list[Any] = []
    figures_again(run, kind="svg", progress=events.append)
    (said,) = (each["step"] for each in events if "measuring again" in str(each.get("step")))
    assert "dictionary" in said
    assert "membranes" not in said


def test_a_figure_from_a_table_needs_no_network(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    shutil.copytree(run, folder)
    for path in (folder / "figures").iterdir():
        if path.stem != "membranes":
            path.unlink()
    (folder / "network.nc").unlink()
    assert figures_again(folder, kind="pdf") == [folder / "figures" / "membranes.pdf"]


def test_they_count_as_the_runs_own_files_and_others_do_not(run: Path, drawn: list[Path]) -> None:
    assert foreign_file(run) is None
    assert all(writes(path) for path in files_in(run) if path.endswith(".svg"))
    (run / "figures" / "mine.svg").write_text("<svg/>")
    assert foreign_file(run) == "figures/mine.svg"


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_bytes_depend_on_nothing_but_the_figure(tmp_path: Path, kind: str, begins: bytes) -> None:
    def figure() -> Figure:
        return plot_rates([[1, 0, 3], [1, 0, 1]])

    for folder in ("one", "two"):
        save_figure(figure, tmp_path / folder / f"rates.{kind}")
    first, second = ((tmp_path / folder / f"rates.{kind}").read_bytes() for folder in ("one", "two"))
    assert first == second
    assert first.startswith(begins)


def test_another_format_and_another_folder_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected figures as svg or pdf, got 'png'"):
        figures_again(run, kind="png")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected the folder of a run"):
        figures_again(tmp_path, kind="svg")
