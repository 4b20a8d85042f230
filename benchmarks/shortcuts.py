"""What each shortcut of the simulation saves, and what it costs in accuracy: switched on one after the other."""

from contextlib import ExitStack
from typing import Any

from benchmarks.bench_run import BenchRun, contestant
from benchmarks.optimum import excess_percent, lasso_objective, lasso_optimum
from benchmarks.pairs import ratios, spread
from benchmarks.problem import Float32s, fresh_patches, learned_dictionary
from benchmarks.report import Row
from benchmarks.settings import THRESHOLD
from neurosim.networks.lca.run_settings import steps_of

__all__ = ["measure_shortcuts"]


def measure_shortcuts(run: BenchRun) -> None:
    """Add a row per shortcut: how many times faster than forward Euler with every activity sent, and the excess."""
    for n_neurons in run.settings.dense_sizes:
        _at_size(run, n_neurons)


def _arms(dictionary: Float32s) -> dict[str, dict[str, Any]]:
    dt, _ = steps_of(dictionary, tau=0.01, presentation=0.2, dt=None)
    fixed = {"dt": f"{dt!r} s", "tolerance": 0}
    return {
        "forward Euler at the stability bound, all activity sent": fixed | {"epsilon": 0},
        "only changes sent (epsilon)": fixed,
        "and ended at rest (tolerance)": {"dt": fixed["dt"]},
        "and steps that adapt (dt=None): the defaults": {},
    }


def _at_size(run: BenchRun, n_neurons: int) -> None:
    dictionary = learned_dictionary(n_neurons, settings=run.settings)
    patches = fresh_patches(run.settings.n_patches * 256 // (n_neurons * 4))
    exact = patches[: run.settings.n_exact]
    optimum = lasso_optimum(exact, dictionary=dictionary, threshold=THRESHOLD)
    problem: dict[str, Any] = {"dictionary": dictionary, "patches": patches, "threshold": THRESHOLD}
    arms = _arms(dictionary)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(contestant("package", **problem, backend="cython", **options))
            for name, options in arms.items()
        }
        timed = {name: one.seconds_per_patch for name, one in running.items()}
        seconds = run.measured(f"N = {n_neurons}, shortcuts", timed)
        codes = {name: one.code(len(exact)) for name, one in running.items()}
    slowest = seconds[next(iter(arms))]
    for name in arms:
        objective = lasso_objective(exact, codes[name], dictionary=dictionary, threshold=THRESHOLD)
        details: dict[str, float | str] = {
            "patches/s": 1 / spread(seconds[name]).median,
            "excess, %": excess_percent(objective, optimum.objective),
        }
        run.add(Row("shortcuts", f"N = {n_neurons}, {name}", ratios(slowest, seconds[name]), details=details))
