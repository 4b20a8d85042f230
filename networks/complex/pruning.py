"""Which synapses of complex cells remain once learning is over, and how strong they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["remaining", "strengths_of"]


def remaining(
    association: NDArray[Any], *, anchors: NDArray[np.intp], answering: NDArray[np.bool_], size: int
) -> NDArray[np.intp]:
    """Return the members of every pool, (n_complex, size): the anchor, then the cells of largest weight that answer.

    Examples
    --------
    >>> weights = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.0]])
    >>> remaining(weights, anchors=np.array([0, 1]), answering=np.array([True, True, True]), size=2)
    array([[0, 2],
           [1, 0]])
    """
    if size > answering.sum():
        raise ValueError(
            f"size: expected at most {answering.sum()}, as many simple cells as answer, got {size}; show more "
            "sequences, or ask for smaller pools"
        )
    ranked = np.where(answering, association.T, -np.inf)
    ranked[np.arange(len(anchors)), anchors] = np.inf
    return np.argsort(-ranked, axis=1, kind="stable")[:, :size]


def strengths_of(association: NDArray[Any], members: NDArray[np.intp]) -> NDArray[Any]:
    """Return learned strengths, (n_complex, size): weights over the largest beside the anchor's, whose own is 1.

    Examples
    --------
    >>> strengths_of(np.array([[0.9], [0.2], [0.4], [-0.1]]), np.array([[0, 2, 1, 3]]))
    array([[1. , 1. , 0.5, 0. ]])
    """
    excites = np.maximum(np.take_along_axis(association.T, members, axis=1), 0)
    # Without the anchor's own, which is the same cell twice; where no other weight is positive all of them are 0.
    largest = excites[:, 1:].max(axis=1, initial=0, keepdims=True)
    strengths = excites / np.where(largest > 0, largest, 1)
    strengths[:, 0] = 1
    return strengths
