"""What an analysis of labelled stimuli asks of its input: finite rows, one whole-number label each."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Matrix", "checked_labels", "finite_matrix", "labelled_rows", "stratified_subset"]

Matrix = NDArray[np.floating[Any]]


def finite_matrix(name: str, values: ArrayLike) -> Matrix:
    """Return `values` as a finite matrix of floats, or say what is wrong with it.

    Parameters
    ----------
    name : str
        What the array is called in the message.
    values : array_like, shape (n_stimuli, n)
        Numbers, any unit.

    Returns
    -------
    ndarray, shape (n_stimuli, n)
        float32 stays float32, everything else becomes float64.

    Raises
    ------
    ValueError
        If the array has another number of axes, is empty, or has NaN or infinite values.

    Examples
    --------
    >>> finite_matrix("code", [[0, 1]])
    array([[0., 1.]])
    """
    given = unmasked(values, name)
    array: Matrix = given if given.dtype == np.float32 else given.astype(np.float64)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"expected `{name}` with two axes, stimuli first, and some values, got shape {array.shape}"
        )
    n_bad = int(np.count_nonzero(~np.isfinite(array)))
    if n_bad:
        raise ValueError(
            f"expected finite `{name}`, got {n_bad} NaN or infinite values of {array.size}: find where they "
            "come from before measuring it"
        )
    return array


def checked_labels(name: str, labels: ArrayLike, *, n: int) -> NDArray[np.int64]:
    """Return one whole-number label per stimulus, or say what is wrong with them.

    Parameters
    ----------
    name : str
        What the labels are called in the message.
    labels : array_like of int, shape (n,)
        Class of each stimulus.
    n : int
        Number of stimuli.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    TypeError
        If the labels are no integers.
    ValueError
        If there are not `n` of them.

    Examples
    --------
    >>> checked_labels("labels", [3, 1], n=2)
    array([3, 1])
    """
    array = unmasked(labels, name)
    if array.shape != (n,):
        raise ValueError(f"expected `{name}` of shape ({n},), one per stimulus, got shape {array.shape}")
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"expected whole numbers as `{name}`, got {array.dtype}: number the classes from 0")
    return array.astype(np.int64)


def labelled_rows(
    points: ArrayLike, labels: ArrayLike, *, name: str = "points", labels_name: str = "labels"
) -> tuple[Matrix, NDArray[np.int64]]:
    """Return rows and labels of at least two classes, or say what is wrong with them.

    Parameters
    ----------
    points : array_like, shape (n_stimuli, n)
        Numbers, any unit.
    labels : array_like of int, shape (n_stimuli,)
        Class of each row.
    name, labels_name : str
        What the rows and the labels are called in a message.

    Returns
    -------
    points : ndarray, shape (n_stimuli, n)
    labels : ndarray of int64, shape (n_stimuli,)

    Raises
    ------
    TypeError
        If the labels are no integers.
    ValueError
        If the numbers of stimuli differ, a value is not finite, or all labels are the same.

    Examples
    --------
    >>> labelled_rows([[0.5], [2.0]], [0, 1])[1]
    array([0, 1])
    """
    rows = finite_matrix(name, points)
    classes = checked_labels(labels_name, labels, n=len(rows))
    if len(np.unique(classes)) < 2:
        raise ValueError(
            f"expected `{labels_name}` of two classes or more, got {classes[0]} for all {len(rows)}: there is nothing "
            "to tell apart"
        )
    return rows, classes


def stratified_subset(
    labels: NDArray[np.int64], *, size: int, rng: Randomness, least: int = 1
) -> NDArray[np.intp]:
    """Draw stimuli so that each class keeps its share.

    Parameters
    ----------
    labels : ndarray of int, shape (n_stimuli,)
        Class of each stimulus.
    size : int
        How many to draw. Shares are rounded, and no class is left out, so the number drawn may differ from it
        by up to `least` per class.
    rng : numpy.random.Generator or int
        Draws them, without replacement.
    least : int
        Stimuli drawn of every class however rare (all it has, if it has fewer).

    Returns
    -------
    ndarray of int
        Indices, rising; all of them if there are no more than `size`.

    Raises
    ------
    ValueError
        If `size` is below `least` for each class.

    Examples
    --------
    >>> labels = np.repeat([0, 1], [90, 10])
    >>> chosen = stratified_subset(labels, size=20, rng=np.random.default_rng(0))
    >>> np.bincount(labels[chosen])
    array([18,  2])
    """
    rng = generator(rng)
    classes, counts = np.unique(labels, return_counts=True)
    if size < least * len(classes):
        raise ValueError(
            f"expected a subset with room for {least} of each of {len(classes)} classes, got size={size}"
        )
    if size >= len(labels):
        return np.arange(len(labels))
    drawn = []
    for label, count in zip(classes, counts, strict=True):
        quota = max(min(least, count), round(size * count / len(labels)))
        drawn.append(rng.choice(np.flatnonzero(labels == label), quota, replace=False))
    return np.sort(np.concatenate(drawn))
