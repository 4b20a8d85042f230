"""Pictures and films at the door of a network whose fields stand at every position."""

from dataclasses import dataclass
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from neurosim._masked import require_unmasked
from neurosim.engine.shared.grid import Grid
from neurosim.networks.estimator.training_data import require_squares, validated_stimuli
from neurosim.networks.lca.rate_model import Shown

__all__ = ["Pictures", "in_rows", "of_one_size", "padded", "picture_shape", "unpadded"]


@dataclass(frozen=True, kw_only=True)
class Pictures(Shown):
    """Pictures as a population is shown them: rows with the zeros around them, and the grid over them."""

    grid: Grid


def of_one_size(X: Any, *, n_axes: int, channels: int) -> NDArray[Any]:
    """Return pictures or rows as one array, ValueError if pictures have different sizes or another number of axes.

    Examples
    --------
    >>> of_one_size([np.zeros((3, 4)), np.zeros((3, 4))], n_axes=2, channels=1).shape
    (2, 3, 4)
    """
    if isinstance(X, list | tuple) and len({np.shape(each) for each in X}) > 1:
        shapes = " and ".join(map(str, sorted({np.shape(each) for each in X})[:2]))
        raise ValueError(
            f"expected pictures of one size, got {shapes}; cut crops of one size from them, for example with "
            "neurosim.sample_patches"
        )
    require_unmasked(X, "pictures")
    array = X if hasattr(X, "ndim") else np.asarray(X)
    allowed = {2, n_axes + 2} if channels > 1 else {2, n_axes + 1, n_axes + 2}
    if array.ndim not in allowed or (array.ndim == n_axes + 2 and array.shape[-1] != channels):
        axes = "n_frames, height, width" if n_axes == 3 else "height, width"
        behind = f", {channels})" if channels > 1 else ")"
        raise ValueError(
            f"expected pictures of shape (n_pictures, {axes}{behind}, or square ones as rows (n_pictures, n_pixels), "
            f"got an array of shape {array.shape}"
        )
    found: NDArray[Any] = array
    return found


def picture_shape(array: NDArray[Any], *, n_axes: int, channels: int, known: Any = None) -> tuple[int, ...]:
    """Return the pixels along each axis; rows are pictures as `known`, or squares."""
    if array.ndim > 2:
        return tuple(int(n) for n in array.shape[1 : 1 + n_axes])
    if known is not None and prod(known) * channels == array.shape[1]:
        return tuple(known)
    side = isqrt(array.shape[1] // channels)
    if n_axes != 2 or channels * side**2 != array.shape[1]:
        raise ValueError(
            f"expected rows of {channels} × side² pixels, got {array.shape[1]}; pass pictures that are not square, and "
            "films, with their axes"
        )
    return (side, side)


def in_rows(array: NDArray[Any], *, channels: int) -> NDArray[Any]:
    """Return pictures as rows, the channels of a pixel next to each other; given rows have channels side by side."""
    if array.ndim > 2:
        return array.reshape(len(array), -1)
    if channels == 1:
        return array
    return np.ascontiguousarray(np.swapaxes(array.reshape(len(array), channels, -1), 1, 2)).reshape(
        len(array), -1
    )


def checked(estimator: Any, X: Any, *, reset: bool, known: Any) -> tuple[NDArray[Any], tuple[int, ...]]:
    """Return finite pictures as rows and their shape; rows have to be as many pixels as were fitted."""
    field = estimator._sizes[0]
    n_axes, channels = len(field), estimator.channels
    # Sparse matrices, tables and what is no array are told of by the check of rows.
    plain = (
        X if hasattr(X, "iloc") or hasattr(X, "tocsr") else of_one_size(X, n_axes=n_axes, channels=channels)
    )
    if getattr(plain, "ndim", 2) > 2 and not reset:
        rows = validated_stimuli(BaseEstimator(), in_rows(plain, channels=channels), reset=True)
        return rows, picture_shape(plain, n_axes=n_axes, channels=channels)
    if getattr(plain, "ndim", 2) > 2:
        shape = picture_shape(plain, n_axes=n_axes, channels=channels)
        return validated_stimuli(estimator, in_rows(plain, channels=channels), reset=True), shape
    rows = validated_stimuli(estimator, plain, reset=reset or known is None)
    shape = picture_shape(rows, n_axes=n_axes, channels=channels, known=known)
    return in_rows(rows, channels=channels), shape


def padded(rows: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Return rows of pictures with the zeros that a grid has around them."""
    require_squares(rows)
    if not any(map(any, grid.margins)):
        return rows
    pictures = rows.reshape(len(rows), *grid.shape, grid.channels)
    return np.pad(pictures, ((0, 0), *grid.margins, (0, 0))).reshape(len(rows), -1)


def unpadded(rows: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Return pictures (n, …, channels) without the zeros around them."""
    pictures = rows.reshape(len(rows), *grid.canvas, grid.channels)
    inside = tuple(slice(before, before + n) for (before, _), n in zip(grid.margins, grid.shape, strict=True))
    return pictures[(slice(None), *inside)]
