"""ON and OFF relays: a signed value as two that have a floor."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["BASES", "relay_difference", "relays"]

BASES = {"split": 0.0, "push_pull": np.inf}
"""Bases that have a name: each relay one half of the value, and relays without a floor."""


def relays(values: NDArray[np.floating], *, base: float, axis: int) -> NDArray[np.floating]:
    """Return ``max(x, -base)`` and ``max(-x, -base)``, joined along an axis.

    Parameters
    ----------
    values : ndarray
        Signed, any unit.
    base : float, 0 or more
        How far a relay can fall below its resting activity, in the unit of the values. At 0 each relay is one half of
        the value; above, both follow small values, with opposite signs; at infinity they have no floor.
    axis : int
        Along which ON comes first, then OFF.

    Examples
    --------
    >>> relays(np.array([2.0, -0.1]), base=0.5, axis=0)
    array([ 2. , -0.1, -0.5,  0.1])
    """
    floor = 0.0 - base  # not -0.0
    return np.concatenate([np.maximum(values, floor), np.maximum(-values, floor)], axis=axis)


def relay_difference(weights: NDArray[np.floating], *, axis: int) -> NDArray[np.floating]:
    """Return ON minus OFF along an axis: what weights on both relays look for in the signed value.

    Parameters
    ----------
    weights : ndarray
        With an even number along the axis, ON first.
    axis : int
        As for `relays`.

    Examples
    --------
    >>> relay_difference(np.array([2.0, 0.0, 0.0, 1.0]), axis=0)
    array([ 2., -1.])
    """
    on, off = np.split(weights, 2, axis=axis)
    return np.asarray(on - off)
