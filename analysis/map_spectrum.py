"""The wavelength of an orientation map, from its power spectrum, and random maps of a given wavelength."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.maps import checked_vectors
from neurosim.analysis.sheet import Sheet

__all__ = ["map_wavelength", "narrow_band_map", "radial_spectrum"]

Floats = NDArray[np.float64]
Vectors = NDArray[np.complex128]

_PADDING = 4  # a windowed sheet is laid into one of so many times its sides
_BAND_LEVEL = 0.5  # the ring reaches to where the spectrum has fallen to this share of its peak


def radial_spectrum(vectors: ArrayLike, sheet: Sheet) -> pd.DataFrame:
    """Average the power spectrum of an orientation map over all directions.

    The mean vector is taken off first. A torus is transformed as it is; a plain sheet under a Hann window, which
    hides the jump between opposite edges and widens the ring by about two cycles per sheet.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}. A neuron without an orientation (NaN) counts as the mean vector: smooth
        the map first if there are many.
    sheet : Sheet
        Where the neurons are; both sides 4 or more.

    Returns
    -------
    DataFrame
        One row per ring, as wide as the lowest frequency of the shorter side (half of it on a plain sheet):
        ``frequency`` (cycles per neuron, the mean over the ring's power) and ``power`` (mean over the ring, sum
        of squares of the coefficients; arbitrary unit). Up to .5 cycles per neuron, without the frequency zero.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, it is too small, or all vectors are equal.

    Examples
    --------
    >>> sheet = Sheet(16, 16, torus=True)
    >>> spectrum = radial_spectrum(np.exp(2j * np.pi * sheet.positions[:, 1] / 8), sheet)
    >>> spectrum.loc[spectrum["power"].idxmax(), "frequency"]
    np.float64(0.125)
    """
    checked = checked_vectors(vectors, sheet)
    shorter = min(sheet.height, sheet.width)
    if shorter < 4:
        raise ValueError(
            f"expected a sheet of 4 × 4 neurons or more for a spectrum, got {sheet.height} × {sheet.width}"
        )
    present = ~np.isnan(checked)
    centred = np.where(present, checked - checked[present].mean(), 0)
    if not np.abs(centred).max() > 1e-12 * np.abs(checked[present]).max():
        raise ValueError("expected orientation vectors that differ, got the same for all neurons: no map")
    frequency, power = _spectrum(centred.reshape(sheet.height, sheet.width), torus=sheet.torus)
    ring = np.rint(frequency * shorter * (1 if sheet.torus else 2)).astype(np.int64)
    counted = (ring > 0) & (frequency <= 0.5)
    ring, frequency, power = ring[counted], frequency[counted], power[counted]
    modes, total, moment = (np.bincount(ring, weight) for weight in (None, power, power * frequency))
    plain = np.bincount(ring, frequency)  # for a ring without power
    filled = modes > 0
    place = np.divide(moment, total, out=plain / np.maximum(modes, 1), where=total > 0)
    return pd.DataFrame({"frequency": place[filled], "power": (total / np.maximum(modes, 1))[filled]})


def map_wavelength(vectors: ArrayLike, sheet: Sheet) -> float:
    """Return the wavelength of an orientation map: one over the centroid of its spectrum's ring.

    The ring reaches from the peak of `radial_spectrum` to both sides while the power is half of the peak's or more,
    and one step on. A map without a ring has a wavelength too, set by chance: look at the spectrum, and compare
    with shuffled positions.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; NaN where a neuron has none (see `radial_spectrum`).
    sheet : Sheet
        Where the neurons are.

    Returns
    -------
    float
        In steps from neuron to neuron: the distance over which orientations repeat.

    Raises
    ------
    ValueError
        As `radial_spectrum`.

    Examples
    --------
    >>> sheet = Sheet(20, 20, torus=True)
    >>> map_wavelength(np.exp(2j * np.pi * sheet.positions[:, 1] / 10), sheet)
    10.0
    """
    frequency, power = radial_spectrum(vectors, sheet).to_numpy().T
    peak = int(np.argmax(power))
    low = np.flatnonzero(power[:peak] < _BAND_LEVEL * power[peak])
    high = np.flatnonzero(power[peak:] < _BAND_LEVEL * power[peak])
    band = slice(low[-1] if len(low) else 0, peak + high[0] + 1 if len(high) else None)
    return float(power[band].sum() / (power[band] * frequency[band]).sum())


def narrow_band_map(
    sheet: Sheet, *, wavelength: float, rng: np.random.Generator, bandwidth: float = 0.1
) -> Vectors:
    """Draw a random orientation map: a complex Gaussian field whose spectrum is a thin ring.

    Its pinwheel density is pi in the limit of a thin ring, whatever the wavelength: a closed form for tests, and
    the map that noise makes, which a model's is to be compared with.

    Parameters
    ----------
    sheet : Sheet
        Where the neurons are. A plain sheet is cut from a torus twice as wide.
    wavelength : float, 2 or more
        Steps from neuron to neuron.
    rng : numpy.random.Generator
        Draws the coefficients.
    bandwidth : float, above 0
        Width of the ring as a share of its radius.

    Returns
    -------
    ndarray of complex, shape (n_neurons,)
        Root mean square 1 over the torus; no unit.

    Raises
    ------
    ValueError
        If the wavelength is below 2 or the sheet has no wave within the ring.

    References
    ----------
    Wolf & Geisel 1998, Nature 395:73, doi:10.1038/25736. Schnabel, Kaschube, Löwel & Wolf 2007, Eur Phys J Spec
    Top 145:137, doi:10.1140/epjst/e2007-00152-8.

    Examples
    --------
    >>> sheet = Sheet(32, 32, torus=True)
    >>> vectors = narrow_band_map(sheet, wavelength=8, rng=np.random.default_rng(0), bandwidth=0.2)
    >>> vectors.shape, bool(abs(map_wavelength(vectors, sheet) - 8) < 0.8)
    ((1024,), True)
    """
    if not wavelength >= 2 or not bandwidth > 0:
        raise ValueError(
            f"expected a wavelength of 2 neurons or more and a bandwidth above 0, got {wavelength} and {bandwidth}"
        )
    factor = 1 if sheet.torus else 2
    shape = (factor * sheet.height, factor * sheet.width)
    ring = np.abs(_frequencies(shape) * wavelength - 1) <= bandwidth / 2
    if not ring.any():
        raise ValueError(
            f"expected a wave of {wavelength} neurons ± {50 * bandwidth:g} % on the {sheet.height} × {sheet.width} "
            "sheet, got none: widen the ring or the sheet"
        )
    noise = rng.normal(size=(2, *shape))
    drawn = np.fft.ifft2(np.where(ring, noise[0] + 1j * noise[1], 0))
    drawn /= np.sqrt(np.mean(np.abs(drawn) ** 2))
    return np.asarray(drawn[: sheet.height, : sheet.width].ravel())


def _spectrum(vectors: Vectors, *, torus: bool) -> tuple[Floats, Floats]:
    """Return frequency and power of every wave, flat."""
    if torus:
        return _frequencies(vectors.shape).ravel(), (np.abs(np.fft.fft2(vectors)) ** 2).ravel()
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in vectors.shape))
    # What the window lifts off zero is taken off again, or it would leak into the lowest ring.
    shown = window * (vectors - (window * vectors).sum() / window.sum())
    shape = (_PADDING * vectors.shape[0], _PADDING * vectors.shape[1])
    return _frequencies(shape).ravel(), (np.abs(np.fft.fft2(shown, shape)) ** 2).ravel()


def _frequencies(shape: tuple[int, ...]) -> Floats:
    """Return the magnitude of the wave vectors of a sheet, in cycles per neuron."""
    return np.asarray(np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])))
