"""A sweep on this machine, its folder, and what it survives."""

import copy
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tiny_sweep import TINY, at_work, begun, is_there, kill, perish, until, whole, written

from neurosim.recipes.recipe import load_recipe
from neurosim.sweeps import SweepError, plan_of, sweep, sweep_table
from neurosim.sweeps import attempt as attempts


def _timeless(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in table.columns if not name.startswith("seconds_")]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep whose worker was killed, then the whole of it, and which was started again."""
    base = tmp_path_factory.mktemp("sweep")
    file, out = written(base), base / "out"
    first = begun(file, out, "--workers", "1", "--quiet")
    kill(until(lambda: at_work(out)).pop())
    until(lambda: len(whole(out)) == 1)
    workers = until(lambda: at_work(out))
    kill(first.pid)
    first.communicate()
    until(lambda: not any(map(is_there, workers)))
    assert len(whole(out)) < 4, "nothing was left to do"
    second = begun(file, out, "--workers", "1")
    told, _ = second.communicate()
    assert second.returncode == 0, told
    assert "4 done" in told
    return out


pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")


def test_every_run_is_in_the_table_once_after_workers_and_sweep_were_killed(folder: Path) -> None:
    table = pd.read_csv(folder / "table.csv")
    assert table["state"].tolist() == ["done"] * 4
    assert table["key"].is_unique
    assert table[["network.threshold", "run.seed"]].to_numpy().tolist() == [[1, 0], [1, 1], [2, 0], [2, 1]]
    assert whole(folder) == set(table["key"])


def test_nothing_of_killed_attempts_is_left(folder: Path) -> None:
    assert {path.name for path in (folder / "runs").iterdir()} == whole(folder)
    assert {path.name for path in folder.iterdir()} == {
        "figures", "index.html", "over_seeds.csv", "plan.json", "runs", "table.csv",
    }  # fmt: skip


def test_numbers_are_those_of_a_run_alone(folder: Path, tmp_path: Path) -> None:
    from neurosim.runs.execute import execute

    row = sweep_table(folder).iloc[3]
    alone = execute(load_recipe(folder / "runs" / row["key"] / "recipe.toml"), out=tmp_path / "alone")
    assert {name: row[name] for name in ("objective", "active_fraction", "gabor_fraction")} == {
        name: alone[name] for name in ("objective", "active_fraction", "gabor_fraction")
    }


def test_what_is_done_is_not_done_again_and_the_table_is_made_of_the_folders(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*/summary.json")}
    (folder / "table.csv").unlink()
    again = sweep(TINY, out=folder, workers=1)
    assert {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*/summary.json")} == before
    pd.testing.assert_frame_equal(_timeless(again), _timeless(sweep_table(folder)))
    assert (folder / "table.csv").is_file()


def test_a_wider_sweep_runs_only_what_is_new(folder: Path) -> None:
    wider = copy.deepcopy(TINY)
    wider["grid"]["network.threshold"] = [2.0, 3.0, 1.0]
    plan = plan_of(wider)
    assert {run.key for run in plan.runs} > whole(folder)
    assert len(plan.runs) == 6


def test_the_page_links_every_run_and_shows_the_figure(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert all(f'href="runs/{key}/report.html"' in page for key in whole(folder))
    assert 'src="figures/objective.png"' in page
    assert {path.name for path in (folder / "figures").iterdir()} == {"objective.png", "objective.svg"}


def test_a_folder_of_other_things_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SweepError, match="holds other things; name another --out"):
        sweep(TINY, out=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"workers": 0}, "workers: expected 1 or more"),
        ({"workers": 2, "scheduler": "tcp://x"}, "a cluster has its own"),
    ],
)
def test_workers_that_cannot_be_are_refused(arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SweepError, match=message):
        sweep(TINY, out=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_metric_that_nobody_knows_is_refused_with_the_nearest(tmp_path: Path) -> None:
    wrong = {**TINY, "sweep": {**TINY["sweep"], "metrics": ["objectiv"]}}
    with pytest.raises(SweepError, match="did you mean 'objective'"):
        sweep(wrong, out=tmp_path / "out")


def test_a_run_that_fails_says_why_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(recipe: Any, **_: Any) -> None:
        raise ValueError(f"n_neurons={recipe.network.n_neurons} is bad luck")

    monkeypatch.setattr("neurosim.runs.execute.execute", fails)
    run = plan_of(TINY).runs[0]
    (tmp_path / "runs").mkdir()
    task = attempts.Task(run.key, run.recipe.to_toml(), str(tmp_path))
    outcome = attempts.carried_out(task)
    assert outcome.reason == "network.n_neurons = 8 is bad luck"
    assert attempts.failure(tmp_path, run.key) == outcome.reason
    assert "Traceback" in json.loads((tmp_path / "failed" / f"{run.key}.json").read_text())["traceback"]


def test_a_worker_that_reads_the_recipe_otherwise_refuses(tmp_path: Path) -> None:
    run = plan_of(TINY).runs[0]
    outcome = attempts.carried_out(attempts.Task("0" * 12, run.recipe.to_toml(), str(tmp_path)))
    assert outcome.reason is not None
    assert "it has other code" in outcome.reason


def test_a_process_that_is_killed_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from neurosim.sweeps import local

    monkeypatch.setattr(local, "carried_out", perish)
    task = attempts.Task("abc", "", str(tmp_path))
    outcomes = [outcome for outcome in local.carried_out_here([task], n_workers=1) if outcome is not None]
    assert len(outcomes) == 1
    assert "killed 3 times" in str(attempts.failure(tmp_path, "abc"))


def test_planning_loads_no_brian2() -> None:
    assert "neurosim.sweeps.plan" in sys.modules
    import subprocess

    code = "import sys, neurosim.sweeps.plan, neurosim.sweeps.attempt; print('brian2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_ctrl_c_ends_the_workers_and_says_what_is_kept(tmp_path: Path) -> None:
    process = begun(written(tmp_path), tmp_path / "out", "--workers", "1", "--quiet")
    workers = until(lambda: at_work(tmp_path / "out"))
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate()
    assert process.returncode == 130
    assert "interrupted: 0 of 4 runs are done and kept in" in told
    until(lambda: not any(map(is_there, workers)))
    assert pd.read_csv(tmp_path / "out" / "table.csv")["state"].tolist() == ["waiting"] * 4
