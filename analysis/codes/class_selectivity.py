"""How much a neuron prefers one class of stimuli, and how much it would seem to if classes were dealt out anew."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import labelled_rows
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["class_selectivity"]


def class_selectivity(code: ArrayLike, labels: ArrayLike, *, rng: Randomness) -> pd.DataFrame:
    r"""Compare each neuron's mean activity for its best class with that for the other ones.

    .. math:: (m_\mathrm{best} - \bar m_\mathrm{others}) / (m_\mathrm{best} + \bar m_\mathrm{others})

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; a signed code counts by its magnitude.
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus. All classes weigh the same, however many stimuli they have.
    rng : numpy.random.Generator or int
        Shuffles the labels of the control.

    Returns
    -------
    DataFrame
        One row per neuron: ``selectivity``, 0 for the same activity to all classes and 1 for activity to one alone;
        ``shuffled``, the control, the same with the stimuli's labels dealt out once at random, which is the higher the
        fewer stimuli a neuron responds to; ``best_class``. A silent neuron has NaN, and -1 for its class.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, there is one class only, or a label is negative.

    References
    ----------
    Morcos, Barrett, Rabinowitz & Botvinick 2018, ICLR, arXiv:1803.06959, section 2.3.

    Examples
    --------
    >>> code = [[3.0, 1.0], [3.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
    >>> class_selectivity(code, [0, 0, 1, 1], rng=0)["selectivity"].round(3).to_list()
    [0.5, 1.0]
    """
    rng = generator(rng)
    rows, classes = labelled_rows(code, labels, name="code")
    if classes.min() < 0:
        raise ValueError(f"expected `labels` from 0, got {classes.min()}: number the classes from 0")
    # A neuron's own unit is no matter, and shares of its peak can be added without overflow.
    magnitudes = np.abs(rows).astype(np.float64)
    peak = magnitudes.max(axis=0)
    shares = magnitudes / np.where(peak > 0, peak, np.nan)
    kinds, of_class = np.unique(classes, return_inverse=True)
    selectivity, best = _preference(shares, of_class)
    shuffled, _ = _preference(shares, rng.permutation(of_class))
    best_class = np.where(peak > 0, kinds[best], -1)
    return pd.DataFrame({"selectivity": selectivity, "shuffled": shuffled, "best_class": best_class})


def _preference(
    activity: NDArray[np.float64], of_class: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return each neuron's index and the number of its best class; NaN and 0 for one that is silent."""
    means = np.stack([activity[of_class == c].mean(axis=0) for c in range(of_class.max() + 1)])
    best = means.max(axis=0)
    others = (means.sum(axis=0) - best) / (len(means) - 1)
    return (best - others) / (best + others), np.argmax(np.nan_to_num(means), axis=0)
