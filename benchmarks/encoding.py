"""Encoding with default arguments against every peer."""

from collections.abc import Mapping
from typing import Any

from benchmarks.bench_run import BenchRun, contestant, fastest
from benchmarks.contest import Contestant
from benchmarks.optimum import Optimum, excess_percent, lasso_objective, lasso_optimum
from benchmarks.pairs import Spread
from benchmarks.problem import Float32s, fresh_patches, learned_dictionary
from benchmarks.report import Row, Target
from benchmarks.settings import THREADS, THRESHOLD

__all__ = ["MOST_EXCESS", "measure_encoding"]

MOST_EXCESS = Target(0.1, at_least=False)  # percent above the LASSO optimum
_AGAINST_SPAMS = {256: Target(1.5), 1024: Target(1.2), 2048: Target(1.0)}
_AGAINST_SCIKIT_LEARN = {256: Target(3)}
_AGAINST_NAIVE = Target(100)

# The engine's process waits passively; SPAMS might like it too, so it may choose.
_SPAMS_VARIANTS: dict[str, dict[str, Any]] = {
    "default waiting": {"environment": {"OMP_WAIT_POLICY": None}},
    "passive waiting": {"environment": {"OMP_WAIT_POLICY": "PASSIVE"}},
}
_SCIKIT_LEARN_VARIANTS: dict[str, dict[str, Any]] = {
    "float32": {"dtype": "float32"},
    "float64": {"dtype": "float64"},
    f"float64, {THREADS} jobs": {"dtype": "float64", "n_jobs": THREADS},
}
_BLAS_VARIANTS: dict[str, dict[str, Any]] = {
    f"{n} BLAS thread{'s' * (n > 1)}": {
        "environment": {"OMP_WAIT_POLICY": None, "OPENBLAS_NUM_THREADS": str(n)}
    }
    for n in (1, THREADS)
}
_NO_VARIANTS: dict[str, dict[str, Any]] = {"": {}}
_EVENT_PATCHES = 100  # Brian2 compiles the stimuli into the program, which takes the compiler long


def measure_encoding(run: BenchRun) -> None:
    """Add the rows of SPAMS, scikit-learn, numpy and plain Brian2, and the excess over the optimum."""
    for n_neurons in run.settings.encoded_sizes:
        dictionary = learned_dictionary(n_neurons, settings=run.settings)
        patches = fresh_patches(run.settings.n_patches)
        exact = patches[: run.settings.n_exact]
        run.say(f"N = {n_neurons}: exact optimum of {len(exact)} patches")
        optimum = lasso_optimum(exact, dictionary=dictionary, threshold=THRESHOLD)
        duel = _Duel(run, dictionary, patches, optimum)
        with contestant("package", dictionary=dictionary, patches=patches, threshold=THRESHOLD) as ours:
            duel.against(ours, "SPAMS lasso", "spams_lasso", _SPAMS_VARIANTS, _AGAINST_SPAMS.get(n_neurons))
            duel.add_excess(ours)
            if n_neurons in run.settings.dense_sizes:
                _slow_peers(duel, ours, n_neurons)


def _slow_peers(duel: "_Duel", ours: Contestant, n_neurons: int) -> None:
    all_patches = len(duel.patches)
    # A second or so.
    n_naive = min(100, max(5, 100 * 256**2 // n_neurons**2))
    duel.against(ours, "Brian2 naive", "naive_brian2", _NO_VARIANTS, _AGAINST_NAIVE, n_patches=n_naive)
    duel.against(ours, "Brian2 events", "event_driven_brian2", _NO_VARIANTS, n_patches=_EVENT_PATCHES)
    n_dense = all_patches * 256 // (n_neurons * 4)
    duel.against(ours, "numpy LCA", "numpy_lca", _BLAS_VARIANTS, n_patches=n_dense)
    if n_neurons == duel.run.settings.reference:
        duel.against(
            ours,
            "scikit-learn lasso_cd",
            "scikit_learn",
            _SCIKIT_LEARN_VARIANTS,
            _AGAINST_SCIKIT_LEARN.get(n_neurons),
            n_patches=all_patches // 4,
        )


class _Duel:
    """One dictionary, its patches and their optimum; ours against one peer after the other."""

    def __init__(self, run: BenchRun, dictionary: Float32s, patches: Float32s, optimum: Optimum) -> None:
        self.run, self.dictionary, self.patches, self.optimum = run, dictionary, patches, optimum

    def against(
        self,
        ours: Contestant,
        peer: str,
        builder: str,
        variants: Mapping[str, Mapping[str, Any]],
        target: Target | None = None,
        *,
        n_patches: int | None = None,
    ) -> None:
        """Add a row of patches per second; the peer runs its fastest variant, on fewer patches where it is slow."""
        patches = self.patches[:n_patches]
        if self.run.settings.quick:
            patches = patches[: 10 if "brian2" in builder else 100]
            variants = dict(list(variants.items())[-1:])
        problem: dict[str, Any] = {
            "dictionary": self.dictionary,
            "patches": patches,
            "threshold": THRESHOLD,
        }
        with fastest(builder, variants, **problem) as (variant, theirs):
            what = f"N = {len(self.dictionary)}, {peer}"
            seconds = self.run.measured(
                what, {"ours": ours.seconds_per_patch, peer: theirs.seconds_per_patch}
            )
            details: dict[str, float | str] = {
                "excess ours, %": self.excess(ours),
                f"excess {peer}, %": self.excess(theirs),
                "its patches": float(len(patches)),
            }
            name = f"{what} ({variant})" if variant else what
            self.run.speed_ratio("encoding", name, seconds, target=target, details=details)

    def excess(self, one: Contestant) -> float:
        """Return by how many percent its objective is above the optimum of the same patches."""
        code = one.code(len(self.optimum.objective))
        stimuli = self.patches[: len(code)]
        objective = lasso_objective(stimuli, code, dictionary=self.dictionary, threshold=THRESHOLD)
        return excess_percent(objective, self.optimum.objective[: len(code)])

    def add_excess(self, ours: Contestant) -> None:
        """Add the row that says how exact the default arguments are."""
        excess = self.excess(ours)
        self.run.add(
            Row(
                "encoding",
                f"N = {len(self.dictionary)}, objective above the optimum",
                Spread(excess, excess, excess, 1),
                unit="%",
                target=MOST_EXCESS,
                details={
                    "optimum known to, %": self.optimum.uncertainty_percent,
                    "patches": float(len(self.optimum.objective)),
                },
            )
        )
