"""Groups of neurons that are active together, and groups of stimuli found through them."""

import warnings
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import checked_labels, finite_matrix
from neurosim.analysis.codes.point_scale import each_in_range, in_range
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "Isolated",
    "NeuronClusters",
    "cluster_neurons",
    "cluster_stimuli",
    "clustering_accuracy",
    "coactivity",
]

Isolated = Literal["refuse", "leave_out"]
Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_MOST_NAMED = 10  # neurons or stimuli listed in a message


class NeuronClusters(NamedTuple):
    """Neurons grouped by whom they are active with."""

    labels: Labels
    """Cluster of each neuron, from 0; -1 for one left out. Shape (n_neurons,)."""
    n_clusters: int
    """Given, or chosen by the eigengap."""
    eigenvalues: Floats
    """Of the normalised Laplacian, rising, from 0 to 2; one per neuron that is not left out."""
    embedding: Floats
    """Coordinates of the neurons in the graph, shape (n_neurons, n_clusters); zeros for one left out."""
    isolated: Labels
    """Neurons left out, since they are never active together with another one."""


def coactivity(code: ArrayLike) -> Floats:
    r"""Return how strongly neurons are active together, :math:`|X|^\top |X|`.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; a signed code counts by its magnitude.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        0 or more, symmetric, in the square of the code's unit.

    Raises
    ------
    ValueError
        If the code has a wrong shape or is not finite.

    Examples
    --------
    >>> coactivity([[1.0, -2.0, 0.0], [0.0, 1.0, 1.0]])
    array([[1., 2., 0.],
           [2., 5., 1.],
           [0., 1., 1.]])
    """
    magnitude = np.abs(finite_matrix("code", code)).astype(np.float64)
    return np.asarray(magnitude.T @ magnitude)


def cluster_neurons(
    code: ArrayLike,
    *,
    rng: Randomness,
    n_clusters: int | None = None,
    max_clusters: int = 20,
    n_shuffles: int = 19,
    isolated: Isolated = "refuse",
) -> NeuronClusters:
    r"""Cluster neurons spectrally, from the graph of their co-activity.

    With C of `coactivity` and D its row sums, the eigenvectors u of :math:`1 - D^{-1/2} C D^{-1/2}` with the
    smallest eigenvalues give the embedding :math:`D^{-1/2} u`; its rows, of unit length, go through k-means.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; a signed code counts by its magnitude.
    rng : numpy.random.Generator or int
        Starts k-means, and shuffles.
    n_clusters : int, optional
        Default by the eigengap: after the k-th smallest eigenvalue, k from 2 to `max_clusters`, comes the largest
        step. The step after the first, which every connected graph has, is no choice; in its place stands the
        control: k is 1 unless the step is larger than any such step of the shuffled codes.
    max_clusters : int
        Most clusters to choose from; fewer if there are fewer neurons.
    n_shuffles : int, 1 or more
        Codes in which every neuron's activity is dealt out anew over the stimuli, so that none are active together
        but by chance: 19 for a level of 5 %.
    isolated : {"refuse", "leave_out"}
        What to do with neurons that are never active together with another one: each would be a cluster of its own.

    Returns
    -------
    NeuronClusters

    Raises
    ------
    ValueError
        If the code has a wrong shape or is not finite, neurons are isolated and to be refused, fewer than two are
        left, or there are fewer of them than clusters.

    References
    ----------
    Ng, Jordan & Weiss 2001, NIPS 14:849. von Luxburg 2007, Stat Comput 17:395, doi:10.1007/s11222-007-9033-z (the
    eigengap).

    Examples
    --------
    >>> together = np.kron(np.eye(2), np.ones((5, 3)))  # neurons 0-2 and 3-5, never across
    >>> clusters = cluster_neurons(together, rng=np.random.default_rng(0))
    >>> clusters.n_clusters, bool(clusters.labels[0] == clusters.labels[2] != clusters.labels[3])
    (2, True)
    """
    rng = generator(rng)
    _known(isolated)
    active = _in_range(finite_matrix("code", code))
    graph = coactivity(active)
    alone = np.flatnonzero(graph.sum(axis=1) - np.diag(graph) <= 0)
    if len(alone) and isolated == "refuse":
        raise ValueError(
            f"expected neurons that are active together with others, got {_named(alone)} of {len(graph)} that never "
            "are: leave them out with isolated='leave_out' and say how many"
        )
    kept = np.setdiff1d(np.arange(len(graph)), alone)
    if len(kept) < 2 or (n_clusters is not None and not 1 <= n_clusters <= len(kept)):
        raise ValueError(
            f"expected from one cluster up to as many as there are connected neurons, got {n_clusters} for {len(kept)}"
        )
    if max_clusters < 1 or n_shuffles < 1:
        raise ValueError(
            f"expected one cluster and one shuffle or more, got {max_clusters=} and {n_shuffles=}"
        )
    eigenvalues, vectors = _normalised_laplacian(graph[np.ix_(kept, kept)])
    number = n_clusters
    if number is None:
        number, step = _eigengap(eigenvalues, max_clusters)
        number = number if step > _chance_step(active[:, kept], max_clusters, n_shuffles, rng) else 1
    embedding = np.zeros((len(graph), number))
    embedding[kept] = vectors[:, :number]
    labels = np.full(len(graph), -1, dtype=np.int64)
    labels[kept] = _k_means(embedding[kept], number, rng)
    return NeuronClusters(labels, number, eigenvalues, embedding, alone.astype(np.int64))


def cluster_stimuli(
    code: ArrayLike,
    embedding: ArrayLike,
    *,
    n_clusters: int,
    rng: Randomness,
    isolated: Isolated = "refuse",
) -> Labels:
    """Cluster stimuli through the neurons that respond: size of activity times embedding, unit rows, k-means.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; a signed code counts by its magnitude.
    embedding : array_like, shape (n_neurons, n_dimensions)
        Of the neurons, from `cluster_neurons` (with as many clusters as are wanted here).
    n_clusters : int, 1 or more
        Clusters of stimuli.
    rng : numpy.random.Generator or int
        Starts k-means.
    isolated : {"refuse", "leave_out"}
        What to do with stimuli to which no neuron of the graph responds: they have no place in it.

    Returns
    -------
    ndarray of int, shape (n_stimuli,)
        Cluster of each stimulus, from 0; -1 for one left out.

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, stimuli have no response and are to be refused, or fewer
        have one than there are clusters.

    References
    ----------
    Tasissa, Tankala, Murphy & Ba 2023, IEEE Trans Image Process 32:3741 (K-Deep Simplex).

    Examples
    --------
    >>> code = np.kron(np.eye(2), np.ones((5, 3)))
    >>> rng = np.random.default_rng(0)
    >>> labels = cluster_stimuli(code, cluster_neurons(code, rng=rng).embedding, n_clusters=2, rng=rng)
    >>> bool(labels[0] == labels[4] != labels[5])
    True
    """
    rng = generator(rng)
    _known(isolated)
    shown = each_in_range(np.abs(finite_matrix("code", code)).astype(np.float64))
    places = finite_matrix("embedding", embedding).astype(np.float64)
    if len(places) != shown.shape[1]:
        raise ValueError(
            f"expected an embedding of the code's {shown.shape[1]} neurons, got one of {len(places)}"
        )
    active = (shown[:, places.any(axis=1)] > 0).any(axis=1)
    if not active.all() and isolated == "refuse":
        raise ValueError(
            f"expected stimuli to which neurons of the graph respond, got {_named(np.flatnonzero(~active))} of "
            f"{len(shown)} that none does: leave them out with isolated='leave_out' and say how many"
        )
    if not 1 <= n_clusters <= active.sum():
        raise ValueError(f"expected from 1 to {active.sum()} clusters of stimuli, got {n_clusters}")
    labels = np.full(len(shown), -1, dtype=np.int64)
    labels[active] = _k_means(shown[active] @ _in_range(places), n_clusters, rng)
    return labels


def clustering_accuracy(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Return the share of stimuli in their class's cluster, clusters and classes being matched one to one.

    Parameters
    ----------
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus.
    clusters : array_like of int, shape (n_stimuli,)
        Cluster of each; negative for one left out, which counts as wrong.

    Returns
    -------
    float
        0 to 1, for the matching with the most stimuli (Hungarian method). By chance somewhat above one over the
        number of clusters, since the matching is chosen afterwards.

    Raises
    ------
    TypeError
        If labels or clusters are no integers.
    ValueError
        If there are no stimuli or their numbers differ.

    References
    ----------
    Kuhn 1955, Nav Res Logist Q 2:83, doi:10.1002/nav.3800020109.

    Examples
    --------
    >>> clustering_accuracy([0, 0, 1, 1], [5, 5, 2, 5])
    0.75
    """
    from scipy.optimize import linear_sum_assignment

    given = np.asarray(labels)
    classes = checked_labels("labels", given, n=given.size)
    groups = checked_labels("clusters", clusters, n=given.size)
    if not given.size:
        raise ValueError("expected one stimulus or more, got none")
    kinds, of_class = np.unique(classes, return_inverse=True)
    found, of_group = np.unique(groups, return_inverse=True)
    table = np.zeros((len(kinds), len(found)), dtype=np.int64)
    np.add.at(table, (of_class, of_group), groups >= 0)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / given.size)


def _known(isolated: str) -> None:
    if isolated not in get_args(Isolated):
        raise ValueError(f"expected `isolated` to be refuse or leave_out, got {isolated!r}")


def _in_range(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return values whose products neither overflow nor vanish; a common factor changes no cluster."""
    return in_range(values, centred=False)[0]


def _named(which: NDArray[np.integer]) -> str:
    listed = ", ".join(map(str, which[:_MOST_NAMED]))
    return f"{len(which)} ({listed}{', …' if len(which) > _MOST_NAMED else ''})"


def _normalised_laplacian(graph: Floats) -> tuple[Floats, Floats]:
    """Return its eigenvalues, rising, and the embeddings D^(-1/2) u that belong to them."""
    root = 1 / np.sqrt(graph.sum(axis=1))
    eigenvalues, vectors = np.linalg.eigh(np.eye(len(graph)) - root[:, None] * graph * root)
    return np.clip(eigenvalues, 0, 2), root[:, None] * vectors  # rounding leaves a hair below 0


def _eigengap(eigenvalues: Floats, most: int) -> tuple[int, float]:
    """Return the k of 2 to `most` after which the largest step comes, and the step."""
    steps = np.diff(eigenvalues[1 : most + 1])
    return (int(np.argmax(steps)) + 2, float(steps.max())) if len(steps) else (1, 0.0)


def _chance_step(code: NDArray[np.generic], most: int, n_shuffles: int, rng: np.random.Generator) -> float:
    """Return the largest step of codes whose neurons are active together by chance only."""
    graphs = (
        coactivity(rng.permuted(code, axis=0))
        for _ in counted(range(n_shuffles), "clusters of shuffled neurons")
    )
    return max(_eigengap(_normalised_laplacian(graph)[0], most)[1] for graph in graphs)


def _k_means(points: Floats, n_clusters: int, rng: np.random.Generator) -> Labels:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    from neurosim._turns import single_threaded

    # Of a graph's own embedding no row is zero: the first coordinate, that of eigenvalue 0, is positive or another one
    # of its kind is. Others' may be.
    rows = each_in_range(points)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    with single_threaded(), warnings.catch_warnings():  # sums over threads round differently each time
        warnings.simplefilter("ignore", ConvergenceWarning)  # of points that coincide, told below
        model = KMeans(n_clusters, n_init=10, random_state=int(rng.integers(2**31))).fit(unit)
    labels = np.asarray(model.labels_, dtype=np.int64)
    found = len(np.unique(labels))
    if found < n_clusters:
        warnings.warn(
            f"{len(points)} points fell into {found} clusters, not {n_clusters}: so many of them coincide; ask for "
            "fewer clusters",
            ConvergenceWarning,
            stacklevel=3,
        )
    return labels
