"""From a model's activity to spikes per second, by one scale for the whole population, and who responds at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.datasets.v1 import published_numbers

__all__ = ["LEAST_RATE", "RateScale", "rate_scale"]

LEAST_RATE = 5.0
"""Spikes/s above the spontaneous rate from which a unit counts as responsive (Ringach, Shapley & Hawken 2002)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateScale:
    """What turns activity into spikes/s: one number, fixed beforehand, for all units and stimuli.

    Attributes
    ----------
    slope : float
        Spikes/s per unit of activity.
    offset : float
        Spikes/s without activity.
    n_responsive : int
        Units that the scale was read from.
    n_units : int
        All units.
    """

    slope: float
    offset: float
    n_responsive: int
    n_units: int

    def rates(self, activity: ArrayLike) -> Floats:
        """Return spikes/s; negative activity counts as none, and rates below 0 as 0, as cells cannot fire less.

        Examples
        --------
        >>> RateScale(slope=2.0, offset=0.5, n_responsive=1, n_units=1).rates([-1.0, 3.0])
        array([0.5, 6.5])
        """
        return np.maximum(
            self.slope * np.maximum(np.asarray(activity, dtype=np.float64), 0.0) + self.offset, 0.0
        )


def rate_scale(best: ArrayLike, blank: ArrayLike) -> RateScale:
    """Choose the scale that gives the population the median rates of macaque V1.

    The median, over responsive units, of the best response becomes 33.8 spikes/s and that of the response to a blank
    .82 spikes/s. Responsive is a unit whose best response exceeds the blank's by more than 5/243.1 of the largest such
    difference: 5 spikes/s, were the strongest unit the strongest of the recorded cells.

    Parameters
    ----------
    best : array_like, shape (n_units,)
        Largest mean over phases of each unit's activity, over all gratings of the orientation set; any unit.
    blank : array_like, shape (n_units,)
        Activity without a stimulus.

    Returns
    -------
    RateScale

    Raises
    ------
    ValueError
        If shapes differ, a value is not finite, or no unit responds more to a grating than to the blank.

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495; rates of Ringach, Shapley & Hawken 2002.

    Examples
    --------
    >>> scale = rate_scale([2.0, 1.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0])
    >>> scale.rates([2.0, 0.0]).round(2).tolist(), scale.n_responsive, scale.n_units
    ([33.8, 0.82], 3, 4)
    """
    largest, empty = (np.maximum(np.asarray(values, dtype=np.float64), 0.0) for values in (best, blank))
    if largest.ndim != 1 or largest.shape != empty.shape or not largest.size:
        raise ValueError(
            f"expected one best and one blank response for each unit, got shapes {largest.shape} and {empty.shape}"
        )
    if not (np.isfinite(largest).all() and np.isfinite(empty).all()):
        raise ValueError("expected finite responses, got NaN or infinite ones: leave those units out")
    numbers, gain = published_numbers("response_constants_macaque_V1"), largest - empty
    share = numbers["response_threshold_sp_s"] / numbers["single_max_response_sp_s"]
    responsive = gain > max(share * gain.max(), 0.0)
    if not responsive.any():
        raise ValueError(
            f"expected units that respond more to a grating than to a blank, got none of {len(gain)}: look at "
            "contrast, place and frequency of the gratings, and at the network's threshold"
        )
    low, high = np.median(empty[responsive]), np.median(largest[responsive])
    rest, top = numbers["median_spontaneous_sp_s"], numbers["median_max_response_sp_s"]
    slope = float((top - rest) / (high - low))
    return RateScale(slope, float(rest - slope * low), int(responsive.sum()), len(gain))
