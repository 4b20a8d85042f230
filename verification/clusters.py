"""Do sparse codes put digits in the clusters of their classes, and is it the simplex, the penalty or the sparseness?

    NEUROSIM_DATA=… python verification/clusters.py [--seeds 5] [--settings | --patches]

The MNIST digits 0, 1, 3, 6 and 7 are clustered without labels, as for the K-Deep Simplex: neurons by whom they are
active with on the training digits, test digits through the neurons that respond to them, in as many clusters as there
are classes. Labels match clusters with classes afterwards, one to one (Hungarian method). Models are compared at the
same mean number of active neurons, `LEVELS`; their knobs are set without labels (``--settings``,
`cluster_settings.py`). Of twenty starts of k-means that with the least inertia counts; what the others give is kept
too. Controls: the same fields with the other sparseness, centres of k-means without a network, and pixels.

The same codes: does a neuron prefer a class (`class_selectivity`), and are rates smooth over similar digits
(`rate_smoothness`)?

``--patches`` asks of photographs, which have no classes, whether clusters are the same for networks that learned from
other patches, and whether a patch stays in its cluster when it is moved by a pixel (`cluster_patches.py`).

Rows are added to ``clusters.csv`` as they come and not computed again while they stand there; then follow
``clusters_means.csv`` (mean over seeds, 95 % interval by Student's t), ``clusters_differences.csv`` (paired by seed)
and ``clusters.png``.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from cluster_codes import (
    AS_PUBLISHED,
    DIGITS,
    KINDS,
    LEVELS,
    N_FIELDS,
    PUBLISHED,
    Floats,
    Split,
    five_digits,
    learned,
    left_by_steps,
    nearest_centres,
    penalty,
    read,
    shown,
    strongest,
)
from cluster_patches import patch_table
from cluster_settings import settings_table
from cluster_tables import differences, drawn, means
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.metrics import normalized_mutual_info_score

from neurosim.analysis import class_selectivity, cluster_neurons, clustering_accuracy, rate_smoothness
from neurosim.stimuli import unit_norm

HERE = Path(__file__).parent
N_STARTS = 20
N_LEFT = 4  # every so many test digits tell how far from the minimum codes are
N_CROSSED = (
    2  # seeds whose fields are read with the other sparseness and after fewer steps too, and those of pixels
)
N_TRAIN = 10_000  # training digits, other ones for every seed
Row = dict[str, Any]


def main() -> None:
    """Compute what is missing, print the tables and store them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--settings", action="store_true")
    parser.add_argument("--patches", action="store_true")
    options = parser.parse_args()
    if options.settings:
        store(settings_table(HERE / "clusters_settings.csv"), "clusters_settings")
    elif options.patches:
        store(patch_table(options.seeds), "clusters_patches")
    else:
        table = digits_table(options.seeds)
        store(means(table), "clusters_means")
        store(differences(table), "clusters_differences")
        drawn(table).savefig(HERE / "clusters.png", dpi=110)


def digits_table(n_seeds: int) -> pd.DataFrame:
    """Return the rows of all models and seeds: those that stand in the table, and what was missing."""
    path = HERE / "clusters.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame({"model": [], "level": [], "seed": []})
    for group, seed, rows in _groups(n_seeds):
        if ((table.get("group") == group) & (table.seed == seed)).any():
            continue
        found = {"seed": seed, "group": group, "date": datetime.now(UTC).date().isoformat()}
        new = pd.DataFrame([row | found for row in rows()])
        print(new.to_string(index=False, float_format="%.3f"), flush=True)
        table = pd.concat([table, new], ignore_index=True)
        table.to_csv(path, index=False, float_format="%.5g")
    return table


def _groups(n_seeds: int) -> Iterator[tuple[str, int, Callable[[], Iterator[Row]]]]:
    """Yield what is computed together, seed by seed."""
    for seed in range(n_seeds):
        for model, level in product(KINDS, LEVELS):
            yield f"{model} {level:g}", seed, partial(from_network, model, level, seed)
        yield "published", seed, partial(published, seed)
        yield "no network", seed, partial(no_network, seed)


def digits(seed: int) -> Split:
    """Return the training digits of a seed, and all test digits."""
    images, _ = five_digits()
    chosen = np.random.default_rng(seed).choice(len(images.train), N_TRAIN, replace=False)
    return Split(images.train[chosen], images.test)


def from_network(model: str, level: float, seed: int) -> Iterator[Row]:
    """Yield the rows of a network: its codes, their two strongest, and its fields with the other sparseness."""
    given, kind = shown(model, digits(seed)), KINDS[model]
    values = dict(zip(LEVELS, kind.at_levels, strict=True))
    net = learned(model, given.train, values[level], seed)
    codes = net.read(given, values[level])
    row = {"model": model, "level": level} | measured(codes, seed)
    if kind.converged and seed < N_CROSSED:
        row |= left_by_steps(net.fields, given.test[::N_LEFT], penalty(model, values[level]))
    yield row
    if level == LEVELS[-1]:
        yield {"model": f"{model}, its two strongest", "level": level} | measured(strongest(codes, 2), seed)
    # Learning is over: only the code changes.
    if level in (LEVELS[0], LEVELS[-1]) and seed < N_CROSSED:
        other = LEVELS[-1] if level == LEVELS[0] else LEVELS[0]
        row = {"model": f"{model}, fields learned at {level:g}", "level": other}
        yield row | measured(net.read(given, values[other]), seed)


def published(seed: int) -> Iterator[Row]:
    """Yield the K-Deep Simplex with its published λ, and what makes as many neurons active, all converged."""
    for model, value in AS_PUBLISHED.items():
        given = shown(model, digits(seed))
        net = learned(model, given.train, value, seed)
        row = {"model": model, "level": PUBLISHED} | measured(net.read(given, value), seed)
        if seed < N_CROSSED:
            row |= left_by_steps(net.fields, given.test[::N_LEFT], penalty(model, value))
        yield row


def no_network(seed: int) -> Iterator[Row]:
    """Yield the rows of what needs no network: centres of k-means, digits as fields, and pixels."""
    images, (_, labels) = digits(seed), five_digits()[1]
    unit = Split(*map(unit_norm, images))
    tied = nearest_centres(unit, seed)
    for level in LEVELS:
        yield {"model": "nearest centres", "level": level} | measured(tied(round(level)), seed)
    own = np.random.default_rng(seed).choice(images.train, N_FIELDS, replace=False)
    row = {"model": "K-Deep Simplex, not learned", "level": LEVELS[0]}
    yield row | measured(read(own, images, penalty("K-Deep Simplex", 1.0)), seed)
    # Only where k-means starts differs from seed to seed here.
    if seed >= N_CROSSED:
        return
    yield {"model": "pixels as neurons"} | measured(images, seed)
    for name, rows in (("pixels", images.test), ("pixels, norm one", unit.test)):
        yield {"model": f"{name}: k-means"} | restarted(rows, labels, seed)
    for level in LEVELS:
        found = SpectralClustering(
            len(DIGITS),
            affinity="nearest_neighbors",
            n_neighbors=round(level) + 1,  # it counts the digit itself
            random_state=seed,
            n_init=N_STARTS,
            eigen_solver="arpack",
        ).fit_predict(unit.test)
        row = {"model": "pixels, norm one: spectral", "level": level}
        yield row | agreement(labels, found.astype(np.int64))


def measured(codes: Split, seed: int) -> Row:
    """Return what is asked of a code: clusters through its graph, preference for classes, smooth rates."""
    images, labels = five_digits()
    graph = cluster_neurons(
        codes.train, rng=np.random.default_rng(seed), n_clusters=len(DIGITS), isolated="leave_out"
    )
    places = codes.test.astype(float) @ graph.embedding
    length = np.linalg.norm(places, axis=1, keepdims=True)
    answered = length[:, 0] > 0
    selective = class_selectivity(codes.test, labels.test, rng=seed)
    smooth = rate_smoothness(unit_norm(images.test), codes.test, rng=seed, max_stimuli=2000)
    row = {
        "active": (codes.test != 0).sum(axis=1).mean(),
        "neurons_apart": len(graph.isolated),
        "unanswered": int((~answered).sum()),
        "selectivity": selective["selectivity"].mean(),
        "selectivity_shuffled": selective["shuffled"].mean(),
        "neurons_silent": int(selective["selectivity"].isna().sum()),
        "smoothness": smooth["smoothness"],
        "smoothness_stimuli": smooth["stimuli"],
        "smoothness_shuffled": smooth["shuffled"],
    }
    return row | restarted(places[answered] / length[answered], labels.test, seed, answered=answered)


def restarted(points: Floats, labels: Floats, seed: int, *, answered: Floats | None = None) -> Row:
    """Return how well the clusters of the start with the least inertia agree with classes, and what others give."""
    here = np.ones(len(labels), dtype=bool) if answered is None else answered
    starts = []
    for start in range(N_STARTS):
        model = KMeans(len(DIGITS), n_init=1, random_state=1000 * seed + start).fit(points)
        found = np.full(len(labels), -1, dtype=np.int64)
        found[here] = model.labels_
        starts.append((model.inertia_, agreement(labels, found)))
    best = min(starts, key=lambda start: start[0])[1]
    every = [row["accuracy"] for _, row in starts]
    low, median, high = np.quantile(every, (0, 0.5, 1))
    return best | {"accuracy_least": low, "accuracy_median": median, "accuracy_most": high}


def agreement(labels: Floats, found: Floats) -> Row:
    """Return accuracy, one cluster for each class, and mutual information, 0 by chance to 1."""
    # A digit to which no neuron responds counts as wrong, and as a cluster of its own kind.
    return {
        "accuracy": clustering_accuracy(labels, found),
        "nmi": normalized_mutual_info_score(labels, found),
    }


def store(table: pd.DataFrame, name: str) -> None:
    """Print a table and keep it beside this file, dated unless its rows are."""
    dated = table if "date" in table else table.assign(date=datetime.now(UTC).date().isoformat())
    dated.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.3f"), flush=True)


if __name__ == "__main__":
    main()
