"""The same encoding on every backend."""

from contextlib import ExitStack

from benchmarks.bench_run import BenchRun, contestant
from benchmarks.optimum import excess_percent, lasso_objective, lasso_optimum
from benchmarks.pairs import ratios, spread
from benchmarks.problem import fresh_patches, learned_dictionary
from benchmarks.report import Row
from benchmarks.settings import THRESHOLD

__all__ = ["measure_backends"]

_BACKENDS = ("cpp_standalone", "cython", "numpy")


def measure_backends(run: BenchRun) -> None:
    """Add a row per backend: how many times faster than numpy, and the excess of each."""
    for n_neurons in run.settings.dense_sizes:
        _at_size(run, n_neurons)


def _at_size(run: BenchRun, n_neurons: int) -> None:
    dictionary = learned_dictionary(n_neurons, settings=run.settings)
    patches = fresh_patches(run.settings.n_patches * 256 // (n_neurons * 4))
    exact = patches[: run.settings.n_exact]
    optimum = lasso_optimum(exact, dictionary=dictionary, threshold=THRESHOLD)
    with ExitStack() as stack:
        running = {
            backend: stack.enter_context(
                contestant(
                    "package", dictionary=dictionary, patches=patches, threshold=THRESHOLD, backend=backend
                )
            )
            for backend in _BACKENDS
        }
        timed = {backend: one.seconds_per_patch for backend, one in running.items()}
        seconds = run.measured(f"N = {n_neurons}", timed)
        codes = {backend: one.code(len(exact)) for backend, one in running.items()}
    for backend in _BACKENDS:
        objective = lasso_objective(exact, codes[backend], dictionary=dictionary, threshold=THRESHOLD)
        details: dict[str, float | str] = {
            "patches/s": 1 / spread(seconds[backend]).median,
            "excess, %": excess_percent(objective, optimum.objective),
            "patches": float(len(patches)),
        }
        figure = ratios(seconds["numpy"], seconds[backend])
        run.add(Row("backends", f"N = {n_neurons}, {backend} against numpy", figure, details=details))
