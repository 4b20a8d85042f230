"""Every network on every backend in four threads, in pools of processes and in grid searches: the serial result?

    python verification/threads.py [--networks LCA …] [--backends numpy …] [--ways threads fork …] [--repetitions N]
                                   [--print-only]

Each answer is a dictionary learned from noise and the codes of all stimuli. It has to be the serial one to the last
bit, or the network has to refuse. What Python, numpy and Brian2 keep for the whole process is compared before and
after. The table is kept beside this file in ``threads.csv``, where a part that is asked for replaces its dated rows.
"""

import argparse
import gc
import multiprocessing
import os
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent import futures
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from brian2 import defaultclock, get_device, prefs
from brian2.codegen.runtime.cython_rt import cython_rt
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info

from neurosim import networks
from neurosim.engine import BACKENDS, BackendError

N_STIMULI, N_PIXELS, N_NEURONS, BATCH = 48, 64, 40, 12
SEEDS = (0, 1, 2, 3)
MANY, FEW = 50, 5
# Seconds after which an answer counts as one that never comes.
PATIENCE = 900.0
_COMMON = {"n_epochs": 2, "batch_size": BATCH}
_SETTLING = {"threshold": 0.5, "presentation": "30 ms", **_COMMON}
_FIRING = {"target_rate": 0.2, "initial_threshold": 1.0, **_COMMON}
# The circuits of Brian2, and then those of jax, which starts threads that no fork survives.
CIRCUITS: dict[str, dict[str, Any]] = {
    "LCA": _SETTLING,
    "SAILnet": _FIRING,
    "EINet": {"n_inhibitory": 10, "inhibitory_rate": 0.2, **_FIRING},
    "SpikingLCA": {"threshold": 1.0, "charge": 0.2, "dt": "0.05 ms", "presentation": "5 ms", **_COMMON},
    "LinkedLCA": _SETTLING,
    "OrdinalLinkedLCA": _SETTLING,
    "ParallelLCA": {"streams": ((25, 3), (15, 1)), **_SETTLING},
    "ConvolutionalLCA": {"field": 4, "stride": 2, **_SETTLING},
    "ConvolutionalLinkedLCA": {"field": {"left": 4, "right": 3}, "stride": 2, **_SETTLING},
    "TopographicLCA": {"presentation": "30 ms", **_COMMON},
    "WLSC": {"presentation": "30 ms", **_COMMON},
}
LEARNED_BY_JAX: dict[str, dict[str, Any]] = {
    "SVAE": {"hidden": (16,), **_COMMON},
    "UnrolledWLSC": {"n_layers": 5, **_COMMON},
    "LocalLowDimensionality": _COMMON,
}
NO_BACKEND = "none"
# Networks with a threshold and a score that compares them.
SEARCHED = ("LCA", "SAILnet", "SpikingLCA")
POOLS = ("fork", "spawn", "forkserver", "loky")
WAYS = ("threads", *POOLS, "search in threads", "search in loky")
Key = tuple[str, str, int]


def main() -> None:
    """Run, print and store the table; leave with exit code 1 if an answer was wrong or something was changed."""
    asked = _arguments()
    silence()
    cells = [(n, b) for n in asked.networks for b in (asked.backends if n in CIRCUITS else [NO_BACKEND])]
    rows: list[dict[str, Any]] = []
    for jax in (False, True):
        chosen = [(n, b) for n, b in cells if (n in LEARNED_BY_JAX) is jax]
        expected = {(n, b, s): answer(n, b, s) for n, b in chosen for s in SEEDS}
        for way in asked.ways if chosen else ():
            for row in _way(way, chosen, expected, asked.repetitions):
                print(row, flush=True)
                rows.append(row)
            if not asked.print_only:
                _keep(rows)
    sys.exit(int(any(row["wrong"] or row["changed"] for row in rows)))


def _keep(rows: list[dict[str, Any]]) -> None:
    path, place = Path(__file__).with_suffix(".csv"), ["way", "network", "backend"]
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    if path.exists():
        table = pd.concat([pd.read_csv(path, keep_default_na=False), table])
    known = [*CIRCUITS, *LEARNED_BY_JAX]
    order = {"way": WAYS, "network": known, "backend": [*BACKENDS, NO_BACKEND]}
    table = table.drop_duplicates(place, keep="last")
    table.sort_values(place, key=lambda column: column.map(list(order[column.name]).index)).to_csv(
        path, index=False
    )


def answer(name: str, backend: str, seed: int) -> list[Any]:
    """Return what a network learns, and its codes."""
    stimuli = np.random.default_rng(seed).standard_normal((N_STIMULI, N_PIXELS))
    if name == "LocalLowDimensionality":
        windows = np.random.default_rng(seed).standard_normal((N_STIMULI, 4, N_PIXELS))
        net = network(name, backend, seed).fit(windows)
        return [net.dictionary_, net.transform(stimuli)]
    shown: Any = stimuli
    if "Linked" in name:
        # Of 6 × 6 and 5 × 5 pixels where they are pictures.
        ends = (36, 61) if name == "ConvolutionalLinkedLCA" else (40, N_PIXELS)
        shown = {"left": stimuli[:, : ends[0]], "right": stimuli[:, ends[0] : ends[1]]}
    labels = np.arange(N_STIMULI) % 4 if name == "OrdinalLinkedLCA" else None
    net = network(name, backend, seed).fit(shown, labels)
    return [net.dictionary_, net.transform(shown)]


def network(name: str, backend: str, seed: int) -> Any:
    """Return a network that has not learned."""
    options = {**CIRCUITS, **LEARNED_BY_JAX}[name]
    on = {"backend": backend} if backend != NO_BACKEND else {}
    size = 36 if name == "TopographicLCA" else N_NEURONS
    return getattr(networks, name)(size, random_state=seed, **on, **options)


def silence() -> None:
    """Hide that these small networks settle and learn badly, in workers too."""
    warnings.simplefilter("ignore")


def process_wide() -> dict[str, Any]:
    """Return what is one for all threads and that a call could leave changed."""
    return {
        "preferences": str(prefs.as_file),
        "device": repr(get_device()),
        "default clock": float(defaultclock.dt_),
        "loader of modules": repr(cython_rt.cython_extension_manager),
        "numpy's generator": repr(np.random.get_state()),  # noqa: NPY002
        "numpy's errors": np.geterr(),
        "filters of warnings": list(warnings.filters),
        "threads of libraries": sorted((lib["filepath"], lib["num_threads"]) for lib in threadpool_info()),
        "environment": dict(os.environ),
        "working folder": os.getcwd(),
        "search path": list(sys.path),
        "garbage collector": (gc.get_freeze_count(), gc.isenabled(), gc.get_threshold()),
        "switch interval": sys.getswitchinterval(),
    }


def changed(before: dict[str, Any]) -> str:
    """Name what is not as it was; a library that was loaded meanwhile is no change."""
    after = process_wide()
    known = {path for path, _ in before["threads of libraries"]}
    after["threads of libraries"] = [pair for pair in after["threads of libraries"] if pair[0] in known]
    return ", ".join(name for name in before if before[name] != after[name])


def _way(
    way: str, cells: list[tuple[str, str]], expected: dict[Key, list[Any]], repetitions: int | None
) -> Iterator[dict[str, Any]]:
    before = process_wide()
    if way in POOLS:
        done = _in_processes(way, _jobs(cells, repetitions), expected)
        found = {cell: Counter(o for key, o in done if key[:2] == cell) for cell in cells}
        yield from (_row(way, cell, found[cell], changed(before)) for cell in cells)
        return
    for name, backend in cells:
        before = process_wide()
        if way == "threads":
            keys = [(name, backend, seed) for seed in SEEDS]
            times = _repetitions(name, repetitions)
            outcomes = Counter(o for _ in range(times) for o in _in_threads(keys, expected))
        elif name in SEARCHED:
            outcomes = Counter([_search(name, backend, way.rsplit(maxsplit=1)[-1])])
            # scikit-learn sets them anew in each of its threads, whatever the estimator.
            before.pop("filters of warnings")
        else:
            continue
        yield _row(way, (name, backend), outcomes, changed(before))


def _row(way: str, cell: tuple[str, str], outcomes: Counter[str], left: str) -> dict[str, Any]:
    wrong = {what: n for what, n in outcomes.items() if what not in ("same", "refused")}
    return {
        "way": way,
        "network": cell[0],
        "backend": cell[1],
        "answers": outcomes.total(),
        "same": outcomes["same"],
        "refused": outcomes["refused"],
        "wrong": sum(wrong.values()),
        "how": "; ".join(wrong),
        "changed": left,
    }


def _repetitions(name: str, asked: int | None) -> int:
    return asked or (MANY if name in ("LCA", "SAILnet") else FEW)


def _jobs(cells: list[tuple[str, str]], repetitions: int | None) -> list[Key]:
    return [(n, b, s) for n, b in cells for _ in range(_repetitions(n, repetitions)) for s in SEEDS]


def _outcome(get: Callable[[], list[Any]], expected: list[Any]) -> str:
    try:
        found = get()
    except BackendError:
        return "refused"
    except futures.TimeoutError:
        return "never came"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"
    same = all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    return "same" if same else "another result"


def _in_threads(keys: list[Key], expected: dict[Key, list[Any]]) -> list[str]:
    """Start all at the same moment, with threads that change places a hundred times as often as usual."""
    interval, together = sys.getswitchinterval(), threading.Barrier(len(keys))

    def begin(key: Key) -> list[Any]:
        together.wait()
        return answer(*key)

    sys.setswitchinterval(5e-5)
    try:
        with futures.ThreadPoolExecutor(len(keys)) as pool:
            running = {key: pool.submit(begin, key) for key in keys}
            return [_outcome(lambda r=r: r.result(PATIENCE), expected[key]) for key, r in running.items()]
    finally:
        sys.setswitchinterval(interval)


def _in_processes(way: str, keys: list[Key], expected: dict[Key, list[Any]]) -> list[tuple[Key, str]]:
    pool: Any
    if way == "loky":
        from joblib.externals.loky import ProcessPoolExecutor

        pool = ProcessPoolExecutor(2, initializer=silence)
    else:
        context = multiprocessing.get_context(way)
        pool = futures.ProcessPoolExecutor(2, mp_context=context, initializer=silence)
    running = [(key, pool.submit(answer, *key)) for key in keys]
    done = []
    for key, result in running:
        done.append((key, _outcome(lambda r=result: r.result(PATIENCE), expected[key])))
        if done[-1][1] == "never came":
            for worker in list(pool._processes.values()):
                worker.kill()
    pool.shutdown()
    return done


def _search(name: str, backend: str, pool: str) -> str:
    stimuli = np.random.default_rng(0).standard_normal((N_STIMULI, N_PIXELS))
    grid = {"learning_rate": [0.0, 0.01, 0.1, 0.3]}

    def scores(n_jobs: int) -> list[Any]:
        search = GridSearchCV(network(name, backend, 0), grid, cv=2, n_jobs=n_jobs)
        return [search.fit(stimuli).cv_results_["mean_test_score"]]

    expected = scores(1)
    with joblib.parallel_config("threading" if pool == "threads" else pool):
        return _outcome(lambda: scores(4), expected)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [*CIRCUITS, *LEARNED_BY_JAX]
    parser.add_argument("--networks", nargs="+", choices=names, default=names)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--repetitions", type=int, help=f"{MANY} for LCA and SAILnet, {FEW} for the others")
    parser.add_argument("--print-only", action="store_true", help="leave the table as it is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
