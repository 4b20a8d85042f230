"""Whether sweeps lose nothing, and what a second worker is worth.

    python verification/sweeps.py [--tries 5] [--runs 16] [--seed 0] [--only kills|speed]

Kills: a sweep of eight tiny runs on this machine (two processes) and on a dask cluster (a scheduler and two workers,
each started as from a shell). At random moments the process of a run is killed (SIGKILL), then the sweep itself; the
same command is started again. Fine is: every run once in the table, all done, no folder but those of the runs, and the
numbers, all but seconds, of a sweep that nobody disturbed.

Speed: runs of 15 s of processor time or more, in blocks of four: one after the other in this process, and the same runs
on two dask workers, in turn; both warmed by a run before. Seconds depend on what else the machine does (`load`, its
average at the end); their ratio less so. The dated table is kept beside this file in ``sweeps.csv``.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# Before numpy: as workers have it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import tomli_w

from neurosim.sweeps import plan_of, sweep_table
from neurosim.sweeps.attempt import Task, carried_out
from neurosim.sweeps.cluster import carried_out_on

ROOT = Path(__file__).parents[1]
SHARED = {
    "stimuli.photographs": ["camera"], "stimuli.patch_size": 8, "stimuli.n_test": 50, "network.backend": "numpy",
    "network.batch_size": 50, "analysis.n_starts": 1, "analysis.n_bootstrap": 100, "analysis.fields": "adjoint",
}  # fmt: skip
TINY = {
    "sweep": {"recipe": "lca", "seeds": 2, "metrics": ["objective"]},
    "set": {**SHARED, "stimuli.n_train": 400, "network.n_neurons": 8},
    "grid": {"network.threshold": [0.5, 1.0, 1.5, 2.0]},
}
LONG = {
    "sweep": {"recipe": "lca"},
    "set": {**SHARED, "network.n_neurons": 32, "stimuli.n_train": 60_000},
    "grid": {},
}
BLOCK = 8
_UNWATCHED = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
_TIME = 600.0


def main() -> None:
    """Try, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["kills", "speed"])
    wanted = parser.parse_args()
    rng, rows = np.random.default_rng(wanted.seed), list[dict[str, object]]()
    path = Path(__file__).with_suffix(".csv")
    have = pd.read_csv(path) if path.is_file() else pd.DataFrame({"part": []})
    parts: dict[str, Callable[[], Iterator[dict[str, object]]]] = {
        "kills": lambda: kills(wanted.tries, rng=rng),
        "speed": lambda: speed(wanted.runs),
    }
    for name, part in parts.items():
        if wanted.only in (None, name):
            for row in part():
                row |= {"load": round(os.getloadavg()[0], 1), "date": datetime.now(UTC).date().isoformat()}
                rows.append({"part": name, **row})
                print(rows[-1], flush=True)
                kept = have[~have["part"].isin([each["part"] for each in rows])]
                pd.concat([kept, pd.DataFrame(rows)]).to_csv(path, index=False)


def kills(n_tries: int, *, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Yield a row for each place and try."""
    with tempfile.TemporaryDirectory() as work:
        file = Path(work, "tiny.toml")
        file.write_text(tomli_w.dumps(TINY), encoding="utf-8")
        started = time.monotonic()
        _finished(begun(file, Path(work, "whole"), "--workers", "2"))
        alone, takes = sweep_table(Path(work, "whole")), time.monotonic() - started
        with cluster(Path(work, "dask")) as address:
            for number in range(n_tries):
                for where, words in (("local", ("--workers", "2")), ("dask", ("--scheduler", address))):
                    out = Path(work, f"{where}-{number}")
                    told = disturbed(file, out, words, moments=rng.uniform(0.1, 0.8, size=2) * takes)
                    yield {"what": where, "try": number, **told, **judged(out, alone)}


def disturbed(file: Path, out: Path, words: tuple[str, ...], *, moments: np.ndarray) -> dict[str, object]:
    """Kill a worker and then the sweep at two moments, in seconds, then let the same command come to its end."""
    first = begun(file, out, *words)
    began = time.monotonic()
    time.sleep(min(moments))
    victims = until(lambda: at_work(out) or first.poll() is not None)
    worker = max(victims) if isinstance(victims, set) else None
    if worker is not None:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    time.sleep(max(0.0, max(moments) - (time.monotonic() - began)))
    ended = first.poll() is not None
    first.kill()
    first.communicate()
    n_done = len(list((out / "runs").glob("????????????/summary.json")))
    _finished(begun(file, out, *words))
    return {"worker_killed": worker is not None, "sweep_killed": not ended, "done_when_killed": n_done}


def judged(out: Path, alone: pd.DataFrame) -> dict[str, object]:
    """Return whether every run is there once, with the numbers of a sweep that nobody disturbed."""
    table = pd.read_csv(out / "table.csv")
    folders = sorted(path.name for path in (out / "runs").iterdir())
    names = [name for name in alone.columns if alone[name].dtype.kind in "fi" and "seconds_" not in name]
    return {
        "runs": len(table),
        "each_once": table["key"].tolist() == alone["key"].tolist() and folders == sorted(table["key"]),
        "all_done": bool((table["state"] == "done").all()),
        "same_numbers": bool(
            np.array_equal(table[names].to_numpy(float), alone[names].to_numpy(float), equal_nan=True)
        ),
    }


def speed(n_runs: int) -> Iterator[dict[str, object]]:
    """Yield a row for each block of runs, and one for all."""
    plan = plan_of({**LONG, "sweep": {**LONG["sweep"], "seeds": n_runs + 3}})
    taken: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as work, cluster(Path(work, "dask")) as address:
        alone, together = (_tasks(plan, Path(work, name)) for name in ("alone", "together"))
        carried_out(alone.pop())
        list(carried_out_on(address, [together.pop(), together.pop()]))
        for start in range(0, n_runs, BLOCK):
            block = slice(start, min(start + BLOCK, n_runs))
            processor, wall = _one_after_the_other(alone[block])
            began = time.perf_counter()
            list(carried_out_on(address, together[block]))
            taken.append((wall, time.perf_counter() - began))
            yield {
                "what": f"runs {start}-{block.stop - 1}", "runs": block.stop - start,
                "same_numbers": all(map(_alike, alone[block], together[block])),
                "processor_seconds_least": round(processor, 1), **_ratio(taken[-1:]),
            }  # fmt: skip
    yield {"what": "all", "runs": n_runs, **_ratio(taken)}


def _ratio(taken: list[tuple[float, float]]) -> dict[str, float]:
    alone, together = np.sum(taken, axis=0)
    return {
        "seconds_alone": round(alone, 1),
        "seconds_two": round(together, 1),
        "ratio": round(alone / together, 2),
    }


def _tasks(plan: Any, folder: Path) -> list[Task]:
    (folder / "runs").mkdir(parents=True)
    return [Task(run.key, run.recipe.to_toml(), str(folder)) for run in plan.runs]


def _one_after_the_other(tasks: list[Task]) -> tuple[float, float]:
    """Return the least processor time of a run, and what all took."""
    least, began = np.inf, time.perf_counter()
    for task in tasks:
        before = time.process_time()
        outcome = carried_out(task)
        assert outcome.reason is None, outcome.reason
        least = min(least, time.process_time() - before)
    return float(least), time.perf_counter() - began


def _alike(alone: Task, together: Task) -> bool:
    one, other = (
        json.loads(Path(task.folder, "runs", task.key, "summary.json").read_text(encoding="utf-8"))
        for task in (alone, together)
    )
    return all(other[name] == value for name, value in one.items() if not name.startswith("seconds_"))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Give the address of a scheduler with two workers, started from a shell as docs/sweeps.md says."""
    folder.mkdir()
    file, started = folder / "scheduler.json", []
    dask, local = [sys.executable, "-W", "ignore", "-m", "dask"], ["--local-directory", str(folder)]
    words = [["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]]
    words += [["worker", "--scheduler-file", str(file), "--nthreads", "1", *local]] * 2
    try:
        with (folder / "log.txt").open("w") as log:
            for each in words:
                command = [*dask, *each, "--no-dashboard"]
                started.append(
                    subprocess.Popen(
                        command, env={**_environment(), **_UNWATCHED}, cwd=folder, stdout=log, stderr=log
                    )
                )
                until(file.is_file)
        yield str(json.loads(file.read_text(encoding="utf-8"))["address"])
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def begun(file: Path, out: Path, *words: str) -> "subprocess.Popen[str]":
    """Start `neurosim sweep`."""
    command = [sys.executable, "-m", "neurosim", "sweep", str(file), "--out", str(out), "--quiet", *words]
    return subprocess.Popen(
        command, env=_environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _finished(process: "subprocess.Popen[str]") -> None:
    told, _ = process.communicate(timeout=_TIME)
    assert process.returncode == 0, told


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def at_work(out: Path) -> set[int]:
    """Return the processes that are running a run."""
    found = set()
    for file in (out / "running").glob("*.json"):
        with suppress(OSError, ValueError):
            found.add(int(json.loads(file.read_text(encoding="utf-8"))["process"]))
    return found


def until(happened: Callable[[], Any]) -> Any:
    """Wait for something, and return it."""
    end = time.monotonic() + _TIME
    while not (value := happened()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    return value


if __name__ == "__main__":
    main()
