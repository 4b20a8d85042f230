"""ON and OFF channels: the two rectified halves of a signed stimulus."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.images.image_set import unmasked


def split_on_off(images: ArrayLike) -> NDArray[np.floating]:
    """Return the positive and the negative part of every stimulus, side by side along the last axis.

    Rectification works pixel by pixel, so splitting patches is the same as cutting patches from split images:
    sample patches first, split them after.

    Parameters
    ----------
    images : array_like (..., n)
        Signed values, any unit; patches are (n_stimuli, n_pixels).

    Returns
    -------
    ndarray (..., 2 * n), the float type of the input
        ``[max(x, 0), max(-x, 0)]``: 0 or more, and of the two values of one pixel at most one is not 0.

    Raises
    ------
    ValueError
        If the values are not finite.

    See Also
    --------
    join_on_off : the inverse.

    Examples
    --------
    >>> split_on_off([[1.0, -2.0, 0.0]])
    array([[1., 0., 0., 0., 2., 0.]])
    """
    values = unmasked(images, "images")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(
            f"expected finite values, got {int((~np.isfinite(values)).sum())} NaN or infinite of "
            f"{values.size}; mend or leave out those stimuli"
        )
    return np.concatenate([np.maximum(values, 0), np.maximum(-values, 0)], axis=-1)


def join_on_off(halves: ArrayLike) -> NDArray[np.floating]:
    """Return ON minus OFF: the inverse of `split_on_off`.

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
    n = values.shape[-1] // 2
    signed: NDArray[np.floating] = values[..., :n] - values[..., n:]
    return signed
