"""What learning costs a spiking network: SAILnet at its paper's size against the same in plain Brian2."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench_run import BenchRun
from benchmarks.pairs import spread
from benchmarks.problem import training_patches
from benchmarks.report import Target
from benchmarks.worker import Worker

__all__ = ["measure_spiking"]

_LEAST = Target(8.0, at_least=True)
# Of the paper: 25,000 batches of 100.
_SCHEDULE = 2_500_000


def measure_spiking(run: BenchRun) -> None:
    """Add a row: seconds per patch of `SAILnet.fit` and of the plain network, each from a part of the schedule."""
    n_ours, n_plain = (2000, 20) if run.settings.quick else (100_000, 1000)
    with Worker() as ours, Worker() as plain:
        ours.call(_prepare_ours, n_ours)
        plain.call(_prepare_plain, n_plain)
        timed: dict[str, Callable[[], float]] = {
            "SAILnet.fit": partial(ours.call, _ours_seconds),
            "plain Brian2": partial(plain.call, _plain_seconds),
        }
        seconds = run.measured("SAILnet", timed)
    schedule: dict[str, float | str] = {
        f"whole schedule, {who}, s": _SCHEDULE * spread(values).median for who, values in seconds.items()
    }
    name = "SAILnet fit, N = 256, 16×16, plain Synapses"
    run.speed_ratio("spiking", name, seconds, target=_LEAST, details=schedule)


_STATE: dict[str, Any] = {}


def _prepare_ours(n_patches: int) -> None:
    from neurosim.networks import SAILnet

    patches = training_patches(n_patches)
    _STATE.update(net=SAILnet(256, random_state=0), patches=patches)
    _STATE["net"].fit(patches)


def _ours_seconds() -> float:
    started = time.perf_counter()
    _STATE["net"].fit(_STATE["patches"])
    return (time.perf_counter() - started) / len(_STATE["patches"])


def _prepare_plain(n_patches: int) -> None:
    from benchmarks.plain_sailnet import plain_sailnet

    # Held here: the program is deleted with its folder.
    folder = tempfile.TemporaryDirectory()
    patches = training_patches(n_patches)
    _STATE.update(
        folder=folder, n=n_patches, run=plain_sailnet(patches, n_neurons=256, folder=Path(folder.name))
    )
    _STATE["run"]()


def _plain_seconds() -> float:
    seconds: float = _STATE["run"]() / _STATE["n"]
    return seconds
