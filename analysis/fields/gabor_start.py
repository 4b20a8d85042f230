"""Where Gabor fits start: the spectrum's peak, the demodulated envelope, and a ladder of shapes."""

import numpy as np
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor_moments import Floats

__all__ = ["MOST_STARTS", "starting_shapes"]

# (n_x, n_y) of the starts, in the order in which they earn their keep; the macaque medians are .37 and .45.
_SHAPES = ((0.35, 0.45), (0.6, 0.6), (0.25, 0.25), (0.3, 0.9), (0.9, 0.4), (0.2, 0.5))
_CENTRES = 2
_FREQUENCY_FACTORS = (1.0, 0.7)
MOST_STARTS = len(_SHAPES) * _CENTRES * len(_FREQUENCY_FACTORS)
_PADDING = 4  # zero-padded to four times the field: the peak is known to 1/(4 * size) cycles/pixel


def starting_shapes(fields: Floats, n_starts: int) -> Floats:
    """Place the nonlinear parameters of every start.

    Parameters
    ----------
    fields : ndarray, shape (n_fields, height, width)
    n_starts : int, 1 to 24
        Shapes change fastest, then the centre, then the frequency. Phase and amplitude need no starts: they
        are solved exactly for every envelope.

    Returns
    -------
    ndarray, shape (n_fields, n_starts, 6)
        x0, y0 (pixels from the field's middle), orientation, frequency (cycles/pixel), log sigma_x, log
        sigma_y.
    """
    n_fields, height, width = fields.shape
    peak_x, peak_y = spectral_peak(fields)
    frequency, theta = np.hypot(peak_x, peak_y), np.arctan2(peak_y, peak_x)
    centres = _envelope_centres(fields, peak_x, peak_y)
    starts = np.empty((n_fields, n_starts, 6))
    for k in range(n_starts):
        n_x, n_y = _SHAPES[k % len(_SHAPES)]
        factor = _FREQUENCY_FACTORS[k // (len(_SHAPES) * _CENTRES)]
        starts[:, k, :2] = centres[k // len(_SHAPES) % _CENTRES]
        starts[:, k, 2], starts[:, k, 3] = theta, factor * frequency
        # The field's peak is displaced from f when n_x is small, so lengths follow the observed one.
        longest = 0.5 * max(height, width)
        starts[:, k, 4] = np.log(np.clip(n_x / (factor * frequency), 0.6, longest))
        starts[:, k, 5] = np.log(np.clip(n_y / (factor * frequency), 0.6, longest))
    return starts


def spectral_peak(fields: Floats) -> tuple[Floats, Floats]:
    """Return the wave vector (x, y; cycles/pixel) of the largest amplitude, almost-constant waves aside."""
    height, width = fields.shape[1:]
    shape = (_PADDING * height, _PADDING * width)
    power = np.abs(np.fft.rfft2(fields, shape)) ** 2
    frequency_y, frequency_x = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    # Less than half a cycle across the field has no direction to start from.
    power[:, np.hypot(frequency_x, frequency_y) < 0.5 / max(height, width)] = -1
    best = np.argmax(power.reshape(len(fields), -1), axis=1)
    rows, columns = np.unravel_index(best, power.shape[1:])
    return frequency_x[0, columns], frequency_y[rows, 0]


def _envelope_centres(fields: Floats, peak_x: Floats, peak_y: Floats) -> tuple[Floats, Floats]:
    """Return two starts (n_fields, 2) of the centre: the envelope's peak, and its centre of mass."""
    height, width = fields.shape[1:]
    y, x = np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    wave_x = np.exp(-2j * np.pi * peak_x[:, None] * x)[:, None, :]
    wave_y = np.exp(-2j * np.pi * peak_y[:, None] * y)[:, :, None]
    blur = 0.4 / np.hypot(peak_x, peak_y)
    envelope = np.abs(_blur(y, blur) @ (fields * wave_x * wave_y) @ _blur(x, blur)) ** 2
    rows, columns = np.unravel_index(np.argmax(envelope.reshape(len(fields), -1), axis=1), (height, width))
    weight = envelope**2  # squared again: noise far from the field counts little
    weight /= weight.sum(axis=(1, 2), keepdims=True)
    mass = np.stack([np.einsum("nyx,x->n", weight, x), np.einsum("nyx,y->n", weight, y)], axis=1)
    return np.stack([x[columns], y[rows]], axis=1), mass


def _blur(positions: Floats, width: Floats) -> NDArray[np.float64]:
    """Return one symmetric Gaussian smoothing matrix per field, shape (n_fields, n, n)."""
    distance = positions[:, None] - positions[None, :]
    return np.exp(-(distance**2) / (2 * width[:, None, None] ** 2))
