"""Fields a population starts to learn from."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.networks.estimator.parameters import one_of
from neurosim.networks.parameters import STARTS

__all__ = ["starting_dictionary", "unit_rows"]


def starting_dictionary(
    start: str | ArrayLike, stimuli: NDArray[Any], *, n_neurons: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return unit-norm fields to start from.

    Parameters
    ----------
    start : {"noise", "stimuli"} or array, shape (n_neurons, n_pixels)
        Random directions; randomly chosen stimuli, each with a little noise so that no two are equal; or given rows.
    stimuli : array, shape (n_stimuli, n_pixels)
    n_neurons : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n_neurons, n_pixels)
        Unit rows, of the stimuli's type.

    Raises
    ------
    ValueError
        If a given dictionary has the wrong shape, rows of zeros, or values that are not finite; or the name is unknown.

    Examples
    --------
    >>> rows = starting_dictionary("noise", np.ones((2, 9)), n_neurons=4, rng=np.random.default_rng(0))
    >>> np.linalg.norm(rows, axis=1).round(12)
    array([1., 1., 1., 1.])
    """
    if isinstance(start, str):
        one_of("initial_dictionary", start, STARTS)
        rows = rng.standard_normal((n_neurons, stimuli.shape[1]))
        if start == "stimuli":
            rows = _some_stimuli(stimuli, rows, rng)
    else:
        rows = _given(start, (n_neurons, stimuli.shape[1]))
    unit: NDArray[Any] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(stimuli.dtype)
    return unit


def unit_rows(dictionary: NDArray[Any]) -> NDArray[Any]:
    """Return fields scaled to unit norm; those that have it already, to rounding, and fields of zeros stay as they are.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ],
           [1. , 0. ]])
    """
    norms = np.linalg.norm(dictionary, axis=1, keepdims=True)
    rounding = 10 * np.sqrt(dictionary.shape[1]) * np.finfo(dictionary.dtype).eps
    off = (np.abs(norms - 1) > rounding) & (norms > 0)
    if not off.any():
        return dictionary
    scaled: NDArray[Any] = dictionary / np.where(off, norms, 1).astype(dictionary.dtype)
    return scaled


def _some_stimuli(stimuli: NDArray[Any], noise: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    # A stimulus can be drawn twice, or be zero: a hundredth of noise keeps rows apart and their norm above zero.
    chosen = stimuli[rng.integers(len(stimuli), size=len(noise))].astype(float)
    scale = np.sqrt(np.mean(np.square(chosen))) or 1.0
    mixed: NDArray[Any] = chosen + 0.01 * scale * noise
    return mixed


def _given(start: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
    rows = np.asarray(start, dtype=float)
    if rows.shape != shape or not np.isfinite(rows).all() or not np.linalg.norm(rows, axis=1).all():
        raise ValueError(
            f"initial_dictionary: expected {' or '.join(map(repr, STARTS))}, or a finite array of shape {shape} "
            f"without rows of zeros, got an array of shape {rows.shape}"
        )
    return rows
