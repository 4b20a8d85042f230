"""What weights must obey after every update, by name."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONSTRAINTS", "constraint_cpp", "constraint_numpy", "dale_signs"]

CONSTRAINTS = ("unit_norm", "non_negative", "non_positive", "no_self_connection", "dale")


def dale_signs(weights: NDArray[Any]) -> NDArray[Any]:
    """Return the sign of each presynaptic neuron from its initial weights.

    Parameters
    ----------
    weights : array, shape (n_source, n_target)

    Returns
    -------
    array, shape (n_source,)
        1 or -1.

    Raises
    ------
    ValueError
        If a neuron starts with weights of both signs, or with none.
    """
    excites, inhibits = np.any(weights > 0, axis=1), np.any(weights < 0, axis=1)
    undecided = np.flatnonzero(excites == inhibits)
    if undecided.size:
        raise ValueError(
            f"Dale's law needs initial weights of one sign per presynaptic neuron; neuron {undecided[0]} "
            f"({undecided.size} in all) has {'both signs' if excites[undecided[0]] else 'only zeros'}"
        )
    return np.where(excites, 1, -1).astype(weights.dtype)


def constraint_cpp(constraints: Sequence[str], *, rows_are_post: bool) -> str:
    """Return the C++ that applies the constraints in their order to ``weights``, ``n_rows`` by ``n_columns``."""
    each = "for (int k = 0; k < n_rows * n_columns; ++k)"
    pre = "k % n_columns" if rows_are_post else "k / n_columns"
    normalise = "normalise_rows" if rows_are_post else "normalise_columns"
    code = {
        "unit_norm": f"{normalise}(weights, n_rows, n_columns);",
        "non_negative": f"{each} if (weights[k] < 0) weights[k] = 0;",
        "non_positive": f"{each} if (weights[k] > 0) weights[k] = 0;",
        "no_self_connection": "for (int k = 0; k < min(n_rows, n_columns); ++k) weights[k * (n_columns + 1)] = 0;",
        "dale": f"{each} if (weights[k] * dale_signs[{pre}] < 0) weights[k] = 0;",
    }
    return "\n".join(code[constraint] for constraint in constraints) + "\n"


def constraint_numpy(
    constraints: Sequence[str], weights: NDArray[Any], signs: NDArray[Any], *, rows_are_post: bool
) -> None:
    """Apply the constraints in their order, in place, to weights of shape (n_rows, n_columns)."""
    for constraint in constraints:
        if constraint == "unit_norm":
            norms = np.linalg.norm(weights, axis=1 if rows_are_post else 0, keepdims=True)
            weights /= np.where(norms > 0, norms, 1)
        elif constraint == "non_negative":
            np.maximum(weights, 0, out=weights)
        elif constraint == "non_positive":
            np.minimum(weights, 0, out=weights)
        elif constraint == "no_self_connection":
            np.fill_diagonal(weights, 0)
        elif constraint == "dale":
            pre_signs = signs[np.newaxis, :] if rows_are_post else signs[:, np.newaxis]
            weights[weights * pre_signs < 0] = 0
