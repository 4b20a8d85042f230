"""Images as front ends take them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_images"]


def checked_images(images: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return finite images (n_images, height, width) in double precision, or raise `ValueError` that calls them so."""
    array = np.asarray(images, dtype=np.float64)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(
            f"expected {name} of shape (n_{name}, height, width), got {array.shape}; reshape rows with "
            "rows.reshape(-1, height, width), and pass one image as image[None]"
        )
    if np.ma.is_masked(images) or not np.isfinite(array).all():
        raise ValueError(
            f"expected finite {name}, got masked, NaN or infinite pixels; leave those {name} out"
        )
    return array
