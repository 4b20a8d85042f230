"""How the cost of a patch grows with the number of neurons, the active fraction and the batch size."""

from contextlib import ExitStack
from typing import Any

import numpy as np

from benchmarks.bench_run import BenchRun, contestant
from benchmarks.contest import Contestant
from benchmarks.pairs import ratios, spread
from benchmarks.problem import Float32s, fresh_patches, learned_dictionary
from benchmarks.report import Row, Target
from benchmarks.settings import THRESHOLD, Settings

__all__ = ["active_neurons", "measure_curves", "threshold_for"]

_LINEAR = "cost(N = {large}) / cost(N = {small}) with {active:.0f} neurons active"
_THRESHOLDS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
_BATCH_SIZES = (10, 30, 100, 300, 1000)
_COUNTED = 500  # patches the active neurons are counted on


def measure_curves(run: BenchRun) -> None:
    """Add the growth of cost and the points of four curves."""
    _in_neurons(run, fixed_threshold=True)
    _in_neurons(run, fixed_threshold=False)
    for n_neurons in run.settings.dense_sizes:
        _in_active_fraction(run, n_neurons)
        _in_batch_size(run, n_neurons)


def active_neurons(dictionary: Float32s, patches: Float32s, *, threshold: float) -> float:
    """Return the mean number of active neurons at the LASSO optimum."""
    import spams

    columns, fields = np.asfortranarray(patches.T), np.asfortranarray(dictionary.T)
    return float(spams.lasso(columns, D=fields, lambda1=threshold, mode=2, numThreads=1).nnz / len(patches))


def threshold_for(n_active: float, *, dictionary: Float32s, patches: Float32s) -> float:
    """Return the threshold at which so many neurons are active in the mean, within 2 %, by bisection.

    Raises
    ------
    ValueError
        If no threshold does.
    """
    low, high = 1e-2, float(np.abs(patches @ dictionary.T).max())
    for _ in range(40):
        middle = float(np.sqrt(low * high))
        active = active_neurons(dictionary, patches, threshold=middle)
        if abs(active / n_active - 1) < 0.02:
            return middle
        low, high = (middle, high) if active > n_active else (low, middle)
    raise ValueError(
        f"expected a threshold with {n_active:.1f} active neurons, the last try had {active:.1f}"
    )


def _in_neurons(run: BenchRun, *, fixed_threshold: bool) -> None:
    """Time all sizes in the same rounds, so that their ratios stand what the machine does meanwhile."""
    sizes = run.settings.curve_sizes
    counted = fresh_patches(_COUNTED)
    wanted = active_neurons(
        learned_dictionary(run.settings.reference, settings=run.settings), counted, threshold=THRESHOLD
    )
    points: dict[str, list[dict[str, float]]] = {"ours": [], "SPAMS": []}
    with ExitStack() as stack:
        timed: dict[str, Contestant] = {}
        for n_neurons in sizes:
            dictionary = learned_dictionary(n_neurons, settings=run.settings)
            level = THRESHOLD
            if not fixed_threshold:
                level = threshold_for(wanted, dictionary=dictionary, patches=counted)
            active = active_neurons(dictionary, counted, threshold=level)
            run.say(f"N = {n_neurons}: threshold {level:.2f}, {active:.1f} neurons active")
            problem: dict[str, Any] = {
                "dictionary": dictionary,
                "patches": fresh_patches(_n_patches(run.settings, n_neurons)),
                "threshold": level,
            }
            for who, builder in (("ours", "package"), ("SPAMS", "spams_lasso")):
                timed[f"{who} {n_neurons}"] = stack.enter_context(contestant(builder, **problem))
                points[who].append({"n_neurons": n_neurons, "threshold": level, "active": active})
        what = "fixed threshold" if fixed_threshold else "fixed number active"
        seconds = run.measured(what, {name: one.seconds_per_patch for name, one in timed.items()})
    _keep(points, seconds)
    run.curves["neurons" if fixed_threshold else "neurons_fixed_active"] = points
    if not fixed_threshold:
        _add_growth(run, seconds, active=wanted)


def _keep(points: dict[str, list[dict[str, float]]], seconds: dict[str, list[float]]) -> None:
    for who, row in points.items():
        for point in row:
            measured = spread(seconds[f"{who} {point['n_neurons']}"])
            point |= {"seconds": measured.median, "low": measured.low, "high": measured.high}


def _add_growth(run: BenchRun, seconds: dict[str, list[float]], *, active: float) -> None:
    sizes = run.settings.curve_sizes
    small, large = (sizes[0] if run.settings.quick else run.settings.reference), sizes[-1]
    for who, target in (("ours", Target(large / small, at_least=False)), ("SPAMS", None)):
        growth = ratios(seconds[f"{who} {large}"], seconds[f"{who} {small}"])
        exponent = float(np.log(growth.median) / np.log(large / small))
        name = f"{who}, {_LINEAR.format(large=large, small=small, active=active)}"
        run.add(Row("curves", name, growth, target=target, details={"exponent": exponent}))


def _in_active_fraction(run: BenchRun, n_neurons: int) -> None:
    dictionary = learned_dictionary(n_neurons, settings=run.settings)
    patches = fresh_patches(_n_patches(run.settings, n_neurons) // 4)
    points: list[dict[str, float]] = []
    for level in _THRESHOLDS[:: 3 if run.settings.quick else 1]:
        problem: dict[str, Any] = {"dictionary": dictionary, "patches": patches, "threshold": level}
        with contestant("package", **problem) as ours, contestant("spams_lasso", **problem) as spams:
            timed = {"ours": ours.seconds_per_patch, "SPAMS": spams.seconds_per_patch}
            seconds = run.measured(f"N = {n_neurons}, threshold {level}", timed)
        active = active_neurons(dictionary, patches[:_COUNTED], threshold=level)
        medians = {who: spread(values).median for who, values in seconds.items()}
        points.append({"threshold": level, "active_fraction": active / n_neurons, **medians})
    run.curves.setdefault("active_fraction", {})[str(n_neurons)] = points


def _in_batch_size(run: BenchRun, n_neurons: int) -> None:
    dictionary = learned_dictionary(n_neurons, settings=run.settings)
    patches = fresh_patches(_n_patches(run.settings, n_neurons) // 4)
    with ExitStack() as stack:
        timed = {
            str(size): stack.enter_context(
                contestant(
                    "package", dictionary=dictionary, patches=patches, threshold=THRESHOLD, batch_size=size
                )
            ).seconds_per_patch
            for size in _BATCH_SIZES[:: 2 if run.settings.quick else 1]
        }
        seconds = run.measured(f"N = {n_neurons}, batch size", timed)
    run.curves.setdefault("batch_size", {})[str(n_neurons)] = [
        {"batch_size": int(size), "seconds": spread(values).median} for size, values in seconds.items()
    ]


def _n_patches(settings: Settings, n_neurons: int) -> int:
    """Fewer patches for more neurons, but enough that what happens once per call is small."""
    return max(settings.n_patches // 4, settings.n_patches * 256 // max(n_neurons, 256))
