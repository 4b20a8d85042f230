"""Warnings after a fit whose code is not what the model promises: most neurons silent, or most active."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

__all__ = ["warn_if_dense", "warn_if_silent"]

# More than half of a population without an answer is no population; a code with more active than this is not sparse.
_SILENT, _DENSE = 0.5, 0.4


def warn_if_silent(usage: NDArray[Any], *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when more than half of the neurons stayed silent through a whole fit.

    Parameters
    ----------
    usage : array, shape (n_neurons,)
        Share of the stimuli of the last epoch that each neuron answered, 0 to 1.
    remedy : str
        What to do, with the numbers concerned, such as ``"lower threshold=3.0"``.
    stacklevel : int, default=3
        As for `warnings.warn`; 3 points at the caller of the function that calls this one.

    Warns
    -----
    ConvergenceWarning

    Examples
    --------
    >>> warn_if_silent(np.array([0.1, 0.0]), remedy="lower threshold=3.0")
    """
    n_silent, n = int(np.count_nonzero(usage == 0)), len(usage)
    if n_silent > _SILENT * n:
        warnings.warn(
            f"{n_silent} of {n} neurons stayed silent through the whole fit: {remedy}",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )


def warn_if_dense(active_fraction: float, *, remedy: str, stacklevel: int = 3) -> None:
    """Warn when a code that is meant to be sparse is dense.

    Parameters
    ----------
    active_fraction : float
        Share of the neurons that answer a stimulus, averaged over stimuli, 0 to 1.
    remedy : str
        What to do, with the numbers concerned, such as ``"raise threshold=0.1"``.
    stacklevel : int, default=3
        As for `warn_if_silent`.

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
