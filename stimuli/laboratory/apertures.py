"""What part of each pixel a disc, an annulus or a bar covers."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["disc", "rectangle"]

Floats = NDArray[np.float64]


def disc(x: Floats, y: Floats, *, diameter: Floats) -> Floats:
    """Return how much of each pixel a disc around (0, 0) covers.

    Parameters
    ----------
    x, y : ndarray (n, height, width)
        Places of the pixels relative to the disc's centre, in pixels.
    diameter : ndarray (n, 1, 1)
        Pixels; infinity covers everything.

    Returns
    -------
    ndarray (n, height, width), in [0, 1]
        Edges fall off over one pixel.
    """
    most = np.minimum(1.0, diameter**2 * np.pi / 4)  # of a pixel that holds the whole disc
    return np.asarray(np.clip(diameter / 2 - np.hypot(x, y) + 0.5, 0.0, most))


def rectangle(along: Floats, across: Floats, *, length: Floats, width: Floats) -> Floats:
    """Return how much of each pixel a rectangle around (0, 0) covers.

    Parameters
    ----------
    along, across : ndarray (n, height, width)
        Places of the pixels relative to the centre, in pixels, along the rectangle's length and across it.
    length, width : ndarray (n, 1, 1)
        Pixels; infinity has no end.

    Returns
    -------
    ndarray (n, height, width), in [0, 1]
        Edges fall off over one pixel; narrower bars than a pixel are paler, not thinner.
    """
    ends = np.clip(length / 2 - np.abs(along) + 0.5, 0.0, np.minimum(1.0, length))
    sides = np.clip(width / 2 - np.abs(across) + 0.5, 0.0, np.minimum(1.0, width))
    return np.asarray(ends * sides)
