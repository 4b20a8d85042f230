"""What a call of `fit` starts from and what it has to say at its end."""

import warnings
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.course import Course
from neurosim.networks.fit_warnings import warn_if_dense, warn_if_silent
from neurosim.networks.settled import warn_of_a_restless_fit

__all__ = ["order_of", "warn_after_learning"]

# The last tenth of the batches is compared with the first tenth: worse by a twentieth and by two standard errors.
_ENDS, _MARGIN, _ERRORS = 0.1, 0.05, 2.0


class _Network(Protocol):
    n_epochs: int
    batch_size: int
    carry_over: bool
    learning: bool
    presentation: Any
    dt: Any
    tolerance: float | None
    usage_: NDArray[np.float64]

    @property
    def _sparsity(self) -> str: ...


def order_of(network: _Network, n_stimuli: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the order in which `fit` shows its stimuli: anew at random in every epoch, or as given for a film.

    Raises
    ------
    ValueError
        If a film of several epochs does not fill its last batch: its stimuli would then continue others' membranes.
    """
    if not network.carry_over:
        return np.concatenate([rng.permutation(n_stimuli) for _ in range(network.n_epochs)])
    if network.n_epochs > 1 and n_stimuli % network.batch_size:
        raise ValueError(
            f"expected whole batches of batch_size={network.batch_size} to show a film {network.n_epochs} times with "
            f"carry_over=True, got {n_stimuli} stimuli; leave out the last {n_stimuli % network.batch_size}"
        )
    return np.tile(np.arange(n_stimuli), network.n_epochs)


def warn_after_learning(network: _Network, course: Course, *, shown: float, comparable_from: int) -> None:
    """Warn of a fit that did not settle, left most neurons silent or active, or made the objective worse.

    Parameters
    ----------
    network : SettlingNetwork
        With its usage.
    course : Course
    shown : float
        Seconds each stimulus was shown at most.
    comparable_from : int
        The first batch whose objective can be compared with the last one's.
    """
    if not network.carry_over:
        warn_of_a_restless_fit(network, course.unsettled() * course.n_stimuli, course.n_stimuli, shown=shown)
    if course.n_shown >= course.n_neurons:
        warn_if_silent(
            network.usage_,
            remedy=f"lower the {network._sparsity}; or start from stimuli (initial_dictionary='stimuli') and use "
            "reseed_dead=True",
            stacklevel=5,
        )
    warn_if_dense(float(np.mean(network.usage_)), remedy=f"raise the {network._sparsity}", stacklevel=5)
    if network.learning:
        _warn_if_worse(course.unexplained[comparable_from:])


def _warn_if_worse(unexplained: list[float]) -> None:
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
            stacklevel=5,
        )
