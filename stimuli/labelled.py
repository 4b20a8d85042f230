"""Images that come with the class of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images of one size, the class of each, and where they are from.

    Attributes
    ----------
    images : ndarray (n, height, width), float32, in [0, 1]
        Real numbers of another type are converted on the way in.
    labels : ndarray (n,), int64, 0 or more
        Whole numbers of another type are converted on the way in.
    source : str
        One line that names where the images are from, for a run's record.

    Raises
    ------
    ValueError
        If there is no image, a pixel is not finite or outside [0, 1], a label is no whole number of 0 or more,
        the lengths differ, or the source is not one line of text.

    Examples
    --------
    >>> squares = LabelledImages(np.zeros((3, 4, 4)), [0, 1, 1], "three black squares")
    >>> len(squares), squares.flat.shape, squares.images.dtype.name
    (3, (3, 16), 'float32')
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", _pixels(self.images))
        object.__setattr__(self, "labels", whole_labels(self.labels, n_samples=len(self.images)))
        if not isinstance(self.source, str) or not self.source.strip() or "\n" in self.source:
            raise ValueError(
                f"expected source to be one line that says where the images are from, got {self.source!r}"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def flat(self) -> NDArray[np.float32]:
        """The images as stimuli, one per row: (n, height * width), a view of `images` where that is possible."""
        return self.images.reshape(len(self), -1)


def whole_labels(labels: ArrayLike, *, n_samples: int) -> NDArray[np.int64]:
    """Return class labels as int64, or raise saying what is wrong with them.

    Parameters
    ----------
    labels : array_like (n_samples,)
        Whole numbers of 0 or more, of any real type.
    n_samples : int
        How many there have to be.

    Returns
    -------
    ndarray (n_samples,), int64

    Raises
    ------
    ValueError
        If there are more or fewer, or one is negative or not whole.

    Examples
    --------
    >>> whole_labels([3.0, 1.5], n_samples=2)
    Traceback (most recent call last):
        ...
    ValueError: labels: expected whole numbers of 0 or more, got 1.5 at index 1; number the classes from 0
    """
    given = unmasked(labels, "labels")
    if given.shape != (n_samples,):
        raise ValueError(f"labels: expected one per sample, shape ({n_samples},), got shape {given.shape}")
    if given.dtype.kind not in "buif":
        raise ValueError(
            f"labels: expected whole numbers, got dtype {given.dtype}; number the classes from 0 "
            "(numpy.unique(labels, return_inverse=True) does)"
        )
    numbers = given.astype(np.float64)
    # Beyond 2**53 floats skip whole numbers; no set has so many classes. NaN fails every comparison.
    bad = np.flatnonzero(~((numbers >= 0) & (numbers < 2**53) & (numbers == np.floor(numbers))))
    if bad.size:
        raise ValueError(
            f"labels: expected whole numbers of 0 or more, got {given[bad[0]]} at index {bad[0]}; "
            "number the classes from 0"
        )
    return given.astype(np.int64, copy=False)


def _pixels(images: ArrayLike) -> NDArray[np.float32]:
    given = unmasked(images, "images")
    if given.ndim != 3 or given.size == 0:
        raise ValueError(
            f"expected images of shape (n, height, width), got shape {given.shape}; "
            "reshape flat images, and turn colour into grey first"
        )
    if given.dtype.kind not in "buif":
        raise ValueError(f"expected real pixels, got dtype {given.dtype}; convert the images to float")
    if not np.isfinite(given).all():
        index = int(np.flatnonzero(~np.isfinite(given).all(axis=(1, 2)))[0])
        raise ValueError(f"expected finite pixels, got NaN or infinite ones in image {index}; leave it out")
    if given.min() < 0 or given.max() > 1:
        raise ValueError(
            f"expected pixels in [0, 1], got {given.min():.4g} to {given.max():.4g}; "
            "divide by the full scale, which is 255 for 8-bit images"
        )
    return given.astype(np.float32, copy=False)
