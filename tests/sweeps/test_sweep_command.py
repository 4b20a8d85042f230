"""`neurosim sweep`."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tiny_sweep import written
from typer.testing import CliRunner

from neurosim.commands.application import app
from neurosim.sweeps import sweeping


def _neurosim(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def _said_to_be(states: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    asked: dict[str, Any] = {}

    def carried_out(plan: Any, **arguments: Any) -> pd.DataFrame:
        asked.update(arguments, n_runs=len(plan.runs))
        arguments["progress"]({"stage": "sweep", "done": 1, "of": 2, "failed": 1, "running": ["train 40%"]})
        return pd.DataFrame({"state": states})

    monkeypatch.setattr(sweeping, "sweep", carried_out)
    return asked


def test_a_sweep_shows_how_far_it_is_and_says_what_was_done_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _said_to_be(["done", "done"], monkeypatch)
    done = _neurosim("sweep", written(tmp_path), "--workers", 3)
    assert (done.exit_code, asked["workers"], asked["n_runs"]) == (0, 3, 4)
    assert asked["out"] == Path("sweeps", "tiny")
    assert "2 done" in done.stdout
    assert str(Path("sweeps", "tiny", "index.html")) in done.stdout
    assert "1 failed, train 40%" in done.stderr


def test_failed_runs_end_with_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _said_to_be(["done", "failed"], monkeypatch)
    done = _neurosim("sweep", written(tmp_path), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "1 done, 1 failed" in done.stdout


def test_a_plan_lists_the_runs_and_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _said_to_be([], monkeypatch)
    done = _neurosim("sweep", written(tmp_path), "--plan")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 4
    assert "network.threshold = 2.0  run.seed = 1" in done.stdout
    assert not asked


def test_mistakes_get_one_message_and_exit_code_2(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("[grid]", "[grd]"))
    done = _neurosim("sweep", file)
    assert (done.exit_code, done.stderr) == (2, "neurosim: grd: unknown in a sweep; did you mean 'grid'?\n")
