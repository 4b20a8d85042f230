"""What to say after learning by gradients that ended above where it began."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = ["warn_if_risen"]

# Batches averaged at either end, because single ones differ by what they happen to show: as many, and at least so many.
_AT_EITHER_END, _LEAST = 20, 5


def warn_if_risen(objective: NDArray[Any], *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when an objective (n_batches,) ends above where it began, by more than chance moves it between batches.

    Held against the last twenty batches, or the last quarter if that is fewer, are the first batch, which nothing was
    learned from yet, and as many batches as at the end. Either has to be lower for certain: the first batch by one
    standard deviation than the lowest of the last, the mean of the first ones by three standard errors. Training of
    fewer than twenty batches is not judged. With a `stacklevel` of 3 it points at the caller of what calls it.
    """
    n = min(_AT_EITHER_END, len(objective) // 4)
    if n < _LEAST:
        return
    values = np.asarray(objective, dtype=float)
    first, last = values[:n], values[-n:]
    error = np.sqrt((first.var(ddof=1) + last.var(ddof=1)) / n)
    above_first_batch = last.min() - first[0] > last.std(ddof=1)
    if above_first_batch or last.mean() - first.mean() > 3 * error:
        began = first[0] if above_first_batch else first.mean()
        warnings.warn(
            f"the objective ends at {last.mean():.4g}, above the {began:.4g} it began with: {remedy}",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )
