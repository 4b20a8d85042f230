"""The centre–surround antagonism of retinal and geniculate cells, as a filter of images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.filters.fourier_filter import FourierFilter


@dataclass(frozen=True)
class CentreSurround(FourierFilter):
    r"""Difference of two Gaussians: the linear field of an ON-centre LGN cell.

    With :math:`\sigma_c, \sigma_s` the standard deviations, :math:`w` the surround's weight (the ratio of the
    two Gaussians' volumes) and :math:`f` the radial frequency in cycles/pixel,

    .. math:: H(f) = \left(e^{-2\pi^2\sigma_c^2 f^2} - w\,e^{-2\pi^2\sigma_s^2 f^2}\right) e^{-(f/f_0)^n} ,

    the last factor being a low-pass against the corners of the spectrum, which a centre smaller than a pixel lets
    through; there is none unless it is asked for.
    The balanced field (:math:`w = 1`) ignores the mean luminance, a weaker surround lets the share
    :math:`1 - w` of it through. An OFF-centre cell is the negative; `split_on_off` makes both from one image.

    Parameters
    ----------
    centre_sigma, surround_sigma : float
        Standard deviations in pixels, ``0 < centre_sigma < surround_sigma``. Published radii are often where
        the Gaussian falls to 1/e, which is :math:`\sqrt 2\,\sigma`.
    surround_weight : float, in [0, 1]
        Volume of the surround over that of the centre; macaque cells have about .55.
    cutoff : float, optional
        :math:`f_0` in cycles/pixel, where the low-pass has fallen to 1/e; None for no low-pass.
    steepness : float
        :math:`n`, how sharply it falls.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    Rodieck 1965, Vision Research 5:583, doi:10.1016/0042-6989(65)90033-7 (the model).
    Croner & Kaplan 1995, Vision Research 35:7, doi:10.1016/0042-6989(94)E0066-T (macaque sizes and weights).

    Examples
    --------
    >>> lgn = CentreSurround(centre_sigma=1.0, surround_sigma=3.0)
    >>> bool(abs(lgn.apply(np.full((20, 20), 0.7))).max() < 1e-12)
    True
    >>> kernel = lgn.kernel(15)
    >>> bool(kernel[7, 7] > 0 > kernel[7, 11])
    True
    """

    centre_sigma: float = 1.0
    surround_sigma: float = 3.0
    surround_weight: float = 1.0
    cutoff: float | None = None
    steepness: float = 4.0

    def __post_init__(self) -> None:
        if not 0 < self.centre_sigma < self.surround_sigma < np.inf:
            raise ValueError(
                "expected 0 < centre_sigma < surround_sigma (pixels), got "
                f"centre_sigma={self.centre_sigma}, surround_sigma={self.surround_sigma}"
            )
        if not 0 <= self.surround_weight <= 1:
            raise ValueError(
                f"expected surround_weight in [0, 1], got {self.surround_weight}; "
                "1 balances centre and surround"
            )
        if self.cutoff is not None and not 0 < self.cutoff <= 1:
            raise ValueError(
                f"expected a cutoff in cycles/pixel, above 0 and at most 1, or None, got {self.cutoff}"
            )
        if not 0 < self.steepness < np.inf:
            raise ValueError(f"expected a steepness above 0, got {self.steepness}")

    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        """Return the gain at spatial frequencies in cycles/pixel; 1 is the centre's at frequency 0."""
        squared = np.square(frequency_y) + np.square(frequency_x)
        centre = np.exp(-2 * (np.pi * self.centre_sigma) ** 2 * squared)
        surround = np.exp(-2 * (np.pi * self.surround_sigma) ** 2 * squared)
        gain = np.asarray(centre - self.surround_weight * surround, dtype=np.float64)
        if self.cutoff is None:
            return gain
        return np.asarray(gain * np.exp(-((np.sqrt(squared) / self.cutoff) ** self.steepness)))
