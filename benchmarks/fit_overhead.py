"""What learning costs on top of encoding: a whole `fit` against the encodings it is made of."""

import time
from functools import partial
from typing import Any

import numpy as np

from benchmarks.bench_run import BenchRun
from benchmarks.pairs import interleaved, ratios, spread
from benchmarks.problem import Float32s, training_patches
from benchmarks.report import Row, Target
from benchmarks.settings import THRESHOLD
from benchmarks.worker import Worker

__all__ = ["measure_fit_overhead"]

_MOST = Target(1.5, at_least=False)


def measure_fit_overhead(run: BenchRun) -> None:
    """Add a row per size: `fit` over `transform` of the same patches, in turn, compiled beforehand."""
    for n_neurons in run.settings.dense_sizes:
        n_patches = run.settings.n_patches * 256 // n_neurons
        run.say(f"N = {n_neurons}, {n_patches} patches")
        with Worker() as worker:
            worker.call(_prepare, n_neurons, n_patches)
            timed = {
                "fit": partial(worker.call, _fit_seconds),
                "encode": partial(worker.call, _encode_seconds),
            }
            seconds = interleaved(
                timed,
                rounds=run.settings.pairs,
                heard=lambda name, value: run.say(f"{name} {value:.2f} s"),
            )
        details: dict[str, float | str] = {
            **{f"{name}, s": spread(values).median for name, values in seconds.items()},
            "patches": float(n_patches),
        }
        figure = ratios(seconds["fit"], seconds["encode"])
        run.add(Row("fit", f"N = {n_neurons}, fit / its encodings", figure, target=_MOST, details=details))


_STATE: dict[str, Any] = {}


def _prepare(n_neurons: int, n_patches: int) -> None:
    """Compile, and keep the dictionaries at the beginning and at the end of a fit."""
    from neurosim.networks import LCA

    patches: Float32s = training_patches(n_patches)
    net = LCA(
        n_neurons,
        threshold=THRESHOLD,
        learning_rate=0.5,
        learning_rate_schedule="linear",
        initial_dictionary="stimuli",
        random_state=0,
    )
    net.fit(patches)
    start = _starting_fields(net, patches)
    _STATE.update(net=net, patches=patches, dictionaries=(start, np.array(net.dictionary_)))
    _encode_seconds()


def _starting_fields(net: Any, patches: Float32s) -> Float32s:
    """Return the fields that `fit` starts from: those a learning rate of zero leaves."""
    from sklearn.base import clone

    still = clone(net).set_params(learning_rate=0.0, learning_rate_schedule="constant")
    fields: Float32s = still.fit(patches[: net.batch_size]).dictionary_
    return fields


def _fit_seconds() -> float:
    started = time.perf_counter()
    _STATE["net"].fit(_STATE["patches"])
    return time.perf_counter() - started


def _encode_seconds() -> float:
    """Return the mean over the two dictionaries, for fields change from the one to the other."""
    from neurosim.networks import LCA

    total = 0.0
    for dictionary in _STATE["dictionaries"]:
        frozen = LCA.from_dictionary(dictionary, threshold=THRESHOLD)
        started = time.perf_counter()
        frozen.transform(_STATE["patches"])
        total += time.perf_counter() - started
    return total / len(_STATE["dictionaries"])
