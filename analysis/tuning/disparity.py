"""How neurons respond to binocular disparity: tuning curves, the disparity discrimination index, preferences.

Negative disparities are crossed (nearer than fixation) here and in the cortical data.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import finite_matrix

__all__ = ["DisparityTuning", "disparity_measures", "disparity_tuning"]

Floats = NDArray[np.float64]


class DisparityTuning(NamedTuple):
    """Responses averaged over the stimuli of each disparity."""

    disparities: Floats
    """Those shown, rising: shape (n_disparities,), in the unit they were given in."""
    mean: Floats
    """Mean response, shape (n_neurons, n_disparities), in the unit of the responses."""
    n_stimuli: NDArray[np.int64]
    """Stimuli per disparity: shape (n_disparities,)."""
    ddi: Floats
    """Disparity discrimination index, 0 to 1: shape (n_neurons,)."""
    p_value: Floats
    """One-way analysis of variance over disparities, on what the index is computed from: shape (n_neurons,)."""


def disparity_tuning(
    responses: ArrayLike, disparities: ArrayLike, *, square_root: bool = True
) -> DisparityTuning:
    r"""Average responses over the stimuli of each disparity, and set the differences against the scatter.

    With the largest and smallest mean response, SSE the sum of squared deviations of all N responses from the
    mean of their own disparity, and M disparities, the disparity discrimination index is

    .. math:: \frac{R_{\max} - R_{\min}}{R_{\max} - R_{\min} + 2\sqrt{\mathrm{SSE}/(N - M)}}

    on square roots of the responses, which make the variance of spike counts nearly independent of their mean.

    Parameters
    ----------
    responses : array_like, shape (n_stimuli, n_neurons)
        Spike counts or activity, any unit; several stimuli per disparity, such as random-dot patterns or
        patches of scenes. Trials of the cortical sample showed a stream of random-dot patterns: to set an index
        beside theirs, average the responses over many patterns per row first, since differences between single
        patterns count as scatter.
    disparities : array_like, shape (n_stimuli,)
        Disparity of each stimulus; equal numbers are one condition.
    square_root : bool
        Compute ``ddi`` and ``p_value`` on square roots. Turn it off for signed activity.

    Returns
    -------
    DisparityTuning
        ``mean`` is of the responses themselves. ``ddi`` and ``p_value`` are NaN for a neuron whose response
        never varies. The largest of M noisy means exceeds the smallest, so that untuned neurons have an index
        above 0 too: about .37 for 20 disparities of 10 stimuli. Compare with shuffled disparities.

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, there are fewer than two disparities or no disparity has
        two stimuli, or a response is negative and its root wanted.

    References
    ----------
    Prince, Pointon, Cumming & Parker 2002, J Neurophysiol 87:191, doi:10.1152/jn.00465.2000.

    Examples
    --------
    >>> tuning = disparity_tuning([[16.0], [4.0], [1.0], [9.0], [1.0]], [1, 1, -1, -1, -1])
    >>> tuning.disparities, tuning.mean.round(2), tuning.ddi.round(3)
    (array([-1.,  1.]), array([[ 3.67, 10.  ]]), array([0.348]))
    """
    given = finite_matrix("responses", responses).astype(np.float64)
    shown = np.asarray(disparities, dtype=np.float64)
    if shown.shape != given.shape[:1] or not np.isfinite(shown).all():
        raise ValueError(
            f"expected one finite disparity for each of {len(given)} stimuli, got shape {shown.shape}"
        )
    values, which = np.unique(shown, return_inverse=True)
    if not 2 <= len(values) < len(shown):
        raise ValueError(
            f"expected two disparities or more, some with several stimuli, got {len(values)} disparities in "
            f"{len(shown)} stimuli: without repetitions a tuning curve cannot be told from noise"
        )
    if square_root and (given < 0).any():
        raise ValueError(
            f"expected responses of 0 or more, got {(given < 0).sum()} negative ones: rectify them, or pass "
            "square_root=False"
        )
    ddi, p_value = _discrimination(np.sqrt(given) if square_root else given, which)
    counts = np.bincount(which)
    return DisparityTuning(values, _means(given, which).T, counts.astype(np.int64), ddi, p_value)


def disparity_measures(tuning: DisparityTuning) -> pd.DataFrame:
    """Summarise each tuning curve in a few numbers.

    Parameters
    ----------
    tuning : DisparityTuning
        From `disparity_tuning`.

    Returns
    -------
    DataFrame
        One row per neuron: ``preferred_disparity`` (of the largest mean; for a tuned-inhibitory neuron it says
        little: see `neurosim.analysis.tuning.disparity_gabor`), ``ddi``, ``p_value``, ``modulation`` (largest minus
        smallest mean, in the unit of the responses) and ``modulation_index`` (that over their sum: 0 to 1 for
        responses of 0 or more). A neuron whose mean does not change with disparity has no preference: NaN; the
        index of a silent one is NaN.

    Examples
    --------
    >>> tuning = disparity_tuning([[16.0], [4.0], [1.0], [9.0], [2.0]], [1, 1, -1, -1, -1])
    >>> disparity_measures(tuning)[["preferred_disparity", "modulation"]].to_numpy().tolist()
    [[1.0, 6.0]]
    """
    largest, smallest = tuning.mean.max(axis=1), tuning.mean.min(axis=1)
    modulation, total = largest - smallest, largest + smallest
    nothing = np.full(len(largest), np.nan)
    preferred = tuning.disparities[tuning.mean.argmax(axis=1)]
    return pd.DataFrame(
        {
            "preferred_disparity": np.where(modulation > 0, preferred, np.nan),
            "ddi": tuning.ddi,
            "p_value": tuning.p_value,
            "modulation": modulation,
            "modulation_index": np.divide(modulation, total, out=nothing, where=total != 0),
        }
    )


def _means(values: Floats, which: NDArray[np.intp]) -> Floats:
    """Return the mean of each group: (n_groups, n_neurons)."""
    counts = np.bincount(which)
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, which, values)
    return sums / counts[:, None]


def _discrimination(values: Floats, which: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the discrimination index and the probability of as large an F by chance, per neuron."""
    from scipy.stats import f as f_distribution

    means, counts = _means(values, which), np.bincount(which)
    freedom = len(values) - len(counts), len(counts) - 1
    within = ((values - means[which]) ** 2).sum(axis=0) / freedom[0]
    between = (counts[:, None] * (means - values.mean(axis=0)) ** 2).sum(axis=0) / freedom[1]
    spread = np.ptp(means, axis=0)
    varies = np.ptp(values, axis=0) > 0
    nothing = np.full(values.shape[1], np.nan)
    ddi = np.divide(spread, spread + 2 * np.sqrt(within), out=nothing.copy(), where=varies)
    with np.errstate(divide="ignore"):
        ratio = np.divide(between, within, out=nothing, where=varies)
    return ddi, np.asarray(f_distribution.sf(ratio, freedom[1], freedom[0]))
