"""Codes in the plane: principal components and t-SNE, the same every time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import finite_matrix
from neurosim.analysis.codes.point_scale import all_alike, in_range
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
        ``coordinates`` of all points, shape (n_stimuli, n), in the unit of the points, the mean at the origin, where
        points that are all alike lie. The sign of each component makes the largest of its weights positive.

    Raises
    ------
    ValueError
        If the points have a wrong shape or are not finite, there are not `n` components, or the coordinates do not fit
        double precision.

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
    everyone = np.arange(len(rows))
    if all_alike(rows):
        return Embedding(np.zeros((len(rows), n)), everyone)
    scaled, exponent = in_range(rows)
    fitted = PCA(n_components=n, svd_solver="full").fit(scaled)
    found = np.asarray(fitted.transform(scaled), dtype=np.float64)
    with np.errstate(over="ignore"):
        coordinates = np.ldexp(found, exponent)
    if not np.isfinite(coordinates).all():
        raise ValueError(
            f"expected points whose distances fit double precision, got values up to {np.abs(rows).max():.3g}: "
            "divide them first"
        )
    return Embedding(coordinates, everyone)


def tsne(
    points: ArrayLike, *, rng: Randomness, max_points: int = 2000, perplexity: float = 30.0
) -> Embedding:
    """Place points in the plane so that neighbours stay neighbours.

    Distances between clusters, their sizes and their densities mean nothing in the result: measure separation
    in the space itself, with `neurosim.analysis.codes.clusters`.

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
        If the points have a wrong shape or are not finite, those drawn are all alike, or the perplexity is not below
        their number.

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

    from neurosim._turns import single_threaded

    rows = finite_matrix("points", points)
    n_drawn = min(len(rows), max_points)
    if not 0 < perplexity < n_drawn or rows.shape[1] < 2:
        raise ValueError(
            f"expected more points than the perplexity, {perplexity:g}, in two dimensions or more, got {n_drawn} "
            f"in {rows.shape[1]}: draw more points or lower the perplexity"
        )
    drawn = np.sort(rng.choice(len(rows), n_drawn, replace=False))
    if all_alike(rows[drawn]):  # which the solver does not survive
        raise ValueError(
            f"expected points that differ, got {n_drawn} that are all alike, as the codes of a silent population are: "
            "leave them out, or lower the threshold of the network"
        )
    chosen, _ = in_range(rows[drawn])  # only ratios of distances count
    solver = TSNE(perplexity=perplexity, init="pca", random_state=int(rng.integers(2**31)))
    with single_threaded():  # sums over threads round differently each time, and t-SNE is chaotic
        coordinates = solver.fit_transform(chosen)
    return Embedding(np.asarray(coordinates, dtype=np.float64), drawn)
