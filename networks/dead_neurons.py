"""Neurons that never become active: find them while learning goes on, and point them somewhere useful."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["pointed_at_residuals", "silent_batches"]


def silent_batches(
    before: NDArray[np.intp], active: NDArray[np.bool_], *, n_batches: int
) -> NDArray[np.intp]:
    """Return for how many batches each neuron has been silent.

    Parameters
    ----------
    before : int array, shape (n_neurons,)
        The same count before these batches.
    active : bool array, shape (n_stimuli, n_neurons)
        Who was not silent in the latest batches.
    n_batches : int
        How many they are.

    Examples
    --------
    >>> silent_batches(np.array([3, 3]), np.array([[False, True]]), n_batches=2)
    array([5, 0])
    """
    return np.where(active.any(axis=0), 0, before + n_batches)


def pointed_at_residuals(
    dictionary: NDArray[np.floating],
    neurons: NDArray[np.intp],
    residual: NDArray[np.floating],
    *,
    rng: np.random.Generator,
) -> NDArray[np.floating]:
    """Return a dictionary in which some neurons have the residuals of badly explained stimuli as their fields.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    neurons : int array
        Rows to replace.
    residual : array, shape (n_stimuli, n_pixels)
        What the population left unexplained; the worst tenth is drawn from, without repetition where it suffices.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n_neurons, n_pixels)
        A copy with unit-norm rows in those places; a row stays if its stimulus was explained entirely.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pointed_at_residuals(np.eye(2), np.array([1]), np.array([[3.0, 4.0]]), rng=rng)
    array([[1. , 0. ],
           [0.6, 0.8]])
    """
    worst = np.argsort(-(residual**2).sum(axis=1))[: max(len(residual) // 10, len(neurons))]
    chosen = residual[rng.choice(worst, size=len(neurons), replace=len(worst) < len(neurons))]
    norms = np.linalg.norm(chosen, axis=1, keepdims=True)
    replaced = dictionary.copy()
    replaced[neurons] = np.where(norms > 0, chosen / np.where(norms > 0, norms, 1), dictionary[neurons])
    return replaced
