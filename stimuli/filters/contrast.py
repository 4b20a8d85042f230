"""Filtered images of a stated standard deviation."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.images.image_set import Images, image_set

Scale = Literal["set", "image"]


def filter_images(
    images: Images, *, by: FourierFilter, std: float = 1.0, scale: Scale = "set"
) -> dict[str, NDArray[np.float64]]:
    """Return images filtered and brought to a stated standard deviation.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Grey images, any unit.
    by : FourierFilter
        `OlshausenField`, `CentreSurround` or another.
    std : float
        Standard deviation of the output, which has no other unit. Olshausen and Field used the square root
        of .1.
    scale : {"set", "image"}
        As for `contrast_factors`. The factors are positive, so fields carried to image space keep their
        shape.

    Returns
    -------
    dict of str to ndarray (height, width), float64
        Same names and order.

    Raises
    ------
    ValueError
        If an image is invalid or constant (it is named), or ``std`` or ``scale`` is impossible.

    Examples
    --------
    >>> from neurosim.stimuli.filters.olshausen import OlshausenField
    >>> rng = np.random.default_rng(0)
    >>> filtered = filter_images({"noise": rng.random((32, 32))}, by=OlshausenField())
    >>> round(float(filtered["noise"].std()), 6)
    1.0
    """
    named = image_set(images)
    # Filtering leaves rounding errors of a constant image, which no test of the filtered one can tell apart.
    for name, image in named.items():
        if np.ptp(image) <= 1e-10 * np.abs(image).max():
            raise ValueError(f"{name}: expected an image with contrast, got a constant one; leave it out")
    filtered = {name: by.apply(image) for name, image in named.items()}
    factors = contrast_factors(filtered, std=std, scale=scale)
    return {name: image * factors[name] for name, image in filtered.items()}


def contrast_factors(images: Images, *, std: float = 1.0, scale: Scale = "set") -> dict[str, float]:
    """Return the factor that brings each image to a standard deviation.

    Factors measured on one part of the images may be applied to another, held-out part.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Filtered images, any unit.
    std : float
        Standard deviation to reach.
    scale : {"set", "image"}
        ``"set"``: one factor for all, so that the mean of the images' variances becomes ``std**2`` and
        contrasts keep their ratios (as published). ``"image"``: one factor each.

    Returns
    -------
    dict of str to float
        Positive factors under the images' names.

    Raises
    ------
    ValueError
        If an image is invalid or constant (it is named), or ``std`` or ``scale`` is impossible.

    Examples
    --------
    >>> contrast_factors({"a": [[-2.0, 2.0]]}, std=0.5)
    {'a': 0.25}
    """
    if scale not in get_args(Scale):
        raise ValueError(f"expected scale to be one of {', '.join(get_args(Scale))}, got {scale!r}")
    if not 0 < std < np.inf:
        raise ValueError(f"expected a std above 0, got {std}")
    deviations = {name: float(image.std()) for name, image in image_set(images).items()}
    largest = max(deviations.values())
    for name, deviation in deviations.items():
        if deviation <= 1e-10 * largest:
            raise ValueError(f"{name}: expected an image with contrast, got a constant one; leave it out")
    overall = float(np.sqrt(np.mean(np.square(list(deviations.values())))))
    return {name: std / (overall if scale == "set" else value) for name, value in deviations.items()}
