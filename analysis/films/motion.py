"""Which motion a field in space and time prefers, and how much more than the opposite one: no model is fitted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = [
    "BORDER",
    "INSEPARABLE",
    "SELECTIVE",
    "SEPARABLE",
    "checked_clips",
    "motion_properties",
    "motion_shares",
]

Floats = NDArray[np.float64]

SELECTIVE = 0.5
"""Response to the opposite direction over that to the preferred one below which a unit counts as selective."""
SEPARABLE, INSEPARABLE = 0.8, 0.65
"""Separability above which a field counts as separable, and below which as inseparable."""
BORDER = 2.0
"""Pixels from the edge of the frame within which a field's centre counts as at the border."""

_PADDING = 4  # the spectrum's peak is looked for on a grid of 1/(4 * size) cycles
_FIELDS = 50  # whose spectra are in memory at once


def motion_properties(fields: ArrayLike) -> pd.DataFrame:
    r"""Measure motion from the amplitude spectrum: what a linear unit would respond to drifting gratings.

    A grating of spatial frequency k that drifts at the temporal frequency f in one direction drives a linear unit by
    :math:`|F(f, k)|`, the same one that drifts in the opposite direction by :math:`|F(-f, k)|`. The preferred grating
    is at the largest amplitude.

    Parameters
    ----------
    fields : array_like, shape (n_fields, n_frames, height, width)
        Any unit.

    Returns
    -------
    DataFrame
        One row per field. ``temporal_frequency`` (cycles/frame, 0 to .5), ``spatial_frequency`` (cycles/pixel) and
        ``speed`` (pixels/frame) of the preferred grating; ``direction_deg`` it moves in (0: to the right, 90:
        upwards), NaN where it stands still, and ``orientation_deg`` of its bars, [0, 180);
        ``opposite_over_preferred``, 0 to 1; ``direction_selectivity``, (preferred - opposite)/(preferred + opposite),
        0 to 1; ``selective``, whether opposite_over_preferred is below `SELECTIVE`. ``separability``, the share of the
        energy in the best product of a picture and a course in time; ``centre_row`` and ``centre_column``, means
        weighted by the squared energy, pixels, and ``at_border``, whether that is less than `BORDER` from the edge:
        the frame cuts such a field off. A field of zeros has NaN and is not selective.

    Raises
    ------
    ValueError
        If the array has other axes, fewer than two frames, or values that are not finite.

    References
    ----------
    Watson & Ahumada 1985, J Opt Soc Am A 2:322, doi:10.1364/JOSAA.2.000322 (motion as orientation in space and time);
    De Valois, Yund & Hepler 1982, Vision Res 22:531, doi:10.1016/0042-6989(82)90112-2 (ratio of the two directions).

    Examples
    --------
    >>> t, y, x = np.meshgrid(np.arange(16) - 7.5, np.arange(16) - 7.5, np.arange(16) - 7.5, indexing="ij")
    >>> envelope = np.exp(-(t**2 + y**2 + x**2) / 18)
    >>> drifting = envelope * np.cos(2 * np.pi * (x / 4 - t / 8))
    >>> table = motion_properties([drifting, envelope * np.cos(2 * np.pi * x / 4) * np.cos(2 * np.pi * t / 8)])
    >>> table[["speed", "direction_deg", "direction_selectivity", "separability"]].round(2).iloc[0].tolist()
    [0.5, 0.0, 1.0, 0.5]
    >>> table[["direction_selectivity", "separability"]].round(6).iloc[1].tolist()
    [0.0, 1.0]
    """
    array = checked_clips(fields)
    parts = [_spectral(array[first : first + _FIELDS]) for first in range(0, len(array), _FIELDS)]
    table = pd.concat(parts, ignore_index=True)
    table["separability"] = separability(array)
    table["centre_row"], table["centre_column"], table["at_border"] = _places(array)
    silent = ~array.any(axis=(1, 2, 3))
    numbers = [name for name in table if table[name].dtype != bool]
    table.loc[silent, numbers] = np.nan
    table.loc[silent, ["selective", "at_border"]] = False
    return table


def separability(fields: ArrayLike) -> Floats:
    r"""Return the share of each field's energy in its best product of a picture and a course in time, 1/n to 1.

    :math:`s_1^2 / \sum s_i^2` of the singular values of the matrix (n_frames, n_pixels).

    Examples
    --------
    >>> separability(np.ones((1, 4, 3, 3))).round(6).tolist()
    [1.0]
    """
    array = np.asarray(fields, dtype=np.float64)
    energies = np.linalg.svd(array.reshape(*array.shape[:2], -1), compute_uv=False) ** 2
    total = energies.sum(axis=1)
    return np.asarray(energies[:, 0] / np.where(total > 0, total, np.nan))


def motion_shares(table: pd.DataFrame) -> Mapping[str, float]:
    """Summarize fields: shares in [0, 1] and medians, fields of zeros left out.

    Parameters
    ----------
    table : DataFrame
        Of `motion_properties`, or with a column ``selective`` that was measured otherwise.

    Returns
    -------
    dict
        ``selective``, the share of selective fields; ``separability``, the median; ``separable``, the share above
        `SEPARABLE`; ``selective_of_separable`` and ``selective_of_inseparable``, the share of selective ones among
        those and among the fields below `INSEPARABLE`, NaN where there are none; ``standing``, the share that prefers a
        grating at rest; ``temporal_frequency`` and ``speed``, medians of the others; ``at_border``.

    Examples
    --------
    >>> shares = motion_shares(motion_properties(np.random.default_rng(0).normal(size=(40, 8, 6, 6))))
    >>> shares["separable"], 0.2 < shares["selective"] < 0.8
    (0.0, True)
    """
    known = table[table["separability"].notna()]
    moving = known[known["temporal_frequency"] > 0]
    of = {
        "selective_of_separable": known["separability"] > SEPARABLE,
        "selective_of_inseparable": known["separability"] < INSEPARABLE,
    }
    return {
        "selective": float(known["selective"].mean()),
        "separability": float(known["separability"].median()),
        "separable": float((known["separability"] > SEPARABLE).mean()),
        **{name: float(known.loc[which, "selective"].mean()) for name, which in of.items()},
        "standing": float((known["temporal_frequency"] == 0).mean()),
        "temporal_frequency": float(moving["temporal_frequency"].median()),
        "speed": float(moving["speed"].median()),
        "at_border": float(known["at_border"].mean()),
    }


def checked_clips(fields: ArrayLike) -> Floats:
    """Return fields as float64 (n_fields, n_frames, height, width), or say what is wrong."""
    array = unmasked(fields, "fields").astype(np.float64, copy=False)
    if array.ndim != 4 or array.size == 0:
        raise ValueError(
            f"expected fields of shape (n_fields, n_frames, height, width), got {array.shape}; reshape rows with "
            "rows.reshape(-1, n_frames, height, width)"
        )
    if array.shape[1] < 2:
        raise ValueError("expected fields of 2 frames or more, got 1: nothing can move in one frame")
    if not np.isfinite(array).all():
        broken = np.flatnonzero(~np.isfinite(array).all(axis=(1, 2, 3)))
        raise ValueError(
            f"expected finite fields, got NaN or infinite values in {len(broken)}, first in {broken[0]}"
        )
    return array


def _spectral(fields: Floats) -> pd.DataFrame:
    """Return what the largest amplitude of each field's spectrum tells."""
    # f: temporal, y and x: spatial frequency; the wave exp(2 pi i (f t + y row + x column)) moves by -f/(x, y).
    shape = tuple(_PADDING * side for side in fields.shape[1:])
    amplitude = np.abs(np.fft.rfftn(fields, shape, axes=(1, 2, 3)))
    amplitude[:, :, 0, 0] = 0  # a grating has bars
    rows = np.arange(len(fields))
    at = np.unravel_index(amplitude.reshape(len(fields), -1).argmax(axis=1), amplitude.shape[1:])
    f, y, x = (
        np.fft.fftfreq(shape[0])[at[0]],
        np.fft.fftfreq(shape[1])[at[1]],
        np.fft.rfftfreq(shape[2])[at[2]],
    )
    preferred = amplitude[rows, *at]
    opposite = amplitude[rows, -at[0] % shape[0], at[1], at[2]]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = opposite / preferred
        speed = np.abs(f) / np.hypot(x, y)
    # Rows run down, so a positive row frequency points downwards.
    direction = np.rad2deg(np.arctan2(np.sign(f) * y, -np.sign(f) * x)) % 360
    return pd.DataFrame(
        {
            "temporal_frequency": np.abs(f),
            "spatial_frequency": np.hypot(x, y),
            "speed": speed,
            "direction_deg": np.where(f == 0, np.nan, direction),
            "orientation_deg": (np.rad2deg(np.arctan2(-y, x)) - 90) % 180,
            "opposite_over_preferred": ratio,
            "direction_selectivity": (1 - ratio) / (1 + ratio),
            "selective": ratio < SELECTIVE,
        }
    )


def _places(fields: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return row and column of the centre, and whether it is near the edge."""
    # Energy squared: the tails of a field that the frame cuts off would else pull its centre inside.
    weight = (fields**2).sum(axis=1) ** 2
    total = weight.sum(axis=(1, 2))
    total = np.where(total > 0, total, np.nan)
    height, width = weight.shape[1:]
    row = weight.sum(axis=2) @ np.arange(height) / total
    column = weight.sum(axis=1) @ np.arange(width) / total
    # The edge is half a pixel beyond the middle of the last one.
    nearest = 0.5 + np.min([row, height - 1 - row, column, width - 1 - column], axis=0)
    return row, column, nearest < BORDER
