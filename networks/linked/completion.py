"""Recall that is completed while it learns: a recall counts as the patterns that it is nearest to.

Print neurons, one for each pattern of a modality, hear what is recalled and compete. The pattern that they stand for
together is the completed recall, and weights of recall learn from the difference between what was seen and that: eq. 4
of Barari & Kim, with the recall completed before it is subtracted. One completion is one step of a modern Hopfield
network (Ramsauer et al. 2021, arXiv 2008.02217, eq. 3).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "completed",
    "known_patterns",
    "learned_recall",
    "pattern_of",
    "settled_competition",
]

Rows = NDArray[np.floating]

# Of what is seen only once or twice there is nothing to complete.
_TIMES_SEEN = 3


def known_patterns(name: str, stimuli: Rows) -> Rows:
    """Return the different stimuli of a modality (n_patterns, n_features) in the order in which they came.

    Examples
    --------
    >>> known_patterns("print", np.array([[0.0, 1.0], [1.0, 0.0]])[[0, 1, 0, 0, 1, 1]])
    array([[0., 1.],
           [1., 0.]])
    """
    first: dict[bytes, int] = {}
    for k, row in enumerate(np.ascontiguousarray(stimuli)):
        first.setdefault(row.tobytes(), k)
    if len(stimuli) < _TIMES_SEEN * len(first):
        raise ValueError(
            f"completion[{name!r}]: expected a modality of few patterns, each seen many times, as prints are, got "
            f"{len(first):,} different ones among {len(stimuli):,} stimuli; leave {name!r} out"
        )
    return stimuli[list(first.values())]


def pattern_of(name: str, stimuli: Rows, patterns: Rows) -> NDArray[np.intp]:
    """Return the number of the pattern that each stimulus is.

    Examples
    --------
    >>> pattern_of("print", np.eye(2)[[1, 1, 0]], np.eye(2))
    array([1, 1, 0])
    """
    numbers = {row.tobytes(): k for k, row in enumerate(np.ascontiguousarray(patterns))}
    rows = np.ascontiguousarray(stimuli, dtype=patterns.dtype)
    which = np.array([numbers.get(row.tobytes(), -1) for row in rows], dtype=np.intp)
    if (which < 0).any():
        raise ValueError(
            f"{name}: expected one of the {len(patterns)} patterns that were seen at first, got another at stimulus "
            f"{which.argmin()}; fit afresh with all patterns, or leave {name!r} out of completion"
        )
    return which


def settled_competition(excitation: Rows) -> Rows:
    r"""Return the activity q (n_stimuli, n_patterns) at which print neurons with excitation b come to rest: a softmax.

    .. math:: τ \dot u_c = b_c - n - u_c, \quad q_c = e^{u_c}, \quad τ \dot n = \sum_c q_c - 1

    n is the potential of one inhibitory neuron, which all of them drive and which inhibits all.

    Examples
    --------
    >>> settled_competition(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    activity: Rows = np.exp(excitation - excitation.max(axis=1, keepdims=True))
    return activity / activity.sum(axis=1, keepdims=True)


def completed(recalled: Rows, patterns: Rows, *, sharpness: float) -> Rows:
    """Return completed recalls (n_stimuli, n_features): mixtures of patterns (n_patterns, n_features).

    `sharpness` β multiplies overlaps divided by the patterns' mean squared norm, so that it is a pure number: 0 gives
    the mean of all patterns, and the larger it is, the more the best match alone.

    Examples
    --------
    >>> completed(np.array([[0.6, 0.4]]), np.eye(2), sharpness=1000).round(3)
    array([[1., 0.]])
    """
    return settled_competition(recalled @ _synapses(patterns, sharpness)) @ patterns


def learned_recall(
    weights: Rows,
    code: Rows,
    which: NDArray[np.intp],
    patterns: Rows,
    *,
    sharpness: float,
    batches: Iterable[tuple[NDArray[np.intp], float]],
) -> Rows:
    """Return weights of recall (n_neurons, n_features) after one step per batch, rate × mean of a ⊗ (P − completed).

    `which` tells the pattern P that was seen with each code, `batches` the rows and the rate of every step. A step
    moves weights within the span of the patterns, so only the weights' overlaps with them are followed.
    """
    synapses = _synapses(patterns, sharpness)
    heard, alike = weights @ synapses, patterns @ synapses
    moved = np.zeros_like(heard)
    for rows, rate in batches:
        error = -settled_competition(code[rows] @ heard)
        error[np.arange(len(rows)), which[rows]] += 1
        step = rate / len(rows) * code[rows].T @ error
        moved += step
        heard += step @ alike
    return weights + moved @ patterns


def _synapses(patterns: Rows, sharpness: float) -> Rows:
    """Return the weights (n_features, n_patterns) from what is recalled to the print neurons."""
    synapses: Rows = sharpness / (np.square(patterns).sum(axis=1).mean() or 1.0) * patterns.T
    return synapses
