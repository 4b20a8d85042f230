"""Who is whose neighbour on a sheet of neurons, as tables of a fixed number of neighbours for every neuron."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["gaussian_neighbours", "pooling_neighbours", "require_sheet", "sheet_sides"]

Table = tuple[NDArray[np.int32], NDArray[np.float64]]

# A Gaussian of neighbours needs some on every side.
_LEAST_EXCITED = 3


def sheet_sides(n_neurons: int, sheet: tuple[int, int] | None) -> tuple[int, int]:
    """Return the sides of a sheet that holds the neurons, of a square one where none is given.

    Examples
    --------
    >>> sheet_sides(256, None), sheet_sides(6, (2, 3))
    ((16, 16), (2, 3))
    """
    if sheet is None:
        side = round(np.sqrt(n_neurons))
        if side * side != n_neurons:
            raise ValueError(
                f"sheet: expected n_neurons to fill a square by default, got {n_neurons}; give height and width"
            )
        return side, side
    sides = tuple(sheet) if isinstance(sheet, tuple | list) else ()
    whole = len(sides) == 2 and all(
        isinstance(side, int | np.integer) and not isinstance(side, bool) and side >= 1 for side in sides
    )
    if not whole or sides[0] * sides[1] != n_neurons:
        raise ValueError(
            f"sheet: expected two whole sides whose product is n_neurons={n_neurons}, got {sheet!r}; "
            "a sheet holds one neuron in every place"
        )
    return int(sides[0]), int(sides[1])


def require_sheet(height: int, width: int, *, side: int, excited: bool = False) -> None:
    """Raise unless pools of this side fit on the sheet, and, where neighbours excite, every neuron has eight."""
    if isinstance(side, bool) or not isinstance(side, int | np.integer) or side < 1 or side % 2 == 0:
        raise ValueError(f"pooling: expected the odd side of a square of neurons, got {side!r}")
    if side > min(height, width):
        raise ValueError(
            f"pooling: a neighbourhood of {side}×{side} neurons is wider than the sheet of {height}×{width}; "
            "use a larger sheet or a smaller neighbourhood"
        )
    if excited and min(height, width) < _LEAST_EXCITED:
        raise ValueError(
            f"lateral_excitation: expected a sheet of {_LEAST_EXCITED}×{_LEAST_EXCITED} neurons or more, got "
            f"{height}×{width}; use a larger sheet or no excitation"
        )


def pooling_neighbours(height: int, width: int, *, torus: bool, side: int, of_neuron: bool = False) -> Table:
    """Return the members of the pool around every neuron, with their weights h_ij.

    The weight of neuron j in its pools is 1/n_j² for the n_j pools it is in: alone, it then has the threshold λ.

    Parameters
    ----------
    height, width : int
    torus : bool
        Whether pools reach across the edges; else those at an edge are smaller.
    side : int
        Of a pool, odd.
    of_neuron : bool, default=False
        Return the pools that every neuron is in instead: the same pairs, the weights those of the neuron.

    Returns
    -------
    indices : int array, shape (n_neurons, side²)
    weights : array, shape (n_neurons, side²)
        Zero where an edge leaves fewer members.

    Examples
    --------
    >>> indices, weights = pooling_neighbours(3, 3, torus=True, side=3)
    >>> sorted(indices[0].tolist()), float(weights[0].sum())
    ([0, 1, 2, 3, 4, 5, 6, 7, 8], 0.1111111111111111)
    """
    reach = side // 2
    steps = [(down, right) for down in range(-reach, reach + 1) for right in range(-reach, reach + 1)]
    indices, inside = _shifted(height, width, torus=torus, steps=steps)
    n_pools = inside.sum(axis=1)
    shares = 1 / np.square(n_pools, dtype=float)
    weights = inside * (shares[:, np.newaxis] if of_neuron else shares[indices])
    return indices, weights


def gaussian_neighbours(height: int, width: int, *, torus: bool, reach: float) -> Table:
    """Return the neighbours within three widths of a Gaussian, without the neuron itself; weights sum to one.

    Examples
    --------
    >>> indices, weights = gaussian_neighbours(9, 9, torus=True, reach=1.0)
    >>> indices.shape, weights.sum(axis=1).round(12).tolist()[:2]
    ((81, 48), [1.0, 1.0])
    """
    furthest = min(int(np.ceil(3 * reach)), (min(height, width) - 1) // 2)
    span = range(-furthest, furthest + 1)
    steps = [(down, right) for down in span for right in span if (down, right) != (0, 0)]
    indices, inside = _shifted(height, width, torus=torus, steps=steps)
    squares = np.array([down**2 + right**2 for down, right in steps])
    weights = inside * np.exp(-squares / (2 * reach**2))
    return indices, weights / weights.sum(axis=1, keepdims=True)


def _shifted(
    height: int, width: int, *, torus: bool, steps: list[tuple[int, int]]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return who sits at each step from every neuron, and whether anybody does; without a torus edges have nobody."""
    row, column = np.divmod(np.arange(height * width), width)
    down, right = np.array(steps).T
    rows, columns = row[:, np.newaxis] + down, column[:, np.newaxis] + right
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    if torus:
        inside[:] = True
    indices = (rows % height) * width + columns % width
    # A place without anybody points at the neuron itself, with a weight of zero.
    own = np.arange(height * width)[:, np.newaxis]
    return np.where(inside, indices, own).astype(np.int32), inside
