"""Reading stimuli from spike counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_gain", "rescaled_residual"]


def best_gain(stimuli: NDArray[Any], decoded: NDArray[Any]) -> float:
    """Return the factor that brings decoded stimuli nearest to the stimuli; 1 if nothing was decoded.

    Parameters
    ----------
    stimuli, decoded : array, shape (n_stimuli, n_pixels)

    Examples
    --------
    >>> best_gain(np.array([[2.0, 0.0]]), np.array([[1.0, 1.0]]))
    1.0
    """
    size = float(np.einsum("sp,sp->", decoded, decoded))
    return float(np.einsum("sp,sp->", stimuli, decoded)) / size if size > 0 else 1.0


def rescaled_residual(stimuli: NDArray[Any], decoded: NDArray[Any]) -> float:
    """Return the root mean square residual after every decoded stimulus is scaled to unit standard deviation.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
        Of unit standard deviation each.
    decoded : array, shape (n_stimuli, n_pixels)
        One without any contrast stays as it is.

    Examples
    --------
    >>> patch = np.array([[1.0, -1.0]])
    >>> rescaled_residual(patch, 7 * patch), rescaled_residual(patch, 0 * patch)
    (0.0, 1.0)
    """
    deviation = decoded.std(axis=1, keepdims=True)
    scale = np.where(deviation > 0, 1 / np.where(deviation > 0, deviation, 1), 1)
    return float(np.sqrt(np.mean((stimuli - scale * decoded) ** 2)))
