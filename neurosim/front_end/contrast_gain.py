"""Division of filtered images by their own contrast: of the whole image, or around each pixel."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

__all__ = ["divided_by_local_contrast", "standardised"]

Floats = NDArray[np.float64]


def standardised(images: Floats) -> Floats:
    """Return each image without its mean and divided by its standard deviation.

    An image without contrast stays without: all zeros.

    Parameters
    ----------
    images : ndarray (n_images, height, width)
        Any unit.

    Examples
    --------
    >>> standardised(np.array([[[1.0, 3.0]], [[2.0, 2.0]]]))
    array([[[-1.,  1.]],
    <BLANKLINE>
           [[ 0.,  0.]]])
    """
    mean = images.mean(axis=(1, 2), keepdims=True)
    deviation = images.std(axis=(1, 2), keepdims=True)
    # What rounding leaves of a constant image is not contrast.
    flat = deviation <= 4 * np.finfo(np.float64).eps * np.abs(images).max(axis=(1, 2), keepdims=True)
    return np.where(flat, 0.0, (images - mean) / np.where(flat, 1.0, deviation))


def divided_by_local_contrast(images: Floats, *, pool_sigma: float, semi_saturation: float) -> Floats:
    r"""Return each pixel divided by the contrast around it.

    With :math:`G` a Gaussian of unit sum,

    .. math:: y = x \Big/ \sqrt{\sigma^2 + G * x^2} .

    Parameters
    ----------
    images : ndarray (n_images, height, width)
        Any unit.
    pool_sigma : float
        Standard deviation of the Gaussian, pixels.
    semi_saturation : float
        :math:`\sigma`, in the unit of the images.

    References
    ----------
    Heeger 1992, Visual Neuroscience 9:181, doi:10.1017/S0952523800009640.

    Examples
    --------
    >>> images = np.full((1, 9, 9), 3.0)
    >>> round(float(divided_by_local_contrast(images, pool_sigma=2.0, semi_saturation=4.0)[0, 4, 4]), 6)
    0.6
    """
    energy = gaussian_filter(images**2, sigma=(0, pool_sigma, pool_sigma), mode="reflect")
    return np.asarray(images / np.sqrt(semi_saturation**2 + energy))
