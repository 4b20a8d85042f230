"""Filters as plain arrays, so that they can be written beside a network and read without the code that made them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline

from neurosim.front_end.mirrored import filter_mirrored

__all__ = ["GainTable", "KernelTable", "NoFilter", "PatchMatrix", "StoredFilter"]

Floats = NDArray[np.float64]


class StoredFilter(Protocol):
    """A linear map of images (n_images, height, width) that keep their shape."""

    def apply(self, images: Floats) -> Floats:
        """Return the filtered images."""

    def adjoint(self, fields: Floats) -> Floats:
        """Return the adjoint of the linear part, applied to fields (n_fields, height, width)."""

    def arrays(self) -> dict[str, Any]:
        """Return all that it takes to make the filter again, by the names of the constructor's parameters."""


@dataclass(frozen=True)
class NoFilter:
    """Images as they are.

    Examples
    --------
    >>> NoFilter().apply(np.ones((1, 2, 2))).shape
    (1, 2, 2)
    """

    def apply(self, images: Floats) -> Floats:
        """Return the images."""
        return images

    adjoint = apply

    def arrays(self) -> dict[str, Any]:
        """Return nothing: there is nothing to keep."""
        return {}


@dataclass(frozen=True, eq=False)
class GainTable:
    """A filter by its gain at evenly spaced spatial frequencies; cubic splines between them.

    Parameters
    ----------
    gain : ndarray (n,) or (n, n)
        Gain from 0 to ``highest`` cycles/pixel: along the radius, or over vertical (first axis) and horizontal
        frequencies.
    highest : float
        Cycles/pixel of the last.

    Examples
    --------
    >>> table = GainTable(gain=np.linspace(0, 1, 9), highest=0.75)
    >>> round(float(table.transfer(0.3, 0.4)), 6)
    0.666667
    """

    gain: Floats
    highest: float

    @cached_property
    def _spline(self) -> Any:
        at = np.linspace(0, self.highest, len(self.gain))
        return CubicSpline(at, self.gain) if self.gain.ndim == 1 else RectBivariateSpline(at, at, self.gain)

    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> Floats:
        """Return the gain at frequencies in cycles/pixel."""
        if self.gain.ndim == 1:
            return np.asarray(self._spline(np.hypot(frequency_y, frequency_x)))
        return np.asarray(self._spline(np.abs(frequency_y), np.abs(frequency_x), grid=False))

    def apply(self, images: Floats) -> Floats:
        """Return filtered images, continued by their mirror image at the border."""
        return filter_mirrored(images, self.transfer, name="the filter")

    adjoint = apply

    def arrays(self) -> dict[str, Any]:
        """Return the table."""
        return {"gain": self.gain, "highest": self.highest}


@dataclass(frozen=True, eq=False)
class KernelTable:
    """A filter by its impulse response.

    Parameters
    ----------
    kernel : ndarray (height, width)
        Odd in both, the same when mirrored up–down or left–right.

    Raises
    ------
    ValueError
        If it is not.

    Examples
    --------
    >>> laplace = KernelTable(np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]]))
    >>> laplace.apply(np.eye(3)[None])[0, 1].round(6)
    array([-2.,  4., -2.])
    """

    kernel: Floats

    def __post_init__(self) -> None:
        kernel = self.kernel
        if kernel.ndim != 2 or not all(side % 2 for side in kernel.shape) or not np.isfinite(kernel).all():
            raise ValueError(
                f"expected a finite kernel with an odd number of rows and columns, got {kernel.shape}"
            )
        off = max(np.abs(kernel - kernel[::-1]).max(), np.abs(kernel - kernel[:, ::-1]).max())
        if off > 1e-9 * np.abs(kernel).max():
            raise ValueError(
                f"expected a kernel that is the same when mirrored up–down and left–right, got one that differs "
                f"by {off:.3g}; an oriented field belongs into the network, not before it"
            )

    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> Floats:
        """Return the gain at frequencies in cycles/pixel."""
        half_y, half_x = (side // 2 for side in self.kernel.shape)
        rows = np.cos(2 * np.pi * np.asarray(frequency_y)[..., None] * np.arange(-half_y, half_y + 1))
        columns = np.cos(2 * np.pi * np.asarray(frequency_x)[..., None] * np.arange(-half_x, half_x + 1))
        return np.asarray(np.einsum("...i,ij,...j->...", rows, self.kernel, columns))

    def apply(self, images: Floats) -> Floats:
        """Return filtered images, continued by their mirror image at the border."""
        return filter_mirrored(images, self.transfer, name="the kernel")

    adjoint = apply

    def arrays(self) -> dict[str, Any]:
        """Return the kernel."""
        return {"kernel": self.kernel}


@dataclass(frozen=True, eq=False)
class PatchMatrix:
    """A matrix on patches of one size, fitted to them as ZCA is.

    Parameters
    ----------
    matrix : ndarray (n_pixels, n_pixels)
        Applied from the right to patches as rows.
    mean : ndarray (n_pixels,)
        Taken away before.

    Examples
    --------
    >>> PatchMatrix(2 * np.eye(4), np.ones(4)).apply(np.ones((1, 2, 2)))
    array([[[0., 0.],
            [0., 0.]]])
    """

    matrix: Floats
    mean: Floats

    def apply(self, images: Floats) -> Floats:
        """Return whitened patches."""
        return np.asarray(((self._rows(images) - self.mean) @ self.matrix).reshape(images.shape))

    def adjoint(self, fields: Floats) -> Floats:
        """Return the transposed matrix applied to fields."""
        return np.asarray((self._rows(fields) @ self.matrix.T).reshape(fields.shape))

    def arrays(self) -> dict[str, Any]:
        """Return matrix and mean."""
        return {"matrix": self.matrix, "mean": self.mean}

    def _rows(self, images: Floats) -> Floats:
        rows = images.reshape(len(images), -1)
        if rows.shape[1] != len(self.mean):
            height, width = images.shape[1:]
            raise ValueError(
                f"expected images of {len(self.mean)} pixels, the patches that the whitening matrix was fitted to, got "
                f"{height} × {width}; use a filter of the whole image (OlshausenField, CentreSurround) for larger ones"
            )
        return rows
