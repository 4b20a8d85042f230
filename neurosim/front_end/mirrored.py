"""Filtering of images that are continued by their mirror image at the border."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dctn, idctn

__all__ = ["Transfer", "filter_mirrored"]

Transfer = Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]
"""Gain at vertical and horizontal frequencies in cycles/pixel, which broadcast."""

_PROBE = np.array([0.05, 0.1, 0.2, 0.4])  # cycles/pixel


def filter_mirrored(images: NDArray[np.float64], transfer: Transfer, *, name: str) -> NDArray[np.float64]:
    r"""Return images filtered along their last two axes.

    The edge pixel is repeated (``numpy.pad``'s ``"symmetric"``), so opposite edges never meet. With :math:`C` the
    orthonormal type-II cosine transform, whose row k has k/2N cycles/pixel, the filter is :math:`C^\top H C` and its
    own adjoint.

    Parameters
    ----------
    images : ndarray (..., height, width)
        Any unit.
    transfer : callable
        Gain :math:`H`, even in both frequencies.
    name : str
        What the message calls the filter.

    Returns
    -------
    ndarray (..., height, width), float64

    Raises
    ------
    ValueError
        If the gain is not even in both frequencies.

    Examples
    --------
    >>> filter_mirrored(np.eye(4), lambda fy, fx: 2.0 + 0 * (fy + fx), name="twice")[0].round(6)
    array([2., 0., 0., 0.])
    """
    height, width = images.shape[-2:]
    gain = transfer(np.arange(height)[:, None] / (2 * height), np.arange(width)[None, :] / (2 * width))
    # The cosine transform holds only the quadrant of positive frequencies: an oriented filter would be
    # replaced by its mirror average without a word.
    for mirrored in (transfer(_PROBE[:, None], -_PROBE), transfer(-_PROBE[:, None], _PROBE)):
        if not np.allclose(mirrored, transfer(_PROBE[:, None], _PROBE), rtol=1e-9, atol=1e-12):
            raise ValueError(
                f"expected a transfer function that is even in both frequencies, got one of {name} that is not; "
                "FourierFilter and FrontEnd cannot hold oriented filters"
            )
    spectrum = dctn(images, type=2, norm="ortho", axes=(-2, -1))
    return np.asarray(idctn(spectrum * gain, type=2, norm="ortho", axes=(-2, -1)))
