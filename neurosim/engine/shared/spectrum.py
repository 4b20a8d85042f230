"""How stiff a population on a grid is at most, without a matrix of all its neurons."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.shared.grid import Grid

__all__ = ["largest_shared_overlap"]

# Frequencies per axis, in multiples of how far overlaps reach.
_FINE = 4


def largest_shared_overlap(fields: NDArray[Any], grid: Grid) -> float:
    """Return the largest eigenvalue of the overlaps of all copies of fields over an endless picture.

    On the grid's frequencies the population falls apart: at each of them the strength is that of a matrix of
    features × pixels within a stride, the fields' Fourier transforms folded at the stride. Their largest is the
    largest on a torus, and no population on a part of an endless picture is stiffer.

    Parameters
    ----------
    fields : array, shape (n_features, field_size)
    grid : Grid

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
    values = np.ascontiguousarray(fields)
    return _largest(values.tobytes(), values.dtype.str, values.shape, grid)


# Pictures that follow each other are seen through the same fields.
@lru_cache(maxsize=4)
def _largest(values: bytes, dtype: str, shape: tuple[int, ...], grid: Grid) -> float:
    fields = np.frombuffer(values, dtype=dtype).reshape(shape)
    boxes, n = grid.fields.boxes, len(fields)
    whole = [-(-size // step) for size, step in zip(boxes.patch, boxes.step, strict=True)]
    padded = np.zeros((n, *(m * step for m, step in zip(whole, boxes.step, strict=True)), grid.channels))
    padded[:, : boxes.patch[0], : boxes.patch[1], : boxes.patch[2]] = fields.reshape(
        n, *boxes.patch, grid.channels
    )
    # Moves by whole strides, and pixels within a stride.
    split = padded.reshape(
        n, whole[0], boxes.step[0], whole[1], boxes.step[1], whole[2], boxes.step[2], grid.channels
    )
    moved = split.transpose(1, 3, 5, 0, 2, 4, 6, 7)
    samples = [_frequencies(m, positions, grid) for m, positions in zip(whole, boxes.positions, strict=True)]
    spectrum = np.fft.fftn(_folded(moved, samples), axes=(0, 1, 2))
    matrices = spectrum.reshape(-1, n, int(np.prod(boxes.step)) * grid.channels)
    return float(
        np.round(max(_largest_square(part) for part in np.array_split(matrices, _parts(matrices))), 12)
    )


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
