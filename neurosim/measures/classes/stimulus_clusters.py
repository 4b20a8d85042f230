"""Clusters of stimuli, found without labels through the graph of neurons that are active together."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from neurosim.measures.classes.classification import Points
from neurosim.measures.context import Context
from neurosim.registry.measure import Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import Labels


def clustered_stimuli(code: Points, *, labels: Labels, rng: np.random.Generator) -> dict[str, Any]:
    """Cluster stimuli into as many clusters as there are classes, and count; by the names of `summary.json`.

    The graph is that of the codes of the stimuli learned from. A stimulus that no neuron of it responds to counts
    as wrong. NaN where fewer neurons or stimuli than classes are connected.
    """
    from neurosim.analysis.codes.neuron_clusters import cluster_neurons, cluster_stimuli, clustering_accuracy

    n_clusters = len(np.unique(labels.training))
    names = ("clustering_accuracy", "clustering_accuracy_train", "clustering_accuracy_shuffled")
    active = code.training != 0
    connected = active[active.sum(axis=1) > 1].any(axis=0)
    responding = [(rows[:, connected] != 0).any(axis=1).sum() for rows in code]
    if min(connected.sum(), *responding) < n_clusters:
        return dict.fromkeys(names, float("nan"))
    graph = cluster_neurons(code.training, rng=rng, n_clusters=n_clusters, isolated="leave_out")
    trained, held_out = (
        cluster_stimuli(rows, graph.embedding, n_clusters=n_clusters, rng=rng, isolated="leave_out")
        for rows in code
    )
    values = (
        clustering_accuracy(labels.held_out, held_out),
        clustering_accuracy(labels.training, trained),
        clustering_accuracy(rng.permutation(labels.held_out), held_out),
    )
    return dict(zip(names, values, strict=True))


def _applies(context: Context) -> bool:
    return context.network is not None and context.labels is not None and context.recipe.linked.clustering


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    assert context.labels is not None
    code = Points(context.training_code, context.code)
    return Measured(metrics=clustered_stimuli(code, labels=context.labels, rng=rng))


def _sentences(run: RunFolder) -> Iterator[str]:
    right, chance = (run.number(f"clustering_accuracy{suffix}") for suffix in ("", "_shuffled"))
    if right is not None and chance is not None:
        words = f"put {right:.1%} of the held-out stimuli with their class ({chance:.1%} by chance)"
        yield f"Clusters found without labels, through the graph of neurons active together, {words}."


STIMULUS_CLUSTERS = Measure(
    name="stimulus_clusters",
    applies=_applies,
    compute=_compute,
    step=lambda context: "clustering stimuli through the neurons that respond to them",
    metrics={
        "clustering_accuracy": Metric(
            "fraction",
            "Share of the held-out stimuli in the cluster of their class: clusters are found without labels, through "
            "the graph of neurons active together on training stimuli, as many as there are classes, and matched one "
            "to one.",
        ),
        "clustering_accuracy_train": Metric("fraction", "The same for the stimuli learned from."),
        "clustering_accuracy_shuffled": Metric(
            "fraction", "The same for held-out stimuli with labels shuffled: what chance gives."
        ),
    },
    sentences=_sentences,
)
