"""Is what unit norm costs the price of a posterior without correlations? Norm × posterior, prior scale learned.

    NEUROSIM_DATA=… python verification/svae_posterior.py [--seeds 3] [--data natural] [--posteriors …] [--epochs …]

Stimuli as in `svae.py`, the first 16,384 of a seed. Every model has the Laplace prior, the heuristics of `svae.py`, the
same noise and the same batches, and learns its prior scale. Measured on the same test stimuli: the bound of the
posterior a model was learned with; the bound of the same fields when activities settle with correlations for eight
Newton steps; annealed estimates; fields in use. Beside it the course of learning, by quarters of an epoch. Epochs are
timed by the processor, in one thread. Fitted networks and what was measured of them are kept in ``--folder``, and the
tables are those of all that is there: a second call goes on where the first stopped.
"""

import argparse
import os
import pickle
import time
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from svae import annealed, interval
from svae_models import N_SETTLING, SETTLING_BATCH, root_mean_square, settling_network, stimuli, store

from neurosim.networks.svae.population import compare_inference
from neurosim.networks.svae.svae import SVAE

NORMS, POSTERIORS = ("unit", "free"), ("factorised", "correlated")
# One epoch of the same batches for both. Eight of the factorised take about the time of one of the correlated; the
# longer ones show whether norms have come to rest.
LENGTHS = {"factorised": (1, 8), "correlated": (1, 3, 10)}
# Of the stimuli's root mean square. The whitened patches have directions of next to no variance, and noise that is
# learned falls towards theirs for as long as learning lasts: then models would differ by how far they came.
NOISE = {"natural": 0.45, "mnist": 0.3}
N_SHOWN, N_ANNEALED, N_INFERRED, N_SETTLED = 500, 100, 50, 8
MEASURES = ("elbo", "elbo_settled", "ais")
QUARTERS = 4

Found = tuple[dict[str, Any], dict[str, NDArray[np.float64]]]


class Arm(NamedTuple):
    """One model."""

    data: str
    posterior: str
    n_epochs: int
    norm: str
    seed: int


def main() -> None:
    """Fit and measure what is not in the folder, and store the tables after each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", nargs="+", choices=tuple(NOISE), default=list(NOISE))
    parser.add_argument("--posteriors", nargs="+", choices=POSTERIORS, default=list(POSTERIORS))
    parser.add_argument("--epochs", nargs="+", type=int, choices=(1, 3, 8, 10), default=[1, 3, 8, 10])
    parser.add_argument("--folder", type=Path, default=Path("runs/verify-svae-posterior"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for data, n_epochs, seed in product(options.data, options.epochs, range(options.seeds)):
        for posterior, norm in product(options.posteriors, NORMS):
            if n_epochs in LENGTHS[posterior]:
                print(kept(Arm(data, posterior, n_epochs, norm, seed), options.folder)[0], flush=True)
        tabulate(options.folder)


def tabulate(folder: Path) -> None:
    """Store the tables of all models in the folder."""
    found = {
        Arm(*path.name.split(".")[0].split("_")): pickle.loads(path.read_bytes())
        for path in folder.glob("*.measured.pickle")
    }
    found = {
        arm._replace(n_epochs=int(arm.n_epochs), seed=int(arm.seed)): what for arm, what in found.items()
    }
    table = pd.DataFrame([arm._asdict() | row | directions(arm) for arm, (row, _) in found.items()])
    table = table.sort_values(list(Arm._fields), ascending=[True, False, True, False, True])
    store(table, "svae_posterior")
    groups = [key for key, _ in table.groupby(["data", "posterior", "n_epochs"])]
    pairs = {key: paired(found, *key) for key in groups}
    store(pd.concat([differences(pair, key) for key, pair in pairs.items()]), "svae_posterior_differences")
    store(pd.concat([course(pair, key) for key, pair in pairs.items()]), "svae_posterior_course")


def kept(arm: Arm, folder: Path) -> Found:
    """Return what was measured of a model, from the folder if it is there."""
    path = folder / f"{'_'.join(map(str, arm))}.measured.pickle"
    if not path.exists():
        path.write_bytes(pickle.dumps(measured(fitted(arm, folder), arm)))
    found: Found = pickle.loads(path.read_bytes())
    return found


def fitted(arm: Arm, folder: Path) -> SVAE:
    """Return a model, from the folder if it is there; with the processor seconds of an epoch."""
    path = folder / f"{'_'.join(map(str, arm))}.pickle"
    if not path.exists():
        rows, marks = part(arm.data, "training", arm.seed)[:N_SETTLING], []

        def note(event: dict[str, Any]) -> None:
            if event["stage"] == "train" and event["batch"] in (1, event["n_batches"]):
                marks.append(time.process_time())

        noise_sd = NOISE[arm.data] * root_mean_square(rows)
        net = settling_network(
            arm.data, arm.posterior, arm.norm, arm.seed, n_epochs=arm.n_epochs, noise_sd=noise_sd
        ).fit(rows, progress=note)
        # The first batch compiles.
        net.seconds_per_epoch_ = (
            (marks[1] - marks[0]) / (len(net.history_) - 1) * (N_SETTLING / SETTLING_BATCH)
        )
        path.write_bytes(pickle.dumps(net))
    found: SVAE = pickle.loads(path.read_bytes())
    return found


@lru_cache(maxsize=2)
def part(data: str, name: str, seed: int) -> NDArray[np.float32]:
    """Return stimuli of one part, kept for the next model of the same seed."""
    return stimuli(data, name, seed)


def measured(net: SVAE, arm: Arm) -> Found:
    """Return a row of figures; bounds and annealed estimates by stimulus, and the objective by batch."""
    shown = part(arm.data, "test", arm.seed)
    shown = shown[np.random.default_rng(arm.seed).permutation(len(shown))[:N_SHOWN]]
    filters, norms = net.filters(shown), np.linalg.norm(net.dictionary_, axis=1)
    series = {
        "elbo": net.bound(shown),
        "ais": annealed(net, shown[:N_ANNEALED], seed=arm.seed),
        "objective": net.history_["objective"].to_numpy(),
    }
    settled = pickle.loads(pickle.dumps(net)).set_params(posterior="correlated", posterior_steps=N_SETTLED)
    series["elbo_settled"] = settled.bound(shown)
    row = {
        "noise_share": net.noise_sd_ / net.stimuli_scale_,
        "prior_share": net.prior_scale_ / net.stimuli_scale_,
        "norm_least": norms.min(),
        "norm_median": np.median(norms),
        "active": int(filters["active"].sum()),
        "active_norm": int(filters["active_norm"].sum()),
        "worthwhile": int(filters["worthwhile"].sum()),
        **{name: series[name].mean() for name in MEASURES},
        "elbo_annealed": series["elbo"][:N_ANNEALED].mean(),
        "elbo_settled_annealed": series["elbo_settled"][:N_ANNEALED].mean(),
        "settled_cosine": settled_cosine(net, shown[:N_INFERRED]) if arm.data == "natural" else np.nan,
        "seconds_per_epoch": net.seconds_per_epoch_,
    }
    return row, series


def directions(arm: Arm) -> dict[str, int]:
    """Return how many principal directions of the stimuli have more variance than the noise, and than a tenth of it."""
    variance, noise = _spectrum(arm.data, arm.seed), NOISE[arm.data] ** 2
    return {
        "directions": int((variance > noise).sum()),
        "directions_tenth": int((variance > noise / 10).sum()),
    }


@lru_cache
def _spectrum(data: str, seed: int) -> NDArray[np.float64]:
    """Return the variance along each principal direction, over the mean square of a pixel."""
    rows = part(data, "training", seed)[:N_SETTLING].astype(np.float64)
    variance: NDArray[np.float64] = np.linalg.eigvalsh(np.cov(rows.T)) / root_mean_square(rows) ** 2
    return variance


def settled_cosine(net: SVAE, shown: NDArray[np.float32]) -> float:
    """Return how near posterior means are to the most probable activities, the median over stimuli."""
    return float(compare_inference(net, shown)["cosine"].median())


def paired(
    found: dict[Arm, Found], data: str, posterior: str, n_epochs: int
) -> list[tuple[dict[str, NDArray[np.float64]], ...]]:
    """Return what was measured by stimulus and batch with unit and with free norm, seed by seed."""
    arms = {
        norm: {arm.seed for arm in found if arm == Arm(data, posterior, n_epochs, norm, arm.seed)}
        for norm in NORMS
    }
    return [
        tuple(found[Arm(data, posterior, n_epochs, norm, seed)][1] for norm in NORMS)
        for seed in sorted(arms["unit"] & arms["free"])
    ]


def differences(
    pairs: list[tuple[dict[str, NDArray[np.float64]], ...]], key: tuple[Any, ...]
) -> pd.DataFrame:
    """Return unit minus free norm on the same test stimuli; intervals resample seeds and stimuli."""
    rows = []
    for measure in MEASURES if pairs else ():
        gaps = [unit[measure] - free[measure] for unit, free in pairs]
        by_seed = [gap.mean() for gap in gaps]
        low, high = interval(gaps, rng=np.random.default_rng(0))
        row = dict(zip(("data", "posterior", "n_epochs"), key, strict=True)) | {"measure": measure}
        row |= {"unit_minus_free": np.mean(by_seed), "low": low, "high": high}
        row |= {"least_seed": min(by_seed), "greatest_seed": max(by_seed)}
        rows.append(row | {"n_seeds": len(pairs), "n_stimuli": len(gaps[0])})
    return pd.DataFrame(rows)


def course(pairs: list[tuple[dict[str, NDArray[np.float64]], ...]], key: tuple[Any, ...]) -> pd.DataFrame:
    """Return the bound of the batches that were learned from, in each quarter of an epoch, and unit minus free norm."""
    if not pairs:
        return pd.DataFrame()
    bounds = np.array([[-one["objective"] for one in pair] for pair in pairs])  # seeds, norms, batches
    parts = bounds.reshape(*bounds.shape[:2], QUARTERS * key[2], -1).mean(axis=-1)
    gaps = parts[:, 0] - parts[:, 1]
    fixed = dict(zip(("data", "posterior", "n_epochs"), key, strict=True))
    columns = {"epochs_seen": np.arange(1, 1 + len(gaps[0])) / QUARTERS, "unit": parts[:, 0].mean(axis=0)}
    columns |= {"free": parts[:, 1].mean(axis=0), "unit_minus_free": gaps.mean(axis=0)}
    columns |= {"least_seed": gaps.min(axis=0), "greatest_seed": gaps.max(axis=0)}
    return pd.DataFrame(columns).assign(n_seeds=len(pairs), **fixed)[[*fixed, *columns, "n_seeds"]]


if __name__ == "__main__":
    main()
