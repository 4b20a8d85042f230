"""How well classes separate in a space of codes or pixels: silhouettes, neighbours, and both by chance."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import Matrix, labelled_rows, stratified_subset
from neurosim.analysis.codes.point_scale import each_in_range, in_range
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Metric", "cluster_separation", "nearest_neighbour_purity", "silhouette"]

Metric = Literal["cosine", "euclidean"]


def silhouette(
    points: ArrayLike,
    labels: ArrayLike,
    *,
    rng: Randomness,
    metric: Metric = "cosine",
    max_points: int = 5000,
) -> float:
    """Compare each point's distance to its own class with that to the nearest other one.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n)
        Codes or pixels, any unit.
    labels : array_like of int, shape (n_stimuli,)
        Class of each point.
    rng : numpy.random.Generator or int
        Draws the points that are used if there are more than `max_points`.
    metric : {"cosine", "euclidean"}
        Distance. Cosine does not see how strong a code is, only which neurons share it.
    max_points : int
        The time goes with the square of the number of points, so at most about this many are used, each class
        in its share.

    Returns
    -------
    float
        Mean over points of (b - a) / max(a, b), a being the mean distance to the point's own class and b that
        to the nearest other one: 1 for tight classes far apart, 0 for classes that overlap, negative if points
        lie nearer to another class. 0 for the only point of a class.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, there is one class only or a class for every point, or a
        point is all zero and the metric cosine.

    References
    ----------
    Rousseeuw 1987, J Comput Appl Math 20:53, doi:10.1016/0377-0427(87)90125-7.

    Examples
    --------
    >>> points = [[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 3.0]]
    >>> silhouette(points, [0, 0, 1, 1], rng=np.random.default_rng(0))
    1.0
    """
    rng = generator(rng)
    return _silhouette(*_sampled(points, labels, metric=metric, max_points=max_points, rng=rng), metric)


def nearest_neighbour_purity(
    points: ArrayLike, labels: ArrayLike, *, k: int = 10, metric: Metric = "cosine"
) -> float:
    """Return the share of points' nearest neighbours that are of the same class.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n)
        Codes or pixels, any unit.
    labels : array_like of int, shape (n_stimuli,)
        Class of each point.
    k : int
        Neighbours of each point, which is not its own neighbour.
    metric : {"cosine", "euclidean"}
        Distance.

    Returns
    -------
    float
        Between 0 and 1; the sum of squared class shares by chance, .1 for ten equal classes. It rises with the
        density of points: compare equally many only.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, there is one class only, `k` is not between 1 and the
        number of other points, or a point is all zero and the metric cosine.

    Examples
    --------
    >>> nearest_neighbour_purity([[0.0], [1.0], [5.0], [6.0]], [0, 0, 1, 0], k=1, metric="euclidean")
    0.5
    """
    rows, classes = labelled_rows(points, labels)
    _measurable(rows, metric)
    return _purity(rows, classes, k, metric)


def cluster_separation(
    points: ArrayLike,
    labels: ArrayLike,
    *,
    rng: Randomness,
    metric: Metric = "cosine",
    k: int = 10,
    max_points: int = 5000,
) -> pd.Series:
    """Measure how well classes separate, and how well they would if labels were dealt out at random.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n)
        Codes or pixels, any unit.
    labels : array_like of int, shape (n_stimuli,)
        Class of each point.
    rng : numpy.random.Generator or int
        Draws the points that are used, then shuffles their labels. The same seed and labels draw the same
        stimuli, so that codes are compared on the same ones.
    metric : {"cosine", "euclidean"}
        Distance.
    k : int
        Neighbours of each point.
    max_points : int
        At most about this many points are used, each class in its share.

    Returns
    -------
    Series
        ``silhouette`` and ``purity`` (as in the functions of these names), ``shuffled_silhouette`` and
        ``shuffled_purity`` (the control: the same points with labels shuffled once) and ``n_points`` used.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        As `silhouette` and `nearest_neighbour_purity`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(100) % 2
    >>> points = rng.normal(size=(100, 3)) + 9 * labels[:, None]
    >>> cluster_separation(points, labels, rng=rng, metric="euclidean")[["purity", "n_points"]].to_dict()
    {'purity': 1.0, 'n_points': 100.0}
    """
    rng = generator(rng)
    rows, classes = _sampled(points, labels, metric=metric, max_points=max_points, rng=rng)
    shuffled = rng.permutation(classes)
    return pd.Series(
        {
            "silhouette": _silhouette(rows, classes, metric),
            "purity": _purity(rows, classes, k, metric),
            "shuffled_silhouette": _silhouette(rows, shuffled, metric),
            "shuffled_purity": _purity(rows, shuffled, k, metric),
            "n_points": float(len(rows)),
        }
    )


def _sampled(
    points: ArrayLike, labels: ArrayLike, *, metric: str, max_points: int, rng: np.random.Generator
) -> tuple[Matrix, NDArray[np.int64]]:
    rows, classes = labelled_rows(points, labels)
    _measurable(rows, metric)
    chosen = stratified_subset(classes, size=max_points, rng=rng)
    return rows[chosen], classes[chosen]


def _measurable(rows: Matrix, metric: str) -> None:
    if metric not in get_args(Metric):
        raise ValueError(f"expected the metric cosine or euclidean, got {metric!r}")
    n_silent = int((~rows.any(axis=1)).sum())
    if metric == "cosine" and n_silent:
        raise ValueError(
            f"expected points with a direction, got {n_silent} of {len(rows)} that are all zero: leave those "
            "stimuli out and say how many, or use metric='euclidean'"
        )


def _silhouette(rows: Matrix, classes: NDArray[np.int64], metric: str) -> float:
    from sklearn.metrics import silhouette_score

    if len(np.unique(classes)) >= len(rows):
        raise ValueError(f"expected classes of several points, got {len(rows)} points each of its own class")
    return float(silhouette_score(_comparable(rows, metric), classes, metric=metric))


def _purity(rows: Matrix, classes: NDArray[np.int64], k: int, metric: str) -> float:
    from sklearn.neighbors import NearestNeighbors

    if not 1 <= k < len(rows):
        raise ValueError(f"expected k from 1 to {len(rows) - 1}, the number of other points, got {k}")
    nearest = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(_comparable(rows, metric))
    neighbours = nearest.kneighbors(return_distance=False)
    return float((classes[neighbours] == classes[:, None]).mean())


def _comparable(rows: Matrix, metric: str) -> Matrix:
    """Return rows whose distances can be squared; cosine sees directions only, and neither measure a common unit."""
    return each_in_range(rows) if metric == "cosine" else in_range(rows)[0]
