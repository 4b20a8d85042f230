"""The Jensen–Shannon divergence of two histograms."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["jensen_shannon_bits", "row_divergences"]


def jensen_shannon_bits(p: ArrayLike, q: ArrayLike) -> float:
    r"""Return the Jensen–Shannon divergence of two histograms.

    With the shares P, Q and their mean M,

    .. math:: \tfrac12 \sum P \log_2 \frac PM + \tfrac12 \sum Q \log_2 \frac QM .

    This is the divergence; ``scipy.spatial.distance.jensenshannon`` returns its square root.

    Parameters
    ----------
    p, q : array_like of equal shape
        Counts or shares, 0 or more; each is divided by its sum.

    Returns
    -------
    float
        Bits, from 0 (equal shares) to 1 (no common bin).

    Raises
    ------
    ValueError
        If the shapes differ, or a histogram is empty or has a negative or non-finite entry.

    References
    ----------
    Lin 1991, IEEE Trans Inf Theory 37:145, doi:10.1109/18.61115 (eq. 4.1, equal weights).

    Examples
    --------
    >>> jensen_shannon_bits([3, 1, 0], [0, 0, 5]), jensen_shannon_bits([1, 2], [2, 4])
    (1.0, 0.0)
    """
    first, second = (np.asarray(histogram, dtype=np.float64) for histogram in (p, q))
    if first.shape != second.shape:
        raise ValueError(
            f"expected two histograms on the same bins, got shapes {first.shape} and {second.shape}"
        )
    for histogram in (first, second):
        if not (np.isfinite(histogram).all() and (histogram >= 0).all() and histogram.sum() > 0):
            raise ValueError("expected finite counts of 0 or more with a positive sum in both histograms")
    return float(row_divergences(first.reshape(1, -1), second.reshape(1, -1))[0])


def row_divergences(p: NDArray[np.generic], q: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the Jensen–Shannon divergence (bits) of counts row by row, shape (n_rows, n_bins).

    One of the two may have a single row, which is compared with every row of the other.
    """
    first, second = (
        counts / counts.sum(axis=1, keepdims=True) for counts in (p.astype(float), q.astype(float))
    )
    middle = (first + second) / 2
    parts = []
    for shares in np.broadcast_arrays(first, second):
        ratio = np.divide(shares, middle, out=np.ones_like(middle), where=shares > 0)
        parts.append((shares * np.log2(ratio)).sum(axis=1))
    # Rounding can put equal histograms a hair below zero.
    return np.asarray(np.maximum((parts[0] + parts[1]) / 2, 0.0))
