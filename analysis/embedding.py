"""Codes in the plane: principal components and t-SNE, the same every time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.labelled_input import finite_matrix
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Embedding", "pca", "tsne"]


class Embedding(NamedTuple):
    """Points in few dimensions."""

    coordinates: NDArray[np.float64]
    """Shape (n_drawn, n)."""
    points: NDArray[np.intp]
    """Which rows of the input they are, rising: shape (n_drawn,)."""


def pca(points: ArrayLike, n: int = 2) -> Embedding:
    """Project points on the directions of their largest variance.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n_dimensions)
        Codes or pixels, any unit.
    n : int
        Components.

    Returns
    -------
    Embedding
        ``coordinates`` of all points, shape (n_stimuli, n), in the unit of the points, the mean at the origin.
        The sign of each component makes the largest of its weights positive.

    Raises
    ------
    ValueError
        If the points have a wrong shape or are not finite, or there are not `n` components.

    Examples
    --------
    >>> embedding = pca([[0.0, 0.0], [0.0, 4.0], [1.0, 2.0], [-1.0, 2.0]])
    >>> embedding.coordinates[:, 0].round(6).tolist()
    [-2.0, 2.0, 0.0, 0.0]
    """
    from sklearn.decomposition import PCA

    rows = finite_matrix("points", points)
    if not 1 <= n <= min(rows.shape):
        raise ValueError(f"expected from 1 to {min(rows.shape)} components of points {rows.shape}, got n={n}")
    fitted = PCA(n_components=n, svd_solver="full").fit(rows)
    return Embedding(np.asarray(fitted.transform(rows), dtype=np.float64), np.arange(len(rows)))


def tsne(
    points: ArrayLike, *, rng: Randomness, max_points: int = 2000, perplexity: float = 30.0
) -> Embedding:
    """Place points in the plane so that neighbours stay neighbours.

    Distances between clusters, their sizes and their densities mean nothing in the result: measure separation
    in the space itself, with `neurosim.analysis.clusters`.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n_dimensions)
        Codes or pixels, any unit; distances are Euclidean.
    rng : numpy.random.Generator or int
        Draws the points, if there are more than `max_points`, and the solver's seed. The same seed draws the
        same rows from arrays of equal length, so that codes can be compared stimulus by stimulus.
    max_points : int
        2000 points take about 10 s.
    perplexity : float
        Number of neighbours a point is held to have, below the number of points.

    Returns
    -------
    Embedding
        ``coordinates``, shape (n_drawn, 2), without unit, and ``points``, the rows drawn. Starts from the
        principal components and runs on one thread, so that equal input gives equal output.

    Raises
    ------
    ValueError
        If the points have a wrong shape or are not finite, or the perplexity is not below their number.

    References
    ----------
    van der Maaten & Hinton 2008, J Mach Learn Res 9:2579.

    Examples
    --------
    >>> points = np.random.default_rng(0).normal(size=(40, 5))
    >>> embedding = tsne(points, rng=np.random.default_rng(0), max_points=20, perplexity=5)
    >>> embedding.coordinates.shape, embedding.points.shape
    ((20, 2), (20,))
    """
    rng = generator(rng)
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    rows = finite_matrix("points", points)
    n_drawn = min(len(rows), max_points)
    if not 0 < perplexity < n_drawn or rows.shape[1] < 2:
        raise ValueError(
            f"expected more points than the perplexity, {perplexity:g}, in two dimensions or more, got {n_drawn} "
            f"in {rows.shape[1]}: draw more points or lower the perplexity"
        )
    drawn = np.sort(rng.choice(len(rows), n_drawn, replace=False))
    solver = TSNE(perplexity=perplexity, init="pca", random_state=int(rng.integers(2**31)))
    with threadpool_limits(1):  # sums over threads round differently each time, and t-SNE is chaotic
        coordinates = solver.fit_transform(rows[drawn])
    return Embedding(np.asarray(coordinates, dtype=np.float64), drawn)
