"""Weights on a grid: fields that stand at every position, and the overlaps of their copies, shared by all positions."""

from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.operation import Operation
from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.patches import Patches, patch_table

__all__ = ["SharedFields", "SharedOverlaps", "SharedWeights", "compare_shared", "shared_overlaps"]


class SharedWeights:
    """One row of weights for each feature, the same at every position of a grid.

    Parameters
    ----------
    values : array, shape (n_features, row)
        One row per feature: its weights with the cells of its box, what lies in a cell innermost.
    patches : Patches
        Which box that is at each position.
    name : str
        Name of the Brian2 object that holds the array.

    Raises
    ------
    ValueError
        If the values are not a finite matrix with rows of this length.
    """

    def __init__(self, values: ArrayLike, patches: Patches, *, name: str) -> None:
        matrix = np.asarray(values, dtype=prefs.core.default_float_dtype)
        if matrix.ndim != 2 or matrix.shape[1] != patches.row or not len(matrix):
            raise ValueError(
                f"expected weights of shape (n_features, {patches.row}), got an array of shape {matrix.shape}"
            )
        if not np.isfinite(matrix).all():
            raise ValueError("expected finite weights, got NaN or infinite values")
        self.shape: tuple[int, int] = (matrix.shape[0], matrix.shape[1])
        self.patches = patches
        self.transposed = False
        self.block = ArrayBlock(name, {"w": (matrix.size, matrix.dtype)})
        self.variable: ArrayVariable = self.block.array("w")
        if matrix.any():
            self.variable.set_value(matrix.ravel())

    @property
    def T(self) -> Any:  # noqa: N802, the letter is numpy's
        """The same weights, used in the other direction."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.transposed = not self.transposed
        return other

    @property
    def n_neurons(self) -> int:
        """Neurons of one replica: all features at all positions."""
        return self.shape[0] * self.patches.n_positions

    @property
    def ends(self) -> tuple[int, int]:
        """Numbers of source and target neurons of a pathway with these weights."""
        ends = (self.n_neurons, self.patches.n_target)
        return (ends[1], ends[0]) if self.transposed else ends

    def values(self) -> NDArray[Any]:
        """Return the current weights, shape (n_features, row)."""
        return np.array(self.variable.get_value()).reshape(self.shape)


class SharedFields(SharedWeights):
    """Fields that stand at every position of a grid.

    From neurons to pixels a pathway with these weights is the convolution of their activity with the fields; with
    ``fields.T``, from pixels to neurons, it is the correlation of the picture with each field.

    Parameters
    ----------
    values : array, shape (n_features, field_size)
        Pixels of a field row by row, channels innermost.
    grid : Grid
    name : str
        Name of the Brian2 object that holds the array.

    Raises
    ------
    ValueError
        If the values are not a finite matrix of fields of this grid.

    Examples
    --------
    >>> grid = Grid((4, 4), field=(2, 2), stride=(1, 1))
    >>> fields = SharedFields(np.ones((3, 4)), grid, name="doctest_fields")
    >>> fields.ends, fields.T.ends
    ((27, 16), (16, 27))
    """

    def __init__(self, values: ArrayLike, grid: Grid, *, name: str = "shared_fields") -> None:
        super().__init__(values, grid.fields, name=name)
        self.grid = grid


class SharedOverlaps(SharedWeights):
    """The overlaps of fields with all their copies that they have pixels in common with, as `shared_overlaps` has them.

    Parameters
    ----------
    values : array, shape (n_features, n_moves * n_features)
    grid : Grid
    name : str
        Name of the Brian2 object that holds the array.
    """

    def __init__(self, values: ArrayLike, grid: Grid, *, name: str = "shared_overlaps") -> None:
        super().__init__(values, grid.overlaps(len(np.asarray(values))), name=name)
        self.grid = grid


def shared_overlaps(fields: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Return the overlaps of every field with all copies of all fields, those at its own place less the identity.

    Parameters
    ----------
    fields : array, shape (n_features, field_size)
    grid : Grid

    Returns
    -------
    array, shape (n_features, n_moves * n_features)
        Row k has Σ_z φ_k(z) φ_l(z − s d), for all moves d row by row from the farthest up and to the left on, and
        innermost all features l.

    Examples
    --------
    >>> grid = Grid((4,), field=(2,), stride=(1,))
    >>> shared_overlaps(np.array([[0.6, 0.8]]), grid)
    array([[0.48, 0.  , 0.48]])
    """
    n_features, moves = len(fields), grid.overlaps(1).boxes
    pictures = fields.reshape(n_features, *grid.fields.boxes.patch, grid.channels)
    table = np.empty((n_features, int(np.prod(moves.patch)), n_features), dtype=fields.dtype)
    for row, at in enumerate(np.ndindex(*moves.patch)):
        own, others = [slice(None)], [slice(None)]
        for place, start, step, size in zip(
            at, moves.start, grid.fields.boxes.step, pictures.shape[1:4], strict=True
        ):
            move = (place + start) * step
            own.append(slice(max(0, move), min(size, size + move)))
            others.append(slice(max(0, -move), min(size, size - move)))
        table[:, row] = (
            pictures[tuple(own)].reshape(n_features, -1) @ pictures[tuple(others)].reshape(n_features, -1).T
        )
    table[np.arange(n_features), table.shape[1] // 2, np.arange(n_features)] -= 1
    return table.reshape(n_features, -1)


def compare_shared(fields: SharedFields, overlaps: SharedOverlaps) -> Operation:
    """Return the operation that computes the overlaps of fields afresh."""
    shape, grid = fields.shape, fields.grid
    own, sizes = patch_table(fields.patches, name="own")
    moves, more = patch_table(overlaps.patches, name="moves")

    def compare(weights: Any, lateral: Any) -> None:
        lateral[:] = shared_overlaps(weights.reshape(shape), grid).ravel()

    return Operation(
        "compare_fields",
        {"weights": fields.variable, "lateral": overlaps.variable},
        f"{own}{moves}patch_overlaps(weights, lateral, n_features, own, moves); return 0;",
        compare,
        sizes={"n_features": shape[0]} | sizes | more,
    )
