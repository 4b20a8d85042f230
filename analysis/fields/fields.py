"""Receptive fields without a model of their shape: spread, spectral bandwidth, reverse correlation."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = [
    "checked_fields",
    "grey_level",
    "participation_ratio",
    "reverse_correlation",
    "spectral_bandwidths",
]

_SMALLEST, _THIN = (
    4,
    4.0,
)  # pixels of a field's side; its longer side in shorter ones: hardly a receptive field's
# Share of the largest pixel that the median pixel of most fields has to reach, before they are taken for grey values.
_GREY = 0.25
_PADDING = 8  # the spectrum's peak is looked for on a grid of 1/(8 * size) cycles/pixel
_FREQUENCIES = np.linspace(0.0, 0.75, 301)  # cycles/pixel along the preferred orientation
_ANGLES = np.linspace(0.0, np.pi / 2, 181)  # radians away from it


def checked_fields(fields: ArrayLike, *, missing: bool = False) -> NDArray[np.float64]:
    """Return fields as a float64 array of shape (n_fields, height, width), or say what is wrong.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
    missing : bool
        Whether pixels may be NaN or infinite.

    Raises
    ------
    ValueError
        If the array has another number of axes, no field, its fields last as MATLAB has them, or a NaN or infinite
        pixel that is not allowed.

    Examples
    --------
    >>> checked_fields(np.ones((2, 4, 5))).shape
    (2, 4, 5)
    """
    array = unmasked(fields, "fields").astype(np.float64, copy=False)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(
            f"expected fields of shape (n_fields, height, width) with at least one pixel, got {array.shape}; "
            "reshape a dictionary with dictionary.reshape(-1, height, width)"
        )
    if _fields_come_last(array.shape):
        n, height, width = array.shape
        raise ValueError(
            f"expected fields of shape (n_fields, height, width), got {array.shape}, which looks like {width} fields "
            f"of {n} × {height} pixels in MATLAB's order; pass np.moveaxis(fields, -1, 0), or, if these are {n} fields "
            f"of {height} × {width} pixels, pass them in two parts"
        )
    finite = np.isfinite(array).all(axis=(1, 2))
    if not (missing or finite.all()):
        broken = np.flatnonzero(~finite)
        raise ValueError(
            f"expected finite fields, got NaN or infinite pixels in {len(broken)} of {len(array)}, first in "
            f"field {broken[0]}; leave those fields out"
        )
    return array


def grey_level(fields: ArrayLike) -> float | None:
    """Return the level about which most fields lie, if that is a grey value rather than about 0; else None.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Finite. Constant ones do not count.

    Examples
    --------
    >>> weights = np.random.default_rng(0).normal(size=(5, 8, 8))
    >>> grey_level(weights), round(grey_level(127 + 30 * weights), -1)
    (None, 130.0)
    """
    array = np.asarray(fields, dtype=np.float64)
    varied = array[np.ptp(array, axis=(1, 2)) > 0]
    if not len(varied):
        return None
    level = np.median(varied, axis=(1, 2))
    grey = np.abs(level) > _GREY * np.abs(varied).max(axis=(1, 2))
    return float(np.median(level)) if grey.mean() > 0.5 else None


def _fields_come_last(shape: tuple[int, ...]) -> bool:
    """Whether an array looks like (height, width, n_fields): square fields that way, or long and thin ones this way."""
    first, second, third = shape
    if first == second:
        return third != first and first >= _SMALLEST
    this_way, that_way = max(second, third) / min(second, third), max(first, second) / min(first, second)
    return this_way > _THIN and that_way <= 2 and min(first, second) >= _SMALLEST


def participation_ratio(fields: ArrayLike) -> NDArray[np.float64]:
    r"""Count the pixels a field effectively has.

    .. math:: \Bigl(\sum f^2\Bigr)^2 \Big/ \sum f^4

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Any unit; the scale does not matter.

    Returns
    -------
    ndarray, shape (n_fields,)
        Between 1 (a single pixel) and the number of pixels (all of equal magnitude). NaN for an all-zero
        field.

    Raises
    ------
    ValueError
        If the fields have a wrong shape or are not finite.

    References
    ----------
    Bell & Dean 1970, Discuss Faraday Soc 50:55, doi:10.1039/df9705000055.

    Examples
    --------
    >>> field = np.zeros((1, 8, 8))
    >>> field[0, :2, :3] = 1.0
    >>> participation_ratio(field)
    array([6.])
    """
    array = checked_fields(fields)
    peak = np.abs(array).max(axis=(1, 2), keepdims=True)
    with np.errstate(invalid="ignore"):
        energy = (array / peak) ** 2
        return np.asarray(energy.sum(axis=(1, 2)) ** 2 / (energy**2).sum(axis=(1, 2)))


def reverse_correlation(stimuli: ArrayLike, responses: ArrayLike) -> NDArray[np.float64]:
    r"""Average the stimuli, each weighted by the response to it: the field an electrode would map.

    .. math:: f_k = \sum_i r_{ik}\,(s_i - \bar s) \Big/ \sum_i |r_{ik}|

    For spike counts this is the spike-triggered average minus the mean stimulus. A signed code is used as it
    is. For white-noise stimuli the result is in proportion to the linear part of the response; the
    correlations of other stimuli remain in it.

    Parameters
    ----------
    stimuli : array_like, shape (n_stimuli, ...)
        Pixels in any arrangement, for example (n_stimuli, height, width).
    responses : array_like, shape (n_stimuli, n_neurons)
        Spike counts or activity, any unit.

    Returns
    -------
    ndarray, shape (n_neurons, ...)
        In the unit of the stimuli. All zeros for a neuron that never responded, or always the same, which `fit_gabors`
        marks.

    Raises
    ------
    ValueError
        If the numbers of stimuli differ, a shape is wrong, or a value is not finite.

    References
    ----------
    Chichilnisky 2001, Network 12:199, doi:10.1080/713663221.

    Examples
    --------
    >>> reverse_correlation([[[1.0, 0.0]], [[0.0, 1.0]]], [[2.0], [0.0]])
    array([[[ 0.5, -0.5]]])
    """
    shown = unmasked(stimuli, "stimuli").astype(np.float64, copy=False)
    rates = unmasked(responses, "responses").astype(np.float64, copy=False)
    if shown.ndim < 2 or rates.ndim != 2 or len(shown) != len(rates) or len(shown) == 0:
        raise ValueError(
            "expected stimuli (n_stimuli, ...) and responses (n_stimuli, n_neurons) of equally many stimuli, "
            f"got {shown.shape} and {rates.shape}"
        )
    for name, values in (("stimuli", shown), ("responses", rates)):
        if not np.isfinite(values).all():
            raise ValueError(
                f"expected finite {name}, got {(~np.isfinite(values)).sum()} NaN or infinite values"
            )
    centred = (shown - shown.mean(axis=0)).reshape(len(shown), -1)
    weight = np.abs(rates).sum(axis=0)
    fields = rates.T @ centred / np.where(weight > 0, weight, 1.0)[:, None]
    # Of equal responses to everything rounding is left, which has a shape like any other field.
    fields[np.ptp(rates, axis=0) == 0] = 0.0
    return np.asarray(fields.reshape(rates.shape[1], *shown.shape[1:]))


def spectral_bandwidths(fields: ArrayLike, *, level: float = 0.5) -> pd.DataFrame:
    r"""Measure how sharply fields are tuned, from their amplitude spectra: no model is fitted.

    At the peak of the spectrum, the frequency bandwidth is log₂ of the ratio of the frequencies, at the
    preferred orientation, where the amplitude falls to `level` of its peak; the orientation half-bandwidth is
    half the angle, at the preferred frequency, between the orientations where it does.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Any unit.
    level : float, in (0, 1)
        .5 is half height; 1/√2, the other convention, gives smaller numbers.

    Returns
    -------
    DataFrame
        ``peak_frequency`` (cycles/pixel), ``peak_orientation`` (radians, [0, pi), of the wave vector, as in
        `fit_gabors`), ``frequency_bandwidth_octaves`` (full width; infinite for a field that does not fall to
        `level` towards frequency zero, so low-pass) and ``orientation_half_bandwidth_degrees`` (infinite when
        untuned). An all-zero field has NaN.

    Raises
    ------
    ValueError
        If the fields have a wrong shape or are not finite, or `level` is not between 0 and 1.

    References
    ----------
    De Valois, Albrecht & Thorell 1982, Vision Res 22:545, doi:10.1016/0042-6989(82)90113-4 (octaves, half
    height).

    Examples
    --------
    >>> x = np.arange(16) - 7.5
    >>> row = np.exp(-(x**2) / 18) * np.cos(2 * np.pi * 0.15 * x)
    >>> bandwidths = spectral_bandwidths((np.exp(-(x[:, None] ** 2) / 18) * row)[None])
    >>> round(float(bandwidths["frequency_bandwidth_octaves"].iloc[0]), 1)
    1.3
    """
    array = checked_fields(fields)
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, as a share of the peak, got {level}")
    frequency, orientation = _spectral_peaks(array)
    ray = _FREQUENCIES[None, :]
    along = _amplitude(array, ray * np.cos(orientation)[:, None], ray * np.sin(orientation)[:, None])
    below, above = _fall(along, _FREQUENCIES, frequency, level)
    octaves = np.where(below > 0, np.log2(above / np.where(below > 0, below, 1.0)), np.inf)
    widths = [_orientation_fall(array, frequency, orientation, side, level) for side in (-1, 1)]
    table = pd.DataFrame(
        {
            "peak_frequency": frequency,
            "peak_orientation": orientation,
            "frequency_bandwidth_octaves": octaves,
            "orientation_half_bandwidth_degrees": np.degrees((widths[0] + widths[1]) / 2),
        }
    )
    table.loc[~array.any(axis=(1, 2))] = np.nan
    return table


def _spectral_peaks(fields: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequency (cycles/pixel) and orientation ([0, pi)) of the largest amplitude."""
    shape = tuple(_PADDING * side for side in fields.shape[1:])
    power = np.abs(np.fft.rfft2(fields, shape)).reshape(len(fields), -1)
    rows, columns = np.unravel_index(np.argmax(power, axis=1), (shape[0], shape[1] // 2 + 1))
    y, x = np.fft.fftfreq(shape[0])[rows], np.fft.rfftfreq(shape[1])[columns]
    return np.hypot(x, y), np.arctan2(y, x) % np.pi


def _amplitude(
    fields: NDArray[np.float64], frequency_x: NDArray[np.float64], frequency_y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the Fourier amplitude of each field at its own frequencies (n_fields, n_frequencies)."""
    _, height, width = fields.shape
    wave_y = np.exp(-2j * np.pi * frequency_y[:, :, None] * np.arange(height))
    wave_x = np.exp(-2j * np.pi * frequency_x[:, :, None] * np.arange(width))
    return np.asarray(np.abs(((wave_y @ fields) * wave_x).sum(axis=2)))


def _fall(
    curves: NDArray[np.float64], positions: NDArray[np.float64], peaks: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where each curve crosses `level` of its value at the peak, below and above it.

    0 and infinity where it does not cross.
    """
    below, above = np.zeros(len(curves)), np.full(len(curves), np.inf)
    for k, (curve, peak) in enumerate(zip(curves, peaks, strict=True)):
        excess = curve - level * np.interp(peak, positions, curve)
        crossings = np.flatnonzero((excess[:-1] >= 0) != (excess[1:] >= 0))
        share = excess[crossings] / (excess[crossings] - excess[crossings + 1])
        at = positions[crossings] + share * (positions[crossings + 1] - positions[crossings])
        below[k] = at[at < peak].max(initial=0.0)
        above[k] = at[at > peak].min(initial=np.inf)
    return below, above


def _orientation_fall(
    fields: NDArray[np.float64],
    frequency: NDArray[np.float64],
    orientation: NDArray[np.float64],
    side: int,
    level: float,
) -> NDArray[np.float64]:
    """Return the angle (radians) to one side of the peak at which the amplitude has fallen to `level`."""
    angle = orientation[:, None] + side * _ANGLES
    curve = _amplitude(fields, frequency[:, None] * np.cos(angle), frequency[:, None] * np.sin(angle))
    return _fall(curve, _ANGLES, np.zeros(len(fields)), level)[1]
