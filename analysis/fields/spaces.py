"""The same fields on whitened patches and in the image."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.fields import checked_fields

__all__ = ["Whitening", "fields_in_both_spaces", "image_margin"]

_KERNEL_SHARE = 0.999
_KERNEL_SIZE = 65  # pixels: far wider than a whitening kernel is


class Whitening(Protocol):
    """What is needed of a filter: `neurosim.stimuli.filters.olshausen` has several."""

    def to_image_space(self, fields: Any, *, margin: int) -> NDArray[np.float64]:
        """Apply the filter's adjoint to fields padded by `margin` pixels on each side."""


def image_margin(whitening: Whitening, *, size: int) -> int:
    """Return how far a filter spreads fields, in pixels.

    Parameters
    ----------
    whitening : Whitening
        A filter with ``kernel(size)`` spreads fields; one without it (ZCA, a matrix on patches) does not.
    size : int
        Shorter side of the fields, pixels.

    Returns
    -------
    int
        The smallest margin whose square around the kernel's centre holds 99.9 % of the kernel's energy, at
        most half the field's size: pixels further out hold rounding, and every one of them costs time in the
        fits.

    Examples
    --------
    >>> from neurosim.stimuli.filters.olshausen import OlshausenField
    >>> image_margin(OlshausenField(), size=16)
    4
    """
    if not hasattr(whitening, "kernel"):
        return 0
    kernel = np.asarray(whitening.kernel(_KERNEL_SIZE), dtype=np.float64)
    y, x = np.indices(kernel.shape) - _KERNEL_SIZE // 2
    energy = np.bincount(np.maximum(np.abs(y), np.abs(x)).ravel(), weights=(kernel**2).ravel())
    enclosed = np.cumsum(energy) / energy.sum()
    reach = int(np.argmax(enclosed >= _KERNEL_SHARE))
    return min(reach, size // 2)


def fields_in_both_spaces(
    fields: ArrayLike, whitening: Whitening, *, margin: int | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return dictionary rows as learned, and as fields in the image that a physiologist would map.

    A neuron with field f on whitened patches responds to an image s with ⟨f, W s⟩ = ⟨Wᵀ f, s⟩, so its field
    in the image is the filter's adjoint applied to f.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Dictionary rows, in the unit of the whitened patches.
    whitening : Whitening
        The filter the patches went through.
    margin : int, optional
        Pixels added on each side in the image; `image_margin` by default.

    Returns
    -------
    dict of str to ndarray
        ``"image"``: (n_fields, height + 2 margin, width + 2 margin); ``"whitened"``: the fields as they came.

    Raises
    ------
    ValueError
        If the fields have a wrong shape or are not finite.

    Examples
    --------
    >>> from neurosim.stimuli.filters.olshausen import OlshausenField
    >>> spaces = fields_in_both_spaces(np.ones((3, 16, 16)), OlshausenField())
    >>> {name: array.shape for name, array in spaces.items()}
    {'image': (3, 24, 24), 'whitened': (3, 16, 16)}
    """
    array = checked_fields(fields)
    chosen = image_margin(whitening, size=min(array.shape[1:])) if margin is None else margin
    return {"image": whitening.to_image_space(array, margin=chosen), "whitened": array}
