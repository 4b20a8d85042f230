"""Runs that were interrupted or killed: gone on with, they end as if nothing had been."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_run import stored_in, summary_of

from neurosim.measures.context import Context
from neurosim.networks.saving.network_file import write_dataset
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.run_files import CHECKPOINTS, mark
from neurosim.results.store import RunFolderError, RunInterrupted, new_run_folder
from neurosim.runs.dataset import network_dataset
from neurosim.runs.execute import execute, resume

_TINY = (
    'stimuli.photographs=["camera"]', "stimuli.patch_size=8", "stimuli.n_train=600", "stimuli.n_test=50",
    "network.n_neurons=12", "network.batch_size=20", "network.backend=numpy", "analysis.bound_sweep=[1.2]",
    "analysis.n_starts=1", "analysis.n_bootstrap=100", "analysis.margin=4", "run.checkpoint_seconds=1e-9",
)  # fmt: skip
# In a process of its own: `python -c` recipe, folder, runs of batches before the kill, and assignments.
_KILLED = """
import os, signal, sys
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute
name, out, left, *assignments = sys.argv[1:]
left = int(left)
def kill(event):
    global left
    if event["stage"] == "train" and "batch" in event:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
execute(load_recipe(name, assignments=assignments), out=out, progress=kill)
"""


def _few(context: Context, *, seed: np.random.SeedSequence, folder: Path) -> dict[str, float]:
    """Measure little, but what every other measure is made of: the network, held-out stimuli, random numbers."""
    write_dataset(network_dataset(context), folder / "network.nc")
    context.say("few")
    context.neurons.to_csv(folder / "fields.csv", index=False) if not context.conditions else None
    return {"drawn": float(np.random.default_rng(seed).random())}


@pytest.fixture(autouse=True, scope="module")
def with_few_measures() -> Iterator[None]:
    """Leave out most measures, all figures and the page, which take most of a tiny run's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neurosim.runs.execute.analyze", _few)
        patch.setattr("neurosim.report.page.write_report", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The LCA's run without an interruption."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    execute(_tiny("lca"), out=out)
    return out


def _tiny(name: str, *more: str) -> Recipe:
    return load_recipe(name, assignments=[*_TINY, *more])


def _interrupted(recipe: Recipe, out: Path, when: Callable[[Mapping[str, Any]], bool]) -> str:
    """Run until an event, interrupt there, and return what is said."""

    def told(event: Mapping[str, Any]) -> None:
        if when(event):
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted) as interrupted:
        execute(recipe, out=out, progress=told)
    return str(interrupted.value)


def _trains(event: Mapping[str, Any], batch: int = 0) -> bool:
    return event["stage"] == "train" and event.get("batch", -1) >= batch


def _assert_same(one: Path, other: Path) -> None:
    timeless = [
        {name: value for name, value in summary_of(run).items() if not name.startswith("seconds_")}
        for run in (one, other)
    ]
    assert timeless[0] == timeless[1]
    assert stored_in(one).equals(stored_in(other))
    assert {path.name for path in one.iterdir()} == {path.name for path in other.iterdir()}


@pytest.mark.parametrize("name", ["lca", "sailnet"])
def test_a_killed_run_that_is_resumed_is_the_run_that_was_never_killed(name: str, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "killed"
    execute(_tiny(name), out=whole)
    command = [sys.executable, "-c", _KILLED, name, str(out), "0", *_TINY]
    killed = subprocess.run(command, capture_output=True, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -9, killed.stderr.decode()
    (partial,) = tmp_path.glob("killed.partial-*")
    assert (partial / CHECKPOINTS / "network.npz").is_file()
    assert not out.exists()
    done: list[Mapping[str, Any]] = []
    resume(out, progress=done.append)
    _assert_same(out, whole)
    assert not list(tmp_path.glob("killed.*"))
    assert json.loads((out / "provenance.json").read_text(encoding="utf-8"))["resumed"] is True
    # It did not begin anew.
    first = next(event["batch"] for event in done if _trains(event))
    assert first > 1


def test_a_run_killed_before_its_first_checkpoint_starts_anew(tmp_path: Path, whole: Path) -> None:
    out, rare = tmp_path / "killed", "run.checkpoint_seconds=600"
    command = [sys.executable, "-c", _KILLED, "lca", str(out), "1", *_TINY, rare]
    killed = subprocess.run(command, capture_output=True, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -9, killed.stderr.decode()
    (partial,) = tmp_path.glob("killed.partial-*")
    assert not list((partial / CHECKPOINTS).iterdir())
    resume(partial)
    _assert_same(out, whole)
    assert "resumed" not in json.loads((out / "provenance.json").read_text(encoding="utf-8"))


def test_ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on(tmp_path: Path, whole: Path) -> None:
    out = tmp_path / "a run"
    said = _interrupted(_tiny("lca"), out, lambda event: _trains(event, 4))
    assert "a run.partial' with a checkpoint of the training" in said
    assert f"`neurosim resume '{out}'` goes on with it" in said
    # Interrupted again before anything more was learned, it stays as it was.
    with pytest.raises(RunInterrupted, match="with a checkpoint of the training"):
        resume(out, progress=_raise)
    resume(tmp_path / "a run.partial")
    _assert_same(out, whole)


def _raise(event: Mapping[str, Any]) -> None:
    raise KeyboardInterrupt


def test_without_checkpoints_nothing_is_kept(tmp_path: Path) -> None:
    said = _interrupted(
        _tiny("lca", "run.checkpoint_seconds=0"), tmp_path / "run", lambda event: _trains(event, 4)
    )
    assert "nothing was kept" in said
    assert not list(tmp_path.iterdir())


def test_training_that_is_over_is_not_done_again(tmp_path: Path, whole: Path) -> None:
    out, recipe = tmp_path / "run", _tiny("lca", "run.checkpoint_seconds=600")
    said = _interrupted(recipe, out, lambda event: event["stage"] == "analyze")
    assert "goes on with it" in said
    done: list[Mapping[str, Any]] = []
    resume(out, progress=done.append)
    _assert_same(out, whole)
    assert not any(_trains(event) for event in done)


def test_of_several_networks_those_that_have_learned_are_not_taught_again(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "run"
    recipe = _tiny("wlsc-arms", "run.checkpoint_seconds=600", "stimuli.n_train=200")
    execute(recipe, out=whole)
    names = [arm.name for arm in recipe.arms]
    _interrupted(recipe, out, lambda event: f"condition {names[1]}" in event.get("step", ""))
    assert [path.name for path in (tmp_path / "run.partial" / CHECKPOINTS).iterdir()] == [f"{names[0]}.npz"]
    done: list[str] = []

    def told(event: Mapping[str, Any]) -> None:
        if event["stage"] == "train":
            done.append(event.get("step", "batch"))

    resume(out, progress=told)
    _assert_same(out, whole)
    assert "condition" in done[0]
    assert "condition" in done[1]


def test_a_whole_run_whose_process_was_killed_before_it_was_moved_is_moved(
    tmp_path: Path, whole: Path
) -> None:
    before, partial = summary_of(whole), tmp_path / "run.partial-0123abcd"
    shutil.copytree(whole, partial)
    (partial / CHECKPOINTS).mkdir()
    assert resume(tmp_path / "run") == before
    assert not partial.exists()
    assert not (tmp_path / "run" / CHECKPOINTS).exists()
    with pytest.raises(RunFolderError, match="holds a whole run: there is nothing to go on with"):
        resume(tmp_path / "run")


def test_what_cannot_be_gone_on_with_is_refused_by_message(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"found no unfinished run of .*name the --out"):
        resume(tmp_path / "nothing")
    # Of another command, or killed before its recipe was written.
    for resumable, recipe in ((False, True), (True, False)):
        partial = tmp_path / f"run{resumable}.partial-0123abcd"
        partial.mkdir()
        mark(partial, whole=False, resumable=resumable)
        if recipe:
            (partial / "recipe.toml").write_text("[run]\n")
        with pytest.raises(RunFolderError, match="holds no recipe to go on with; run the command again"):
            resume(tmp_path / f"run{resumable}")


def test_a_run_in_its_place_is_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "run"
    _interrupted(_tiny("lca"), out, lambda event: _trains(event, 4))
    other = execute(_tiny("lca", "run.seed=1"), out=out)
    with pytest.raises(RunFolderError, match="already holds a run"):
        resume(out)
    assert resume(out, overwrite=True)["drawn"] != other["drawn"]


def test_two_processes_do_not_go_on_with_one_run(tmp_path: Path) -> None:
    out = tmp_path / "run"
    _interrupted(_tiny("lca"), out, lambda event: _trains(event, 4))
    with (
        new_run_folder(out) as folder,
        pytest.raises(RunFolderError, match="another process is writing a run to"),
    ):
        resume(tmp_path / "run.partial")
    assert os.path.lexists(tmp_path / "run.partial" / CHECKPOINTS / "network.npz")
    assert folder.name.startswith("run.partial-")
