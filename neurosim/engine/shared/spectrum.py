"""How stiff a population on a grid is at most, without a matrix of all its neurons."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.shared.grid import Grid

__all__ = ["largest_shared_overlap"]

# Frequencies per axis, in multiples of how far overlaps reach.
_FINE = 4


def largest_shared_overlap(fields: NDArray[Any], *grids: Grid) -> float:
    """Return the largest eigenvalue of the overlaps of all copies of fields over an endless picture.

    On the grid's frequencies the population falls apart: at each of them the strength is that of a matrix of
    features × pixels within a stride, the fields' Fourier transforms folded at the stride. Their largest is the
    largest on a torus, and no population on a part of an endless picture is stiffer.

    Parameters
    ----------
    fields : array, shape (n_features, field_size)
        Side by side, where they see several pictures.
    *grids : Grid
        Over the picture, or over each of several, of the same positions.

    Returns
    -------
    float

    Notes
    -----
    Frequencies are sampled four times as finely as the overlaps reach, on a torus those that it has; between samples
    the strength may be a few per cent larger.

    Examples
    --------
    >>> largest_shared_overlap(np.array([[0.6, 0.8]]), Grid((8,), field=(2,), stride=(1,)))
    1.96
    """
    array = np.ascontiguousarray(fields)
    return _largest(array.tobytes(), array.shape, array.dtype.str, grids)


# Every call of `transform` asks again, and with many fields this takes seconds.
@lru_cache(maxsize=2)
def _largest(values: bytes, shape: tuple[int, ...], dtype: str, grids: tuple[Grid, ...]) -> float:
    fields = np.frombuffer(values, dtype=dtype).reshape(shape)
    whole = np.max([_whole_strides(grid) for grid in grids], axis=0)
    samples = [
        _frequencies(m, n, grids[0]) for m, n in zip(whole, grids[0].fields.boxes.positions, strict=True)
    ]
    parts = np.split(fields, np.cumsum([grid.field_size for grid in grids])[:-1], axis=1)
    matrices = np.concatenate([_spectrum(*each, samples) for each in zip(parts, grids, strict=True)], axis=2)
    return float(
        np.round(max(_largest_square(part) for part in np.array_split(matrices, _parts(matrices))), 12)
    )


def _whole_strides(grid: Grid) -> list[int]:
    """Return how many strides a field is long along each axis."""
    return [
        -(-size // step) for size, step in zip(grid.fields.boxes.patch, grid.fields.boxes.step, strict=True)
    ]


def _spectrum(fields: NDArray[Any], grid: Grid, samples: list[int]) -> NDArray[Any]:
    """Return the transforms folded at the stride, shape (n_frequencies, n_features, pixels within a stride)."""
    boxes, n, whole = grid.fields.boxes, len(fields), _whole_strides(grid)
    padded = np.zeros((n, *(m * step for m, step in zip(whole, boxes.step, strict=True)), grid.channels))
    padded[:, : boxes.patch[0], : boxes.patch[1], : boxes.patch[2]] = fields.reshape(
        n, *boxes.patch, grid.channels
    )
    # Moves by whole strides, and pixels within a stride.
    split = padded.reshape(
        n, whole[0], boxes.step[0], whole[1], boxes.step[1], whole[2], boxes.step[2], grid.channels
    )
    moved = split.transpose(1, 3, 5, 0, 2, 4, 6, 7)
    # Fields are real: opposite frequencies are equally strong.
    found: NDArray[Any] = np.fft.rfftn(_folded(moved, samples), axes=(0, 1, 2))
    return found.reshape(-1, n, int(np.prod(boxes.step)) * grid.channels)


def _frequencies(whole: int, positions: int, grid: Grid) -> int:
    if grid.boundary == "torus" or whole == 1:
        return positions if whole > 1 else 1
    return max(8, _FINE * whole)


def _folded(moved: NDArray[Any], samples: list[int]) -> NDArray[Any]:
    """Return what lies at each move, those added up that are the same on a torus of so many positions."""
    for axis, n in enumerate(samples):
        length = moved.shape[axis]
        missing = -length % n
        widths = [(0, missing if k == axis else 0) for k in range(moved.ndim)]
        wider = np.moveaxis(np.pad(moved, widths), axis, 0)
        moved = np.moveaxis(wider.reshape(-1, n, *wider.shape[1:]).sum(axis=0), 0, axis)
    return moved


def _parts(matrices: NDArray[Any]) -> int:
    """In how many parts to take the matrices, so that none is large."""
    return max(1, min(len(matrices), matrices.size // 2**20))


def _largest_square(matrices: NDArray[Any]) -> float:
    """Return the largest squared singular value of some matrices."""
    wide = matrices if matrices.shape[1] <= matrices.shape[2] else np.swapaxes(matrices, 1, 2)
    return float(np.linalg.eigvalsh(wide @ np.conj(np.swapaxes(wide, 1, 2)))[:, -1].max())
