"""Smaller copies of images, low-pass filtered first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.images.image_set import Images, image_set


def rescale_images(images: Images, *, factor: float) -> dict[str, NDArray[np.float64]]:
    """Return images made smaller by one factor, low-pass filtered first.

    Halving an image doubles every spatial frequency in cycles per pixel: whitening cutoffs and field sizes
    hold for the rescaled pixels.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Grey images, any unit.
    factor : float, in (0, 1]
        Output size over input size, for both axes; sizes are rounded to whole pixels.

    Returns
    -------
    dict of str to ndarray, float64
        Same names, order and unit. Interpolation is linear after the Gaussian filter of
        `skimage.transform.rescale`, so values stay within the input's range. At half size that leaves a fifth
        of the contrast of a grating of .4 cycles/pixel, folded to a lower frequency; without, all of it.

    Raises
    ------
    ValueError
        If ``factor`` is outside (0, 1] or an image is invalid.

    Examples
    --------
    >>> rescale_images({"a": np.ones((8, 6))}, factor=0.5)["a"].shape
    (4, 3)
    """
    if not 0 < factor <= 1:
        raise ValueError(
            f"expected a factor in (0, 1], got {factor!r}; 0.5 halves both sides, "
            "and enlarging adds no information"
        )
    named = image_set(images)
    if factor == 1:
        return {name: image.copy() for name, image in named.items()}
    from skimage.transform import rescale

    # preserve_range: otherwise integer images would be divided by their type's full scale.
    return {
        name: np.asarray(
            rescale(image, factor, order=1, anti_aliasing=True, preserve_range=True), dtype=np.float64
        )
        for name, image in named.items()
    }
