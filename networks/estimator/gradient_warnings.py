"""What to say after learning by gradients that ended above where it began, or well above where it had been."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = ["warn_if_risen"]

# Batches averaged at either end, because single ones differ by what they happen to show: as many, and at least so many.
_AT_EITHER_END, _LEAST = 20, 5
# What training lost again is told of from so many standard deviations of single batches on.
_LOST = 3


def warn_if_risen(objective: NDArray[Any], *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when an objective (n_batches,) ends above where it began or had been, by more than chance moves it.

    Held against the last twenty batches, or the last quarter if that is fewer, are the first batch, which nothing was
    learned from yet, and as many batches as at the end. Either has to be lower for certain: the first batch by one
    standard deviation than the lowest of the last, the mean of the first ones by three standard errors. Then the lowest
    mean of as many batches in a row: training that broke down on its way and never came back ends further above it than
    three times what single batches differ by, then or now. Training of fewer than twenty batches is not judged. With a
    `stacklevel` of 3 it points at the caller of what calls it.
    """
    n = min(_AT_EITHER_END, len(objective) // 4)
    if n < _LEAST:
        return
    values = np.asarray(objective, dtype=float)
    said = _above_its_beginning(values, n) or _above_its_lowest(values, n)
    if said:
        ends = f"the objective ends at {values[-n:].mean():.4g}, above the {said}: {remedy}"
        warnings.warn(ends, ConvergenceWarning, stacklevel=stacklevel)


def _above_its_beginning(values: NDArray[np.float64], n: int) -> str:
    """Return what it began with, if that is lower; else nothing."""
    first, last = values[:n], values[-n:]
    error = np.sqrt((first.var(ddof=1) + last.var(ddof=1)) / n)
    above_first_batch = last.min() - values[0] > last.std(ddof=1)
    if above_first_batch or last.mean() - first.mean() > 3 * error:
        return f"{values[0] if above_first_batch else first.mean():.4g} it began with"
    return ""


def _above_its_lowest(values: NDArray[np.float64], n: int) -> str:
    """Return the lowest that it had come to, and when, if it lost that again; else nothing."""
    stretches = values[: len(values) // n * n].reshape(-1, n)
    lowest = int(stretches.mean(axis=1).argmin())
    best, last = stretches[lowest], values[-n:]
    if last.mean() - best.mean() > _LOST * max(best.std(ddof=1), last.std(ddof=1)):
        return f"{best.mean():.4g} that it had come to after {(lowest + 1) * n} of {len(values)} batches"
    return ""
