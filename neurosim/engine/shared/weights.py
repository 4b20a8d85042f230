"""Weights on a grid: fields that stand at every position, and the overlaps of their copies, shared by all positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.operation import Operation
from neurosim.engine.shared.grid import Grid, grid_of_positions
from neurosim.engine.shared.patches import Patches, patch_table

__all__ = [
    "SharedFields",
    "SharedOverlaps",
    "SharedWeights",
    "compare_jointly",
    "compare_shared",
    "joint_overlaps",
    "shared_overlaps",
]


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


def shared_overlaps(fields: NDArray[Any], grid: Grid, moves: Patches | None = None) -> NDArray[Any]:
    """Return the overlaps of every field with all copies of all fields, those at its own place less the identity.

    Parameters
    ----------
    fields : array, shape (n_features, field_size)
    grid : Grid
    moves : Patches, optional
        Moves that reach farther than these fields do.

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
    n_features, boxes = len(fields), (moves or grid.overlaps(1)).boxes
    pictures = fields.reshape(n_features, *grid.fields.boxes.patch, grid.channels)
    table = np.empty((n_features, int(np.prod(boxes.patch)), n_features), dtype=fields.dtype)
    for row, at in enumerate(np.ndindex(*boxes.patch)):
        own, others = [slice(None)], [slice(None)]
        for place, start, step, size in zip(
            at, boxes.start, grid.fields.boxes.step, pictures.shape[1:4], strict=True
        ):
            move = (place + start) * step
            own.append(slice(max(0, move), max(0, min(size, size + move))))
            others.append(slice(max(0, -move), max(0, min(size, size - move))))
        table[:, row] = (
            pictures[tuple(own)].reshape(n_features, -1) @ pictures[tuple(others)].reshape(n_features, -1).T
        )
    table[np.arange(n_features), table.shape[1] // 2, np.arange(n_features)] -= 1
    return table.reshape(n_features, -1)


def joint_overlaps(fields: Sequence[NDArray[Any]], grids: Sequence[Grid]) -> NDArray[Any]:
    """Return the overlaps of fields that see several pictures from the same positions, added up, less one identity.

    Parameters
    ----------
    fields : sequence of array, shape (n_features, field_size)
        In every picture.
    grids : sequence of Grid
        Over every picture.

    Returns
    -------
    array, shape (n_features, n_moves * n_features)
        As `shared_overlaps` has them, with the moves of `grid_of_positions`.

    Examples
    --------
    >>> grids = Grid((4,), field=(2,), stride=(1,)), Grid((6,), field=(2,), stride=(2,))
    >>> joint_overlaps([np.array([[0.6, 0.8]]), np.array([[1.0, 0.0]])], grids)
    array([[0.48, 1.  , 0.48]])
    """
    if len(grids) == 1:
        return shared_overlaps(fields[0], grids[0])
    n_features, moves = len(fields[0]), grid_of_positions(grids).overlaps(1)
    tables = [shared_overlaps(each, grid, moves) for each, grid in zip(fields, grids, strict=True)]
    return _with_own(np.sum(tables, axis=0), n_features, len(grids) - 1)


def _with_own(table: NDArray[Any], n_features: int, added: int) -> NDArray[Any]:
    """Add a number to the overlap of each field with itself, in place."""
    own = np.arange(n_features)
    table[own, (table.shape[1] - n_features) // 2 + own] += added
    return table


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


def compare_jointly(
    fields: Sequence[SharedFields], gains: Sequence[ArrayVariable], overlaps: SharedOverlaps
) -> Operation:
    """Return the operation that computes afresh the overlaps of fields in several pictures, each times its gain."""
    grids, n_features = [each.grid for each in fields], fields[0].shape[0]
    table, sizes = patch_table(overlaps.patches, name="moves")
    arrays, parts = {"lateral": overlaps.variable}, []
    for k, (each, gain) in enumerate(zip(fields, gains, strict=True)):
        own, more = patch_table(each.patches, name=f"own{k}")
        table, sizes = table + own, sizes | more
        arrays |= {f"weights{k}": each.variable, f"gain{k}": gain}
        parts.append(
            f"patch_overlaps(weights{k}, one.data(), n_features, own{k}, moves);\n"
            f"for (size_t i = 0; i < one.size(); ++i) lateral[i] += gain{k}[0] * one[i];\n"
        )

    def compare(lateral: Any, **given: Any) -> None:
        roots = [np.sqrt(given[f"gain{k}"][0]) for k in range(len(fields))]
        weighted = [
            root * given[f"weights{k}"].reshape(each.shape)
            for k, (root, each) in enumerate(zip(roots, fields, strict=True))
        ]
        lateral[:] = joint_overlaps(weighted, grids).ravel()

    total = " + ".join(f"gain{k}[0]" for k in range(len(fields)))
    cpp = (
        f"{table}std::vector<std::remove_reference<decltype(lateral[0])>::type> one;\n"
        "one.resize((size_t)n_features * moves.row());\n"
        f"std::fill(lateral, lateral + one.size(), 0);\n{''.join(parts)}"
        "const size_t width = moves.row(), middle = (width - n_features) / 2;\n"
        f"for (int k = 0; k < n_features; ++k) lateral[k * width + middle + k] += {total} - 1;\nreturn 0;"
    )
    return Operation("compare_fields", arrays, cpp, compare, sizes={"n_features": n_features} | sizes)
