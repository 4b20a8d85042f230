"""How alike the activity is for stimuli that resemble each other."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import Matrix, finite_matrix
from neurosim.analysis.codes.point_scale import all_alike, in_range
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["rate_smoothness"]


def rate_smoothness(
    stimuli: ArrayLike, code: ArrayLike, *, rng: Randomness, n_neighbours: int = 10, max_stimuli: int = 5000
) -> pd.Series:
    r"""Compare how far the activity moves between neighbouring stimuli with how far it does between any two.

    .. math:: 1 - \langle \|x_i - x_k\|^2 \rangle_{k\ \mathrm{near}\ i} / \langle \|x_i - x_k\|^2 \rangle_{k \ne i}

    Neighbours are the nearest stimuli by Euclidean distance.

    Parameters
    ----------
    stimuli : array_like, shape (n_stimuli, n_pixels)
        Any unit.
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; signs count.
    rng : numpy.random.Generator or int
        Draws the stimuli that are used if there are more than `max_stimuli`, then deals codes out anew for the control.
    n_neighbours : int
        Neighbours of each stimulus, which is not its own neighbour.
    max_stimuli : int
        At most so many are used. The denser they lie the smoother is any code: compare equally many only.

    Returns
    -------
    Series
        ``smoothness``, 1 if neighbours share their activity, 0 if they differ as any two stimuli do, negative if more;
        ``stimuli``, the same of the stimuli themselves, which any code x = Ws with orthonormal W has;
        ``shuffled``, the control, with codes dealt out at random, about 0.

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, `n_neighbours` is not between 1 and the number of other stimuli, or
        stimuli or codes do not differ.

    References
    ----------
    Belkin & Niyogi 2003, Neural Comput 15:1373, section 3 (the quadratic form of a graph's Laplacian).

    Examples
    --------
    >>> stimuli = [[0.0], [1.0], [10.0], [11.0]]
    >>> found = rate_smoothness(stimuli, [[1.0], [1.0], [0.0], [0.0]], rng=0, n_neighbours=1)
    >>> found.round(3).to_dict()
    {'smoothness': 1.0, 'stimuli': 0.985, 'shuffled': -0.5}
    """
    from sklearn.neighbors import NearestNeighbors

    rng = generator(rng)
    shown, rates = _comparable("stimuli", stimuli), _comparable("code", code)
    if len(shown) != len(rates):
        raise ValueError(f"expected a code for each of {len(shown)} stimuli, got {len(rates)}")
    if len(shown) > max_stimuli:
        chosen = np.sort(rng.choice(len(shown), max_stimuli, replace=False))
        shown, rates = shown[chosen], rates[chosen]
    if not 1 <= n_neighbours < len(shown):
        raise ValueError(
            f"expected `n_neighbours` from 1 to {len(shown) - 1}, the number of other stimuli, got {n_neighbours}"
        )
    near = NearestNeighbors(n_neighbors=n_neighbours, algorithm="brute").fit(shown)
    neighbours = near.kneighbors(return_distance=False)
    return pd.Series(
        {
            "smoothness": _smoothness(rates, neighbours),
            "stimuli": _smoothness(shown, neighbours),
            "shuffled": _smoothness(rng.permutation(rates), neighbours),
        }
    )


def _comparable(name: str, values: ArrayLike) -> Matrix:
    """Return rows whose distances can be squared; a common unit is no matter."""
    rows = finite_matrix(name, values)
    if all_alike(rows):
        raise ValueError(f"expected `{name}` that differ, got {len(rows)} rows that are all the same")
    return in_range(rows)[0].astype(np.float64)


def _smoothness(points: Matrix, neighbours: NDArray[np.intp]) -> float:
    moved = np.mean([np.square(points - points[near]).sum(axis=1).mean() for near in neighbours.T])
    # Over all pairs of different points the mean squared distance is twice the variance.
    any_two = 2 * points.var(axis=0, ddof=1).sum()
    return float(1 - moved / any_two)
