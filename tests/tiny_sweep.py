"""A sweep as small as sweeps are, and the program that carries it out, to be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w

ROOT = Path(__file__).parents[1]
SHARED = {
    "stimuli.photographs": ["camera"], "stimuli.patch_size": 8, "stimuli.n_train": 200, "stimuli.n_test": 50,
    "network.n_neurons": 8, "network.batch_size": 50, "network.backend": "numpy", "analysis.n_starts": 1,
    "analysis.n_bootstrap": 100, "analysis.fields": "adjoint",
}  # fmt: skip
TINY: dict[str, Any] = {
    "sweep": {"recipe": "lca", "name": "tiny", "seeds": 2, "metrics": ["objective"]},
    "set": SHARED,
    "grid": {"network.threshold": [1.0, 2.0]},
}


def written(folder: Path) -> Path:
    """Write the sweep's file."""
    file = folder / "tiny.toml"
    file.write_text(tomli_w.dumps(TINY), encoding="utf-8")
    return file


def begun(file: Path, out: Path, *words: str) -> "subprocess.Popen[str]":
    """Start `neurosim sweep`."""
    command = [sys.executable, "-m", "neurosim", "sweep", str(file), "--out", str(out), *words]
    return subprocess.Popen(
        command, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def environment() -> dict[str, str]:
    """Return what programs need to import this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def at_work(out: Path) -> set[int]:
    """Return the processes that are running a run."""
    found = set()
    for file in (out / "running").glob("*.json"):
        with suppress(OSError, ValueError):  # it has just ended
            found.add(int(json.loads(file.read_text(encoding="utf-8"))["process"]))
    return found


def whole(out: Path) -> set[str]:
    """Return the runs that are done."""
    return {path.parent.name for path in (out / "runs").glob("*/summary.json") if "." not in path.parent.name}


def until(happened: Callable[[], Any], *, seconds: float = 600.0) -> Any:
    """Wait for something, and return it."""
    end = time.monotonic() + seconds
    while not (value := happened()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    return value


def is_there(process: int) -> bool:
    """Return whether a process runs; one that has ended and is not asked about does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def perish(_: object) -> None:
    """End the worker that was told to run this."""
    kill(os.getpid())


def kill(process: int) -> None:
    """End a process as the system does where memory is short."""
    os.kill(process, signal.SIGKILL)
