"""Peak memory that `transform` adds, over and above the code it returns."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_run import BenchRun
from benchmarks.pairs import Spread, interleaved, ratios, spread
from benchmarks.problem import Float32s, fresh_patches, learned_dictionary
from benchmarks.report import Row, Target
from benchmarks.settings import THRESHOLD
from benchmarks.worker import Worker

__all__ = ["extra_megabytes", "measure_memory", "peak_while"]

# Five times the patches may not cost noticeably more than the batch does; the allocator is given some play.
_BOUNDED = Target(1.25, at_least=False)
_NOISE = 10.0  # MB, where a copy of the stimuli would be 20 and 100
_SAMPLED_EVERY = 0.002  # seconds


def measure_memory(run: BenchRun) -> None:
    """Add the peak for few and for many patches, and their ratio."""
    n_few, n_many = (500, 2_500) if run.settings.quick else (20_000, 100_000)
    dictionary = learned_dictionary(run.settings.reference, settings=run.settings)
    patches = fresh_patches(min(n_few, 20_000))

    def measured(n_patches: int) -> Callable[[], float]:
        def peak() -> float:
            # A process of its own every time: its peak is that of this one call.
            with Worker() as worker:
                return worker.call(extra_megabytes, dictionary, patches, n_patches)

        return peak

    peaks = interleaved(
        {str(n): measured(n) for n in (n_few, n_many)},
        rounds=min(run.settings.pairs, 3),
        heard=lambda name, megabytes: run.say(f"{name} patches: {megabytes:.1f} MB"),
    )
    for name, values in peaks.items():
        run.add(
            Row("memory", f"peak of transform beyond its result, {int(name):,} patches", spread(values), "MB")
        )
    growth = _growth(peaks[str(n_many)], peaks[str(n_few)])
    run.add(Row("memory", f"{n_many:,} against {n_few:,} patches", growth, target=_BOUNDED))


def _growth(many: list[float], few: list[float]) -> Spread:
    # The interpreter and its allocator add and return megabytes as they like.
    return ratios([max(value, _NOISE) for value in many], [max(value, _NOISE) for value in few])


def extra_megabytes(dictionary: Float32s, patches: Float32s, n_patches: int) -> float:
    """Return what `transform` of so many patches adds at its peak, child processes included, without the code.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    patches : array, shape (n_some, n_pixels)
        Repeated as often as needed.
    n_patches : int
    """
    from neurosim.networks import LCA

    stimuli = np.resize(patches, (n_patches, patches.shape[1]))
    net = LCA.from_dictionary(dictionary, threshold=THRESHOLD)
    # Enough for backend="auto" to choose and compile what the measured call will use.
    net.transform(stimuli[:20_000])
    code, peak = peak_while(lambda: net.transform(stimuli))
    # What was freed before and is used again does not count.
    return max(float((peak - code.nbytes) / 1e6), 0.0)


def peak_while(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what some work returns and by how many bytes memory rose at its peak, child processes included.

    Reads the kernel's records of this process and its children (Linux).
    """
    watched = _Children()
    # 5 forgets the highest resident size so far (proc(5)); where that is forbidden the earlier peak remains.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _status("self", "VmRSS")
    with watched:
        result = work()
    return result, max(_status("self", "VmHWM") - before, 0.0) + watched.peak


class _Children:
    """Watches the resident size of all children together from a thread."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.is_set():
            self.peak = max(self.peak, sum(_status(child, "VmRSS") for child in _children()))
            time.sleep(_SAMPLED_EVERY)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _children() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += (task / "children").read_text(encoding="ascii").split()
    return found


def _status(process: str, entry: str) -> float:
    """Return an entry of a process' status in bytes; nothing of a process that has ended."""
    with suppress(OSError):
        for line in Path("/proc", process, "status").read_text(encoding="utf-8").splitlines():
            if line.startswith(entry + ":"):
                return 1024 * float(line.split()[1])
    return 0.0
