"""Learning: the time to the held-out objective that SPAMS `trainDL` reaches in a given time."""

from typing import Any

from benchmarks.bench_run import BenchRun
from benchmarks.learners import seconds_to_reach, train_dl
from benchmarks.pairs import ratios, spread
from benchmarks.report import Row, Target
from benchmarks.settings import THREADS
from benchmarks.worker import PLAIN
from benchmarks.worker_pool import borrowed

__all__ = ["measure_learning"]

_AGAINST_SCIKIT_LEARN = Target(5)
# Longer than this times our own time nobody waits for a peer: the ratio is then a lower bound.
_PATIENCE = 6
_VARIANTS: dict[str, dict[str, Any]] = {
    f"{THREADS} threads": {"n_threads": THREADS, "waiting": None},
    "1 thread": {"n_threads": 1, "waiting": None},
    f"{THREADS} threads, passive waiting": {"n_threads": THREADS, "waiting": "PASSIVE"},
}


def measure_learning(run: BenchRun) -> None:
    """Add our seconds to trainDL's objective, and the ratio to scikit-learn's seconds."""
    given, patience = run.settings.learning_seconds, 1 if run.settings.quick else _PATIENCE
    name, variant = _fastest_train_dl(run)
    measured: dict[str, list[float]] = {"objective": [], "ours": [], "patches": [], "peer": [], "missed": []}
    for seed in range(run.settings.pairs):
        objective, n_batches = _train_dl(variant, seed, seconds=given)
        run.say(f"trainDL ({name}): held-out {objective:.3f} after {given:.0f} s, {n_batches} batches")
        ours, reached, seen = _to_reach("package_pieces", seed, objective, limit=4 * given)
        run.say(f"ours: held-out {reached:.3f} after {ours:.1f} s, {seen} patches")
        theirs, left, _ = _to_reach("scikit_learn_pieces", seed, objective, limit=patience * ours)
        run.say(f"scikit-learn: held-out {left:.3f} after {theirs:.1f} s")
        for key, value in (("objective", objective), ("ours", ours), ("patches", seen), ("peer", theirs)):
            measured[key].append(value)
        measured["missed"].append(float(left > objective))
        if reached > objective:
            run.say("ours gave up: the row below is a lower bound")
    _add_rows(run, measured, trained=name)


def _add_rows(run: BenchRun, measured: dict[str, list[float]], *, trained: str) -> None:
    given = run.settings.learning_seconds
    details: dict[str, float | str] = {
        "held-out objective": spread(measured["objective"]).median,
        "patches": spread(measured["patches"]).median,
        "trainDL": trained,
    }
    run.add(
        Row(
            "learning",
            f"time to what trainDL reaches in {given:.0f} s",
            spread(measured["ours"]),
            unit="s",
            target=Target(given, at_least=False),
            details=details,
        )
    )
    figure = ratios(measured["peer"], measured["ours"])
    seconds: dict[str, float | str] = {"scikit-learn, s": spread(measured["peer"]).median}
    if any(measured["missed"]):
        seconds["given up in rounds"] = sum(measured["missed"])
    name = "same objective, against MiniBatchDictionaryLearning"
    run.add(Row("learning", name, figure, target=_AGAINST_SCIKIT_LEARN, details=seconds))


def _fastest_train_dl(run: BenchRun) -> tuple[str, dict[str, Any]]:
    """Return the thread settings with which trainDL sees most batches in a tenth of its time."""
    if run.settings.quick:
        return list(_VARIANTS.items())[-1]
    trial = max(1.0, run.settings.learning_seconds / 10)
    batches = {name: _train_dl(variant, 0, seconds=trial)[1] for name, variant in _VARIANTS.items()}
    run.say("; ".join(f"trainDL, {name}: {n} batches in {trial:.0f} s" for name, n in batches.items()))
    best = max(batches, key=lambda name: batches[name])
    return best, _VARIANTS[best]


def _train_dl(variant: dict[str, Any], seed: int, *, seconds: float) -> tuple[float, int]:
    with borrowed("trainDL", environment={"OMP_WAIT_POLICY": variant["waiting"]}) as worker:
        return worker.call(train_dl, seed, seconds=seconds, n_threads=variant["n_threads"])


def _to_reach(pieces: str, seed: int, objective: float, *, limit: float) -> tuple[float, float, int]:
    with borrowed(pieces, environment=PLAIN) as worker:
        return worker.call(seconds_to_reach, pieces, seed, objective=objective, limit=limit)
