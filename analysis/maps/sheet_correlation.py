"""How the similarity of neurons, of their fields or of their activity, falls with distance on the sheet."""

from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import finite_matrix
from neurosim.analysis.fields.fields import checked_fields
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "activity_similarity",
    "field_similarity",
    "similarity_distance_correlation",
    "similarity_with_distance",
]

Floats = NDArray[np.float64]
Pairs = NDArray[np.int64]

_LEAST_NEURONS = 3


def field_similarity(fields: ArrayLike, *, absolute: bool = False) -> Floats:
    """Return the cosine between fields.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)
        Any unit; the scale does not matter.
    absolute : bool
        Take magnitudes: a field and its negative are alike, as they are to a neuron with a signed code.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        From -1 to 1; NaN for neurons whose field is all zero.

    Raises
    ------
    ValueError
        If the fields have a wrong shape or are not finite.

    Examples
    --------
    >>> field_similarity([[[1.0, 0.0]], [[-2.0, 0.0]], [[0.0, 1.0]]])[0] + 0
    array([ 1., -1.,  0.])
    """
    rows = checked_fields(fields)
    return _cosines(rows.reshape(len(rows), -1), absolute)


def activity_similarity(responses: ArrayLike, *, absolute: bool = False) -> Floats:
    """Return the correlation of neurons' responses to the same stimuli.

    Parameters
    ----------
    responses : array_like, shape (n_stimuli, n_neurons)
        Activity or spike counts, to natural images for the paper's measure; any unit.
    absolute : bool
        Correlate the magnitudes of responses, as topographic models pool them: neighbours that respond to the same
        edges with independent signs are then alike.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        From -1 to 1; NaN for neurons whose response never varies.

    Raises
    ------
    ValueError
        If the responses have a wrong shape, are not finite, or are of fewer than three stimuli.

    Examples
    --------
    >>> activity_similarity([[0, 1, 2], [1, 0, 2], [0, 1, 2.0]])[0].round(6)
    array([ 1., -1., nan])
    """
    code = finite_matrix("responses", responses).astype(np.float64)
    if len(code) < 3:
        raise ValueError(
            f"expected responses to three stimuli or more, got {len(code)}: nothing to correlate"
        )
    shown = np.abs(code) if absolute else code
    centred = shown - shown.mean(axis=0)
    # What is left of a constant response is rounding, and would correlate with anything.
    centred[:, np.ptp(shown, axis=0) == 0] = 0
    return _cosines(centred.T, absolute=False)


def similarity_with_distance(
    similarity: ArrayLike,
    sheet: Sheet,
    *,
    rng: Randomness,
    n_draws: int = 200,
    max_distance: float | None = None,
) -> pd.DataFrame:
    """Average the similarity of pairs of neurons at equal distance, and of the neurons in shuffled places.

    Parameters
    ----------
    similarity : array_like, shape (n_neurons, n_neurons)
        Symmetric, any unit; NaN in row and column of neurons to leave out.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Resamples neurons, and shuffles them.
    n_draws : int, 2 or more
        Bootstrap draws of neurons, and shuffled sheets.
    max_distance : float, 1 or more, optional
        Pairs further apart are left out. Default half of the shorter side.

    Returns
    -------
    DataFrame
        One row per distance, in bins one step wide: ``distance`` (mean over the pairs, steps from neuron to
        neuron), ``similarity`` (mean over pairs) with ``low`` and ``high`` (95 % interval over resampled neurons:
        pairs that share a neuron are not independent), ``n_pairs``, ``shuffled`` (mean over shuffled sheets) with
        ``shuffled_low`` and ``shuffled_high`` (2.5th and 97.5th percentile).

    Raises
    ------
    ValueError
        If the matrix is not symmetric or of another number of neurons, or an option is out of range.

    Examples
    --------
    >>> sheet = Sheet(8, 8, torus=True)
    >>> table = similarity_with_distance(-sheet.distances(), sheet, rng=np.random.default_rng(0))
    >>> table[["distance", "similarity", "n_pairs"]].round(2).to_numpy()[0].tolist()
    [1.21, -1.21, 256.0]
    """
    rng = generator(rng)
    array, kept = _checked(similarity, sheet)
    reach = min(sheet.height, sheet.width) / 2 if max_distance is None else max_distance
    if n_draws < 2 or not reach >= 1:
        raise ValueError(
            f"expected two draws or more and a largest distance of one step or more, got {n_draws} and {reach:g}"
        )
    pairs, apart = _pairs(sheet, kept, reach)
    bins = np.rint(apart).astype(np.int64)
    n_pairs = np.bincount(bins)
    filled = n_pairs > 0
    value = _means(array, pairs, bins)[filled]
    turns = counted(range(2 * n_draws), "similarity of resampled and shuffled neurons")
    draws = np.stack([_resampled(array, pairs, bins, kept=kept, rng=rng) for _ in islice(turns, n_draws)])[
        :, filled
    ]
    shuffled = np.stack([_means(array, _shuffled(pairs, kept, rng), bins) for _ in turns])[:, filled]
    low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    shuffled_low, shuffled_high = np.percentile(shuffled, [2.5, 97.5], axis=0)
    return pd.DataFrame(
        {
            "distance": (np.bincount(bins, apart)[filled]) / n_pairs[filled],
            "similarity": value,
            "low": low,
            "high": high,
            "n_pairs": n_pairs[filled],
            "shuffled": shuffled.mean(axis=0),
            "shuffled_low": shuffled_low,
            "shuffled_high": shuffled_high,
        }
    )


def similarity_distance_correlation(
    similarity: ArrayLike, sheet: Sheet, *, rng: Randomness, n_shuffles: int = 999
) -> pd.Series:
    """Correlate the similarity of all pairs of neurons with their distance, against shuffled places.

    Parameters
    ----------
    similarity : array_like, shape (n_neurons, n_neurons)
        Symmetric, any unit; NaN in row and column of neurons to leave out.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Shuffles.
    n_shuffles : int, 1 or more
        Shuffled sheets.

    Returns
    -------
    Series
        ``correlation`` (Pearson's, over pairs; negative when near neurons are alike), ``shuffled_low`` and
        ``shuffled_high`` (2.5th and 97.5th percentile), ``p_value`` (one-sided: (1 + shuffles as negative)/(1 +
        n_shuffles), Mantel's test) and ``n_neurons``.

    Raises
    ------
    ValueError
        If the matrix is not symmetric or of another number of neurons, all its pairs are equal, or `n_shuffles` is
        below 1.

    References
    ----------
    Mantel 1967, Cancer Res 27:209.

    Examples
    --------
    >>> sheet = Sheet(6, 6, torus=True)
    >>> found = similarity_distance_correlation(-sheet.distances(), sheet, rng=np.random.default_rng(0))
    >>> found[["correlation", "p_value"]].round(3).tolist()
    [-1.0, 0.001]
    """
    rng = generator(rng)
    array, kept = _checked(similarity, sheet)
    if n_shuffles < 1:
        raise ValueError(f"expected one shuffled sheet or more, got n_shuffles={n_shuffles}")
    pairs, apart = _pairs(sheet, kept, np.inf)
    alike = array[tuple(pairs.T)]
    if not (np.ptp(alike) > 0 and np.ptp(apart) > 0):
        raise ValueError("expected pairs that differ in similarity and distance, got all the same")
    # The spread of either is the same in every shuffle, so only the product is summed anew.
    far = (apart - apart.mean()) / (len(apart) * apart.std() * alike.std())
    value = float(far @ alike)
    shuffled = np.array(
        [
            far @ array[tuple(_shuffled(pairs, kept, rng).T)]
            for _ in counted(range(n_shuffles), "similarity of shuffled neurons")
        ]
    )
    low, high = np.percentile(shuffled, [2.5, 97.5])
    extreme = int((shuffled <= value + 1e-10).sum())
    return pd.Series(
        {
            "correlation": value,
            "shuffled_low": float(low),
            "shuffled_high": float(high),
            "p_value": (1 + extreme) / (1 + n_shuffles),
            "n_neurons": float(len(kept)),
        }
    )


def _cosines(rows: Floats, absolute: bool) -> Floats:
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(norm > 0, norm, np.nan)
    cosines = np.clip(unit @ unit.T, -1, 1)  # rounding leaves a hair more than 1
    return np.asarray(np.abs(cosines) if absolute else cosines)


def _checked(similarity: ArrayLike, sheet: Sheet) -> tuple[Floats, Pairs]:
    """Return the matrix and the neurons that have a similarity."""
    array = np.asarray(similarity, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"expected similarities (n_neurons, n_neurons), got shape {array.shape}")
    sheet.require_neurons(len(array))
    kept = np.flatnonzero(~np.isnan(array).all(axis=1))
    inner = array[np.ix_(kept, kept)]
    if not np.isfinite(inner).all() or not np.allclose(inner, inner.T):
        raise ValueError("expected finite, symmetric similarities, and NaN in whole rows and columns only")
    if len(kept) < _LEAST_NEURONS:
        raise ValueError(
            f"expected similarities of {_LEAST_NEURONS} neurons or more, got {len(kept)} of {len(array)} that are "
            "not NaN"
        )
    return array, kept


def _pairs(sheet: Sheet, kept: Pairs, reach: float) -> tuple[Pairs, Floats]:
    """List the pairs of these neurons within reach, (n_pairs, 2), and their distances."""
    apart = sheet.distances(kept)[:, kept]
    first, second = np.triu_indices(len(kept), k=1)
    near = apart[first, second] <= reach
    if not near.any():
        raise ValueError(f"expected pairs of neurons at most {reach:g} steps apart, got none")
    return np.stack([kept[first[near]], kept[second[near]]], axis=1), apart[first[near], second[near]]


def _means(array: Floats, pairs: Pairs, bins: Pairs, weight: Floats | None = None) -> Floats:
    """Average the similarity of the pairs of each bin; NaN for one without weight."""
    alike = array[tuple(pairs.T)]
    total = np.bincount(bins, alike if weight is None else weight * alike)
    mass = np.bincount(bins, weight).astype(np.float64)
    return np.asarray(np.divide(total, mass, out=np.full(len(mass), np.nan), where=mass > 0))


def _resampled(array: Floats, pairs: Pairs, bins: Pairs, *, kept: Pairs, rng: np.random.Generator) -> Floats:
    """Average again with neurons drawn with replacement: a pair counts as often as both of its neurons came."""
    drawn = np.bincount(rng.choice(kept, len(kept)), minlength=len(array)).astype(np.float64)
    return _means(array, pairs, bins, drawn[pairs[:, 0]] * drawn[pairs[:, 1]])


def _shuffled(pairs: Pairs, kept: Pairs, rng: np.random.Generator) -> Pairs:
    """Let other neurons, of those that have a similarity, stand in the pairs' places."""
    stand_in = np.zeros(int(kept.max()) + 1, dtype=np.int64)
    stand_in[kept] = rng.permutation(kept)
    return np.asarray(stand_in[pairs])
