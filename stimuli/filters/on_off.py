"""ON and OFF channels: the two rectified halves of a signed stimulus."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.front_end.relays import relay_difference, relays


def split_on_off(images: ArrayLike, *, base: float = 0.0) -> NDArray[np.floating]:
    """Return the positive and the negative part of every stimulus, side by side along the last axis.

    Rectification works pixel by pixel, so splitting patches is the same as cutting patches from split images:
    sample patches first, split them after.

    Parameters
    ----------
    images : array_like (..., n)
        Signed values, any unit; patches are (n_stimuli, n_pixels).
    base : float, 0 or more
        How far a channel can fall below its resting activity, in the unit of the values: relays that fire at rest
        signal both signs of a small value.

    Returns
    -------
    ndarray (..., 2 * n), the float type of the input
        ``[max(x, -base), max(-x, -base)]``. Without a base: 0 or more, and of the two values of one pixel at most one
        is not 0.

    Raises
    ------
    ValueError
        If the values are not finite, or the base is below 0.

    See Also
    --------
    join_on_off : the inverse, without a base.

    Examples
    --------
    >>> split_on_off([[1.0, -2.0, 0.0]])
    array([[1., 0., 0., 0., 2., 0.]])
    >>> split_on_off([[1.0, -2.0, 0.25]], base=0.5)
    array([[ 1.  , -0.5 ,  0.25, -0.5 ,  2.  , -0.25]])
    """
    if not 0 <= base < np.inf:
        raise ValueError(f"expected a base of 0 or more, in the unit of the images, got {base}")
    values = unmasked(images, "images")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(
            f"expected finite values, got {int((~np.isfinite(values)).sum())} NaN or infinite of "
            f"{values.size}; mend or leave out those stimuli"
        )
    return relays(values, base=base, axis=-1)


def join_on_off(halves: ArrayLike) -> NDArray[np.floating]:
    """Return ON minus OFF: the inverse of `split_on_off` without a base.

    ``join_on_off(split_on_off(x))`` is ``x``. The other order gives the input back only if no pixel is active
    in both halves, which holds for stimuli but not for dictionaries learned on them. For such a dictionary
    the result is the signed field: what the neuron looks for in the image before the split.

    Parameters
    ----------
    halves : array_like (..., 2 * n)
        ON values first, then OFF values.

    Returns
    -------
    ndarray (..., n)
        Signed values in the same unit.

    Raises
    ------
    ValueError
        If the last axis has odd length.

    Examples
    --------
    >>> join_on_off([[1.0, 0.0, 0.0, 0.0, 2.0, 0.0]])
    array([[ 1., -2.,  0.]])
    """
    values = unmasked(halves, "halves")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    if values.ndim == 0 or values.shape[-1] % 2:
        raise ValueError(f"expected an even last axis (ON then OFF), got shape {values.shape}")
    return relay_difference(values, axis=-1)
