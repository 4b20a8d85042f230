"""A photographed stereo pair with a map of its disparities."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.decoding import read_grey
from neurosim.stimuli.images.resampling import rescale_images


class StereoPair(NamedTuple):
    """A rectified stereo pair: what is at (row, x) on the left is at (row, x - disparity) on the right.

    Attributes
    ----------
    left, right : ndarray (height, width), float64
        Grey images.
    disparity : ndarray (height, width), float64
        Of the left image's pixels, in pixels; NaN where it is not known.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    disparity: NDArray[np.float64]


def stereo_pair(*, factor: float = 1.0) -> StereoPair:
    """Return the motorcycle of the Middlebury benchmark, which scikit-image's wheel holds; none is downloaded.

    Its disparities are 7 to 60 of 741 pixels. Seven per cent of the map is not known.

    Parameters
    ----------
    factor : float, in (0, 1]
        Output size over 500 × 741 pixels. Images are rescaled by `rescale_images`; the map takes the nearest
        pixel, as a mean across an edge in depth would be the depth of nothing, and is multiplied by the ratio
        of the widths.

    Returns
    -------
    StereoPair
        Grey in [0, 1] (`neurosim.stimuli.image_files.decoding.read_grey`), disparity in pixels of the output.

    Raises
    ------
    ValueError
        If ``factor`` is outside (0, 1].
    FileNotFoundError
        If the installed scikit-image came without the files.

    References
    ----------
    Scharstein et al. 2014, German Conference on Pattern Recognition, doi:10.1007/978-3-319-11752-2_3.

    Examples
    --------
    >>> left, right, disparity = stereo_pair(factor=0.5)
    >>> left.shape, np.nanpercentile(disparity, [5, 50, 95]).round().tolist()
    ((250, 370), [5.0, 19.0, 28.0])
    """
    images = {eye: read_grey(_inside_skimage(f"motorcycle_{eye}.png")) for eye in ("left", "right")}
    with np.load(_inside_skimage("motorcycle_disp.npz")) as stored:
        known = stored["arr_0"].astype(np.float64)
    known[~np.isfinite(known)] = np.nan  # the file says infinite
    scaled = rescale_images(images, factor=factor)
    (old_height, old_width), (height, width) = known.shape, scaled["left"].shape
    rows = ((np.arange(height) + 0.5) * old_height / height).astype(int)
    columns = ((np.arange(width) + 0.5) * old_width / width).astype(int)
    return StereoPair(scaled["left"], scaled["right"], known[np.ix_(rows, columns)] * (width / old_width))


def _inside_skimage(name: str) -> Path:
    # The package is located, not imported, as for the photographs.
    spec = find_spec("skimage")
    path = Path(spec.origin if spec and spec.origin else "skimage").parent / "data" / name
    if not path.is_file():
        raise FileNotFoundError(
            f"expected {name} inside the installed package 'skimage', found none; install it from its wheel"
        )
    return path
