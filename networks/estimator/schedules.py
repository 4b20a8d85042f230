"""Learning rates over the course of training, as factors of the first one."""

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.parameters import SCHEDULES

__all__ = ["learning_rate_factors"]


def learning_rate_factors(schedule: str, n_batches: int) -> NDArray[np.float64]:
    """Return the factor of the learning rate for every batch.

    Parameters
    ----------
    schedule : {"constant", "linear", "cosine", "late", "two_step"}
        Constant; falling linearly, or as half a cosine, towards zero; constant for seven tenths of the training
        and then falling geometrically to a hundredth; or constant for two thirds and then a fifth of that, as
        King, Zylberberg & DeWeese 2013 trained the E-I Net.
    n_batches : int

    Returns
    -------
    array, shape (n_batches,)
        In (0, 1].

    Examples
    --------
    >>> learning_rate_factors("linear", 4)
    array([1.  , 0.75, 0.5 , 0.25])
    """
    progress = np.arange(n_batches) / max(1, n_batches)
    if schedule == "constant":
        return np.ones(n_batches)
    if schedule == "linear":
        return 1 - progress
    if schedule == "cosine":
        return (1 + np.cos(np.pi * progress)) / 2
    if schedule == "late":
        return 0.01 ** (np.maximum(0, progress - 0.7) / 0.3)
    if schedule == "two_step":
        # Whole numbers, because rounding of two thirds could move the step by a batch.
        return np.where(3 * np.arange(n_batches) < 2 * n_batches, 1.0, 0.2)
    raise ValueError(f"expected a learning-rate schedule out of {', '.join(SCHEDULES)}, got {schedule!r}")
