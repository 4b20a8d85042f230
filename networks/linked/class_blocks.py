"""Maps from classes to the neurons that they drive."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["block_of_neurons", "checked_blocks", "equal_blocks"]


def equal_blocks(*, n_classes: int, n_neurons: int, neurons_per_class: int | None) -> NDArray[np.float64]:
    """Return blocks of one size (n_classes, n_neurons), one after the other; the neurons left over belong to none.

    Examples
    --------
    >>> equal_blocks(n_classes=2, n_neurons=5, neurons_per_class=None)
    array([[1., 1., 0., 0., 0.],
           [0., 0., 1., 1., 0.]])
    """
    size = n_neurons // n_classes if neurons_per_class is None else neurons_per_class
    if size < 1 or size * n_classes > n_neurons:
        raise ValueError(
            f"expected a population that holds {n_classes} blocks of {max(size, 1)} neurons, got {n_neurons} neurons; "
            "use more neurons or a smaller neurons_per_class"
        )
    blocks = np.zeros((n_classes, n_neurons))
    for k in range(n_classes):
        blocks[k, k * size : (k + 1) * size] = 1
    return blocks


def checked_blocks(blocks: ArrayLike, *, classes: NDArray[Any], n_neurons: int) -> NDArray[np.float64]:
    """Return a user's block map (n_classes, n_neurons), if it fits the classes that were found and the population."""
    try:
        matrix = np.asarray(blocks, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"blocks: expected a matrix of numbers, one row for each of {', '.join(map(str, classes))}, got {blocks!r}"
        ) from None
    if matrix.shape != (len(classes), n_neurons):
        raise ValueError(
            f"blocks: expected a map of shape (n_classes, n_neurons) = ({len(classes)}, {n_neurons}) for the labels "
            f"{', '.join(map(str, classes))}, got shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all():
        raise ValueError("blocks: expected finite values, got NaN or infinity")
    idle = [str(label) for label, row in zip(classes, matrix, strict=True) if not (row > 0).any()]
    if idle:
        raise ValueError(f"blocks: expected every class to drive a neuron, got none for {', '.join(idle)}")
    return matrix


def block_of_neurons(blocks: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the one class that drives each neuron, -1 where none or several do.

    Examples
    --------
    >>> block_of_neurons(np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0]]))
    array([ 0,  1, -1, -1])
    """
    driven = blocks > 0
    return np.where(driven.sum(axis=0) == 1, driven.argmax(axis=0), -1)
