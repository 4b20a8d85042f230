"""Pinwheels of an orientation map: where all orientations meet, which way they turn, how many there are."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.maps.maps import checked_vectors, smoothed_vectors
from neurosim.analysis.maps.noise import same_spectrum_maps
from neurosim.analysis.maps.pinwheel_density import (
    count_interval,
    density_with_interval,
    map_quality,
    pinwheel_density,
)
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import map_ring
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "count_interval",
    "count_pinwheels",
    "find_pinwheels",
    "map_quality",
    "pinwheel_density",
    "pinwheel_summary",
]

Floats = NDArray[np.float64]
Vectors = NDArray[np.complex128]


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


def count_pinwheels(vectors: ArrayLike, sheet: Sheet) -> int:
    """Count the pinwheels that `find_pinwheels` finds, without their places.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; a square with a NaN is passed over.
    sheet : Sheet
        Where the neurons are.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        As `find_pinwheels`.

    Examples
    --------
    >>> sheet = Sheet(4, 4, torus=False)
    >>> row, column = sheet.positions.T
    >>> count_pinwheels((column - 1.25) + 1j * (row - 1.5), sheet)
    1
    """
    return int(np.count_nonzero(_winding(_laid_out(vectors, sheet))))


def pinwheel_summary(
    vectors: ArrayLike,
    sheet: Sheet,
    *,
    rng: Randomness,
    smoothing: float | None = None,
    n_shuffles: int = 20,
    n_noise: int = 100,
) -> pd.Series:
    """Count a map's pinwheels, and set them against its wavelength, noise of its spectrum, and shuffled neurons.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}; NaN where a neuron has none.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Shuffles the neurons that have an orientation, and draws random maps.
    smoothing : float, optional
        Standard deviation of a Gaussian, in steps from neuron to neuron, that the map (and every shuffled one) is
        averaged with first. Default none.
    n_shuffles, n_noise : int, 1 or more
        Shuffled maps, and random maps with the map's spectrum (`same_spectrum_maps`).

    Returns
    -------
    Series
        Of the map as analyzed:

        - ``pinwheels``, ``positive``, ``negative``; ``area`` (squares of four neurons looked at); ``selectivity``,
          the mean length of its vectors.
        - ``noise_pinwheels``, the mean over random maps with the same spectrum, with ``noise_low`` and
          ``noise_high``, their 2.5th and 97.5th percentile; ``ratio_to_noise``, the count over that mean, with
          ``ratio_low`` and ``ratio_high``. A ratio needs no wavelength; NaN where noise has no pinwheels.
        - ``map_wavelength`` (steps), NaN for a map without a ring, for the reason in ``no_ring`` (text, else empty).
        - ``pinwheel_density`` with ``density_low`` and ``density_high``; ``map_quality`` with ``quality_low`` and
          ``quality_high``, its range over the densities of that interval. NaN without a ring, the quality also
          with fewer than 10 pinwheels.
        - ``shuffled_pinwheels`` and ``shuffled_selectivity``, means over shuffled maps; ``shuffled_density``, those
          pinwheels per squared wavelength of the *map* (they have none of their own). Without smoothing the two
          selectivities are equal: smoothing leaves long vectors only where neighbours agree.

        Intervals are `count_interval` of the pinwheels, at the measured wavelength and the mean of the noise.

    Raises
    ------
    ValueError
        As `find_pinwheels`, `map_ring` and `smoothed_vectors`, or if a number of maps is below 1.

    Examples
    --------
    >>> from neurosim.analysis.maps.spectrum import narrow_band_map
    >>> sheet, rng = Sheet(48, 48, torus=True), np.random.default_rng(0)
    >>> noise = narrow_band_map(sheet, wavelength=12, rng=rng)
    >>> summary = pinwheel_summary(noise, sheet, rng=rng, smoothing=1.0)
    >>> bool(summary["density_low"] < np.pi < summary["density_high"])
    True
    >>> bool(summary["ratio_low"] < 1 < summary["ratio_high"])
    True
    """
    rng = generator(rng)
    if n_shuffles < 1 or n_noise < 1:
        raise ValueError(f"expected one map or more to compare with, got {n_shuffles=} and {n_noise=}")
    checked = checked_vectors(vectors, sheet)
    shown = _shown(checked, sheet, smoothing)
    area = int((~np.isnan(_turns(_laid_out(shown, sheet)))).sum())
    if not area:
        raise ValueError(
            "expected a square of four neurons with orientations, got none: smooth the map first"
        )
    signs = _winding(_laid_out(shown, sheet))
    count, ring = int(np.count_nonzero(signs)), map_ring(shown, sheet)
    shuffled = _of_shuffled(checked, sheet, smoothing=smoothing, n_shuffles=n_shuffles, rng=rng)
    return pd.Series(
        {
            "pinwheels": count,
            "positive": int((signs > 0).sum()),
            "negative": int((signs < 0).sum()),
            "area": area,
            "selectivity": float(np.nanmean(np.abs(shown))),
            **_against_noise(shown, sheet, count, n_noise=n_noise, rng=rng),
            "map_wavelength": ring.wavelength,
            **density_with_interval(count, wavelength=ring.wavelength, area=area),
            **shuffled,
            "shuffled_density": shuffled["shuffled_pinwheels"] * ring.wavelength**2 / area,
            "no_ring": ring.reason,
        },
        dtype=object,
    )


def _shown(vectors: Vectors, sheet: Sheet, smoothing: float | None) -> Vectors:
    return vectors if smoothing is None else smoothed_vectors(vectors, sheet, width=smoothing)


def _of_shuffled(
    vectors: Vectors, sheet: Sheet, *, smoothing: float | None, n_shuffles: int, rng: np.random.Generator
) -> dict[str, float]:
    present = np.flatnonzero(~np.isnan(vectors))
    counts, lengths = [], []
    for _ in counted(range(n_shuffles), "pinwheels of shuffled maps"):
        mixed = vectors.copy()
        mixed[present] = vectors[rng.permutation(present)]
        shown = _shown(mixed, sheet, smoothing)
        counts.append(count_pinwheels(shown, sheet))
        lengths.append(np.nanmean(np.abs(shown)))
    return {"shuffled_pinwheels": float(np.mean(counts)), "shuffled_selectivity": float(np.mean(lengths))}


def _against_noise(
    shown: Vectors, sheet: Sheet, count: int, *, n_noise: int, rng: np.random.Generator
) -> dict[str, float]:
    noise = [
        count_pinwheels(drawn, sheet)
        for drawn in counted(
            same_spectrum_maps(shown, sheet, rng=rng, n_maps=n_noise),
            "pinwheels of random maps",
            total=n_noise,
        )
    ]
    mean = float(np.mean(noise))
    low, high = np.percentile(noise, [2.5, 97.5])
    ratio, ratio_low, ratio_high = np.divide((count, *count_interval(count)), mean or np.nan)
    return {
        "noise_pinwheels": mean,
        "noise_low": float(low),
        "noise_high": float(high),
        "ratio_to_noise": float(ratio),
        "ratio_low": float(ratio_low),
        "ratio_high": float(ratio_high),
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
