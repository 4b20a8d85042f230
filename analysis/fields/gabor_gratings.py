"""Responses of Gabor units to gratings in discs: integrals over the disc, without pixels."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["GABOR_PHASES", "gabor_rates"]

GABOR_PHASES = np.arange(0.0, 360.0, 45.0)
"""Phases (degrees) of the gratings."""

_RADII, _ANGLES = 80, 64  # points of the quadrature over a disc
_REACH = 4.5  # standard deviations of the widest envelope: nothing responds beyond
_AT_ONCE = 512  # units, so that memory stays small
_GAIN_STEPS = 40
_SUMMATION = 4.9  # standard deviations: a disc that wide holds .95 of a round envelope

Floats = NDArray[np.float64]


def gabor_rates(units: pd.DataFrame, conditions: ArrayLike, *, orientations_deg: ArrayLike) -> Floats:
    """Return the rates of units to gratings in discs on the middle of their fields.

    A simple unit's rate is its spontaneous rate plus its response, cut at 0; a complex one's is the spontaneous rate
    plus the root of the summed squares of two responses a quarter cycle apart. The gain is fixed so that an endless
    grating of the unit's own frequency and orientation gives its ``largest_rate`` as mean over phases. Between
    summation field and surround diameter a surround takes its share of the response, evenly over octaves of diameter.

    Parameters
    ----------
    units : DataFrame
        From `neurosim.analysis.protocol.drawn_gabors.draw_gabors`.
    conditions : array_like, shape (n_conditions, 2)
        Frequency (cycles/degree) and diameter (degrees).
    orientations_deg : array_like, shape (n_orientations,)
        Of the bars.

    Returns
    -------
    ndarray, shape (n_units, n_conditions, n_orientations, 8)
        Spikes/s, at the phases 0, 45, … 315 degrees.

    Examples
    --------
    >>> from neurosim.analysis.protocol.drawn_gabors import draw_gabors
    >>> units = draw_gabors(3, rng=0)
    >>> gabor_rates(units, [(2.0, 1.0), (2.0, 2.0)], orientations_deg=[0, 90]).shape
    (3, 2, 2, 8)
    """
    return _with_gain(
        units, _responses(units, np.asarray(conditions, float), np.asarray(orientations_deg, float))
    )


def _with_gain(units: pd.DataFrame, responses: Floats) -> Floats:
    """Return rates, the gain fixed so that a full grating of the unit's own frequency gives its largest rate."""
    own, (rest, top) = (
        _own_grating(units),
        (units[n].to_numpy() for n in ("spontaneous_rate", "largest_rate")),
    )
    # Halved: a simple unit's mean does not move before its troughs are cut at 0, and no formula says where that is.
    low, high = np.zeros(len(units)), 20 * top / np.abs(own).max(axis=(1, 2, 3))
    for _ in range(_GAIN_STEPS):
        middle = (low + high) / 2
        enough = _rated(own, middle, rest).mean(axis=-1)[:, 0, 0] >= top
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    gain = high
    return _rated(responses, gain, rest)


def _rated(responses: Floats, gain: Floats, rest: Floats) -> Floats:
    shape = (-1, 1, 1, 1)
    return np.maximum(rest.reshape(shape) + gain.reshape(shape) * responses, 0.0)


def _own_grating(units: pd.DataFrame) -> Floats:
    """Return responses to endless gratings of the own frequency and orientation, in closed form."""
    across, along = (units[name].to_numpy() / units["frequency"].to_numpy() for name in ("nx", "ny"))
    phase = np.deg2rad(units["phase"].to_numpy())
    twice = np.exp(
        -8 * np.pi**2 * units["nx"].to_numpy() ** 2
    )  # of the envelope's spectrum, at twice the carrier
    overlaps = [
        np.pi * across * along * (np.exp(-1j * angle) + np.exp(1j * angle) * twice)
        for angle in (phase, phase - np.pi / 2)
    ]
    return _over_phases(units, *(each[:, None, None] for each in overlaps))


def _responses(units: pd.DataFrame, conditions: Floats, orientations: Floats) -> Floats:
    """Return what drives each unit, without gain: (n_units, n_conditions, n_orientations, n_phases)."""
    starts = range(0, len(units), _AT_ONCE)
    parts = [units.iloc[start : start + _AT_ONCE] for start in starts]
    driven = [_over_phases(part, *_overlaps(part, conditions, orientations)) for part in parts]
    return np.concatenate(driven) * _unsuppressed(units, conditions[:, 1])[:, :, None, None]


def _over_phases(units: pd.DataFrame, even: NDArray[np.complex128], odd: NDArray[np.complex128]) -> Floats:
    """Return responses of both kinds of unit at every phase of the grating."""
    wave = np.exp(1j * np.deg2rad(GABOR_PHASES))
    one, other = ((overlap[..., None] * wave).real for overlap in (even, odd))
    kind = units["is_complex"].to_numpy()[:, None, None, None]
    return np.where(kind, np.hypot(one, other), one)


def _unsuppressed(units: pd.DataFrame, diameters: Floats) -> Floats:
    """Return what a surround leaves of the response to each diameter: all within the summation field."""
    field = (
        _SUMMATION * np.sqrt(units["nx"].to_numpy() * units["ny"].to_numpy()) / units["frequency"].to_numpy()
    )
    octaves = np.log2(diameters / field[:, None]) / np.log2(units["surround_ratio"].to_numpy())[:, None]
    return np.asarray(1 - units["suppression"].to_numpy()[:, None] * np.clip(octaves, 0.0, 1.0))


def _overlaps(
    units: pd.DataFrame, conditions: Floats, orientations: Floats
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return integrals of even and odd field times complex grating, (n_units, n_conditions, n_orientations) each."""
    widest = float((units[["nx", "ny"]].max(axis=1) / units["frequency"]).max()) * _REACH
    diameters = np.minimum(conditions[:, 1], 2 * widest)
    found = np.empty((2, len(units), len(conditions), len(orientations)), dtype=complex)
    across = np.deg2rad(orientations + 90)
    for diameter in np.unique(diameters):
        x, y, area = _disc(diameter / 2)
        fields = np.concatenate([_field(units, x, y, quarter) * area for quarter in (0.0, 90.0)])
        for at in np.flatnonzero(diameters == diameter):
            place = x[:, None] * np.cos(across) + y[:, None] * np.sin(across)
            angle = 2 * np.pi * conditions[at, 0] * place
            overlap = fields @ np.cos(angle) + 1j * (fields @ np.sin(angle))
            found[:, :, at] = overlap.reshape(2, len(units), -1)
    return found[0], found[1]


def _disc(radius: float) -> tuple[Floats, Floats, Floats]:
    """Return points of a disc (degrees) and their areas, closer together near the middle, where small fields are."""
    nodes, weights = np.polynomial.legendre.leggauss(_RADII)
    share = (nodes + 1) / 2
    r, dr = radius * share**3, radius * 1.5 * share**2 * weights
    angles = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    x, y = np.outer(r, np.cos(angles)).ravel(), np.outer(r, np.sin(angles)).ravel()
    return x, y, np.repeat(r * dr * 2 * np.pi / _ANGLES, _ANGLES)


def _field(units: pd.DataFrame, x: Floats, y: Floats, quarter: float) -> Floats:
    """Return the Gabor functions (n_units, n_points); bars lie along `orientation`, y runs upwards."""
    turned = np.deg2rad(units["orientation"].to_numpy() + 90)[:, None]
    frequency = units["frequency"].to_numpy()[:, None]
    across, along = x * np.cos(turned) + y * np.sin(turned), y * np.cos(turned) - x * np.sin(turned)
    sigmas = (units[name].to_numpy()[:, None] / frequency for name in ("nx", "ny"))
    envelope = np.exp(-sum((d / s) ** 2 for d, s in zip((across, along), sigmas, strict=True)) / 2)
    return np.asarray(
        envelope
        * np.cos(2 * np.pi * frequency * across + np.deg2rad(units["phase"].to_numpy()[:, None] - quarter))
    )
