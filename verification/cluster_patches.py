"""Clusters of photographs' patches, which have no classes: are they the same again, and do they bear a small step?

Printed by ``python verification/clusters.py --patches``. Networks of several seeds learn from patches of their own, of
eighteen of Kodak's photographs; the clusters of the same patches of the other six are compared between every two seeds
(adjusted Rand index: 0 by chance, 1 for the same clusters). A patch moved by one pixel should stay in its cluster
(Cohen's kappa, 0 by chance). And how many groups the graph of neurons has beyond chance (`cluster_neurons`, seed 0):
1 is none.
"""

import os
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cluster_codes import Floats, Split, learned, nearest_centres
from cluster_tables import interval
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, cohen_kappa_score

from neurosim.analysis import cluster_neurons, rate_smoothness
from neurosim.stimuli import OlshausenField, filter_images, sample_patches

N_FIELDS, N_CLUSTERS, SIZE = 256, 10, 12
N_TRAIN, N_TEST, N_LEARNED_FROM = 6000, 2000, 18
N_STARTS = 10
LEVELS = (10.0,)  # active neurons for each held-out patch, on average
# Of each model's knob; set by that number alone (`cluster_settings.py`), and those between which it was found.
VALUES = {"WLSC, converged": (0.0564,), "l1, converged": (0.19,), "K-Deep Simplex, converged": (0.065,)}
TRIED = {
    "WLSC, converged": (0.04, 0.06, 0.08),
    "l1, converged": (0.2, 0.4),
    "K-Deep Simplex, converged": (0.03, 0.06, 0.1),
}


def patch_table(n_seeds: int) -> pd.DataFrame:
    """Return a row for every model and level."""
    rows = [_row(model, level, n_seeds) for model in (*VALUES, "nearest centres") for level in LEVELS]
    return pd.DataFrame([*rows, _row("pixels: k-means", np.nan, n_seeds)])


def _row(model: str, level: float, n_seeds: int) -> dict[str, Any]:
    seeds = pd.DataFrame(list(_seeds(model, level, n_seeds)))
    row: dict[str, Any] = {"model": model, "level": level, "n_seeds": n_seeds}
    for value in ("active", "unanswered", "groups", "smoothness", "smoothness_stimuli"):
        row[value] = seeds[value].mean() if value in seeds else np.nan
    row["kappa"], row["kappa_low"], row["kappa_high"] = interval(seeds["kappa"])
    pairs = [_same(*pair) for pair in combinations(seeds["clusters"], 2)]
    row |= {"rand": np.mean(pairs), "rand_least": np.min(pairs), "rand_most": np.max(pairs)}
    print(row, flush=True)
    return row


def _same(first: Floats, second: Floats) -> float:
    """Compare clusters of the patches that both networks respond to."""
    both = (first >= 0) & (second >= 0)
    return float(adjusted_rand_score(first[both], second[both]))


def _seeds(model: str, level: float, n_seeds: int) -> Iterator[dict[str, Any]]:
    here, moved = held_out()
    for seed in range(n_seeds):
        both = Split(training(seed), np.concatenate([here, moved]))
        if model == "pixels: k-means":
            found = KMeans(N_CLUSTERS, n_init=N_STARTS, random_state=seed).fit(both.train).predict(both.test)
            values: dict[str, Any] = {}
        else:
            codes = _codes(model, level, seed, both)
            found, values = _clustered(codes, seed)
            smooth = rate_smoothness(here, codes.test[: len(here)], rng=seed)
            values |= {"smoothness": smooth["smoothness"], "smoothness_stimuli": smooth["stimuli"]}
        first, second = found[: len(here)], found[len(here) :]
        both_answered = (first >= 0) & (second >= 0)
        kappa = cohen_kappa_score(first[both_answered], second[both_answered])
        yield values | {"clusters": first, "kappa": kappa}


def _codes(model: str, level: float, seed: int, both: Split) -> Split:
    if model == "nearest centres":
        return nearest_centres(both, seed, n_fields=N_FIELDS)(round(level))
    value = VALUES[model][LEVELS.index(level)]
    return learned(model, both.train, value, seed, n_fields=N_FIELDS).read(both, value)


def _clustered(codes: Split, seed: int) -> tuple[Floats, dict[str, Any]]:
    """Cluster held-out patches through the graph of training patches; one that nothing responds to is -1."""
    how: Any = {"rng": np.random.default_rng(seed), "isolated": "leave_out"}
    graph = cluster_neurons(codes.train, n_clusters=N_CLUSTERS, **how)
    places = codes.test.astype(float) @ graph.embedding
    length = np.linalg.norm(places, axis=1, keepdims=True)
    answered = length[:, 0] > 0
    found = np.full(len(places), -1, dtype=np.int64)
    found[answered] = (
        KMeans(N_CLUSTERS, n_init=N_STARTS, random_state=seed)
        .fit(places[answered] / length[answered])
        .labels_
    )
    values = {"active": (codes.test != 0).sum(axis=1).mean(), "unanswered": int((~answered).sum())}
    if seed == 0:
        values["groups"] = cluster_neurons(codes.train, **how).n_clusters
    return found, values


@cache
def _photographs(*, learned_from: bool) -> Any:
    path = Path(os.environ["NEUROSIM_DATA"]) / "kodak" / "kodak24_gray_uint8.npz"
    images = [image.astype(float) / 255 for image in np.load(path)["images"]]
    chosen = images[:N_LEARNED_FROM] if learned_from else images[N_LEARNED_FROM:]
    return filter_images(chosen, by=OlshausenField(cutoff=0.4, ramp=0.5))


def _centred(rows: Floats, unit: float) -> Floats:
    return ((rows - rows.mean(axis=1, keepdims=True)) / unit).astype(np.float32)


def training(seed: int) -> Floats:
    """Return patches that a seed learns from, of norm one on average."""
    return _centred(_windows(seed, N_TRAIN, _photographs(learned_from=True), SIZE), _unit())


def held_out() -> tuple[Floats, Floats]:
    """Return the half of patches of other photographs that has more contrast, and the same moved by a pixel."""
    windows = _windows(1000, 2 * N_TEST, _photographs(learned_from=False), SIZE + 1)
    squares = windows.reshape(-1, SIZE + 1, SIZE + 1)[:, :SIZE]
    here, moved = (
        _centred(squares[:, :, step : step + SIZE].reshape(-1, SIZE**2), _unit()) for step in (0, 1)
    )
    # Networks with thresholds are silent for faint patches, the simplex never is.
    strong = np.argsort(-np.linalg.norm(here, axis=1))[:N_TEST]
    return here[strong], moved[strong]


def _windows(seed: int, n: int, images: Any, size: int) -> Floats:
    return sample_patches(images, n_patches=n, size=size, rng=np.random.default_rng(seed), normalise="none")


@cache
def _unit() -> float:
    """Return the root mean square norm of training patches, one number for all."""
    rows = _windows(0, N_TRAIN, _photographs(learned_from=True), SIZE)
    centred = rows - rows.mean(axis=1, keepdims=True)
    return float(np.sqrt(np.square(centred).sum(axis=1).mean()))
