"""The unit in which stimuli come: what learning and default thresholds are relative to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_square", "standard_deviation"]


def mean_square(stimuli: NDArray[Any]) -> float:
    """Return the mean over stimuli and pixels of the squared value, in the stimuli's unit squared.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)

    Examples
    --------
    >>> mean_square(np.array([[3.0, 4.0], [0.0, 5.0]]))
    12.5
    """
    # In float64 for every type of stimuli, and without a second array of squares.
    return float(np.einsum("sp,sp->", stimuli, stimuli, dtype=np.float64) / stimuli.size)


def standard_deviation(stimuli: NDArray[Any]) -> float:
    """Return the standard deviation of all pixel values about their common mean, in the stimuli's unit.

    Examples
    --------
    >>> standard_deviation(np.array([[1.0, 3.0], [3.0, 1.0]]))
    1.0
    """
    return float(np.std(stimuli, dtype=np.float64))
