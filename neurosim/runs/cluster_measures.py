"""Groups of neurons that are active together, and of stimuli through them; labels are used to count alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.response import Response
from neurosim.networks.models import declared
from neurosim.runs.class_measures import Points
from neurosim.runs.code_measures import silence_of
from neurosim.stimuli.kinds.stimuli import Labels

# The eigenvalues of so many neurons, and of their shuffles, still take a few seconds.
_MOST_NEURONS = 1000


def neuron_groups(
    network: Any, answer: Response, *, rng: np.random.Generator
) -> tuple[dict[str, Any], NDArray[np.int64] | None]:
    """Cluster the neurons of a graded network by whom they are active with.

    Parameters
    ----------
    network : estimator
        Fitted; its `merged_neurons_` are counted if it has them, and its `softening_` is silence if it has one.
    answer : Response
        To held-out stimuli. Neurons that are never active together with another one are left out.
    rng : numpy.random.Generator
        Shuffles codes, and starts k-means.

    Returns
    -------
    metrics : dict
        ``clusters``, the number the eigengap finds, 1 if it is none beyond chance, and ``isolated_neurons``, but not
        for a network that spikes, of more than a thousand neurons, or without two that are active together; and
        ``merged_neurons``.
    labels : ndarray (n_neurons,) or None
        Cluster of each neuron, -1 for those left out.
    """
    from neurosim.analysis.codes.neuron_clusters import cluster_neurons

    merged = {"merged_neurons": len(network.merged_neurons_)} if declared(network).has("merges") else {}
    active = np.abs(answer.code) > silence_of(network)
    together = active[active.sum(axis=1) > 1].any(axis=0).sum()
    if answer.own_counts is not None or active.shape[1] > _MOST_NEURONS or together < 2:
        return merged, None
    found = cluster_neurons(np.where(active, answer.code, 0), rng=rng, isolated="leave_out")
    groups = {"clusters": found.n_clusters, "isolated_neurons": len(found.isolated)}
    return merged | groups, found.labels


def clustered_stimuli(code: Points, *, labels: Labels, rng: np.random.Generator) -> dict[str, Any]:
    """Cluster stimuli through the graph of neurons, into as many clusters as there are classes, and count.

    Parameters
    ----------
    code : Points
        The graph is that of the codes of the stimuli learned from, for these as for the held-out ones.
    labels : Labels
        Classes, that neither graph nor clusters know.
    rng : numpy.random.Generator
        Starts k-means, and shuffles labels.

    Returns
    -------
    dict
        ``clustering_accuracy`` of held-out stimuli, ``clustering_accuracy_train`` of those learned from, and
        ``clustering_accuracy_shuffled`` of held-out ones with labels shuffled. A stimulus that no neuron of the graph
        answers counts as wrong. NaN where fewer neurons or stimuli than classes are connected.
    """
    from neurosim.analysis.codes.neuron_clusters import cluster_neurons, cluster_stimuli, clustering_accuracy

    n_clusters = len(np.unique(labels.training))
    names = ("clustering_accuracy", "clustering_accuracy_train", "clustering_accuracy_shuffled")
    active = code.training != 0
    connected = active[active.sum(axis=1) > 1].any(axis=0)
    answered = [(rows[:, connected] != 0).any(axis=1).sum() for rows in code]
    if min(connected.sum(), *answered) < n_clusters:
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
