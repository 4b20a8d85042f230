"""What the encoding achieves of what the machine can do."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.bench_run import BenchRun
from benchmarks.contest import Contestant
from benchmarks.machine_peaks import MEMORY_LEVELS, Peaks, matrix_product_per_second
from benchmarks.pairs import Spread, interleaved, ratios, spread
from benchmarks.problem import PATCH, Float32s, fresh_patches, learned_dictionary
from benchmarks.report import Row
from benchmarks.settings import THRESHOLD
from benchmarks.worker import Worker
from neurosim.networks.lca.presentation import chunks, load_weights, present
from neurosim.networks.lca.rate_model import Shown
from neurosim.networks.lca.run_settings import settings_of

__all__ = ["engine_counts", "measure_roofline", "needed_multiply_adds"]

_PEAKS: list[Peaks] = []


def engine_counts(net: Any, X: Float32s) -> tuple[float, float]:
    """Return the steps each patch was simulated for and the activities it sent, as the engine counted them.

    Parameters
    ----------
    net : LCA
    X : array, shape (n_patches, n_pixels)

    Returns
    -------
    steps_per_patch, sends_per_patch : float
    """
    circuit = net._circuit(Shown(X), n_stimuli=len(X))
    settings = settings_of(net, net._objective().threshold, dictionary=net.dictionary_, design=circuit.design)
    load_weights(circuit, net.dictionary_)
    parts = chunks(len(X), n_replicas=net.batch_size, capacity=circuit.design.capacity)
    work = np.sum([present(circuit, X[part], settings=settings).work for part in parts], axis=0)
    return float(work[0]) / len(X), float(work[1]) / len(X)


def needed_multiply_adds(
    n_neurons: int, n_pixels: int, *, steps_per_patch: float, sends_per_patch: float
) -> float:
    """Return the multiply-adds of one patch: the drive, a row of weights per send, and the leak of every step.

    Examples
    --------
    >>> needed_multiply_adds(10, 4, steps_per_patch=5, sends_per_patch=3)
    120
    """
    return n_neurons * (n_pixels + sends_per_patch + steps_per_patch)


def measure_roofline(run: BenchRun) -> None:
    """Add the machine's peaks and, for every size, what the encoding achieves of them."""
    with Worker() as worker:
        peaks = _measured_peaks(run, worker)
        run.curves["roofline"] = {"peaks": {name: value.median for name, value in peaks.items()}}
        run.curves["roofline"]["achieved"] = [
            _achieved(run, worker, n_neurons) for n_neurons in run.settings.curve_sizes
        ]


def _measured_peaks(run: BenchRun, worker: Worker) -> dict[str, Spread]:
    timed: dict[str, Callable[[], float]] = {
        "multiply-adds in registers": partial(worker.call, _peak, "multiply_adds_per_second"),
        "matrix product": partial(worker.call, matrix_product_per_second),
    }
    for name, size in MEMORY_LEVELS.items():
        timed[name] = partial(worker.call, _peak, "bytes_per_second", size)
    found = interleaved(timed, rounds=run.settings.pairs)
    peaks = {name: spread([value / 1e9 for value in values]) for name, values in found.items()}
    for name, figure in peaks.items():
        unit = "GB/s" if name in MEMORY_LEVELS else "GMAC/s"
        run.add(Row("roofline", f"peak: {name}", figure, unit=unit))
    return peaks


def _achieved(run: BenchRun, worker: Worker, n_neurons: int) -> dict[str, float]:
    """Time the encoding and the bare sending of rows in turn, and compare multiply-adds per second."""
    dictionary = learned_dictionary(n_neurons, settings=run.settings)
    patches = fresh_patches(max(run.settings.n_patches // 8, 300))
    problem: dict[str, Any] = {"dictionary": dictionary, "patches": patches, "threshold": THRESHOLD}
    # The same process for both: the same threads under the same settings.
    ours = Contestant(worker, "benchmarks.encoders:package", **problem)
    steps, sends = worker.call(_counts, dictionary, patches[:1000])
    work = needed_multiply_adds(n_neurons, PATCH**2, steps_per_patch=steps, sends_per_patch=sends)
    timed = {
        "encoding": lambda: work / ours.seconds_per_patch(),
        "rows": lambda: worker.call(_peak, "rows_per_second", n_neurons),
    }
    rates = interleaved(timed, rounds=run.settings.pairs)
    ours.close()
    figure = ratios(rates["encoding"], rates["rows"])
    medians = {name: spread(values).median / 1e9 for name, values in rates.items()}
    details: dict[str, float | str] = {
        "achieved, GMAC/s": medians["encoding"],
        "bare rows, GMAC/s": medians["rows"],
        "steps per patch": steps,
        "sends per patch": sends,
    }
    run.add(Row("roofline", f"N = {n_neurons}, achieved of adding rows alone", figure, details=details))
    return {"n_neurons": n_neurons, "steps": steps, "sends": sends, **medians}


def _peak(name: str, *arguments: int) -> float:
    if not _PEAKS:
        _PEAKS.append(Peaks())
    return float(getattr(_PEAKS[0], name)(*arguments))


def _counts(dictionary: Float32s, patches: Float32s) -> tuple[float, float]:
    from neurosim.networks import LCA

    net = LCA.from_dictionary(np.asarray(dictionary), threshold=THRESHOLD)
    return engine_counts(net, patches)
