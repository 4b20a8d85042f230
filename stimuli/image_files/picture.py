"""What a decoder hands over: the pixels as they are stored, and what the file says that they mean."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurosim._turns import one_at_a_time

LARGEST_PICTURE = 89_478_485
"""Pixels of the largest picture that is read: what Pillow takes without a warning, .7 GiB of grey values."""
_LONGEST_SIDE = 2**17


class UnreadableImageError(ValueError):
    """An image file that is missing, truncated, or not an image this room can turn into grey values."""


class UnreadableImageWarning(UserWarning):
    """An image file was left out of a set because it could not be read and the caller asked to go on."""


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keep Pillow's warnings of odd metadata from users, in one thread at a time.

    Filters of warnings belong to the whole process: two threads that set them at once would not both restore them.
    """
    with one_at_a_time(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True, eq=False)
class Picture:
    """Stored pixels and what the file says of them.

    Attributes
    ----------
    pixels : ndarray (height, width) or (height, width, 3)
        Grey, or red, green and blue: unsigned integers, booleans or floats, in the order of the file.
    full_scale : float
        The stored value of white (of black, if `white_is_zero`); 1 for floats.
    opaque : ndarray of bool (height, width), optional
        Where a pixel says what is there; None if that is everywhere.
    white_is_zero : bool
        Whether small values are bright.
    orientation : int, 1 to 8
        Which corner the first pixel belongs to, as TIFF and EXIF count.
    profile : bytes, optional
        An ICC profile.
    gamma : float, optional
        Stored value = light to this power, where the file says so.
    notes : tuple of str
        What a user should know about a picture that is read all the same.
    """

    pixels: NDArray[np.generic]
    full_scale: float
    opaque: NDArray[np.bool_] | None = None
    white_is_zero: bool = False
    orientation: int = 1
    profile: bytes | None = None
    gamma: float | None = None
    notes: tuple[str, ...] = field(default=())


def require_size(width: int, height: int) -> None:
    """Raise if a picture of this size is empty or larger than any that is read, before it is decoded.

    Examples
    --------
    >>> require_size(100_000, 100_000)
    Traceback (most recent call last):
        ...
    neurosim.stimuli.image_files.picture.UnreadableImageError: expected at most 89,478,485 pixels, got \
100,000 × 100,000 (height × width); cut or shrink the picture and save it again
    """
    if min(width, height) < 1:
        raise UnreadableImageError(
            f"expected a picture, got a size of {height:,} × {width:,} pixels (height × width); the file is damaged"
        )
    if max(width, height) > _LONGEST_SIDE and width * height <= LARGEST_PICTURE:
        raise UnreadableImageError(
            f"expected sides of at most {_LONGEST_SIDE:,} pixels, got {height:,} × {width:,} (height × width); cut the "
            "picture and save it again"
        )
    if width * height > LARGEST_PICTURE:
        raise UnreadableImageError(
            f"expected at most {LARGEST_PICTURE:,} pixels, got {height:,} × {width:,} (height × width); cut or "
            "shrink the picture and save it again"
        )


def upright(values: NDArray[np.float64], orientation: int) -> NDArray[np.float64]:
    """Return grey values (height, width) turned so that the scene's upper left comes first.

    Parameters
    ----------
    values : ndarray (height, width)
        In the order of the file.
    orientation : int, 1 to 8
        TIFF 6.0, tag 274: where the file's first row and first column belong.

    Returns
    -------
    ndarray (height, width), or (width, height) for orientations 5 to 8

    Examples
    --------
    >>> upright(np.array([[1.0, 2.0]]), 6).tolist()
    [[1.0], [2.0]]
    """
    if orientation not in range(1, 9):
        raise UnreadableImageError(
            f"expected an orientation of 1 to 8 (tag 274), got {orientation}; correct or remove the tag"
        )
    turned = values.T if orientation >= 5 else values
    # 2, 3: first column is the right one; 3, 4: first row is the lower one; 5 to 8 the same after transposing.
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    return np.ascontiguousarray(turned)
