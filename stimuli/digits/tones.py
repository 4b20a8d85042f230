"""The ten digits as a telephone dials them: two tones each, made here and seen as a spectrogram."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.labelled import whole_labels
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["SPECTROGRAM_SHAPE", "dialled_digits"]

SPECTROGRAM_SHAPE = (8, 8)
"""Bands, the highest first, as pictures of sounds have it, and times."""

# Rows and columns of a keypad in Hz (ITU-T Q.23), and where each digit is on it.
_ROWS = np.array([697.0, 770.0, 852.0, 941.0])
_COLUMNS = np.array([1209.0, 1336.0, 1477.0])
_KEYS = np.array([(3, 1), *((row, column) for row in range(3) for column in range(3))])

# Windows of 64 ms, every 32 ms.
_SAMPLES_PER_SECOND, _WINDOW, _HOP = 8_000, 512, 256
# Of the bands in Hz: each tone in the middle of one of its own, and an empty one between rows and columns.
_EDGES = (663, 733, 810, 895, 990, 1150, 1271, 1405, 1553)
# A press: when it begins and how long it lasts in seconds, how far each tone may be off, and its level in decibels.
_ONSET, _DURATION, _DETUNED, _LEVEL = (0.01, 0.07), (0.08, 0.17), 0.018, (-4.0, 4.0)
_NOISE = 0.5
# Sounds made at a time, so that memory stays small.
_CHUNK = 1_000


def dialled_digits(labels: ArrayLike, *, rng: Randomness) -> NDArray[np.float32]:
    """Return a spectrogram for each digit, no two alike: how long, how loud and how well tuned it is differs, in noise.

    The digits of a row of the keypad share one of their two tones, and so do those of a column.

    Parameters
    ----------
    labels : array_like of int, shape (n_stimuli,)
        Digits, 0 to 9.
    rng : numpy.random.Generator or int
        Source of all randomness.

    Returns
    -------
    ndarray (n_stimuli, 8, 8), float32, 0 or more
        Amplitude in eight bands from 663 to 1,553 Hz, the highest first, and at eight times, 32 ms apart.

    Raises
    ------
    ValueError
        If a label is no whole number from 0 to 9.
    TypeError
        If ``rng`` is neither a numpy Generator nor a seed.

    References
    ----------
    ITU-T Recommendation Q.23 (1988), Technical features of push-button telephone sets.

    Examples
    --------
    >>> heard = dialled_digits([1, 1, 9], rng=np.random.default_rng(0))
    >>> heard.shape
    (3, 8, 8)
    >>> sorted(heard[2].sum(axis=1).argsort()[-2:].tolist())
    [0, 5]
    """
    rng = generator(rng)
    digits = whole_labels(labels, n_samples=np.size(labels))
    if (digits > 9).any():
        raise ValueError(f"expected digits, 0 to 9, got {digits.max()}")
    parts = np.split(digits, np.arange(_CHUNK, len(digits), _CHUNK))
    return np.concatenate([_spectrograms(_pressed(part, rng)) for part in parts])


def _pressed(digits: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the sound (n_stimuli, n_samples) of keys that are pressed once each."""
    n = len(digits)
    seconds = np.arange(_WINDOW + (SPECTROGRAM_SHAPE[1] - 1) * _HOP) / _SAMPLES_PER_SECOND
    onset = rng.uniform(*_ONSET, size=(n, 1))
    pressed = (seconds >= onset) & (seconds < onset + rng.uniform(*_DURATION, size=(n, 1)))
    row, column = _KEYS[digits].T
    tones = np.stack([_ROWS[row], _COLUMNS[column]], axis=1) * (
        1 + rng.uniform(-_DETUNED, _DETUNED, size=(n, 2))
    )
    levels = 10 ** (rng.uniform(*_LEVEL, size=(n, 2)) / 20)
    phases = rng.uniform(0, 2 * np.pi, size=(n, 2))
    waves = levels[..., None] * np.sin(2 * np.pi * tones[..., None] * seconds + phases[..., None])
    return np.asarray(pressed * waves.sum(axis=1) + rng.normal(0, _NOISE, size=pressed.shape))


def _spectrograms(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the amplitude (n_stimuli, n_bands, n_times) of sounds."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW, axis=1)[:, ::_HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW))) ** 2
    band = np.digitize(np.fft.rfftfreq(_WINDOW, 1 / _SAMPLES_PER_SECOND), _EDGES) - 1
    heard = [power[..., band == each].sum(axis=-1) for each in reversed(range(SPECTROGRAM_SHAPE[0]))]
    return np.asarray(np.sqrt(np.stack(heard, axis=1)), dtype=np.float32)
