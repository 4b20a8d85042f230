"""Pinwheels per squared wavelength, how near pi they are, and how sure the count makes that."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["count_interval", "density_with_interval", "map_quality", "pinwheel_density"]

Floats = NDArray[np.float64]

_LEAST_PINWHEELS = 10  # with fewer, the interval of a quality holds nearly all of its range
_QUALITY_SHAPE = 1.8  # k of the gamma density, set so that densities far from pi score near 0


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


def count_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % Poisson interval of a count.

    Pinwheels keep apart from each other, so that their numbers vary less than Poisson's: in random maps with and
    without a ring the interval covers in .97 of the cases or more (``verification/map_measures.csv``), and is wide.

    Parameters
    ----------
    count : int, 0 or more
        Pinwheels of one map, or of several.

    Returns
    -------
    (float, float)

    Raises
    ------
    ValueError
        If the count is negative.

    Examples
    --------
    >>> np.round(count_interval(4), 2).tolist(), np.round(count_interval(0), 2).tolist()
    ([1.09, 10.24], [0.0, 3.69])
    """
    if not count >= 0:
        raise ValueError(f"expected a count of 0 or more, got {count}")
    low = float(stats.chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(stats.chi2.ppf(0.975, 2 * count + 2)) / 2


def density_with_interval(count: int, *, wavelength: float, area: float) -> dict[str, float]:
    """Return density and quality of a map with their 95 % intervals.

    Parameters
    ----------
    count : int, 0 or more
        Pinwheels.
    wavelength : float
        In steps from neuron to neuron; NaN for a map without a ring, which has neither.
    area : float, above 0
        In squares of four neurons.

    Returns
    -------
    dict
        ``pinwheel_density``, ``density_low``, ``density_high``: the count and its `count_interval` per squared
        wavelength. ``map_quality``, ``quality_low``, ``quality_high``: the quality of the density, lowest and
        highest within its interval; NaN with fewer than 10 pinwheels.

    Examples
    --------
    >>> found = density_with_interval(32, wavelength=10.0, area=1024)
    >>> [round(number, 2) for number in found.values()]
    [3.12, 2.14, 4.41, 1.0, 0.95, 1.0]
    """
    per_square = wavelength**2 / area
    density, low, high = (per_square * number for number in (count, *count_interval(count)))
    found = {"pinwheel_density": density, "density_low": low, "density_high": high}
    scores = [np.nan] * 3
    if count >= _LEAST_PINWHEELS and np.isfinite(per_square):
        quality, *ends = map_quality([density, low, high]).tolist()
        scores = [quality, min(ends), 1.0 if low < np.pi < high else max(ends)]
    return found | dict(zip(("map_quality", "quality_low", "quality_high"), scores, strict=True))
