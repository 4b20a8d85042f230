"""Whether every network that learns survives kills: SIGKILL at random moments of training, gone on with, compared.

    python verification/resume.py [--kills 20] [--seed 0] [--only lca SAILnet]

Of every recipe in `RECIPES` a small run is killed at random moments of its training, up to 20 times one after the
other, and gone on with each time as `neurosim resume` does; then it is left to its end. Fine is: all of its
``summary.json`` but ``seconds_*`` as that of a run that was never killed, and nothing left beside the folder. Networks
that no recipe names (`ALONE`) are fitted with ``checkpoint=``; fine is: every learned array the same to the last bit.
Checkpoints are written every 50 ms, so that kills meet many a moment of writing. Figures and the page are left out.
Every run is a process of its own, forked from this one.

``write_ms`` is the processor time of writing one checkpoint, ``percent_at_60_s`` what that is of the default interval,
and ``percent_of_training`` what the only one of a training shorter than the interval takes, the checksum of its stimuli
included, of the training's processor time. The last row has the size of a long training: 1,024 neurons, 1,024 pixels,
50,000 stimuli. The dated table is kept beside this file in ``resume.csv``.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import neurosim.report.page
import neurosim.runs.analyze
from neurosim import LCA, Checkpoint, load_recipe, networks
from neurosim.networks.estimator import checkpoint as checkpoints
from neurosim.networks.estimator.checkpoint_file import fingerprint
from neurosim.results.run_files import CHECKPOINTS
from neurosim.runs.execute import execute, resume

_OFTEN = 0.05
_ANALYSIS = (
    "analysis.n_starts=1",
    "analysis.n_bootstrap=100",
    "analysis.bound_sweep=[]",
    "analysis.margin=0",
)
_SMALL = (
    *_ANALYSIS, 'stimuli.photographs=["camera"]', "stimuli.n_train=1000", "stimuli.n_test=50", "stimuli.patch_size=8",
    "network.n_neurons=8", "network.batch_size=20", f"run.checkpoint_seconds={_OFTEN}",
)  # fmt: skip
_NUMPY = (*_SMALL, "network.backend=numpy")
_DIGITS = (
    "network.n_neurons=20", "network.batch_size=20", "network.backend=numpy", "network.n_epochs=4",
    "stimuli.n_train=1000", "stimuli.n_test=100", "linked.n_embedding=0", "linked.classifiers=[]",
    f"run.checkpoint_seconds={_OFTEN}",
)  # fmt: skip
RECIPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lca": ("lca", (*_NUMPY, "network.n_epochs=3")),
    "topographic": (
        "topographic",
        (*_NUMPY, "network.n_neurons=16", "network.sheet=[4, 4]", "network.n_epochs=3"),
    ),
    "convolutional": (
        "convolutional",
        (*_NUMPY, "stimuli.patch_size=12", "network.field=4", "network.stride=2", "network.n_epochs=2"),
    ),
    "wlsc": ("wlsc", (*_NUMPY, "network.n_epochs=3")),
    "wlsc-arms": ("wlsc-arms", (*_NUMPY, "network.n_epochs=2")),
    "sailnet": ("sailnet", (*_NUMPY, "network.n_epochs=4")),
    "einet": ("einet", (*_NUMPY, "network.n_inhibitory=2", "network.n_epochs=4")),
    "spiking-lca": ("spiking-lca", (*_NUMPY, 'network.presentation="10 ms"', "network.n_epochs=4")),
    "linked": ("linked", _DIGITS),
    "ordinal-linked": ("linked", (*_DIGITS, 'network.model="ordinal-linked-lca"')),
    "svae": ("svae", (*_SMALL, "network.n_epochs=12", "likelihood.n_stimuli=20", "likelihood.n_annealed=0")),
}
_PATCHES = np.random.default_rng(5).standard_normal((1000, 64))
_CIRCUIT = {"backend": "numpy", "random_state": 3, "batch_size": 20}
ALONE: dict[str, tuple[Any, dict[str, Any]]] = {
    "ParallelLCA": (_PATCHES, _CIRCUIT | {"streams": ((8, 1), (8, 1)), "n_epochs": 4}),
    "ComplexCells": (np.abs(_PATCHES.reshape(20_000 // 20, 4, 16)).repeat(3, axis=0), _CIRCUIT | {"batch_size": 2}),
    "UnrolledWLSC": (_PATCHES, {"random_state": 3, "batch_size": 20, "n_epochs": 20}),
    "LocalLowDimensionality": (
        _PATCHES.reshape(250, 4, 64), {"random_state": 3, "batch_size": 20, "n_epochs": 40}
    ),
}  # fmt: skip
_LINKS = 20


class Case(NamedTuple):
    """What is killed."""

    begin: Callable[[Path, Callable[[], None]], None]
    """Begins or goes on in a folder; calls the function when training begins."""
    outcome: Callable[[Path], Any]
    """What it came to, for comparison."""


def main() -> None:
    """Try, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=[*RECIPES, *ALONE, "large"])
    wanted = parser.parse_args()
    rng, rows = np.random.default_rng(wanted.seed), []
    cases = {name: _of_recipe(name) for name in RECIPES} | {name: _alone(name) for name in ALONE}
    for name, case in cases.items():
        if wanted.only is None or name in wanted.only:
            rows.append({"network": name, **survived(case, wanted.kills, rng=rng)})
            keep(rows, seed=wanted.seed)
    if wanted.only is None or "large" in wanted.only:
        rows.append({"network": "1,024 neurons, 50,000 stimuli of 1,024 pixels", **large()})
        keep(rows, seed=wanted.seed)
    sys.exit(any(row.get("identical") != row.get("ended") for row in rows))


def keep(rows: list[dict[str, Any]], *, seed: int) -> None:
    """Print the last row, and store all in place of what the table held of those networks."""
    print(rows[-1], flush=True)
    table = pd.DataFrame(rows).assign(seed=seed, date=datetime.now(UTC).date().isoformat())
    path = Path(__file__).with_suffix(".csv")
    have = pd.read_csv(path) if path.is_file() else table[:0]
    others = have[~have["network"].isin(table["network"])]
    (pd.concat([others, table]) if len(others) else table).to_csv(path, index=False)


def survived(case: Case, n_kills: int, *, rng: np.random.Generator) -> dict[str, Any]:
    """Return a row: kills, how often a run came to its end after them, and how often it was the same."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        started = forked(case, folder / "whole", told=folder / "writes.json")
        ended_well(started)
        expected, writes = case.outcome(folder / "whole"), json.loads((folder / "writes.json").read_text())
        reach = 2 * writes.pop("wall_s") / _LINKS
        kills = gone_on = ended = same = 0
        while kills < n_kills:
            out = folder / f"run-{ended}"
            for _ in range(min(_LINKS, n_kills - kills)):
                process = forked(case, out)
                time.sleep(float(rng.uniform(0, reach)))
                if not killed(process):
                    break
                kills += 1
                gone_on += bool(list(folder.glob(f"{out.name}*/{CHECKPOINTS}/*.npz")))
            if not out.exists():
                ended_well(forked(case, out))
            ended += 1
            same += case.outcome(out) == expected and not list(folder.glob(f"{out.name}.*"))
    return {"kills": kills, "killed_after_a_checkpoint": gone_on, "ended": ended, "identical": same, **writes}


def forked(case: Case, out: Path, *, told: Path | None = None) -> int:
    """Begin in a process of its own and return its number once training has begun, or all is over."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        code = 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                watch = _Watch(told, writing)
                case.begin(out, watch.begin)
                watch.end()
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return process


def killed(process: int) -> bool:
    """Kill a process; return whether it was still at work."""
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def ended_well(process: int) -> None:
    """Wait for a process."""
    _, status = os.waitpid(process, 0)
    if status:
        sys.exit(f"a run ended with {status}")


class _Watch:
    """Says through a pipe when training begins, and measures processor time of it and of writing checkpoints."""

    def __init__(self, told: Path | None, pipe: int) -> None:
        self._told, self._pipe, self._began, self._ended = told, pipe, 0.0, 0.0
        self._writes: list[float] = []
        self._wall = [0.0, 0.0]
        write = checkpoints.KeptTraining._write

        def timed(kept: Any, state: Mapping[str, Any]) -> None:
            before = time.process_time()
            write(kept, state)
            self._ended, self._wall[1] = time.process_time(), time.monotonic()
            self._writes.append(self._ended - before)

        if told is not None:
            checkpoints.KeptTraining._write = timed  # type: ignore[method-assign]

    def begin(self) -> None:
        """Note the beginning of training."""
        if not self._began:
            os.write(self._pipe, b"0")
            self._began, self._wall[0] = time.process_time(), time.monotonic()

    def end(self) -> None:
        """Write down what was measured."""
        if self._told is None:
            return
        first, usual = self._writes[0], float(np.median(self._writes[1:] or self._writes))
        training = self._ended - self._began - sum(self._writes)
        row = {
            "wall_s": self._wall[1] - self._wall[0],
            "training_s": round(training, 2),
            "writes": len(self._writes),
            "write_ms": round(1e3 * usual, 2),
            "percent_at_60_s": round(100 * usual / Checkpoint("").seconds, 4),
            "percent_of_training": round(100 * first / training, 2),
        }
        self._told.write_text(json.dumps(row), encoding="utf-8")


def _of_recipe(name: str) -> Case:
    recipe, assignments = RECIPES[name]

    def begin(out: Path, training: Callable[[], None]) -> None:
        neurosim.runs.analyze.save_figure = lambda *_: None  # type: ignore[assignment]
        neurosim.report.page.write_report = lambda *_: None  # type: ignore[assignment]

        def told(event: Mapping[str, Any]) -> None:
            if "batch" in event:
                training()

        if list(out.parent.glob(f"{out.name}.partial*")):
            resume(out, progress=told)
        else:
            execute(load_recipe(recipe, assignments=assignments), out=out, progress=told)

    def outcome(out: Path) -> dict[str, Any]:
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        return {name: value for name, value in summary.items() if not name.startswith("seconds_")}

    return Case(begin, outcome)


def _alone(name: str) -> Case:
    shown, parameters = ALONE[name]

    def begin(out: Path, training: Callable[[], None]) -> None:
        network = getattr(networks, name)(16, **parameters)
        kept = out.parent / f"{out.name}-kept" / CHECKPOINTS / "network.npz"
        kept.parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"checkpoint": Checkpoint(kept, seconds=_OFTEN)}
        if (
            name == "ComplexCells"
        ):  # which tells of no progress: training has begun when there is something to keep
            note = checkpoints.KeptTraining.note

            def noted(each: Any, *given: Any) -> None:
                training()
                note(each, *given)

            checkpoints.KeptTraining.note = noted  # type: ignore[method-assign]
        else:
            options["progress"] = lambda event: training() if "batch" in event else None
        network.fit(shown, **options)
        learned = {key: value for key, value in vars(network).items() if not key.startswith("seconds_")}
        out.write_text(fingerprint(learned), encoding="utf-8")

    return Case(begin, lambda out: out.read_text(encoding="utf-8"))


def large() -> dict[str, Any]:
    """Return a row: what a checkpoint of a large network takes, by the processor."""
    rng = np.random.default_rng(0)
    stimuli = rng.standard_normal((50_000, 1024), dtype=np.float32)
    rows = pd.DataFrame(rng.random((50_000, 5)), columns=list("abcde"))
    state = {"dictionary": rng.random((1024, 1024)), "rows": rows, "usage": rng.random((4, 1024))}
    taken = []
    with tempfile.TemporaryDirectory() as work:
        kept = checkpoints.KeptTraining(LCA(1024), Checkpoint(Path(work) / "large.npz"), stimuli=stimuli)
        kept.begin(backend="numpy")
        for _ in range(6):
            before = time.process_time()
            kept._write(state)
            taken.append(time.process_time() - before)
    usual = float(np.median(taken[1:]))
    return {
        "writes": len(taken),
        "write_ms": round(1e3 * usual, 2),
        "percent_at_60_s": round(100 * usual / 60, 4),
        "percent_of_training": round(100 * taken[0] / 60, 2),
    }


if __name__ == "__main__":
    main()
