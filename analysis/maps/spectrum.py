"""The wavelength of an orientation map, from its power spectrum, and random maps of a given wavelength."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from neurosim.analysis.maps.maps import checked_vectors
from neurosim.analysis.maps.ring import MapRing, ring_band
from neurosim.analysis.maps.sheet import Sheet
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["map_ring", "map_wavelength", "narrow_band_map", "radial_spectrum"]

Floats = NDArray[np.float64]
Vectors = NDArray[np.complex128]

_PADDING = 4  # a windowed sheet is laid into one of so many times its sides
_HIGHEST = 0.5  # cycles per neuron: beyond, there are waves along the diagonals only


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
    laid_out = _centred(vectors, sheet)
    shorter = min(laid_out.shape)
    frequency, power = _spectrum(laid_out, torus=sheet.torus)
    ring = np.rint(frequency * shorter * (1 if sheet.torus else 2)).astype(np.int64)
    counted = (ring > 0) & (frequency <= _HIGHEST)
    ring, frequency, power = ring[counted], frequency[counted], power[counted]
    modes, total, moment = (np.bincount(ring, weight) for weight in (None, power, power * frequency))
    plain = np.bincount(ring, frequency)  # for a ring without power
    filled = modes > 0
    place = np.divide(moment, total, out=plain / np.maximum(modes, 1), where=total > 0)
    return pd.DataFrame({"frequency": place[filled], "power": (total / np.maximum(modes, 1))[filled]})


def map_ring(vectors: ArrayLike, sheet: Sheet) -> MapRing:
    r"""Return the wavelength of an orientation map, or why it has none.

    A map repeats itself if its spectrum has a ring, a band of waves at least twice as strong as all longer and all
    shorter ones, beyond chance (`neurosim.analysis.maps.ring`; on a plain sheet by its cosine transform, whose
    coefficients are independent). The wavelength is then one over the mean wave number of the power within an
    octave of the ring on both sides,

    .. math:: \Lambda = \sum_k P_k \Big/ \sum_k P_k |k|,

    less a floor, the mean power beyond .5 cycles per neuron, where only noise is. So defined, Gaussian noise with a
    ring has :math:`\pi \langle k^2\rangle/\langle k\rangle^2` pinwheels per :math:`\Lambda^2`, whatever the sheet
    and the width of the ring. Where there is no ring, this mean is a scale of the smoothing and not a period.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; NaN where a neuron has none (see `radial_spectrum`).
    sheet : Sheet
        Where the neurons are.

    Returns
    -------
    MapRing
        ``wavelength`` in steps from neuron to neuron, NaN without a ring; ``reason`` says why there is none.

    Raises
    ------
    ValueError
        As `radial_spectrum`.

    References
    ----------
    Schnabel, Kaschube, Löwel & Wolf 2007, Eur Phys J Spec Top 145:137, doi:10.1140/epjst/e2007-00152-8.

    Examples
    --------
    >>> sheet, rng = Sheet(32, 32, torus=True), np.random.default_rng(0)
    >>> round(map_ring(narrow_band_map(sheet, wavelength=8, rng=rng, bandwidth=0.3), sheet).wavelength)
    8
    >>> map_ring(rng.normal(size=(1024, 2)) @ (1, 1j), sheet).reason[:39]
    'no waves stand out from all longer ones'
    """
    laid_out = _centred(vectors, sheet)
    frequency, power = _independent_modes(laid_out, torus=sheet.torus)
    step = 1 / (min(sheet.height, sheet.width) * (1 if sheet.torus else 2))
    low, high, reason = ring_band(frequency, power, step=step)
    if reason:
        return MapRing(np.nan, reason)
    frequency, power = _spectrum(laid_out, torus=sheet.torus)
    floor = power[frequency > _HIGHEST].mean()
    near = (frequency >= low / 2) & (frequency <= min(2 * high, _HIGHEST))
    signal = power[near] - floor
    return MapRing(float(signal.sum() / (signal * frequency[near]).sum()), "")


def map_wavelength(vectors: ArrayLike, sheet: Sheet) -> float:
    """Return the wavelength of an orientation map, one over its mean wave number, NaN if it has no ring.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; NaN where a neuron has none (see `radial_spectrum`).
    sheet : Sheet
        Where the neurons are.

    Returns
    -------
    float
        In steps from neuron to neuron: the distance over which orientations repeat. NaN for white and low-pass
        maps, which repeat nowhere: `map_ring` gives the reason.

    Raises
    ------
    ValueError
        As `radial_spectrum`.

    Examples
    --------
    >>> sheet = Sheet(20, 20, torus=True)
    >>> round(map_wavelength(np.exp(2j * np.pi * sheet.positions[:, 1] / 10), sheet), 9)
    10.0
    >>> map_wavelength(np.random.default_rng(0).normal(size=(400, 2)) @ (1, 1j), sheet)
    nan
    """
    return map_ring(vectors, sheet).wavelength


def narrow_band_map(sheet: Sheet, *, wavelength: float, rng: Randomness, bandwidth: float = 0.1) -> Vectors:
    """Draw a random orientation map: a complex Gaussian field whose spectrum is a thin ring.

    Its pinwheel density is pi in the limit of a thin ring, whatever the wavelength: a closed form for tests, and
    the map that noise makes, which a model's is to be compared with.

    Parameters
    ----------
    sheet : Sheet
        Where the neurons are. A plain sheet is cut from a torus twice as wide.
    wavelength : float, 2 or more
        Steps from neuron to neuron.
    rng : numpy.random.Generator or int
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
    rng = generator(rng)
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


def _centred(vectors: ArrayLike, sheet: Sheet) -> Vectors:
    """Lay the map out without its mean vector; a neuron without an orientation counts as the mean."""
    checked = checked_vectors(vectors, sheet)
    if min(sheet.height, sheet.width) < 4:
        raise ValueError(
            f"expected a sheet of 4 × 4 neurons or more for a spectrum, got {sheet.height} × {sheet.width}"
        )
    present = ~np.isnan(checked)
    centred = np.where(present, checked - checked[present].mean(), 0)
    if not np.abs(centred).max() > 1e-12 * np.abs(checked[present]).max():
        raise ValueError("expected orientation vectors that differ, got the same for all neurons: no map")
    return centred.reshape(sheet.height, sheet.width)


def _independent_modes(vectors: Vectors, *, torus: bool) -> tuple[Floats, Floats]:
    """Return frequency and power of as many waves as neurons less one: the mean is not among them.

    On a plain sheet waves of whole halves of a side, mirrored at the edges: no window, so that none depends on
    another.
    """
    if torus:
        frequency, power = _spectrum(vectors, torus=True)
        return frequency[1:], power[1:]
    down, right = (np.arange(side) / (2 * side) for side in vectors.shape)
    power = np.abs(fft.dctn(vectors, norm="ortho")) ** 2
    return np.hypot(down[:, None], right).ravel()[1:], power.ravel()[1:]


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
