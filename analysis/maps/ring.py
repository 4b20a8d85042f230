"""Whether a spectrum has a ring: a band of wave numbers stronger than all lower and all higher ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["MapRing", "ring_band"]

Floats = NDArray[np.float64]

_CONTRAST = 2.0  # a ring falls to half of its mean power on both sides, as a width at half maximum asks
# Of each flank's F test, and a bound of its sum over the bands that are tried, which depend on each other: at these
# levels at most one white or low-pass map in a hundred passes (``verification/map_measures.csv``).
_LEVEL = 1e-3
_LEVEL_OF_ALL = 0.5
_NO_LOWER_FLANK = (
    "no waves stand out from all longer ones (a white or low-pass map, or less than two wavelengths)"
)
_NO_UPPER_FLANK = "power rises towards short waves but does not fall again: noise from neuron to neuron"


@dataclass(frozen=True)
class MapRing:
    """The wavelength of a map, or why it has none.

    Parameters
    ----------
    wavelength : float
        Steps from neuron to neuron; NaN for a map whose spectrum has no ring.
    reason : str
        Why there is no ring; empty if there is one.
    """

    wavelength: float
    reason: str


def ring_band(frequency: Floats, power: Floats, *, step: float) -> tuple[float, float, str]:
    """Find the ring of a spectrum, or say what it lacks to be one.

    A ring is a band of wave numbers whose mean power is at least twice that of all lower ones, and of all higher
    ones, both beyond chance. Coefficients of a random map are independent and complex Gaussian, so the quotient of
    two mean powers is F-distributed if the expected powers are equal, and smaller than that if power falls towards
    higher wave numbers: white and low-pass maps of any correlation length pass as rarely or more rarely.

    Parameters
    ----------
    frequency, power : ndarray, shape (n_modes,)
        Magnitude of the wave vector (cycles per neuron) and squared magnitude of independent complex coefficients,
        without the frequency zero.
    step : float, above 0
        Bands are whole rings of this width (cycles per neuron), up to .5.

    Returns
    -------
    low, high : float
        Lowest and highest ring (cycles per neuron, mean over the ring) of the band that, of those that pass, parts
        the spectrum best into three levels by Whittle's likelihood; NaN without a ring.
    reason : str
        Why there is no ring; empty if there is one.

    Examples
    --------
    >>> across = np.arange(-16, 16) / 32
    >>> frequency = np.hypot(across[:, None], across).ravel()[np.arange(1024) != 16 * 33]
    >>> ring = 0.1 + np.exp(-(((frequency - 0.15) / 0.03) ** 2))
    >>> low, high, reason = ring_band(frequency, ring, step=1 / 32)
    >>> round(low, 2), round(high, 2), reason
    (0.13, 0.19, '')
    >>> ring_band(frequency, np.exp(-((frequency / 0.1) ** 2)), step=1 / 32)[2]
    'no waves stand out from all longer ones (a white or low-pass map, or less than two wavelengths)'
    """
    modes, total, place = _rings(frequency, power, step)
    first, last = _bands(len(modes))
    modes, total = np.cumsum(modes), np.cumsum(total)
    below = modes[first - 1], total[first - 1]
    band = modes[last] - below[0], total[last] - below[1]
    above = modes[-1] - modes[last], total[-1] - total[last]
    level = min(_LEVEL, _LEVEL_OF_ALL / max(len(first), 1))
    over_longer, over_shorter = (_stronger(*band, *other, level=level) for other in (below, above))
    passed = over_longer & over_shorter
    if not over_longer.any():
        return np.nan, np.nan, _NO_LOWER_FLANK
    if not passed.any():
        return np.nan, np.nan, _NO_UPPER_FLANK
    likelihood = sum(_log_likelihood(*part) for part in (below, band, above))
    best = int(np.argmax(np.where(passed, likelihood, -np.inf)))
    return float(place[first[best]]), float(place[last[best]]), ""


def _rings(frequency: Floats, power: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """Return modes, power and mean frequency of every ring; the last holds all beyond .5 cycles per neuron."""
    last = int(np.rint(0.5 / step))
    ring = np.where(frequency <= 0.5, np.minimum(np.rint(frequency / step), last), last + 1).astype(np.int64)
    sums = [np.bincount(ring, weight, minlength=last + 2) for weight in (None, power, frequency)]
    kept = sums[0] > 0
    kept[-1] = True  # the ring above the highest band, empty or not
    modes, total, moment = (np.asarray(each[kept], dtype=np.float64) for each in sums)
    return modes, total, moment / np.maximum(modes, 1)


def _bands(n_rings: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List first and last ring of every band that leaves a ring on both sides."""
    first, last = np.triu_indices(max(n_rings - 2, 0))
    return first + 1, last + 1


def _stronger(
    modes: Floats, power: Floats, other_modes: Floats, other: Floats, *, level: float
) -> NDArray[np.bool_]:
    """Test mean powers, each with two degrees of freedom per complex coefficient."""
    critical = np.maximum(stats.f.isf(level, 2 * modes, 2 * np.maximum(other_modes, 1)), _CONTRAST)
    return np.asarray((power * other_modes >= critical * other * modes) & (other_modes > 0))


def _log_likelihood(modes: Floats, power: Floats) -> Floats:
    """Return that of coefficients of equal expected power, at its best and but for a constant."""
    mean = np.maximum(power, np.finfo(float).tiny) / np.maximum(modes, 1)
    return np.asarray(-modes * np.log(mean))
