"""The unit that learning is relative to, or a unit of its own for each stimulus: mean 0, standard deviation 1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.training_data import mean_square

__all__ = ["learning_unit", "standardised"]

# Rows at once: what double precision makes of them stays in the cache.
_ROWS = 256
# Beyond these, squares of single precision, or membranes, are no numbers any more.
_SMALLEST, _LARGEST = 1e-15, 1e15
# What the order of millions of summands may change.
_SUMMED = 1e-11


def standardised(stimuli: NDArray[Any]) -> NDArray[Any]:
    """Return each stimulus with mean 0 and standard deviation 1, whatever its unit.

    A stimulus without contrast has no direction to scale: it becomes blank, all zeros. One that is standardised
    already, to rounding, stays as it is, bit for bit.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)

    Returns
    -------
    array, shape (n_stimuli, n_pixels)
        Of the same type.

    Raises
    ------
    ValueError
        If stimuli have a single pixel, which is their own mean.

    Examples
    --------
    >>> standardised(np.array([[0.0, 2.0, 0.0, 2.0], [5.0, 5.0, 5.0, 5.0]]))
    array([[-1.,  1., -1.,  1.],
           [ 0.,  0.,  0.,  0.]])
    """
    if stimuli.shape[1] == 1:
        raise ValueError(
            "expected stimuli of several pixels to standardise, got n_features=1; pass standardise=False"
        )
    result = np.empty_like(stimuli)
    for first in range(0, len(stimuli), _ROWS):
        rows = slice(first, first + _ROWS)
        result[rows] = _standardised(stimuli[rows].astype(np.float64), _rounding(stimuli))
    return result


def learning_unit(stimuli: NDArray[Any]) -> float:
    """Return the mean square of stimuli, which learning is relative to.

    One within rounding of a power of two is taken as that, so that stimuli that come standardised are learned from
    with the rates as they stand.

    Examples
    --------
    >>> learning_unit(np.array([[3.0, -3.0]])), learning_unit(np.array([[1.0, -1.0 - 1e-15]]))
    (9.0, 1.0)
    """
    largest = float(np.abs(stimuli).max())
    if largest == 0:
        raise ValueError(f"expected stimuli to learn from, got {len(stimuli)} that are zero in every pixel")
    if not _SMALLEST < largest < _LARGEST:
        raise ValueError(
            f"expected stimuli whose largest pixel is between {_SMALLEST:g} and {_LARGEST:g}, got {largest:.3g}: pass "
            "them in another unit"
        )
    rounding = max(_rounding(stimuli), _SUMMED)
    return float(_snapped(np.array(mean_square(stimuli)), rounding))


def _standardised(rows: NDArray[np.float64], rounding: float) -> NDArray[np.float64]:
    """Standardise rows, which are changed."""
    size = np.maximum(rows.max(axis=1, keepdims=True), -rows.min(axis=1, keepdims=True))
    # By a power of two, which is exact: squares of pixels of 1e200 are no numbers.
    rows *= np.ldexp(1.0, -np.clip(np.frexp(size)[1], -1000, 1000))
    mean = rows.mean(axis=1, keepdims=True)
    centred = rows - mean
    deviation = np.sqrt(np.einsum("sp,sp->s", centred, centred) / rows.shape[1])[:, None]
    flat = deviation <= 4 * np.finfo(np.float64).eps
    # A mean within rounding of zero stays, so that what is standardised already does.
    centred = np.where(np.abs(mean) > rounding * deviation, centred, rows)
    centred *= np.where(flat, 0, 1 / np.where(flat, 1, _snapped(deviation, rounding)))
    return centred


def _snapped(values: NDArray[np.float64], rounding: float) -> NDArray[np.float64]:
    """Return positive values with those next to a power of two replaced by it, and zeros as they are."""
    nearest = np.exp2(np.round(np.log2(np.where(values > 0, values, 1))))
    return np.where(np.abs(values - nearest) <= rounding * nearest, nearest, values)


def _rounding(stimuli: NDArray[Any]) -> float:
    """Return by how much mean and deviation of standardised stimuli of this type may miss 0 and 1."""
    return float(8 * np.finfo(stimuli.dtype).eps)
