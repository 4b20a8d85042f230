"""The whitening filter of Olshausen and Field; beside it, the other whiteners under one roof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.on_off import split_on_off
from neurosim.stimuli.filters.zca import ZCA

__all__ = ["ZCA", "CentreSurround", "FourierFilter", "OlshausenField", "split_on_off"]


@dataclass(frozen=True)
class OlshausenField(FourierFilter):
    r"""Whitening for natural images, with a low-pass that spares the corners of the spectrum.

    With :math:`f` the radial spatial frequency in cycles/pixel,

    .. math:: H(f) = f^p\, e^{-(f/f_0)^n} .

    The ramp undoes the amplitude spectrum of natural scenes, which falls as :math:`1/f`; the low-pass removes
    the highest frequencies, which hold sampling noise and reach further along the diagonals than along the
    axes. The published cutoff is 200 cycles per picture of 512 pixels, in the authors' code .4 N: that is .4
    cycles/pixel.

    Parameters
    ----------
    cutoff : float
        :math:`f_0` in cycles/pixel, where the low-pass has fallen to 1/e. The axes end at .5.
    steepness : float
        :math:`n`, how sharply it falls.
    ramp : float
        :math:`p`: 1 as published; .5 leaves a spectrum that falls as :math:`f^{-1/2}`; 0 is the low-pass
        alone, which keeps the mean.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    Olshausen & Field 1996, Nature 381:607, doi:10.1038/381607a0 (the filter and its cutoff).
    Olshausen & Field 1997, Vision Research 37:3311, doi:10.1016/S0042-6989(97)00169-7.

    Examples
    --------
    >>> whitening = OlshausenField(cutoff=0.4)
    >>> float(whitening.transfer(0.0, 0.0)), round(float(whitening.transfer(0.0, 0.4)), 4)
    (0.0, 0.1472)
    >>> whitening.to_image_space(np.ones((3, 16, 16)), margin=8).shape
    (3, 32, 32)
    """

    cutoff: float = 0.4
    steepness: float = 4.0
    ramp: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.cutoff < np.inf:
            raise ValueError(
                f"expected a cutoff above 0 cycles/pixel, got {self.cutoff}; the published one is 0.4"
            )
        if self.cutoff > 1:
            raise ValueError(
                f"expected a cutoff in cycles/pixel, at most 1, got {self.cutoff}; divide cycles/picture "
                "by the picture's width in pixels"
            )
        if not 0 < self.steepness < np.inf:
            raise ValueError(f"expected a steepness above 0, got {self.steepness}; the published one is 4")
        if not 0 <= self.ramp < np.inf:
            raise ValueError(
                f"expected a ramp exponent of 0 or more, got {self.ramp}; the published one is 1"
            )

    def transfer(self, frequency_y: ArrayLike, frequency_x: ArrayLike) -> NDArray[np.float64]:
        """Return the gain at spatial frequencies in cycles/pixel."""
        radius = np.hypot(frequency_y, frequency_x)
        return np.asarray(
            radius**self.ramp * np.exp(-((radius / self.cutoff) ** self.steepness)), dtype=np.float64
        )
