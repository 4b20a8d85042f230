"""What counts as a set of images: names and finite two-dimensional arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

Images = Mapping[str, ArrayLike] | Sequence[ArrayLike] | NDArray[np.generic]
"""Named images, a list of images, or one array (n_images, height, width)."""


def image_set(images: Images) -> dict[str, NDArray[np.float64]]:
    """Return images under their names, as finite float64 arrays, in the order given.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Grey images, any unit. Images without a name are called ``"image 0"``, ``"image 1"``, ...

    Returns
    -------
    dict of str to ndarray (height, width), float64
        The same values; arrays that are float64 already are not copied.

    Raises
    ------
    ValueError
        If there is no image, or one is not two-dimensional, not real, or holds NaN or infinite pixels. The
        message names the image.

    Examples
    --------
    >>> import numpy as np
    >>> {name: image.shape for name, image in image_set([np.zeros((4, 6))]).items()}
    {'image 0': (4, 6)}
    """
    if isinstance(images, np.ndarray) and images.ndim == 2:
        raise ValueError(
            f"expected several images, got one array of shape {images.shape}; "
            "pass a list [image] or a dict {'name': image}"
        )
    if isinstance(images, Mapping):
        named = {str(name): image for name, image in images.items()}
    else:
        named = {f"image {index}": image for index, image in enumerate(images)}
    if not named:
        raise ValueError("expected at least one image, got none")
    return {name: finite_image(image, name) for name, image in named.items()}


def finite_image(image: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return one image as a finite float64 array (height, width), or raise `ValueError` naming it.

    Examples
    --------
    >>> finite_image([[0.0, float("nan")]], "leaf.png")
    Traceback (most recent call last):
        ...
    ValueError: leaf.png: expected finite pixels, got 1 NaN and 0 infinite of 2; mend or leave out the image
    """
    array = unmasked(image, name)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"{name}: expected a grey image of shape (height, width), got shape {array.shape}; "
            "average or weight its colour channels first"
        )
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name}: expected real pixels, got dtype {array.dtype}; convert the image to float")
    pixels: NDArray[np.float64] = array.astype(np.float64, copy=False)
    n_nan, n_infinite = int(np.isnan(pixels).sum()), int(np.isinf(pixels).sum())
    if n_nan or n_infinite:
        raise ValueError(
            f"{name}: expected finite pixels, got {n_nan} NaN and {n_infinite} infinite of {pixels.size}; "
            "mend or leave out the image"
        )
    return pixels
