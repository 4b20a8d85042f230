"""Linear filters of images that are defined by their transfer function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import fft2, fftfreq, fftshift

from neurosim.front_end.mirrored import filter_mirrored
from neurosim.stimuli.images.image_set import finite_image


@dataclass(frozen=True)
class FourierFilter(ABC):
    r"""A real filter of images, given by its gain at every spatial frequency.

    A subclass defines `transfer`, even in each of the two frequencies. At the border the image is continued
    by its mirror image (the edge pixel is repeated, ``numpy.pad``'s ``"symmetric"``), so opposite edges never
    meet. The mirrored image is periodic and even, its Fourier transform is the type-II discrete cosine
    transform, and with :math:`C` that orthonormal transform and :math:`H` the gains at
    :math:`k/2N` cycles/pixel the filter is

    .. math:: F = C^\top H C .

    So `apply` is *self-adjoint*, :math:`\langle f, F s\rangle = \langle F f, s\rangle` to rounding, for
    arrays of any size. A filter with zero gain at frequency 0 removes the mean.

    Examples
    --------
    >>> class LowPass(FourierFilter):
    ...     def transfer(self, frequency_y, frequency_x):
    ...         return np.exp(-20 * (np.square(frequency_y) + np.square(frequency_x)))
    >>> low_pass = LowPass()
    >>> low_pass.apply(np.eye(8)).shape, low_pass.to_image_space(np.ones((2, 8, 8)), margin=4).shape
    ((8, 8), (2, 16, 16))
    """

    @abstractmethod
    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        """Return the gain at spatial frequencies in cycles/pixel; shapes broadcast, no unit."""

    def apply(self, image: ArrayLike) -> NDArray[np.float64]:
        """Return the filtered image.

        Parameters
        ----------
        image : array_like (height, width)
            Grey values, any unit.

        Returns
        -------
        ndarray (height, width), float64
            In the unit of the image times the gain.

        Raises
        ------
        ValueError
            If the image is not two-dimensional or not finite, or `transfer` is not even in both frequencies.
        """
        return self._filtered(finite_image(image, "the image"))

    def kernel(self, size: int) -> NDArray[np.float64]:
        """Return the impulse response on an unbounded plane, what `apply` convolves with far from the border.

        Parameters
        ----------
        size : int
            Height and width in pixels; the response is centred on pixel ``(size // 2, size // 2)``.

        Returns
        -------
        ndarray (size, size), float64
            Cut, not rescaled: what lies outside the window is left out.

        Raises
        ------
        ValueError
            If ``size`` is below 1.
        """
        if size < 1:
            raise ValueError(f"expected a kernel of at least 1 pixel, got size={size}")
        canvas = max(256, 4 * size)  # wide enough that what wraps round is below 1e-4 of the peak
        frequency = fftfreq(canvas)
        gain = self.transfer(frequency[:, None], frequency[None, :])
        centred = fftshift(fft2(gain).real) / canvas**2
        first = canvas // 2 - size // 2
        return np.ascontiguousarray(centred[first : first + size, first : first + size])

    def to_image_space(self, fields: ArrayLike, *, margin: int) -> NDArray[np.float64]:
        r"""Return what fields learned on filtered patches look for in the unfiltered image.

        A neuron with the field :math:`f` on filtered patches responds to an image :math:`s` with
        :math:`\langle f, F s\rangle = \langle F^\top f, s\rangle`: its field in the image is the filter's
        adjoint applied to :math:`f` after padding with zeros. The filter spreads the field, so leave a
        margin; what would lie beyond it is mirrored back into it (for a 16×16 Gabor, whitening and a margin
        of 8 pixels: below 1 % of the field's norm).

        Parameters
        ----------
        fields : array_like (n_fields, height, width)
            Fields in filtered space, any unit.
        margin : int
            Pixels added on each side.

        Returns
        -------
        ndarray (n_fields, height + 2 * margin, width + 2 * margin), float64
            Fields in image space.

        Raises
        ------
        ValueError
            If the fields are not a finite three-dimensional array or the margin is negative.
        """
        return self._filtered(padded_fields(fields, margin=margin))

    def _filtered(self, arrays: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the last two axes filtered."""
        return filter_mirrored(arrays, self.transfer, name=type(self).__name__)


def padded_fields(fields: ArrayLike, *, margin: int) -> NDArray[np.float64]:
    """Return fields (n_fields, height, width) with `margin` zeros on each side, or raise `ValueError`.

    Examples
    --------
    >>> padded_fields(np.ones((5, 4, 4)), margin=2).shape
    (5, 8, 8)
    """
    array = np.asarray(fields, dtype=np.float64)
    if array.ndim != 3:
        raise ValueError(
            f"expected fields of shape (n_fields, height, width), got {array.shape}; "
            "reshape a dictionary with dictionary.reshape(-1, height, width)"
        )
    if not np.isfinite(array).all():
        broken = np.flatnonzero(~np.isfinite(array).all(axis=(1, 2)))
        raise ValueError(
            f"expected finite fields, got NaN or infinite values in {broken.size}, first in {broken[0]}"
        )
    if margin < 0:
        raise ValueError(f"expected a margin of 0 pixels or more, got {margin}")
    return np.pad(array, ((0, 0), (margin, margin), (margin, margin)))
