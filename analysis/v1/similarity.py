"""How similar the distribution of a property is to the published one, as the V1 property benchmarks measure it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "binned",
    "corrected_score",
    "distribution_similarity",
    "similarity_ceiling",
    "similarity_of_draws",
]

Floats = NDArray[np.float64]
_NORMAL = 1.96  # standard deviations: 95 %
_MOST_EMPTY = 0.1  # share of draws without one value, above which there is no similarity


def binned(values: ArrayLike, edges: ArrayLike) -> NDArray[np.int64]:
    """Return the bin of each value: outer bins take what lies beyond them, and -1 stands for NaN.

    Parameters
    ----------
    values : array_like, shape (n_units,)
    edges : array_like, shape (n_bins + 1,)
        Rising; a value on an edge is in the bin above it, on the last edge in the last bin.

    Returns
    -------
    ndarray of int, shape (n_units,)

    Examples
    --------
    >>> binned([-3.0, 0.5, 1.0, 2.0, np.nan], [0, 1, 2])
    array([ 0,  0,  1,  1, -1])
    """
    array, borders = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    # Marked first: a search would put NaN beyond the last edge.
    inside = np.clip(np.searchsorted(borders, array, side="right") - 1, 0, len(borders) - 2)
    return np.where(np.isnan(array), -1, inside).astype(np.int64)


def distribution_similarity(counts: ArrayLike, cells: ArrayLike) -> Floats:
    r"""Compare histograms with that of the cells by the largest difference of cumulative shares.

    .. math:: 1 - \max_k |P_k - Q_k| \,/\, D, \qquad D = \max(1 - Q_1,\; Q_{K-1})

    P and Q are cumulative shares over the bins 1 … K; D is the largest difference that any histogram can have from
    the cells', all of it in the first or in the last bin.

    Parameters
    ----------
    counts : array_like, shape (..., n_bins)
        Units per bin.
    cells : array_like, shape (n_bins,) or (..., n_bins)
        Cells per bin: one histogram for all, or one for each.

    Returns
    -------
    ndarray, shape (...,)
        From 0 to 1; NaN for a histogram without units.

    Raises
    ------
    ValueError
        If there are no cells, or the number of bins differs.

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> distribution_similarity([[1, 1, 2], [8, 0, 0], [0, 0, 0]], [1, 1, 2])
    array([ 1.,  0., nan])
    """
    units, known = np.asarray(counts, dtype=np.float64), np.asarray(cells, dtype=np.float64)
    if units.shape[-1:] != known.shape[-1:] or not (known.sum(axis=-1) > 0).all():
        raise ValueError(
            f"expected histograms of one number of bins and some cells, got {units.shape} and {known.shape}"
        )
    total = units.sum(axis=-1, keepdims=True)
    model = np.cumsum(np.divide(units, total, out=np.full(units.shape, np.nan), where=total > 0), axis=-1)
    cortex = np.cumsum(known, axis=-1) / known.sum(axis=-1, keepdims=True)
    most = np.maximum(1 - cortex[..., 0], cortex[..., -2])
    return np.asarray(1 - np.abs(model - cortex).max(axis=-1) / most)


def similarity_of_draws(
    shares: ArrayLike, cells: ArrayLike, *, rng: Randomness, n_draws: int = 1000
) -> Floats:
    """Average the similarity over draws of as many units as there are cells.

    Parameters
    ----------
    shares : array_like, shape (..., n_bins + 1)
        Share of the units in each bin and, last, of those that have no value. They add up to 1.
    cells : array_like of int, shape (n_bins,)
        Cells per bin.
    rng : numpy.random.Generator or int
    n_draws : int
        Draws with replacement. Units without a value are left out of a draw.

    Returns
    -------
    ndarray, shape (...,)
        From 0 to 1; 0 if more than a tenth of the draws have no value at all.

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> cells = np.array([20, 20, 40])
    >>> similarity_of_draws([[0.25, 0.25, 0.5, 0], [0, 0, 0, 1]], cells, rng=0).round(2)
    array([0.92, 0.  ])
    """
    rng = generator(rng)
    array, known = np.asarray(shares, dtype=np.float64), np.asarray(cells)
    drawn = rng.multinomial(int(known.sum()), array, size=(n_draws, *array.shape[:-1]))[..., :-1]
    found = distribution_similarity(drawn, known)
    empty = np.isnan(found)
    mean = np.where(empty, 0.0, found).sum(axis=0) / np.maximum((~empty).sum(axis=0), 1)
    return np.where(empty.mean(axis=0) > _MOST_EMPTY, 0.0, mean)


def similarity_ceiling(cells: ArrayLike, *, rng: Randomness, n_draws: int = 1000) -> float:
    """Return the similarity of the cells with themselves: below 1, as draws scatter.

    Parameters
    ----------
    cells : array_like of int, shape (n_bins,)
        Cells per bin.
    rng : numpy.random.Generator or int
    n_draws : int

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> round(similarity_ceiling([110, 83, 100, 92], rng=0), 2)
    0.96
    """
    known = np.asarray(cells, dtype=np.float64)
    shares = np.append(known, 0.0) / known.sum()
    return float(similarity_of_draws(shares, np.asarray(cells), rng=rng, n_draws=n_draws))


def corrected_score(
    score: float, resampled: ArrayLike, *, centre: float, most: float
) -> tuple[float, float, float]:
    """Return a score without the bias of few units, and its 95 % interval.

    Few units put a similarity too low, and resampled units once more by about as much where the distributions differ,
    by less where they are alike: there the correction leaves some. So the upper end is raised by the correction again.

    Parameters
    ----------
    score : float
        As measured.
    resampled : array_like, shape (n_bootstrap,)
        The same of resampled populations.
    centre : float
        The same of what these were drawn from.
    most : float
        The largest score possible; the smallest is 0.

    Returns
    -------
    corrected, low, high : float

    Examples
    --------
    >>> np.round(corrected_score(0.8, [0.7, 0.72, 0.74, 0.76], centre=0.8, most=1.05), 3).tolist()
    [0.87, 0.819, 0.991]
    """
    draws = np.asarray(resampled, dtype=np.float64)
    bias, spread = centre - draws.mean(), _NORMAL * draws.std(ddof=1)
    ends = score + bias, score + bias - spread, score + bias + spread + max(bias, 0.0)
    corrected, low, high = (float(np.clip(end, 0.0, most)) for end in ends)
    return corrected, low, high
