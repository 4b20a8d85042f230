"""The two fields of a binocular neuron: which eye dominates, and what disparity they match at."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.fields import checked_fields

__all__ = ["field_disparity", "ocular_dominance"]

Floats = NDArray[np.float64]


def ocular_dominance(left_fields: ArrayLike, right_fields: ArrayLike) -> Floats:
    r"""Compare the strength of a neuron's fields in the two eyes.

    .. math:: \frac{\|L\| - \|R\|}{\|L\| + \|R\|}

    Parameters
    ----------
    left_fields, right_fields : array_like, shape (n_neurons, height, width)
        Fields of the same neurons in each eye, same unit.

    Returns
    -------
    ndarray, shape (n_neurons,)
        1 for a neuron of the left eye only, -1 of the right, 0 if both are equally strong; NaN without fields.

    Raises
    ------
    ValueError
        If the shapes differ or a pixel is not finite.

    Examples
    --------
    >>> ocular_dominance([[[2.0]], [[1.0]], [[0.0]]], [[[0.0]], [[3.0]], [[0.0]]])
    array([ 1. , -0.5,  nan])
    """
    left, right = _pair(left_fields, right_fields)
    strength = [np.linalg.norm(fields.reshape(len(fields), -1), axis=1) for fields in (left, right)]
    total = strength[0] + strength[1]
    nothing = np.full(len(total), np.nan)
    return np.asarray(np.divide(strength[0] - strength[1], total, out=nothing, where=total > 0))


def field_disparity(left_fields: ArrayLike, right_fields: ArrayLike) -> pd.DataFrame:
    """Measure the disparity two fields match at, and how much of it is position and how much phase.

    Disparity is the position in the right eye minus that in the left, x pointing right: negative is crossed,
    nearer than fixation.

    Parameters
    ----------
    left_fields, right_fields : array_like, shape (n_neurons, height, width)
        Fields of the same neurons in each eye, any unit.

    Returns
    -------
    DataFrame
        One row per neuron. ``shift`` (pixels): peak of the horizontal cross-correlation, by a parabola through
        the three values about it; position and phase move it alike. ``correlation``: its height there, -1 to
        1, over the product of both norms. ``position_shift`` (pixels): horizontal shift between the envelopes
        of the fields. ``phase_difference`` (radians, (-pi, pi]): right minus left at ``frequency`` (cycles
        per pixel) and ``orientation`` (radians, [0, pi), of the wave vector), the peak of both power spectra
        together, after the shift of the envelopes, also the vertical one, is taken out. It is counted along
        the wave vector that points right, whatever the orientation, so that a positive one moves the right
        eye's carrier to the left, as a negative disparity does. NaN for a neuron
        without a field in one eye: for one that is nearly so the numbers are noise; see `ocular_dominance`.
        Of fields with less than about half a cycle in the envelope, envelope and carrier cannot be told
        apart, and so neither can position and phase.

    Raises
    ------
    ValueError
        If the shapes differ or a pixel is not finite.

    References
    ----------
    Anzai, Ohzawa & Freeman 1999, J Neurophysiol 82:874, doi:10.1152/jn.1999.82.2.874 (position and phase).

    Examples
    --------
    >>> x, y = np.meshgrid(np.arange(24) - 11.5, np.arange(24) - 11.5)
    >>> left = np.exp(-(x**2 + y**2) / 18) * np.cos(np.pi * x / 4)
    >>> field_disparity(left[None], np.roll(left, 2, axis=1)[None]).round(1).iloc[0, :3].tolist()
    [2.0, 1.0, 2.0]
    """
    left, right = _pair(left_fields, right_fields)
    columns = ["shift", "correlation", "position_shift", "phase_difference", "frequency", "orientation"]
    rows = [
        (*_best_shift(one, other), *_position_and_phase(one, other))
        if one.any() and other.any()
        else (np.nan,) * len(columns)
        for one, other in zip(left, right, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


class _Spectra(NamedTuple):
    """Both fields on a grid twice their size or more, so that shifts do not wrap around."""

    left: NDArray[np.complex128]
    right: NDArray[np.complex128]
    frequency_y: Floats
    frequency_x: Floats


def _pair(left_fields: ArrayLike, right_fields: ArrayLike) -> tuple[Floats, Floats]:
    left, right = checked_fields(left_fields), checked_fields(right_fields)
    if left.shape != right.shape:
        raise ValueError(
            f"expected fields of the same neurons and size in both eyes, got {left.shape} and {right.shape}"
        )
    return left, right


def _best_shift(left: Floats, right: Floats) -> tuple[float, float]:
    """Return the horizontal shift of the largest cross-correlation, and its height over both norms."""
    width = left.shape[1]
    product = np.conj(np.fft.rfft(left, 2 * width)) * np.fft.rfft(right, 2 * width)
    correlation = np.fft.fftshift(np.fft.irfft(product.sum(axis=0), 2 * width))
    offset, height = _summit(correlation, int(correlation.argmax()))
    return offset - width, height / float(np.linalg.norm(left) * np.linalg.norm(right))


def _position_and_phase(left: Floats, right: Floats) -> tuple[float, float, float, float]:
    spectra = _spectra(left, right)
    power = np.abs(spectra.left) ** 2 + np.abs(spectra.right) ** 2
    half = (spectra.frequency_x > 0) | ((spectra.frequency_x == 0) & (spectra.frequency_y > 0))
    peak = np.unravel_index(np.where(half, power, 0).argmax(), power.shape)
    wave = spectra.frequency_x[peak], spectra.frequency_y[peak]
    # Half of the plane of frequencies, that about the preferred one, leaves the carrier's analytic signal.
    ahead = spectra.frequency_x * wave[0] + spectra.frequency_y * wave[1] > 0
    envelopes = [
        np.abs(np.fft.ifft2(np.where(ahead, spectrum, 0)))[: left.shape[0], : left.shape[1]]
        for spectrum in (spectra.left, spectra.right)
    ]
    across, down = _envelope_shift(*envelopes)
    difference = np.angle(spectra.right[peak]) - np.angle(spectra.left[peak])
    phase = difference + 2 * np.pi * (wave[0] * across + wave[1] * down)
    return (
        across,
        float(np.pi - (np.pi - phase) % (2 * np.pi)),
        float(np.hypot(*wave)),
        float(np.arctan2(wave[1], wave[0]) % np.pi),
    )


def _spectra(left: Floats, right: Floats) -> _Spectra:
    side = max(64, 2 * max(left.shape))
    transformed = [np.fft.fft2(field, (side, side)) for field in (left, right)]
    frequency = np.fft.fftfreq(side)
    y, x = np.meshgrid(frequency, frequency, indexing="ij")
    return _Spectra(transformed[0], transformed[1], y, x)


def _envelope_shift(left: Floats, right: Floats) -> tuple[float, float]:
    """Return how far right and down the right envelope lies of the left one, in pixels."""
    size = (2 * left.shape[0], 2 * left.shape[1])
    product = np.conj(np.fft.fft2(left, size)) * np.fft.fft2(right, size)
    correlation = np.fft.fftshift(np.fft.ifft2(product).real)
    row, column = np.unravel_index(correlation.argmax(), size)
    down, _ = _summit(correlation[:, column], int(row))
    across, _ = _summit(correlation[row], int(column))
    return across - left.shape[1], down - left.shape[0]


def _summit(values: Floats, at: int) -> tuple[float, float]:
    """Return position and height of the parabola through the largest value and its neighbours."""
    if not 0 < at < len(values) - 1:
        return float(at), float(values[at])
    before, here, after = values[at - 1 : at + 2]
    bend = before - 2 * here + after
    offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(at + offset), float(here - 0.25 * (before - after) * offset)
