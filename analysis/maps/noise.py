"""Random maps with the spectrum of a given one: what is left of a map when its phases are drawn anew."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.maps.maps import checked_vectors
from neurosim.analysis.maps.sheet import Sheet
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["same_spectrum_maps"]

Vectors = NDArray[np.complex128]


def same_spectrum_maps(
    vectors: ArrayLike, sheet: Sheet, *, rng: Randomness, n_maps: int
) -> Iterator[Vectors]:
    """Draw random maps whose waves are as strong as a map's, and in random phase.

    A plain sheet is mirrored at its edges first, which adds no jump, and the sheet is cut from the random map of
    the mirrored one: mean square of the vectors and of their slopes stay as they were, and with them the number of
    pinwheels that Gaussian noise has.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}. A neuron without one (NaN) counts as the mean vector, and has none in the
        random maps either.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Draws the phases. The mean vector stays.
    n_maps : int, 1 or more
        How many.

    Yields
    ------
    ndarray of complex, shape (n_neurons,)
        In the unit of the vectors.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, or `n_maps` is below 1.

    References
    ----------
    Theiler, Eubank, Longtin, Galdrikian & Farmer 1992, Physica D 58:77, doi:10.1016/0167-2789(92)90102-S.

    Examples
    --------
    >>> sheet = Sheet(8, 8, torus=True)
    >>> waves = np.exp(2j * np.pi * sheet.positions[:, 1] / 4)
    >>> (noise,) = same_spectrum_maps(waves, sheet, rng=np.random.default_rng(0), n_maps=1)
    >>> np.abs(noise).round(6)[:4]  # a single wave stays one, shifted
    array([1., 1., 1., 1.])
    """
    rng = generator(rng)
    checked = checked_vectors(vectors, sheet)
    if n_maps < 1:
        raise ValueError(f"expected one random map or more, got n_maps={n_maps}")
    present = ~np.isnan(checked)
    laid_out = sheet.as_map(np.where(present, checked, checked[present].mean()))
    strength = np.fft.fft2(laid_out if sheet.torus else _mirrored(laid_out))
    for _ in range(n_maps):
        turn = np.exp(2j * np.pi * rng.random(strength.shape))
        turn[0, 0] = 1
        drawn = np.fft.ifft2(strength * turn)
        yield np.where(present, drawn[: sheet.height, : sheet.width].ravel(), np.nan)


def _mirrored(laid_out: Vectors) -> Vectors:
    taller = np.concatenate([laid_out, laid_out[::-1]])
    return np.concatenate([taller, taller[:, ::-1]], axis=1)
