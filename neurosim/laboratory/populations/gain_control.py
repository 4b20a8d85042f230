"""Gain control in the circuit: inhibitory cells that hear all units nearby, whatever they prefer, and divide them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["GainControl"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GainControl:
    r"""A pool of inhibitory cells whose conductance shunts the membranes of a population's output.

    The pool's membrane follows the summed activity around it, :math:`\tau\dot g = \sum_j k_j |a_j| / n - g`, and each
    output cell :math:`\tau\dot r = a - (1 + w g) r`: at rest :math:`r = a / (1 + w g)`. Given are the states at rest.
    Tuning in the absence of other stimuli stays as it is, since all units are divided alike; what is large or strong
    drives the pool more.

    Parameters
    ----------
    strength : float, above 0
        w, a pure number: natural images divide by 1 + w on average.
    nearness : ndarray (n_units,)
        k, how much the pool hears of each unit, 0 or more.
    natural : float, above 0
        n, the mean of the sum over natural images, in the unit of the activity.

    Raises
    ------
    ValueError
        If strength or natural are not above 0.

    References
    ----------
    Carandini & Heeger 1994, Science 264:1333, doi:10.1126/science.8191289 (shunting by the pool).
    Heeger 1992, Visual Neuroscience 9:181, doi:10.1017/S0952523800009640.

    Examples
    --------
    >>> control = GainControl(strength=0.5, nearness=np.ones(2), natural=2.0)
    >>> control.divided([[4.0, 0.0], [4.0, 4.0]])
    array([[2.        , 0.        ],
           [1.33333333, 1.33333333]])
    """

    strength: float
    nearness: Floats
    natural: float

    def __post_init__(self) -> None:
        if not 0 < self.strength < np.inf:
            raise ValueError(f"expected a strength of gain control above 0, got {self.strength!r}")
        if not 0 < self.natural < np.inf:
            raise ValueError(
                f"expected natural images that the population answers, got a mean of {self.natural!r}: gain control "
                "has nothing to be relative to; leave it out (gain_control = 0)"
            )

    def divided(self, activity: ArrayLike) -> Floats:
        """Return the output cells' responses.

        Parameters
        ----------
        activity : array_like (n_images, n_units)
            Of all units that the pool hears; signed ones count by their size.

        Returns
        -------
        ndarray (n_images, n_units), float64
        """
        return np.asarray(np.asarray(activity, dtype=np.float64) / self.divisor(activity)[:, None])

    def divisor(self, activity: ArrayLike) -> Floats:
        """Return what each image's responses are divided by, 1 + w g, (n_images,)."""
        pool = pool_activity(np.asarray(activity, dtype=np.float64), self.nearness)
        return np.asarray(1 + self.strength * pool / self.natural)


def pool_activity(activity: Floats, nearness: Floats) -> Floats:
    """Return what the pool hears of each image, (n_images,)."""
    return np.asarray(np.abs(activity) @ nearness)
