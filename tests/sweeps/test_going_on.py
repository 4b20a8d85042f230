"""A run of a sweep whose worker was killed goes on from its last checkpoint, or says why it does not."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_run import stored_in, summary_of
from tiny_sweep import SHARED, environment

from neurosim.measures.context import Context
from neurosim.networks.saving.network_file import write_dataset
from neurosim.recipes.recipe import load_recipe
from neurosim.results.run_files import CHECKPOINTS
from neurosim.runs.dataset import network_dataset
from neurosim.runs.execute import execute
from neurosim.sweeps import plan_of
from neurosim.sweeps.attempt import Outcome, Task, carried_out, run_place
from neurosim.sweeps.running import Running

_ONE = {
    "sweep": {"recipe": "lca", "seeds": [0]},
    "set": {**SHARED, "stimuli.n_train": 600, "run.checkpoint_seconds": 1e-9},
}
# In a process of its own: `python -c` key, recipe, folder, and the batch after which it is killed.
_KILLED = """
import os, signal, sys
from neurosim.sweeps import attempt
from neurosim.sweeps.running import Running
key, recipe, folder, last = sys.argv[1:]
def told(self, event):
    if event.get("batch", -1) >= int(last):
        os.kill(os.getpid(), signal.SIGKILL)
Running.__call__ = told
attempt.carried_out(attempt.Task(key, recipe, folder))
"""


def _few(context: Context, *, seed: np.random.SeedSequence, folder: Path) -> dict[str, float]:
    write_dataset(network_dataset(context), folder / "network.nc")
    return {"drawn": float(np.random.default_rng(seed).random())}


@pytest.fixture(autouse=True)
def events(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What runs tell; they measure little, which takes most of a tiny run's time."""
    told: list[Mapping[str, Any]] = []
    monkeypatch.setattr("neurosim.runs.execute.analyze", _few)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)
    monkeypatch.setattr(Running, "__call__", lambda _, event: told.append(event))
    return told


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """The one run of a sweep, whose worker was killed while the network learned."""
    (run,) = plan_of(_ONE).runs
    (tmp_path / "sweep" / "runs").mkdir(parents=True)
    task = Task(run.key, run.recipe.to_toml(), str(tmp_path / "sweep"))
    command = [sys.executable, "-c", _KILLED, task.key, task.recipe, task.folder, "4"]
    killed = subprocess.run(command, capture_output=True, check=False, env=environment())
    assert killed.returncode == -9, killed.stderr.decode()
    return task


@pytest.fixture
def whole(tmp_path: Path, task: Task) -> Path:
    """The same run without an interruption."""
    out = tmp_path / "whole"
    (tmp_path / "recipe.toml").write_text(task.recipe, encoding="utf-8")
    execute(load_recipe(tmp_path / "recipe.toml"), out=out)
    return out


def _timeless(run: Path) -> dict[str, Any]:
    return {name: value for name, value in summary_of(run).items() if not name.startswith("seconds_")}


def _first_batch(events: list[Mapping[str, Any]]) -> int:
    return next(int(event["batch"]) for event in events if "batch" in event)


def _assert_done(task: Task, outcome: Outcome, whole: Path) -> None:
    place = run_place(task.folder, task.key)
    assert outcome.reason is None
    assert _timeless(place) == _timeless(whole)
    assert stored_in(place).equals(stored_in(whole))
    assert [path.name for path in place.parent.iterdir()] == [task.key]


def test_the_next_worker_goes_on_from_the_checkpoint_to_the_same_numbers(
    task: Task, whole: Path, events: list[Mapping[str, Any]]
) -> None:
    (left,) = run_place(task.folder, task.key).parent.glob("*.partial-*")
    assert list((left / CHECKPOINTS).iterdir())
    events.clear()
    outcome = carried_out(task)
    assert _first_batch(events) > 4
    _assert_done(task, outcome, whole)
    (note,) = outcome.notes
    assert note.startswith("went on from the checkpoint that a killed attempt had left at 20")
    provenance = json.loads((run_place(task.folder, task.key) / "provenance.json").read_text())
    assert provenance["resumed"] is True


@pytest.mark.parametrize("damage", ["cut short", "of other versions"])
def test_a_checkpoint_that_cannot_be_used_is_told_of_and_the_run_begins_anew(
    damage: str, task: Task, whole: Path, events: list[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (left,) = run_place(task.folder, task.key).parent.glob("*.partial-*")
    file = left / CHECKPOINTS / "network.npz"
    if damage == "cut short":
        os.truncate(file, 1000)
    else:
        monkeypatch.setattr(
            "neurosim.networks.estimator.checkpoint.versions_here", lambda: "versions to come"
        )
    events.clear()
    outcome = carried_out(task)
    assert _first_batch(events) == 1
    _assert_done(task, outcome, whole)
    (note,) = outcome.notes
    assert note.startswith("begun anew, as the checkpoint of a killed attempt cannot be used: checkpoint: ")
    assert {"cut short": "cannot read", "of other versions": "and here is versions to come"}[damage] in note


def test_what_was_whole_when_its_worker_was_killed_is_put_in_its_place(
    task: Task, whole: Path, events: list[Mapping[str, Any]]
) -> None:
    place = run_place(task.folder, task.key)
    whole.rename(place.with_name(f"{place.name}.partial-0123abcd"))
    events.clear()
    outcome = carried_out(task)
    assert not events
    assert [path.name for path in place.parent.iterdir()] == [task.key]
    assert outcome == Outcome(task.key, None, ["put in its place, as a killed attempt had left it whole"])
