"""The graph between stimuli and neurons: checks of a given one, and neurons that have become one place of it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = ["checked_graph", "merged_fields", "typical_norm"]

# Fields nearer to each other than this share of their length are the same.
_SAME = 1e-3


def checked_graph(graph: ArrayLike, shape: tuple[int, int], *, connected: bool = True) -> NDArray[np.float64]:
    """Return the weights of the edges between stimuli and neurons, of at least zero, validated.

    Examples
    --------
    >>> checked_graph([[1, 0], [0.5, 2]], (2, 2))
    array([[1. , 0. ],
           [0.5, 2. ]])
    """
    weights = unmasked(graph, "graph").astype(np.float64, copy=False)
    if weights.shape != shape:
        raise ValueError(
            f"graph: expected the weights of edges between {shape[0]} stimuli and {shape[1]} neurons, shape {shape}, "
            f"got shape {weights.shape}"
        )
    wrong = np.argwhere(~(weights >= 0) | ~np.isfinite(weights))
    if len(wrong):
        stimulus, neuron = wrong[0]
        raise ValueError(
            f"graph: expected finite weights of at least zero, got {weights[stimulus, neuron]} between stimulus "
            f"{stimulus} and neuron {neuron} ({len(wrong)} such weights in all)"
        )
    isolated = np.flatnonzero(~weights.any(axis=0))
    if connected and isolated.size:
        raise ValueError(
            f"graph: neuron {isolated[0]} has no edge to any stimulus ({isolated.size} such neurons in all), so "
            "nothing would hold its field or its threshold; give it an edge or leave it out"
        )
    return weights


def merged_fields(dictionary: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the pairs of neurons whose fields are the same, to a thousandth of the longer one; zeros are left out.

    Examples
    --------
    >>> merged_fields(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1e-4], [2.0, 0.0]]))
    [(0, 2)]
    """
    fields = np.asarray(dictionary, dtype=np.float64)
    squares = np.einsum("np,np->n", fields, fields)
    distances = squares[:, np.newaxis] + squares - 2 * fields @ fields.T
    near = distances < _SAME**2 * np.maximum(squares[:, np.newaxis], squares)
    return [(int(i), int(j)) for i, j in np.argwhere(np.triu(near, k=1))]


def typical_norm(stimuli: NDArray[Any]) -> Any:
    """Return the root of the stimuli's mean square norm, one for stimuli of zeros, as a number of their type."""
    norm = np.sqrt(np.square(stimuli, dtype=float).sum(axis=1).mean())
    return stimuli.dtype.type(norm or 1)
