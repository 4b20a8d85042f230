"""One picture of all small pictures of a page: what a browser loads once and cuts up."""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Sprite", "sprite"]

_ACROSS = 32
_GREY, _SPAN = 128, 127


class Sprite(NamedTuple):
    """Tiles of one size, row by row."""

    png: bytes
    across: int
    """Tiles in a row."""
    down: int
    """Rows."""
    scales: NDArray[np.float64]
    """(n_tiles,) Value of a pixel per step of grey above 128."""


def sprite(pictures: NDArray[np.floating]) -> Sprite:
    """Return pictures (n, height, width) as one PNG of 8 bits; mid-grey is zero, and each has its own scale.

    Examples
    --------
    >>> made = sprite(np.ones((40, 4, 6)))
    >>> made.across, made.down, float(made.scales[0]) * 127
    (32, 2, 1.0)
    """
    n_tiles, height, width = pictures.shape
    across = min(_ACROSS, max(n_tiles, 1))
    down = -(-n_tiles // across)
    largest = np.abs(pictures).max(axis=(1, 2))
    scales = np.where(largest > 0, largest, 1.0) / _SPAN
    sheet = np.full((down * across, height, width), _GREY, dtype=np.uint8)
    sheet[:n_tiles] = np.rint(_GREY + pictures / scales[:, None, None])
    laid = sheet.reshape(down, across, height, width).swapaxes(1, 2).reshape(down * height, across * width)
    file = io.BytesIO()
    Image.fromarray(laid).save(file, "PNG", optimize=True)
    return Sprite(file.getvalue(), across, down, scales)
