"""Points in a range in which squared distances exist, for compiled code of others that checks no such thing."""

import numpy as np
from numpy.typing import NDArray

from neurosim.analysis.codes.labelled_input import Matrix

__all__ = ["all_alike", "each_in_range", "in_range"]

# Sizes that single precision still squares and adds up, with room to spare: 1e-12 to 1e12. What lies between stays as
# it is to the last bit.
_RANGE = (2.0**-40, 2.0**40)


def all_alike(points: Matrix) -> bool:
    """Whether points differ by nothing, or by rounding alone, as the codes of a silent population do.

    Parameters
    ----------
    points : ndarray, shape (n, n_dimensions)
        Finite.

    Examples
    --------
    >>> all_alike(np.full((3, 2), 0.1)), all_alike(np.eye(2))
    (True, False)
    """
    halves = np.ldexp(points.astype(np.float64), -1)  # the largest doubles have no difference
    spread = float((halves.max(axis=0) - halves.min(axis=0)).max())
    return spread <= 4 * float(np.finfo(points.dtype).eps) * float(np.abs(halves).max())


def in_range(points: Matrix, *, centred: bool = True) -> tuple[Matrix, int]:
    """Return points divided by a power of two that brings them into range, and its exponent.

    Parameters
    ----------
    points : ndarray, shape (n, n_dimensions)
        Finite.
    centred : bool
        Only differences count: what is brought into range is how far the points lie from their middle, and the middle
        is taken off if need be.

    Returns
    -------
    points : ndarray, shape (n, n_dimensions)
        As they were, if they are in range.
    exponent : int
        Of the power of two; 0 if nothing was done.

    Examples
    --------
    >>> in_range(np.array([[0.0], [2.0**200]]), centred=False)
    (array([[0. ],
           [0.5]]), 201)
    """
    halves = np.ldexp(points.astype(np.float64), -1)
    if centred:
        halves = halves - (halves.min(axis=0) + halves.max(axis=0)) / 2
    size = 2 * float(np.abs(halves).max())
    if size == 0 or _RANGE[0] <= size <= _RANGE[1]:
        return points, 0
    exponent = int(np.frexp(size / 2)[1]) + 1
    return np.ldexp(halves, 1 - exponent), exponent


def each_in_range(rows: Matrix) -> Matrix:
    """Return rows of which only the direction counts, those out of range divided by a power of two each.

    Parameters
    ----------
    rows : ndarray, shape (n, n_dimensions)
        Finite.

    Examples
    --------
    >>> each_in_range(np.array([[1e-300, 2e-300], [3.0, 4.0]])).round(2)
    array([[0.33, 0.67],
           [3.  , 4.  ]])
    """
    sizes: NDArray[np.float64] = np.abs(rows).max(axis=1).astype(np.float64)
    outside = (sizes > 0) & ((sizes < _RANGE[0]) | (sizes > _RANGE[1]))
    if not outside.any():
        return rows
    scaled = rows.astype(np.float64)
    scaled[outside] = np.ldexp(scaled[outside], -np.frexp(sizes[outside])[1][:, None])
    return scaled
