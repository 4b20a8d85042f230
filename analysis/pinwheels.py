"""Pinwheels of an orientation map: where all orientations meet, which way they turn, how many there are."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from neurosim.analysis.map_spectrum import map_wavelength
from neurosim.analysis.maps import checked_vectors, smoothed_vectors
from neurosim.analysis.sheet import Sheet

__all__ = ["find_pinwheels", "map_quality", "pinwheel_density", "pinwheel_summary"]

Floats = NDArray[np.float64]
Vectors = NDArray[np.complex128]

_QUALITY_SHAPE = 1.8  # k of the gamma density, set so that densities far from pi score near 0


def find_pinwheels(vectors: ArrayLike, sheet: Sheet) -> pd.DataFrame:
    """Find the pinwheels by the turn of the doubled orientation around every square of four neurons.

    A square around which it turns once holds one pinwheel. Its place is where real and imaginary part, between the
    four neurons bilinear, are both zero.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; a square with a NaN is passed over. Noise makes pairs of opposite sign
        where vectors are short: `smoothed_vectors` averages it out.
    sheet : Sheet
        Where the neurons are; on a torus the squares across the edges count too.

    Returns
    -------
    DataFrame
        One row per pinwheel: ``row``, ``column`` (in steps from neuron to neuron, on a torus below its sides) and
        ``sign``, 1 if the orientation turns the way one walks around the pinwheel (rows counted downwards, as
        angles are), -1 if against. On a torus without gaps the signs add up to 0.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, or it has no square.

    Examples
    --------
    >>> sheet = Sheet(4, 4, torus=False)
    >>> row, column = sheet.positions.T
    >>> find_pinwheels((column - 1.25) + 1j * (row - 1.5), sheet).to_numpy().tolist()
    [[1.5, 1.25, 1.0]]
    """
    laid_out = _laid_out(vectors, sheet)
    winding = _winding(laid_out)
    found = np.argwhere(winding != 0)
    inside = np.array([_zero(laid_out[row : row + 2, column : column + 2]) for row, column in found])
    places = found + inside.reshape(-1, 2)
    if sheet.torus:
        places = places % (sheet.height, sheet.width)
    signs = winding[tuple(found.T)]
    return pd.DataFrame({"row": places[:, 0], "column": places[:, 1], "sign": signs})


def pinwheel_density(n_pinwheels: int, *, wavelength: float, area: float) -> float:
    """Return the number of pinwheels in a square of one wavelength.

    Parameters
    ----------
    n_pinwheels : int, 0 or more
        Found in the area.
    wavelength : float, above 0
        Of the map, in steps from neuron to neuron.
    area : float, above 0
        In squares of four neurons.

    Returns
    -------
    float
        Without unit; near pi in cat, ferret, tree shrew and galago, and in narrow-band noise.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Kaschube et al. 2010, Science 330:1113, doi:10.1126/science.1194869.

    Examples
    --------
    >>> pinwheel_density(32, wavelength=8, area=1024)
    2.0
    """
    if not (n_pinwheels >= 0 and wavelength > 0 and area > 0):
        raise ValueError(
            "expected a count of 0 or more, a wavelength and an area above 0, got "
            f"{n_pinwheels}, {wavelength} and {area}"
        )
    return float(n_pinwheels * wavelength**2 / area)


def map_quality(density: ArrayLike) -> Floats:
    r"""Score a pinwheel density by how near it is to pi.

    .. math:: q = \Gamma_k(\rho) / \Gamma_k(\pi), \qquad \Gamma_k(\rho) \propto \rho^{k-1} e^{-\rho (k-1)/\pi}

    the gamma density with k = 1.8 whose mode is pi.

    Parameters
    ----------
    density : array_like
        Pinwheels per squared wavelength, 0 or more.

    Returns
    -------
    ndarray, same shape
        From 0 (no pinwheels) to 1 (density pi). Noise scores high too: look at selectivity and controls beside it.

    Raises
    ------
    ValueError
        If a density is negative or not finite.

    References
    ----------
    Stevens, Law, Antolík & Bednar 2013, J Neurosci 33:15747, doi:10.1523/JNEUROSCI.1037-13.2013.

    Examples
    --------
    >>> map_quality([0, np.pi, 2 * np.pi]).round(3)
    array([0.   , 1.   , 0.782])
    """
    rho = np.asarray(density, dtype=np.float64)
    if not (np.isfinite(rho).all() and (rho >= 0).all()):
        raise ValueError("expected finite pinwheel densities of 0 or more")
    power = _QUALITY_SHAPE - 1
    return np.asarray((rho / np.pi) ** power * np.exp(power * (1 - rho / np.pi)))


def pinwheel_summary(
    vectors: ArrayLike,
    sheet: Sheet,
    *,
    rng: np.random.Generator,
    smoothing: float | None = None,
    n_shuffles: int = 20,
) -> pd.Series:
    """Count a map's pinwheels, set them against its wavelength, and do the same with the neurons shuffled.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; NaN where a neuron has none.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator
        Shuffles the neurons that have an orientation.
    smoothing : float, optional
        Standard deviation of a Gaussian, in steps from neuron to neuron, that the map (and every shuffled one) is
        averaged with first. Default none.
    n_shuffles : int, 1 or more
        Shuffled maps.

    Returns
    -------
    Series
        ``pinwheels``, ``positive``, ``negative``; ``area`` (squares of four neurons looked at);
        ``map_wavelength`` (steps); ``pinwheel_density`` with ``density_low`` and ``density_high``, the exact 95 %
        Poisson interval of the count at that wavelength (wide for few pinwheels); ``map_quality``;
        ``selectivity``, the mean length of the vectors of the map as analysed; and the means over shuffled maps,
        ``shuffled_density`` and ``shuffled_selectivity``. Without smoothing the two selectivities are equal:
        smoothing leaves long vectors only where neighbours agree.

    Raises
    ------
    ValueError
        As `find_pinwheels`, `map_wavelength` and `smoothed_vectors`, or if `n_shuffles` is below 1.

    Examples
    --------
    >>> from neurosim.analysis.map_spectrum import narrow_band_map
    >>> sheet, rng = Sheet(48, 48, torus=True), np.random.default_rng(0)
    >>> noise = narrow_band_map(sheet, wavelength=12, rng=rng)
    >>> summary = pinwheel_summary(noise, sheet, rng=rng, smoothing=1.0)
    >>> bool(summary["density_low"] < np.pi < summary["density_high"])
    True
    """
    if n_shuffles < 1:
        raise ValueError(f"expected one shuffled map or more, got n_shuffles={n_shuffles}")
    checked = checked_vectors(vectors, sheet)
    present = np.flatnonzero(~np.isnan(checked))
    measured = _measured(checked, sheet, smoothing)
    controls = []
    for _ in range(n_shuffles):
        shuffled = checked.copy()
        shuffled[present] = checked[rng.permutation(present)]
        controls.append(_measured(shuffled, sheet, smoothing))
    scale = measured["map_wavelength"] ** 2 / measured["area"]
    count = measured["pinwheels"]
    low = scale * stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    extra = {
        "density_low": float(low),
        "density_high": float(scale * stats.chi2.ppf(0.975, 2 * count + 2) / 2),
        "map_quality": float(map_quality(measured["pinwheel_density"])),
        "shuffled_density": float(np.mean([control["pinwheel_density"] for control in controls])),
        "shuffled_selectivity": float(np.mean([control["selectivity"] for control in controls])),
    }
    return pd.Series(measured | extra)


def _measured(vectors: Vectors, sheet: Sheet, smoothing: float | None) -> dict[str, float]:
    shown = vectors if smoothing is None else smoothed_vectors(vectors, sheet, width=smoothing)
    signs = find_pinwheels(shown, sheet)["sign"]
    area = int((~np.isnan(_turns(_laid_out(shown, sheet)))).sum())
    if not area:
        raise ValueError(
            "expected a square of four neurons with orientations, got none: smooth the map first"
        )
    wavelength = map_wavelength(shown, sheet)
    return {
        "pinwheels": float(len(signs)),
        "positive": float((signs > 0).sum()),
        "negative": float((signs < 0).sum()),
        "area": float(area),
        "map_wavelength": wavelength,
        "pinwheel_density": pinwheel_density(len(signs), wavelength=wavelength, area=area),
        "selectivity": float(np.nanmean(np.abs(shown))),
    }


def _laid_out(vectors: ArrayLike, sheet: Sheet) -> Vectors:
    """Return the map, on a torus with its first row and column once more at the end."""
    if min(sheet.height, sheet.width) < 2:
        raise ValueError(
            f"expected a sheet of 2 × 2 neurons or more, got {sheet.height} × {sheet.width}: a line has no pinwheels"
        )
    laid_out = checked_vectors(vectors, sheet).reshape(sheet.height, sheet.width)
    return np.pad(laid_out, (0, 1), mode="wrap") if sheet.torus else laid_out


def _turns(laid_out: Vectors) -> Floats:
    """Return the turns of the vectors around every square, NaN for one with a gap.

    Every edge's turn is taken once and used with both signs, so that what enters one square leaves the next, even
    where a vector is zero (its angle counts as 0) or opposite to its neighbour.
    """
    angle = np.where(np.isnan(laid_out), np.nan, np.angle(laid_out))
    right, down = ((np.diff(angle, axis=axis) + np.pi) % (2 * np.pi) - np.pi for axis in (1, 0))
    around = right[:-1] + down[:, 1:] - right[1:] - down[:, :-1]
    return np.asarray(around / (2 * np.pi))


def _winding(laid_out: Vectors) -> NDArray[np.int64]:
    return np.rint(np.nan_to_num(_turns(laid_out))).astype(np.int64)


def _zero(corners: Vectors) -> tuple[float, float]:
    """Return where a bilinear complex function on the unit square is zero: shares of the way down and right.

    With z = a + b·u + (c + d·u)·v, v is real where the imaginary part of (a + b·u)·conj(c + d·u) vanishes.
    """
    (a, b), (c, d) = corners
    b, c, d = b - a, c - a, d - b - c + a
    quadratic = [
        (b * d.conjugate()).imag,
        (a * d.conjugate() + b * c.conjugate()).imag,
        (a * c.conjugate()).imag,
    ]
    scale = np.abs(corners).max() ** 2
    kept = np.trim_zeros(np.where(np.abs(quadratic) < 1e-14 * scale, 0, quadratic), "f")
    candidates = [(0.5, 0.5)]  # where no zero can be told: all four vectors on a line
    for root in np.roots(kept) if len(kept) > 1 else ():
        u, slope = float(root.real), c + d * root.real
        if abs(root.imag) < 1e-6 and slope:
            candidates.append((float(-((a + b * u) * slope.conjugate()).real / abs(slope) ** 2), u))
    # At most two zeros, one of them in the square: the one least outside, but for rounding.
    outside = [max(-v, v - 1, -u, u - 1) for v, u in candidates[1:]]
    v, u = candidates[1 + int(np.argmin(outside))] if outside else candidates[0]
    return float(np.clip(v, 0, 1)), float(np.clip(u, 0, 1))
