"""What resampling says of a distance between two histograms: its bias, and an interval that covers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosim.analysis.v1.divergence import row_divergences
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Resampled", "resampled_counts", "resampled_divergence", "smoothed_shares"]

_ENDS = (2.5, 97.5)  # percentiles
_MOST = 1.0  # bits: no two histograms are further apart


@dataclass(frozen=True, eq=False)
class Resampled:
    """A distance, or a difference of two, beside the draws that show how it errs.

    Few cells and units put a divergence too high, and draws from a sample put it too high once more by about as
    much. So what the draws are too high by is taken off, and the spread of the draws is turned around: a bootstrap
    interval of percentiles would have the bias twice.

    Attributes
    ----------
    bits : float
        As measured.
    centre : float
        The same of the shares that the draws come from: the truth, as far as the draws are concerned.
    draws : ndarray, shape (n_draws,)
        The same of resampled cells and units.

    References
    ----------
    Davison & Hinkley 1997, Bootstrap Methods and their Application, sections 2.2 (bias) and 2.4 (the basic interval).
    """

    bits: float
    centre: float
    draws: NDArray[np.float64]

    def __sub__(self, other: "Resampled") -> "Resampled":
        """Return the difference; both have to come from the same draws of the cells."""
        return Resampled(self.bits - other.bits, self.centre - other.centre, self.draws - other.draws)

    def corrected(self) -> float:
        """Return the value without its bias; NaN if a draw is."""
        return float(self.bits + self.centre - self.draws.mean())

    def interval(self) -> tuple[float, float]:
        """Return the reflected 95 % interval; NaN if a draw is."""
        if not np.isfinite(self.draws).all():
            return float("nan"), float("nan")
        low, high = np.percentile(self.draws, _ENDS)
        return float(self.bits + self.centre - high), float(self.bits + self.centre - low)

    def divergence(self) -> tuple[float, tuple[float, float]]:
        """Return `corrected` and `interval` of a divergence, which is between 0 and 1 bit.

        Examples
        --------
        >>> Resampled(0.02, 0.02, np.array([0.03, 0.05])).divergence()
        (0.0, (0.0, 0.009500000000000001))
        """
        low, high = self.interval()
        return _possible(self.corrected()), (_possible(low), _possible(high))


def smoothed_shares(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the shares of a histogram with one more count, spread evenly over its bins.

    A bin in which a sample has nobody is rarely empty in the population. Draws from the bare sample never fall there
    and show too little of the bias: for few units far from the cells the interval then covers too seldom
    (``make verify-coverage``, ``verification/interval_coverage.csv``).

    Parameters
    ----------
    counts : ndarray of int, any shape, with at least one count

    Returns
    -------
    ndarray, shape (n_bins,)
        They add up to 1.

    References
    ----------
    Schürmann & Grassberger 1996, Chaos 6:414, doi:10.1063/1.166191 (one count in all, 1/n_bins in each bin).

    Examples
    --------
    >>> smoothed_shares(np.array([[3, 0]])).tolist()
    [0.875, 0.125]
    """
    flat = counts.ravel() + 1 / counts.size
    return np.asarray(flat / flat.sum())


def resampled_counts(counts: NDArray[np.integer], n_draws: int, *, rng: Randomness) -> NDArray[np.int64]:
    """Draw as many units as were counted from the `smoothed_shares`: (n_draws, n_bins).

    Examples
    --------
    >>> resampled_counts(np.array([[0, 30], [0, 0]]), 2, rng=np.random.default_rng(0)).sum(axis=1).tolist()
    [30, 30]
    """
    rng = generator(rng)
    return rng.multinomial(int(counts.sum()), smoothed_shares(counts), size=n_draws)


def resampled_divergence(
    cells: NDArray[np.integer],
    units: NDArray[np.integer],
    *,
    cell_draws: NDArray[np.integer],
    rng: Randomness,
) -> Resampled:
    """Return the divergence of two histograms with the draws of both.

    Parameters
    ----------
    cells, units : ndarray of int, equal shapes
        Counts per bin; NaN throughout if there are no units.
    cell_draws : ndarray of int, shape (n_draws, n_bins)
        From `resampled_counts` of the cells: handed in, so that several populations can share them.
    rng : numpy.random.Generator or int
        Draws the units.

    Examples
    --------
    >>> rng, cells, units = np.random.default_rng(0), np.array([40, 39]), np.array([39, 40])
    >>> draws = resampled_counts(cells, 500, rng=rng)
    >>> found = resampled_divergence(cells, units, cell_draws=draws, rng=rng)
    >>> bool(found.divergence()[0] <= found.bits < found.draws.mean())
    True
    """
    rng = generator(rng)
    n_draws = len(cell_draws)
    if not units.any():
        return Resampled(float("nan"), float("nan"), np.full(n_draws, np.nan))
    flat = cells.reshape(1, -1), units.reshape(1, -1)
    smooth = (smoothed_shares(counts).reshape(1, -1) for counts in flat)
    return Resampled(
        bits=float(row_divergences(*flat)[0]),
        centre=float(row_divergences(*smooth)[0]),
        draws=row_divergences(cell_draws, resampled_counts(units, n_draws, rng=rng)),
    )


def _possible(bits: float) -> float:
    return float(np.clip(bits, 0.0, _MOST))
