"""How much neurons' spike counts vary together, beside what independent neurons would show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = ["CountCorrelations", "correlation_rms", "count_correlations"]


@dataclass(frozen=True)
class CountCorrelations:
    """The size of a population's spike-count correlations.

    Attributes
    ----------
    rms : float
        Root mean square of the correlation over distinct pairs of neurons; NaN without a pair.
    floor : float
        1/√(n_stimuli − 1): the rms that independent neurons show on as many stimuli. Noise adds in squares, so
        √(rms² − floor²) is what the correlation itself contributes.
    n_silent : int
        Neurons without a spike, which are in no pair.
    n_pairs : int
        Pairs that `rms` is over. A neuron whose count is the same for every stimulus is in no pair either.
    """

    rms: float
    floor: float
    n_silent: int
    n_pairs: int


def count_correlations(counts: ArrayLike) -> NDArray[np.float64]:
    """Correlate the spike counts of every two neurons over stimuli (Pearson).

    Parameters
    ----------
    counts : array_like, shape (n_stimuli, n_neurons)
        Spikes per stimulus, 0 or more.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        Symmetric, from -1 to 1, with 1 on the diagonal. The row and column of a neuron that is silent, or
        has the same count for every stimulus, are NaN.

    Raises
    ------
    ValueError
        If the counts have a wrong shape, fewer than two stimuli, or negative, NaN or infinite values.

    Examples
    --------
    >>> count_correlations([[0, 2, 0], [1, 1, 0], [2, 0, 0]])
    array([[ 1., -1., nan],
           [-1.,  1., nan],
           [nan, nan, nan]])
    """
    counts = _checked_counts(counts)
    varies = np.ptp(counts, axis=0) > 0
    correlations = np.full((counts.shape[1], counts.shape[1]), np.nan)
    if varies.any():
        # A sub-population of one neuron comes back from NumPy as a bare number.
        among_varying = np.atleast_2d(np.corrcoef(counts[:, varies], rowvar=False))
        correlations[np.ix_(varies, varies)] = among_varying
    return correlations


def correlation_rms(counts: ArrayLike) -> CountCorrelations:
    """Summarise the spike-count correlations of a population as one number, with its floor.

    Few stimuli make independent neurons look correlated: over 100 of them the rms is .1 without any
    correlation. Compare `rms` with `floor`, and use thousands of stimuli.

    Parameters
    ----------
    counts : array_like, shape (n_stimuli, n_neurons)
        Spikes per stimulus, 0 or more.

    Returns
    -------
    CountCorrelations

    Raises
    ------
    ValueError
        If the counts have a wrong shape, fewer than two stimuli, or negative, NaN or infinite values.

    References
    ----------
    King, Zylberberg & DeWeese 2013, J Neurosci 33:5475, doi:10.1523/JNEUROSCI.4188-12.2013 (the measure).

    Examples
    --------
    >>> import numpy as np
    >>> independent = np.random.default_rng(0).poisson(0.5, size=(10_001, 50))
    >>> found = correlation_rms(independent)
    >>> round(found.rms, 3), found.floor, found.n_silent, found.n_pairs
    (0.01, 0.01, 0, 1225)
    """
    counts = _checked_counts(counts)
    correlations = count_correlations(counts)
    pairs = correlations[np.triu_indices_from(correlations, k=1)]
    pairs = pairs[~np.isnan(pairs)]
    return CountCorrelations(
        rms=float(np.sqrt(np.mean(pairs**2))) if pairs.size else float("nan"),
        floor=float(1 / np.sqrt(len(counts) - 1)),
        n_silent=int((counts == 0).all(axis=0).sum()),
        n_pairs=int(pairs.size),
    )


def _checked_counts(counts: ArrayLike) -> NDArray[np.float64]:
    array = unmasked(counts, "counts").astype(np.float64, copy=False)
    if array.ndim != 2 or array.size == 0 or len(array) < 2:
        raise ValueError(
            f"expected counts of shape (n_stimuli, n_neurons) with at least two stimuli, got {array.shape}"
        )
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        raise ValueError(
            f"expected finite counts of 0 or more, got {int(wrong.sum())} others of {array.size}, the first "
            f"{array[wrong][0]:g}: pass the spikes of each neuron, not a signed code"
        )
    return array
