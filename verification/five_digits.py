"""Five digits of MNIST clustered through neurons that are active together: the K-Deep Simplex and its controls.

Printed by ``python verification/wlsc.py --kds``. Every model ties a digit to about two of 200 fields; the graph of
fields comes from the training digits, both sets are placed on it, and k-means makes five clusters. Labels only name the
clusters afterwards. The controls say what the simplex, its learning, a network and the graph add.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

from neurosim.analysis.codes.neuron_clusters import cluster_neurons, cluster_stimuli, clustering_accuracy
from neurosim.networks import WLSC
from neurosim.stimuli import load_mnist, unit_norm

DIGITS = (0, 1, 3, 6, 7)
N_FIELDS = 200
Images = dict[str, NDArray[Any]]
_COMMON = {"batch_size": 200, "learning_rate_schedule": "cosine"}
_SIMPLEX = {"code": "simplex", "locality": 1.0, "presentation": "100 ms", "locality_ramp": 0.0}
# Its threshold was chosen so that as many neurons are active as on the simplex, on 8,000 training digits.
_L1 = {"locality": 0.0, "norm": "unit", "threshold": 0.6, "n_epochs": 3, "learning_rate": 0.5}


def five_digits() -> tuple[Images, Images]:
    """Return the images of both splits, one digit a row, and their labels."""
    splits = {name: load_mnist(name) for name in ("train", "test")}
    own = {name: np.isin(split.labels, DIGITS) for name, split in splits.items()}
    images = {name: split.flat[own[name]].astype(np.float32) for name, split in splits.items()}
    return images, {name: split.labels[own[name]] for name, split in splits.items()}


def simplex(images: Images, seed: int) -> Images:
    """Return codes of the K-Deep Simplex with the published size."""
    net = WLSC(N_FIELDS, **_COMMON | _SIMPLEX, n_epochs=2, learning_rate=1.0, random_state=seed)
    net.fit(images["train"])
    return {name: net.transform(rows) for name, rows in images.items()}


def unlearned_simplex(images: Images, seed: int) -> Images:
    """Return codes on the simplex of 200 of the digits, as they are."""
    fields = np.random.default_rng(seed).choice(images["train"], N_FIELDS, replace=False)
    net = WLSC.from_dictionary(fields, **_SIMPLEX, random_state=seed)
    return {name: net.transform(rows) for name, rows in images.items()}


def plain_l1(images: Images, seed: int) -> Images:
    """Return ℓ1 codes of the same circuit, of digits at unit norm: its sparseness depends on the norm."""
    scaled = {name: unit_norm(rows) for name, rows in images.items()}
    net = WLSC(N_FIELDS, **_COMMON | _L1, random_state=seed).fit(scaled["train"])
    return {name: net.transform(rows) for name, rows in scaled.items()}


def nearest_two_centres(images: Images, seed: int) -> Images:
    """Tie every digit to the two nearest of 200 centres of k-means, equally: no network."""
    centres = KMeans(N_FIELDS, n_init=1, random_state=seed).fit(images["train"]).cluster_centers_
    finder = NearestNeighbors(n_neighbors=2).fit(centres)
    codes = {name: np.zeros((len(rows), N_FIELDS)) for name, rows in images.items()}
    for name, rows in images.items():
        np.put_along_axis(codes[name], finder.kneighbors(rows, return_distance=False), 0.5, axis=1)
    return codes


CODES: dict[str, Callable[[Images, int], Images]] = {
    "kds": simplex,
    "kds, not learned": unlearned_simplex,
    "l1": plain_l1,
    "two of 200 centres": nearest_two_centres,
}
MODELS = (*CODES, "k-means on pixels")


def clustered(model: str, seed: int) -> dict[str, Any]:
    """Return how well the clusters of a model are the classes, as a row."""
    images, labels = five_digits()
    row: dict[str, Any] = {"arm": model, "seed": seed}
    if model in CODES:
        row |= _through_the_graph(CODES[model](images, seed), labels, seed)
    else:
        by_pixels = KMeans(len(DIGITS), n_init=10, random_state=seed).fit(images["train"])
        for name, rows in images.items():
            row[f"accuracy_{name}"] = clustering_accuracy(
                labels[name], by_pixels.predict(rows).astype(np.int64)
            )
    print(row, flush=True)
    return row


def _through_the_graph(codes: Images, labels: Images, seed: int) -> dict[str, Any]:
    how: Any = {"n_clusters": len(DIGITS), "isolated": "leave_out"}
    graph = cluster_neurons(codes["train"], rng=np.random.default_rng(seed), **how)
    row: dict[str, Any] = {"neurons_apart": len(graph.isolated)}
    for name, code in codes.items():
        found = cluster_stimuli(code, graph.embedding, rng=np.random.default_rng(seed), **how)
        # A digit to which no neuron responds counts as wrong.
        row[f"accuracy_{name}"] = clustering_accuracy(labels[name], found)
        row[f"mean_active_{name}"] = (code > 1e-3).sum(axis=1).mean()
        row[f"unanswered_{name}"] = int((found < 0).sum())
    return row


def table_of(have: pd.DataFrame, n_seeds: int) -> pd.DataFrame:
    """Return a row for every model and seed: those that stand in the table, and what was missing."""
    stands = set(zip(have.get("arm", ()), have.get("seed", ()), strict=True))
    missing = [(model, seed) for model in MODELS for seed in range(n_seeds) if (model, seed) not in stands]
    today = pd.Timestamp.now("UTC").date().isoformat()
    rows = [clustered(model, seed) | {"date": today} for model, seed in missing]
    return pd.concat([have, pd.DataFrame(rows)], ignore_index=True) if rows else have
