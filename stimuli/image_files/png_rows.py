"""Rows of a PNG file as they are filtered and interlaced, for samples of 16 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.picture import UnreadableImageError

# Adam7: first row and column of each pass, and the steps.
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
_SUB, _UP, _AVERAGE, _PAETH = 1, 2, 3, 4


def n_decoded_bytes(shape: tuple[int, int], bits_per_pixel: int, *, interlaced: bool) -> int:
    """Return how many bytes all rows have, each with the byte that names its filter.

    Examples
    --------
    >>> n_decoded_bytes((2, 9), 1, interlaced=False)
    6
    """
    total = 0
    for height, width in _sizes(shape, interlaced=interlaced):
        total += height * (1 + (width * bits_per_pixel + 7) // 8) if width else 0
    return total


def decoded_rows(
    raw: bytes, shape: tuple[int, int], n_channels: int, *, interlaced: bool
) -> NDArray[np.uint16]:
    """Return 16-bit samples (height, width, n_channels) from filtered rows, `n_decoded_bytes` of them.

    Interlaced ones are those of Adam7's seven passes.

    Examples
    --------
    >>> decoded_rows(bytes([1, 0, 9, 0, 1]), (1, 2), 1, interlaced=False).tolist()
    [[[9], [10]]]
    """
    samples = np.empty((*shape, n_channels), dtype=np.uint16)
    start, step = 0, 2 * n_channels
    for index, (height, width) in enumerate(_sizes(shape, interlaced=interlaced)):
        if not height or not width:
            continue
        n_bytes = height * (1 + width * step)
        rows = np.frombuffer(raw, np.uint8, n_bytes, offset=start).reshape(height, -1)
        start += n_bytes
        pixels = _unfiltered(rows[:, 1:].reshape(height, width, step), rows[:, 0])
        first_row, first_column, down, across = _PASSES[index] if interlaced else (0, 0, 1, 1)
        samples[first_row::down, first_column::across] = pixels.view(">u2")
    return samples


def _sizes(shape: tuple[int, int], *, interlaced: bool) -> list[tuple[int, int]]:
    """Return height and width of each pass."""
    if not interlaced:
        return [shape]
    return [
        ((shape[0] - row + down - 1) // down, (shape[1] - column + across - 1) // across)
        for row, column, down, across in _PASSES
    ]


def _unfiltered(pixels: NDArray[np.uint8], filters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return bytes (height, width, bytes per pixel) with each row's prediction added (PNG specification, 9.2).

    A byte is predicted from its left, upper and upper left neighbours, so all pixels of one antidiagonal can be
    done at once: skewed by one column a row, antidiagonals are columns.
    """
    if filters.max() > _PAETH:
        raise UnreadableImageError(
            f"expected filters 0 to 4 of rows, got {filters.max()}; the file is damaged"
        )
    height, width, step = pixels.shape
    # One row and one column of zeros stand for what is outside. In the flat array neighbours on an antidiagonal are
    # as many pixels apart as a row has.
    done = np.zeros((height + 1, width + 1, step), dtype=np.uint8)
    done[1:, 1:] = pixels
    flat = done.reshape(-1, step)
    for diagonal in range(height + width - 1):
        first, last = max(0, diagonal - width + 1), min(height - 1, diagonal)
        start = (first + 1) * (width + 1) + diagonal - first + 1
        stop = start + (last - first) * width + 1
        here = flat[start:stop:width]
        left = flat[start - 1 : stop - 1 : width].astype(np.int16)
        up = flat[start - width - 1 : stop - width - 1 : width].astype(np.int16)
        corner = flat[start - width - 2 : stop - width - 2 : width].astype(np.int16)
        kind = filters[first : last + 1, None]
        predicted = np.where(kind == _PAETH, _paeth(left, up, corner), (kind == _SUB) * left)
        predicted += (kind == _UP) * up + (kind == _AVERAGE) * ((left + up) >> 1)
        here += predicted.astype(np.uint8)
    return np.ascontiguousarray(done[1:, 1:])


def _paeth(left: NDArray[np.int16], up: NDArray[np.int16], corner: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return whichever of the three is nearest to left + up - corner; the earlier one on a tie."""
    by_left, by_up, by_corner = np.abs(up - corner), np.abs(left - corner), np.abs(left + up - 2 * corner)
    return np.where(
        (by_left <= by_up) & (by_left <= by_corner), left, np.where(by_up <= by_corner, up, corner)
    )
