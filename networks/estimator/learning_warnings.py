"""Warnings after a fit that is not what the model promises: silent or dense, worse than before or than nothing."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "warn_if_dense",
    "warn_if_mostly_unused",
    "warn_if_risen",
    "warn_if_worse_than_at_first",
    "warn_if_worse_than_silence",
]

# More than half of a population without an answer is no population; a code with more active than this is not sparse.
_UNUSED, _DENSE = 0.5, 0.4


def warn_if_dense(active_fraction: float, *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when a code that is meant to be sparse is dense.

    Parameters
    ----------
    active_fraction : float
        Share of the neurons that answer a stimulus, averaged over stimuli, 0 to 1.
    remedy : str
        What to do, with the numbers concerned, such as ``"raise threshold=0.1"``.
    stacklevel : int, default=3
        As for `warn_if_mostly_unused`.

    Warns
    -----
    ConvergenceWarning

    Examples
    --------
    >>> warn_if_dense(0.1, remedy="raise threshold=0.1")
    """
    if active_fraction > _DENSE:
        warnings.warn(
            f"the code is dense: {active_fraction:.0%} of the neurons answer a stimulus, where a sparse code has "
            f"at most {_DENSE:.0%}: {remedy}",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )


# The last tenth of the batches is compared with the first tenth: worse by a twentieth and by two standard errors.
_ENDS, _MARGIN, _ERRORS = 0.1, 0.05, 2.0
# Batches averaged at either end, because single ones differ by what they happen to show: as many, and at least so many.
_AT_EITHER_END, _LEAST = 20, 5


def warn_if_risen(objective: NDArray[Any], *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when an objective ends above where it began, by more than chance moves it between batches.

    Held against the last twenty batches, or the last quarter if that is fewer, are the first batch, which nothing was
    learned from yet, and as many batches as at the end. Either has to be lower for certain: the first batch by one
    standard deviation than the lowest of the last, the mean of the first ones by three standard errors. A course of
    fewer than twenty batches is not judged.

    Parameters
    ----------
    objective : array, shape (n_batches,)
        What is minimised, batch by batch.
    remedy : str
        What to do, with the numbers concerned.
    stacklevel : int, default=3
        As for `warnings.warn`; 3 points at the caller of the function that calls this one.

    Warns
    -----
    ConvergenceWarning

    Examples
    --------
    >>> warn_if_risen(np.linspace(2.0, 1.0, 100), remedy="lower learning_rate=0.1")
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


def warn_if_mostly_unused(used: NDArray[np.bool_], *, what: str, remedy: str, stacklevel: int = 3) -> None:
    """Warn when more than half of a population ends without a part in it.

    Parameters
    ----------
    used : bool array, shape (n_neurons,)
    what : str
        What the others do not do, such as ``"answered no stimulus of the last epoch"``.
    remedy : str
        What to do, with the numbers concerned.
    stacklevel : int, default=3
        As for `warn_if_risen`.

    Warns
    -----
    ConvergenceWarning

    Examples
    --------
    >>> warn_if_mostly_unused(np.array([True, False]), what="answered nothing", remedy="lower threshold=3.0")
    """
    n_unused = int(np.count_nonzero(~used))
    if n_unused > _UNUSED * len(used):
        warnings.warn(
            f"{n_unused} of {len(used)} neurons {what}: {remedy}", ConvergenceWarning, stacklevel=stacklevel
        )


def warn_if_worse_than_at_first(unexplained: list[float]) -> None:
    """Warn when the objective, in shares of what silence would cost, ended above where it began."""
    if len(unexplained) < 2:
        return
    n = max(1, int(_ENDS * len(unexplained)))
    first, last = float(np.mean(unexplained[:n])), float(np.mean(unexplained[-n:]))
    # Batches differ; what they differ by from one to the next is no trend.
    scatter = float(np.sqrt(np.mean(np.square(np.diff(unexplained))) / 2))
    if last > (1 + _MARGIN) * first and last - first > _ERRORS * scatter * np.sqrt(2 / n):
        warnings.warn(
            f"learning made the population worse: its objective was {first:.3g} of what silence costs in the first "
            f"batches and {last:.3g} in the last; use a smaller learning_rate or larger batches",
            ConvergenceWarning,
            stacklevel=6,
        )


def warn_if_worse_than_silence(objective: float, stimuli: NDArray[Any]) -> None:
    """Warn when a population's mean objective is above that of no activity at all, half the stimuli's mean energy."""
    silence = float((stimuli**2).sum(axis=1).mean() / 2)
    if objective > 1.01 * silence > 0:
        warnings.warn(
            f"the population explains less than silence would (objective {objective:.3g} against {silence:.3g}): "
            "it had not settled, or its fields grow faster than it can follow; use a smaller learning_rate, a longer "
            "presentation or a smaller dt",
            stacklevel=4,
        )
