"""How well codes tell classes apart: classifiers, clusters, and blocks of neurons that belong to a class.

Labels of held-out stimuli are used here to count, after everything a network and a classifier does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recipes.run_sections import LinkedSection
from neurosim.stimuli.kinds.stimuli import Labels

# Neighbours that purity is measured on, fewer where there are fewer stimuli; t-SNE's, likewise.
_NEIGHBOURS, _PERPLEXITY = 10, 30.0


class Points(NamedTuple):
    """Stimuli as a classifier sees them: codes, or what was shown itself."""

    training: NDArray[np.floating]
    """Shape (n_train, n)."""
    held_out: NDArray[np.floating]
    """Shape (n_test, n)."""


class Panels(NamedTuple):
    """The same held-out stimuli in several planes."""

    coordinates: dict[str, dict[str, NDArray[np.float64]]]
    """By figure (``"pca"``, ``"tsne"``) and input, shape (n_drawn, 2) each."""
    labels: NDArray[np.int64]
    """Shape (n_drawn,)."""


def classified(
    points: Mapping[str, Points], *, labels: Labels, section: LinkedSection, rng: np.random.Generator
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what classifiers get right, as numbers of `summary.json` and as a table.

    Parameters
    ----------
    points : mapping of str to Points
        ``"code"`` and, to compare with, ``"raw"``; searches draw the same stimuli for both.
    labels : Labels
        Classes.
    section : LinkedSection
        Which classifiers, and how their settings are found.
    rng : numpy.random.Generator
        Draws the stimuli that settings are searched on.

    Returns
    -------
    metrics : dict
        ``accuracy_<classifier>``, with ``_raw`` after it for the stimuli themselves.
    table : DataFrame
        The ``input`` and the columns of `neurosim.analysis.codes.classification.classify`.
    """
    from neurosim.analysis.codes.classification import classify

    seed = int(rng.integers(2**32))
    metrics: dict[str, Any] = {}
    tables = []
    for name, each in points.items():
        table = classify(
            each.training,
            labels.training,
            each.held_out,
            labels.held_out,
            rng=np.random.default_rng(seed),
            classifiers=section.classifiers,
            style=section.style,
            n_search=section.n_search,
        )
        table.insert(0, "input", name)
        tables.append(table)
        accuracies = zip(table["classifier"], table["accuracy"], strict=True)
        metrics |= {f"accuracy_{reader}{_suffix(name)}": float(share) for reader, share in accuracies}
    return metrics, pd.concat(tables, ignore_index=True)


def separated(
    points: Mapping[str, Points], *, labels: Labels, rng: np.random.Generator, silence: float = 0.0
) -> dict[str, Any]:
    """Return how far classes lie apart among held-out stimuli, with labels shuffled as a control.

    Parameters
    ----------
    points : mapping of str to Points
        ``"code"`` and ``"raw"``, measured on the same stimuli: those that some neuron answers.
    labels : Labels
        Classes.
    rng : numpy.random.Generator
        Draws stimuli, where there are many, and shuffles.
    silence : float
        Activity up to which a neuron does not answer.

    Returns
    -------
    dict
        By the names of `summary.json`; NaN where too few stimuli are answered.
    """
    from neurosim.analysis.codes.clusters import cluster_separation

    heard = np.any(np.abs(points["code"].held_out) > silence, axis=1)
    classes = labels.held_out[heard]
    seed = int(rng.integers(2**32))
    metrics: dict[str, Any] = {"silent_stimuli": int((~heard).sum())}
    for name, each in points.items():
        found = {}
        if 2 <= len(np.unique(classes)) < len(classes):
            k = min(_NEIGHBOURS, len(classes) - 1)
            own = np.random.default_rng(seed)
            found = cluster_separation(each.held_out[heard], classes, rng=own, k=k).to_dict()
        suffix = _suffix(name)
        metrics[f"silhouette{suffix}"] = float(found.get("silhouette", np.nan))
        metrics[f"neighbour_purity{suffix}"] = float(found.get("purity", np.nan))
        if name == "code":
            metrics["silhouette_shuffled"] = float(found.get("shuffled_silhouette", np.nan))
            metrics["neighbour_purity_shuffled"] = float(found.get("shuffled_purity", np.nan))
    return metrics


def in_blocks(
    code: NDArray[np.floating],
    *,
    classes: NDArray[np.int64],
    block_of: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return how much activity falls into the block of the right class, and by chance.

    Parameters
    ----------
    code : ndarray (n_test, n_neurons)
        Answer to held-out stimuli.
    classes : ndarray (n_test,)
        Index of each stimulus's class, as the blocks count.
    block_of : ndarray (n_neurons,)
        Class each neuron belongs to, -1 for none.
    rng : numpy.random.Generator
        Shuffles labels.

    Returns
    -------
    metrics : dict
        By the names of `summary.json`.
    table : DataFrame
        One row per class, one for all of them, and one for the mean over shuffles.
    """
    from neurosim.analysis.codes.blocks import block_purity, shuffled_block_purity

    table = block_purity(code, classes, block_of)
    shuffled = shuffled_block_purity(code, classes, block_of, rng=rng).mean()
    metrics = {
        "block_purity": float(table["purity"]["all"]),
        "block_purity_shuffled": float(shuffled["purity"]),
        "block_accuracy": float(table["block_accuracy"]["all"]),
        "block_accuracy_shuffled": float(shuffled["block_accuracy"]),
    }
    chance = pd.DataFrame(shuffled).T.rename(index={0: "shuffled"}).assign(n=len(code))
    return metrics, pd.concat([table, chance]).rename_axis("class").reset_index()


def embedded(
    points: Mapping[str, Points], *, labels: Labels, n_points: int, rng: np.random.Generator
) -> Panels | None:
    """Return held-out stimuli in the plane, or None where too few are asked for, or all are alike.

    Parameters
    ----------
    points : mapping of str to Points
        ``"code"`` and ``"raw"``; the same stimuli are drawn of each. One whose points are all alike, as the
        code of a silent network, is left out.
    labels : Labels
        Classes.
    n_points : int
        How many stimuli at most.
    rng : numpy.random.Generator
        Draws them, and t-SNE's seed.
    """
    from neurosim.analysis.codes.embedding import pca, tsne
    from neurosim.analysis.codes.point_scale import all_alike

    n_drawn = min(n_points, len(labels.held_out))
    if n_drawn < 5:
        return None
    drawn = np.sort(rng.choice(len(labels.held_out), n_drawn, replace=False))
    seed = int(rng.integers(2**32))
    perplexity = min(_PERPLEXITY, (n_drawn - 1) / 3)
    planes: dict[str, dict[str, NDArray[np.float64]]] = {"pca": {}, "tsne": {}}
    for name, each in points.items():
        rows = each.held_out[drawn]
        if all_alike(rows):  # points that are all alike have no directions to be drawn in
            continue
        own = np.random.default_rng(seed)
        planes["pca"][name] = pca(rows).coordinates
        planes["tsne"][name] = tsne(rows, rng=own, max_points=n_drawn, perplexity=perplexity).coordinates
    return Panels(planes, labels.held_out[drawn]) if planes["pca"] else None


def _suffix(name: str) -> str:
    return "" if name == "code" else f"_{name}"
