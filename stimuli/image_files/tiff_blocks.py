"""Strips and tiles of a TIFF file, put together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.picture import UnreadableImageError, require_size
from neurosim.stimuli.image_files.tiff_coding import Coding, decoded_block
from neurosim.stimuli.image_files.tiff_tags import Directory, bytes_at

_MOST_BLOCKS = 2**16


def assembled(tags: Directory, shape: tuple[int, int, int], coding: Coding) -> NDArray[np.generic]:
    """Return all samples (height, width, channels), the shape given, from strips or tiles.

    Channels are interleaved or one plane each. Raises `UnreadableImageError` for a block that is missing or too
    short.
    """
    height, width, n_samples = shape
    planar = tags.number(284, default=1)
    if planar not in (1, 2):
        raise UnreadableImageError(f"expected planar configuration 1 or 2, got {planar}; the file is damaged")
    n_planes = n_samples if planar == 2 else 1
    tiled = 322 in tags
    n_columns = tags.number(322) if tiled else width
    n_rows = tags.number(323) if tiled else min(tags.number(278, default=height), height)
    require_size(n_columns, n_rows)
    down, across = -(-height // n_rows), -(-width // n_columns)
    offsets, sizes = _blocks(tags, n_planes * down * across, tiled=tiled)
    samples = None
    for index, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
        plane, place = divmod(index, down * across)
        top, left = place // across * n_rows, place % across * n_columns
        rows = n_rows if tiled else min(n_rows, height - top)
        block_shape = (rows, n_columns, n_samples // n_planes)
        block = decoded_block(bytes_at(tags.file, offset, size), block_shape, coding)
        if samples is None:
            samples = np.empty(shape, dtype=block.dtype)
        channels = slice(plane, plane + 1) if planar == 2 else slice(None)
        part = samples[top : top + rows, left : left + n_columns, channels]
        part[:] = block[: part.shape[0], : part.shape[1]]
    assert samples is not None  # there is at least one block
    return samples


def _blocks(tags: Directory, n_blocks: int, *, tiled: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where strips or tiles are and how many bytes each has."""
    if n_blocks > _MOST_BLOCKS:
        raise UnreadableImageError(f"expected at most {_MOST_BLOCKS:,} strips or tiles, got {n_blocks:,}")
    offsets = tags.values(324 if tiled else 273)
    sizes = tags.values(325 if tiled else 279)
    if len(offsets) != n_blocks or len(sizes) != n_blocks:
        raise UnreadableImageError(
            f"expected {n_blocks} strips or tiles, as the size of the picture says, got {len(offsets)} offsets and "
            f"{len(sizes)} sizes; the file is damaged"
        )
    if min(sizes) < 1 or min(offsets) < 8:  # the header is no pixels; 0 marks what was never written
        raise UnreadableImageError(
            "expected data for every part of the picture, got a strip or tile that is not there; fill what is missing "
            "and save the file again"
        )
    return offsets, sizes
