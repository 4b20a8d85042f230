"""Is what unit norm costs the price of a posterior without correlations? Norm × posterior, prior scale learned.

    NEUROSIM_DATA=… python verification/svae_posterior.py [--seeds 3] [--data natural] [--posteriors …]

Stimuli as in `svae.py`. Every model has the Laplace prior, the heuristics of `svae.py` and the same noise, and
learns its prior scale. Measured on the same test stimuli: the bound of the posterior a model was learned
with; the bound of the same fields when activities settle with correlations for eight Newton steps; annealed
estimates; fields in use. Epochs are timed by the processor, in one thread. Fitted networks and what was measured of
them are kept in ``--folder``, so that a second call goes on where the first stopped.
"""

import argparse
import os
import pickle
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from svae import annealed, interval
from svae_models import HEURISTICS, N_NEURONS, N_TRAIN, root_mean_square, stimuli, store

from neurosim.networks.svae.population import compare_inference
from neurosim.networks.svae.svae import SVAE

NORMS, POSTERIORS = ("unit", "free"), ("factorised", "correlated")
# A posterior that settles is nearly exact from the first batch on; an encoder by itself has to learn that first.
LENGTHS: dict[str, dict[str, int]] = {
    "factorised": {"n_epochs": 10, "batch_size": 128},
    "correlated": {"n_epochs": 1, "batch_size": 16},
}
N_TRAINING = {"factorised": 65_536, "correlated": 16_384}
# Of the stimuli's root mean square. The whitened patches have directions of next to no variance, and noise that is
# learned falls towards theirs for as long as learning lasts: then models would differ by how far they came.
NOISE = 0.45
N_SHOWN, N_ANNEALED, N_INFERRED, N_SETTLED = 500, 100, 50, 8
MEASURES = ("elbo", "elbo_settled", "ais")

Found = tuple[dict[str, Any], dict[str, NDArray[np.float64]]]


def main() -> None:
    """Fit and measure what is not in the folder, print the tables and store them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", nargs="+", choices=("natural", "mnist"), default=["natural"])
    parser.add_argument("--posteriors", nargs="+", choices=POSTERIORS, default=list(POSTERIORS))
    parser.add_argument("--folder", type=Path, default=Path("runs/verify-svae-posterior"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    found = {
        (data, posterior, seed, norm): kept(data, norm, posterior, seed, options.folder)
        for data in options.data
        for seed in range(options.seeds)
        for posterior in options.posteriors[::-1]
        for norm in NORMS
    }
    table = pd.DataFrame([row for row, _ in found.values()])
    table = table.sort_values(["data", "posterior", "norm", "seed"], ascending=[True, False, False, True])
    store(table, "svae_posterior")
    store(differences(found, options.seeds), "svae_posterior_differences")


def kept(data: str, norm: str, posterior: str, seed: int, folder: Path) -> Found:
    """Return what was measured of a model, from the folder if it is there."""
    path = folder / f"{data}_{norm}_{posterior}_{seed}.measured.pickle"
    if not path.exists():
        net = fitted(data, norm, posterior, seed, folder)
        row, by_stimulus = measured(net, data, seed)
        place = {"data": data, "posterior": posterior, "norm": norm, "seed": seed}
        path.write_bytes(pickle.dumps((place | row, by_stimulus)))
        print(place | row, flush=True)
    found: Found = pickle.loads(path.read_bytes())
    return found


def fitted(data: str, norm: str, posterior: str, seed: int, folder: Path) -> SVAE:
    """Return a model, from the folder if it is there; with the processor seconds of an epoch of all stimuli."""
    path = folder / f"{data}_{norm}_{posterior}_{seed}.pickle"
    if not path.exists():
        rows, marks = stimuli(data, "training", seed)[: N_TRAINING[posterior]], []

        def note(event: dict[str, Any]) -> None:
            if event["stage"] == "train" and event["batch"] in (1, event["n_batches"]):
                marks.append(time.process_time())

        net = network(data, norm, posterior, seed, rms=root_mean_square(rows)).fit(rows, progress=note)
        # The first batch compiles.
        n_shown = (len(net.history_) - 1) * net.batch_size
        net.seconds_per_epoch_ = (marks[1] - marks[0]) / n_shown * N_TRAIN
        path.write_bytes(pickle.dumps(net))
    found: SVAE = pickle.loads(path.read_bytes())
    return found


def network(data: str, norm: str, posterior: str, seed: int, *, rms: float) -> SVAE:
    """Return an unfitted model."""
    return SVAE(
        N_NEURONS,
        decoder_norm=norm,
        posterior=posterior,
        learn_scales=True,
        noise_sd=NOISE * rms,
        decoder_offset=data == "mnist",
        learning_rate_schedule="cosine",
        random_state=seed,
        **LENGTHS[posterior],
        **HEURISTICS,
    )


def measured(net: SVAE, data: str, seed: int) -> Found:
    """Return a row of figures, and the bounds and annealed estimates by stimulus."""
    shown = stimuli(data, "test", seed)
    shown = shown[np.random.default_rng(seed).permutation(len(shown))[:N_SHOWN]]
    filters, norms = net.filters(shown), np.linalg.norm(net.dictionary_, axis=1)
    objective = net.history_["objective"].to_numpy()
    by_stimulus = {"elbo": net.bound(shown), "ais": annealed(net, shown[:N_ANNEALED], seed=seed)}
    inferred = compare_inference(net, shown[:N_INFERRED])["cosine"].median() if data == "natural" else np.nan
    settled = pickle.loads(pickle.dumps(net)).set_params(posterior="correlated", posterior_steps=N_SETTLED)
    by_stimulus["elbo_settled"] = settled.bound(shown)
    row = {
        "noise_share": net.noise_sd_ / net.stimuli_scale_,
        "prior_share": net.prior_scale_ / net.stimuli_scale_,
        "norm_least": norms.min(),
        "norm_median": np.median(norms),
        "active": int(filters["active"].sum()),
        "active_norm": int(filters["active_norm"].sum()),
        "worthwhile": int(filters["worthwhile"].sum()),
        **{name: by_stimulus[name].mean() for name in MEASURES},
        "elbo_annealed": by_stimulus["elbo"][:N_ANNEALED].mean(),
        "elbo_settled_annealed": by_stimulus["elbo_settled"][:N_ANNEALED].mean(),
        "settled_cosine": inferred,
        # What the last tenth of the training gained on the one before, nats per stimulus.
        "last_gain": -np.diff([part.mean() for part in np.array_split(objective, 10)])[-1],
        **LENGTHS[net.posterior],
        "n_training": N_TRAINING[net.posterior],
        "seconds_per_epoch": net.seconds_per_epoch_,
    }
    return row, by_stimulus


def differences(found: dict[tuple[str, str, int, str], Found], n_seeds: int) -> pd.DataFrame:
    """Return unit minus free norm on the same test stimuli; intervals resample seeds and stimuli."""
    rows = []
    for data, posterior in dict.fromkeys((data, posterior) for data, posterior, _, _ in found):
        for measure in MEASURES:
            unit, free = (
                [found[data, posterior, seed, norm][1][measure] for seed in range(n_seeds)] for norm in NORMS
            )
            gaps = [one - other for one, other in zip(unit, free, strict=True)]
            low, high = interval(gaps, rng=np.random.default_rng(0))
            row = {"data": data, "posterior": posterior, "measure": measure}
            row |= {"unit_minus_free": np.mean(gaps), "low": low, "high": high}
            rows.append(row | {"n_seeds": n_seeds, "n_stimuli": len(gaps[0])})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
