"""Where fields are and what they prefer, read from the fields themselves: before anything is shown."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["centres_of_fields", "natural_pixels_per_degree", "peak_frequencies"]

Floats = NDArray[np.float64]

V1_PEAK_CPD = 2.8
"""Median peak frequency of macaque V1, cycles/degree, that the scale is chosen by."""

_FINE = 8  # times the field's own side: steps of the spectrum


def centres_of_fields(fields: ArrayLike, *, field: VisualField) -> pd.DataFrame:
    """Return the centre of each field: that of its energy, the squared weights.

    Parameters
    ----------
    fields : array_like (n_units, height, width)
        In image space, in the middle of what an image covers.
    field : VisualField
        What an image covers.

    Returns
    -------
    DataFrame
        ``x_deg``, ``y_deg`` (upwards); NaN for a field without any weight, whose unit is not shown anything.

    Examples
    --------
    >>> spot = np.zeros((1, 8, 8))
    >>> spot[0, 1, 5] = -2.0
    >>> centres_of_fields(spot, field=VisualField(height=8, width=8, pixels_per_degree=2)).to_numpy().tolist()
    [[0.75, 1.25]]
    """
    energy = np.asarray(fields, dtype=np.float64) ** 2
    total = energy.sum(axis=(1, 2))
    rows, columns = np.indices(energy.shape[1:], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        row, column = ((energy * each).sum(axis=(1, 2)) / total for each in (rows, columns))
    # Fields may be smaller or larger than images; both have the same centre.
    x, y = field.degrees(
        row + (field.height - energy.shape[1]) / 2, column + (field.width - energy.shape[2]) / 2
    )
    return pd.DataFrame({"x_deg": x, "y_deg": y})


def peak_frequencies(fields: ArrayLike) -> Floats:
    """Return where each field's amplitude spectrum is largest, cycles/pixel; NaN for a field without any weight.

    Parameters
    ----------
    fields : array_like (n_units, height, width)
        In image space.

    Examples
    --------
    >>> wave = np.cos(2 * np.pi * 0.125 * np.arange(32))[None, None] * np.ones((1, 32, 1))
    >>> peak_frequencies(wave).round(3).tolist()
    [0.125]
    """
    array = np.asarray(fields, dtype=np.float64)
    side = _FINE * max(array.shape[1:])
    height, width = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :]
    radius = np.hypot(height, width).ravel()
    peaks = np.array([np.abs(np.fft.rfft2(each, s=(side, side))).argmax() for each in array])
    return np.where(array.any(axis=(1, 2)), radius[peaks], np.nan)


def natural_pixels_per_degree(fields: ArrayLike) -> float:
    """Return the pixels per degree that bring the median peak frequency of fields to that of macaque V1, 2.8 c/deg.

    Parameters
    ----------
    fields : array_like (n_units, height, width)
        In image space.

    Raises
    ------
    ValueError
        If no field has a frequency.

    References
    ----------
    De Valois, Albrecht & Thorell 1982, Vision Research 22:545, doi:10.1016/0042-6989(82)90113-4.

    Examples
    --------
    >>> wave = np.cos(2 * np.pi * 0.125 * np.arange(32))[None, None] * np.ones((1, 32, 1))
    >>> round(natural_pixels_per_degree(wave), 1)
    22.4
    """
    found = peak_frequencies(fields)
    known = found[np.nan_to_num(found) > 0]
    if not len(known):
        raise ValueError("expected fields with a spatial frequency, got none: state the pixels per degree")
    return float(V1_PEAK_CPD / np.median(known))
