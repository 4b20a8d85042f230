"""Boxes of cells that neurons on a grid act on: where they lie, and the work on them in numpy."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Patches", "add_patches", "patch_products", "patch_table", "patches_of"]

Triple = tuple[int, int, int]


class _Boxes(NamedTuple):
    positions: Triple
    step: Triple
    start: Triple
    patch: Triple
    target: Triple


@dataclass(frozen=True)
class Patches:
    """Neurons on a grid of positions, each with a box of cells on another grid.

    The box of position x has its first cell at ``x * step + start`` and is `patch` cells large. Cells beyond the target
    are left out, or with `wrap` counted on from its other edge. In each cell are `inner` numbers. There are always
    three axes, the first of them of length one where there are fewer.
    """

    boxes: _Boxes
    inner: int
    wrap: bool

    @classmethod
    def of(cls, boxes: tuple[tuple[int, ...], ...], *, inner: int, wrap: bool) -> "Patches":
        """Return the patches of up to three axes; `boxes` are positions, step, start, patch and target."""
        alone = (1, 1, 0, 1, 1)
        filled = [(n,) * (3 - len(each)) + each for n, each in zip(alone, boxes, strict=True)]
        return cls(_Boxes(*filled), inner, wrap)  # type: ignore[arg-type]

    @property
    def n_positions(self) -> int:
        """Positions in all."""
        return prod(self.boxes.positions)

    @property
    def row(self) -> int:
        """Numbers of a box."""
        return prod(self.boxes.patch) * self.inner

    @property
    def n_target(self) -> int:
        """Numbers of the target."""
        return prod(self.boxes.target) * self.inner

    def places(self, axis: int) -> NDArray[np.intp]:
        """Return the cells along one axis, shape (positions, patch); -1 for those beyond the target."""
        positions, step, start, patch, target = (each[axis] for each in self.boxes)
        places = (np.arange(positions) * step + start)[:, np.newaxis] + np.arange(patch)
        if self.wrap:
            return places % target
        return np.where((places >= 0) & (places < target), places, -1)

    def cells(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield every cell of a box with where it lies for each position, -1 for nowhere."""
        first, second, third = (self.places(axis) for axis in range(3))
        _, rows, columns = self.boxes.target
        for cell, (i, j, k) in enumerate(product(*map(range, self.boxes.patch))):
            parts = np.ix_(first[:, i], second[:, j], third[:, k])
            place = (parts[0] * rows + parts[1]) * columns + parts[2]
            outside = (parts[0] < 0) | (parts[1] < 0) | (parts[2] < 0)
            yield cell, np.where(outside, -1, place).ravel()


def patch_table(patches: Patches, *, name: str) -> tuple[str, dict[str, int]]:
    """Return the C++ that has the patches by a name, and the sizes it names, which are handed over when it runs."""
    numbers = [*(n for each in patches.boxes for n in each), patches.inner, int(patches.wrap)]
    sizes = {f"{name}_{k}": n for k, n in enumerate(numbers)}
    names = list(sizes)
    triples = ", ".join(f"{{{', '.join(names[k : k + 3])}}}" for k in range(0, 15, 3))
    return f"const Patches {name} = {{{triples}, {', '.join(names[15:])}}};\n", sizes


def patches_of(values: NDArray[Any], patches: Patches) -> NDArray[Any]:
    """Return what lies in the box of every position, zero beyond the target.

    Parameters
    ----------
    values : array, shape (n, n_target)
    patches : Patches

    Returns
    -------
    array, shape (n, n_positions, row)
    """
    boxes, n = patches.boxes, len(values)
    # One more cell of zeros at the end of each axis is where -1 leads.
    whole = np.zeros((n, *(size + 1 for size in boxes.target), patches.inner), dtype=values.dtype)
    whole[:, :-1, :-1, :-1] = values.reshape(n, *boxes.target, patches.inner)
    first, second, third = (patches.places(axis) for axis in range(3))
    found = whole[
        :,
        first[:, None, None, :, None, None],
        second[None, :, None, None, :, None],
        third[None, None, :, None, None, :],
    ]
    return found.reshape(n, patches.n_positions, patches.row)


def patch_products(values: NDArray[Any], rows: NDArray[Any], patches: Patches) -> NDArray[Any]:
    """Return the product of each row with what lies in the box of each position.

    Parameters
    ----------
    values : array, shape (n, n_target)
    rows : array, shape (n_rows, row)
    patches : Patches

    Returns
    -------
    array, shape (n, n_positions * n_rows)
        Rows innermost.
    """
    return (patches_of(values, patches) @ rows.T).reshape(len(values), -1)


def add_patches(target: NDArray[Any], sent: NDArray[Any], rows: NDArray[Any], patches: Patches) -> None:
    """Add the rows of active neurons, times their activity, to the boxes of their positions, in place.

    Parameters
    ----------
    target : array, shape (n, n_target)
    sent : array, shape (n, n_positions * n_rows)
    rows : array, shape (n_rows, row)
    patches : Patches
    """
    activity = sent.reshape(len(sent), patches.n_positions, len(rows))
    who, where = np.nonzero(activity.any(axis=2))
    if not who.size:
        return
    added = activity[who, where] @ rows
    cells = target.reshape(len(target), -1, patches.inner)
    for cell, places in patches.cells():
        place = places[where]
        inside = place >= 0
        # No two positions have the same cell of their boxes at the same place.
        cells[who[inside], place[inside]] += added[inside, cell * patches.inner : (cell + 1) * patches.inner]
