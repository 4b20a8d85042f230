"""Does unit norm keep the filters of a sparse-coding autoencoder in use, what does it cost, and is it inhibition?

    NEUROSIM_DATA=… python verification/svae.py [--seeds 3] [--only natural mnist]
    NEUROSIM_DATA=… python verification/svae.py --tune | --heuristics | --defaults | --inhibition | --likelihood
    NEUROSIM_DATA=… python verification/svae.py --speed

Photographs are Kodak's (`svae_models.py`): 12×12 pixels, 169 latents, 65,536 patches to learn from, 16,384 to measure
on. MNIST has its own test set, and the last 10,000 training digits are those tuned on. Every model has the same
heuristics (start from data, a decoder five times as fast, cosine rate).

``--tune`` (`svae_tuning.py`) searches noise and prior scale by the bound on tuning stimuli; what stands in the table
is not tried again. ``--heuristics`` runs the recipe `svae-grid`, unless it is in the folder, and stores what its
models came to. ``--defaults`` fits the estimator without any arguments to raw, filtered and 0–255 patches.

``--inhibition`` is the table of the claim that unit norm acts as local lateral inhibition: norm constraint × lateral
inhibition, for the autoencoder (whose encoder has none) and for populations of membranes that learn by a local rule.
``--likelihood`` says how far the bounds can be believed: importance weighting with more and more samples, annealed
sampling in both directions on data drawn from the learned models. ``--speed`` times an epoch.
Fitted networks are kept in ``--folder``, so that a second call goes on where the first stopped.
"""

import argparse
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from svae_grids import defaults, heuristics
from svae_models import (
    N_NEURONS,
    N_TRAIN,
    SIZE,
    WHITENING,
    fitted,
    root_mean_square,
    stimuli,
    store,
    stored,
    tuned_shares,
)
from svae_tuning import searched

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.fields.spaces import fields_in_both_spaces
from neurosim.analysis.v1.field_shape import compare_nx_ny
from neurosim.networks.estimator.training_data import starting_dictionary
from neurosim.networks.svae.ais import annealed_log_likelihood, annealing_check
from neurosim.networks.svae.bounds import factorised_gap
from neurosim.networks.svae.fitted import ACTIVE_NATS
from neurosim.networks.svae.population import (
    WITHOUT_LATERAL_INHIBITION,
    compare_inference,
    log_joint,
    log_joint_drop,
    matching_threshold,
)
from neurosim.networks.svae.priors import prior_named
from neurosim.networks.svae.svae import SVAE
from neurosim.networks.wlsc.wlsc import WLSC

PRIORS, NORMS = ("laplace", "cauchy"), ("unit", "free")
ANNEALED = 200


def main() -> None:
    """Compute what is asked for, print the tables and store them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    for name in ("tune", "heuristics", "defaults", "inhibition", "likelihood", "speed"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--only", nargs="+", choices=("natural", "mnist"), default=["natural", "mnist"])
    parser.add_argument("--folder", type=Path, default=Path("runs/verify-svae"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.tune:
        for table in searched(options.only, stored("svae_tuning")):
            store(table, "svae_tuning")
    elif options.heuristics:
        store(heuristics(options.folder), "svae_heuristics")
    elif options.defaults:
        store(pd.DataFrame(defaults()), "svae_defaults")
    elif options.inhibition:
        rows = [row for seed in range(options.seeds) for row in inhibition(seed, options.folder)]
        store(pd.DataFrame(rows), "svae_inhibition")
    elif options.likelihood:
        rows = [row for norm in NORMS for row in believed(norm, options.folder)]
        store(pd.DataFrame(rows), "svae_likelihood")
    elif options.speed:
        store(pd.DataFrame([timed(batch_size) for batch_size in (32, 256)]), "svae_speed")
    else:
        models(options)


def models(options: argparse.Namespace) -> None:
    """Measure all models, and unit against free norm on the same stimuli."""
    rows, bounds = [], {}
    for data in options.only:
        for prior in PRIORS:
            for norm in NORMS:
                for seed in range(options.seeds):
                    net, shown = fitted(data, prior, norm, seed, options.folder)
                    row, bounds[data, prior, norm, seed] = measured(net, shown, data=data, seed=seed)
                    rows.append({"data": data, "prior": prior, "norm": norm, "seed": seed} | row)
                    print(rows[-1], flush=True)
    add(pd.DataFrame(rows), "svae")
    add(pd.DataFrame(differences(bounds, options)), "svae_differences")


def add(rows: pd.DataFrame, name: str) -> None:
    """Store the rows of these stimuli, and leave those of others in the table."""
    before = stored(name)
    others = before[~before["data"].isin(rows["data"])] if len(before) else before
    rows = rows.assign(date=datetime.now(UTC).date().isoformat())
    store(pd.concat([others, rows]).sort_values("data", ascending=False, kind="stable"), name)


def measured(
    net: SVAE, shown: NDArray[np.float32], *, data: str, seed: int
) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
    """Return a row of figures, and by stimulus the bound (of all) and the annealed estimate (of some)."""
    filters, bounds = net.filters(shown), net.bound(shown)
    rng = np.random.default_rng(seed)
    some = shown[rng.permutation(len(shown))[:1000]]
    row: dict[str, Any] = {
        "active": int(filters["active"].sum()),
        "active_norm": int(filters["active_norm"].sum()),
        "worthwhile": int(filters["worthwhile"].sum()),
        "elbo": bounds.mean(),
        "elbo_se": bounds.std() / np.sqrt(len(bounds)),
        "iwae_100": net.importance_bound(some, n_samples=100, random_state=seed).mean(),
        "elbo_same": net.bound(some).mean(),
    }
    if net.prior == "laplace":
        row["factorised_gap"] = factorised_gap(net.decoder(), variance=2.0)
    likelihoods = annealed(net, some[:ANNEALED], seed=seed)
    row |= {"ais": likelihoods.mean(), "elbo_annealed": net.bound(some[:ANNEALED]).mean()}
    if data == "natural":
        row |= shapes(net.dictionary_, filters["active"].to_numpy(), seed=seed)
    if net.prior == "laplace" and data == "natural":
        row["gabor_at_start"] = gabor_like_at_start(seed)
        inference = compare_inference(net, some[:500])
        row |= {f"settled_{name}": inference[name].median() for name in ("cosine", "distance", "gap_nats")}
    row |= learned_to(net) | {"seconds_per_epoch": net.seconds_per_epoch_}
    return row, {"elbo": bounds, "ais": likelihoods}


def learned_to(net: SVAE) -> dict[str, float]:
    """Return the highest bound of an epoch of learning, and that of the last: training can break down on its way."""
    by_epoch = [-part.mean() for part in np.array_split(net.history_["objective"].to_numpy(), net.n_epochs)]
    return {"bound_best_epoch": max(by_epoch), "bound_last_epoch": by_epoch[-1]}


def annealed(net: SVAE, shown: NDArray[np.float32], *, seed: int) -> NDArray[np.float64]:
    """Return the annealed estimate of each stimulus's log likelihood."""
    rng = np.random.default_rng(seed)
    return annealed_log_likelihood(shown, net.decoder(), prior=prior_named(net.prior), rng=rng)


def shapes(dictionary: NDArray[np.float64], active: NDArray[np.bool_], *, seed: int) -> dict[str, Any]:
    """Return how many active filters are Gabor-like, and the distance of these to macaque."""
    spaces = fields_in_both_spaces(dictionary.reshape(-1, SIZE, SIZE), WHITENING)
    fits = {space: fit_gabors(fields) for space, fields in spaces.items()}
    whitened = fits["whitened"]
    like = (whitened["r2"] > 0.7) & (whitened["participation_ratio"] >= 6)
    cortex = compare_nx_ny(fits["image"][active], rng=np.random.default_rng(seed))
    return {
        "active_gabor": int((like & active).sum()),
        "active_gabor_no_bound_hit": int((whitened["gabor_like"] & active).sum()),
        "js_image": cortex.js_bits,
        "js_low": cortex.interval[0],
        "js_high": cortex.interval[1],
        "n_js": cortex.n_units,
    }


def gabor_like_at_start(seed: int) -> int:
    """Return how many patches that learning starts from would count as Gabor-like filters."""
    rows = stimuli("natural", "training", seed)
    rng = np.random.default_rng(seed)
    fields = starting_dictionary("stimuli", rows, n_neurons=N_NEURONS, rng=rng).astype(np.float64)
    return int(shapes(fields, np.ones(N_NEURONS, dtype=bool), seed=seed)["active_gabor"])


def differences(
    found: dict[tuple[str, str, str, int], dict[str, NDArray[np.float64]]], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Return unit minus free norm on the same test stimuli; intervals resample seeds and stimuli."""
    rows = []
    for data in options.only:
        for prior in PRIORS:
            for measure in ("elbo", "ais"):
                gaps = [
                    found[data, prior, "unit", seed][measure] - found[data, prior, "free", seed][measure]
                    for seed in range(options.seeds)
                ]
                low, high = interval(gaps, rng=np.random.default_rng(0))
                row = {"data": data, "prior": prior, "measure": measure, "unit_minus_free": np.mean(gaps)}
                rows.append(row | {"low": low, "high": high, "n_stimuli": len(gaps[0])})
    return rows


def interval(gaps: list[NDArray[np.float64]], *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the 95 % interval of the mean over seeds and stimuli."""
    means = []
    for _ in range(1000):
        seeds = rng.integers(len(gaps), size=len(gaps))
        means.append(np.mean([rng.choice(gaps[k], len(gaps[k])).mean() for k in seeds]))
    return np.quantile(means, [0.025, 0.975])


def believed(norm: str, folder: Path) -> list[dict[str, Any]]:
    """Return importance-weighted bounds of test stimuli, and both annealed bounds of stimuli from the model itself."""
    net, shown = fitted("natural", "laplace", norm, 0, folder)
    some = shown[np.random.default_rng(0).permutation(len(shown))[:300]]
    rows: list[dict[str, Any]] = [
        {"norm": norm, "stimuli": "photographs", "method": f"{n} samples", "nats": bounds.mean()}
        for n in (1, 10, 100, 1000)
        for bounds in [net.importance_bound(some, n_samples=n, random_state=0)]
    ]
    rows.insert(0, {"norm": norm, "stimuli": "photographs", "method": "elbo", "nats": net.score(some)})
    up = annealed_log_likelihood(
        some, net.decoder(), prior=prior_named("laplace"), rng=np.random.default_rng(0)
    )
    rows.append({"norm": norm, "stimuli": "photographs", "method": "annealed", "nats": up.mean()})
    check = annealing_check(
        net.decoder(), prior=prior_named("laplace"), n_stimuli=100, rng=np.random.default_rng(0)
    )
    error = check["gap"].std() / np.sqrt(len(check))
    rows += [
        {"norm": norm, "stimuli": "from the model", "method": name, "nats": check[name].mean()}
        for name in ("forward", "reverse")
    ]
    rows.append(
        {"norm": norm, "stimuli": "from the model", "method": "gap", "nats": check["gap"].mean(), "se": error}
    )
    return rows


def timed(batch_size: int) -> dict[str, Any]:
    """Return the seconds of an epoch, the better of two."""
    rows, ends = stimuli("natural", "training", 0), []
    per_epoch = -(-N_TRAIN // batch_size)

    def note(event: dict[str, Any]) -> None:
        if event["stage"] == "train" and event["batch"] % per_epoch in {1, 0}:
            ends.append(time.perf_counter())

    SVAE(N_NEURONS, n_epochs=3, batch_size=batch_size, random_state=0).fit(rows, progress=note)
    # Of each epoch, from the first batch's end (which compiles in the first epoch) to the last one's.
    seconds = [
        (end - start) * per_epoch / (per_epoch - 1) for start, end in zip(ends[::2], ends[1::2], strict=True)
    ]
    return {"batch_size": batch_size, "seconds_per_epoch": min(seconds), "slowest": max(seconds)}


def inhibition(seed: int, folder: Path) -> list[dict[str, Any]]:
    """Return what is active in every cell of norm constraint × lateral inhibition, on the same patches."""
    rows = []
    for norm in NORMS:
        net, test = fitted("natural", "laplace", norm, seed, folder)
        shown, drop = test[:2000], net.filters(test[:2000])["fall_nats"].to_numpy()
        cell = {"seed": seed, "norm": norm, "inference": "encoder", "inhibition": "off"}
        rows.append(cell | counted(net.dictionary_, drop, net.transform(shown), shown))
        for lateral in (True, False):
            rows.append(population_cell(norm, lateral, seed=seed))
        print(pd.DataFrame(rows[-3:]), flush=True)
    return rows


def population_cell(norm: str, lateral: bool, *, seed: int) -> dict[str, Any]:
    """Train membranes with the autoencoder's noise and prior by their local rule, and return what is active."""
    training, shown = (stimuli("natural", part, seed) for part in ("training", "test"))
    # Membranes settle fastest where norms are near one; nothing else depends on the unit.
    unit = root_mean_square(training) * SIZE
    training, shown = training / unit, shown[:2000] / unit
    noise, scale = (share / SIZE for share in tuned_shares("natural", "laplace", "unit"))
    population = membranes(norm, lateral, noise=noise, scale=scale, seed=seed).fit(training)
    code, fields = population.transform(shown), population.dictionary_
    drop = log_joint_drop(shown, code, fields, noise_sd=noise).mean(axis=0)
    cell = {"seed": seed, "norm": norm, "inference": "membranes", "inhibition": "on" if lateral else "off"}
    joint = log_joint(shown, code, fields, noise_sd=noise, prior_scale=scale).mean()
    return cell | counted(fields, drop, code, shown) | {"log_joint": joint}


def membranes(norm: str, lateral: bool, *, noise: float, scale: float, seed: int) -> WLSC:
    """Return a population with the autoencoder's prior; where inhibition is off, its membranes add it again."""
    off: dict[str, Any] = {"membrane_terms": WITHOUT_LATERAL_INHIBITION, "presentation": "50 ms"}
    return WLSC(
        N_NEURONS,
        threshold=matching_threshold(noise_sd=noise, prior_scale=scale),
        locality=0.0,
        code="signed",
        norm=norm,
        n_epochs=2,
        batch_size=200,
        learning_rate_schedule="cosine",
        initial_dictionary="stimuli",
        random_state=seed,
        **({} if lateral else off),
    )


def counted(
    dictionary: NDArray[Any], drop: NDArray[np.float64], code: NDArray[Any], shown: NDArray[Any]
) -> dict[str, Any]:
    """Return what is in use of a cell."""
    norms, active = np.linalg.norm(dictionary, axis=1), drop > ACTIVE_NATS
    fits = fit_gabors(np.asarray(dictionary, dtype=float).reshape(-1, SIZE, SIZE))
    like = (fits["r2"] > 0.7) & (fits["participation_ratio"] >= 6)
    residual = shown - code @ dictionary
    return {
        "active": int(active.sum()),
        "active_norm": int((norms > norms.max() / 2).sum()),
        "active_gabor": int((like & active).sum()),
        "snr_db": 10 * np.log10((shown**2).sum() / (residual**2).sum()),
        "answering": float(np.mean(code != 0)),
    }


if __name__ == "__main__":
    main()
