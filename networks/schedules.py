"""Learning rates over the course of training, as factors of the first one."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCHEDULES", "learning_rate_factors"]

SCHEDULES = ("constant", "linear", "cosine", "late")


def learning_rate_factors(schedule: str, n_batches: int) -> NDArray[np.float64]:
    """Return the factor of the learning rate for every batch.

    Parameters
    ----------
    schedule : {"constant", "linear", "cosine", "late"}
        Constant; falling linearly, or as half a cosine, towards zero; or constant for seven tenths of the training
        and then falling geometrically to a hundredth.
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
    raise ValueError(f"expected a learning-rate schedule out of {', '.join(SCHEDULES)}, got {schedule!r}")
