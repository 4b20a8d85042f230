"""Gabor functions fitted to receptive fields, all fields and all starts at once."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields import checked_fields, participation_ratio
from neurosim.analysis.gabor_moments import (
    FREQUENCY,
    LOG_SIGMA_X,
    LOG_SIGMA_Y,
    THETA,
    X0,
    Y0,
    Floats,
    pixel_monomials,
)
from neurosim.analysis.gabor_solver import FitProblem, FitState, fit_starts
from neurosim.analysis.gabor_start import MOST_STARTS, starting_shapes

__all__ = ["GABOR_PARAMETERS", "LEAST_PARTICIPATION", "LEAST_R2", "fit_gabors", "gabor"]

GABOR_PARAMETERS = ("x0", "y0", "orientation", "frequency", "phase", "sigma_x", "sigma_y", "amplitude")
LEAST_R2, LEAST_PARTICIPATION = 0.7, 6.0  # of a Gabor-like field

_FIT_COLUMNS = (*GABOR_PARAMETERS, "r2", "nx", "ny")
_HIGHEST_FREQUENCY = 0.5  # cycles/pixel: beyond it a horizontal or vertical carrier aliases
_NARROWEST = 0.4  # pixels: a narrower Gaussian falls between the pixels
# A bar that runs into the field's edge has its centre a little outside; the amplitude bound keeps it near.
_OUTSIDE = 0.25  # of the field's width or height
_NEAR_BOUND = 0.01  # a length within 1 % of its bound counts as at it
_BLOCK_FIELDS = 256  # fitted together: bounds the memory, about 20 MB for 12 starts of 16 × 16 pixels


def gabor(parameters: pd.DataFrame | Mapping[str, ArrayLike], *, height: int, width: int) -> Floats:
    r"""Draw Gabor functions on a pixel grid.

    With x to the right (columns), y down (rows), and x' = (x − x₀) cos θ + (y − y₀) sin θ,
    y' = −(x − x₀) sin θ + (y − y₀) cos θ,

    .. math:: A\, e^{-x'^2/2\sigma_x^2 - y'^2/2\sigma_y^2} \cos(2\pi f x' + \varphi) .

    Parameters
    ----------
    parameters : DataFrame or mapping of str to array_like, shape (n_fields,)
        ``x0``, ``y0`` (pixels; 0 is the middle of the first column or row), ``orientation`` (radians, of the
        wave vector: 0 has vertical bars, pi/2 horizontal ones, angles turn clockwise when row 0 is drawn on
        top), ``frequency`` (cycles/pixel), ``phase`` (radians at the envelope's centre: 0 and pi are even,
        ±pi/2 odd), ``sigma_x`` (pixels, along the wave vector), ``sigma_y`` (pixels, along the bars),
        ``amplitude`` (A, the envelope's peak, in the unit of the fields). Other columns are ignored.
    height, width : int
        Pixels.

    Returns
    -------
    ndarray, shape (n_fields, height, width)
        In the unit of the amplitude.

    Raises
    ------
    ValueError
        If a parameter is missing or the size is not positive.

    Examples
    --------
    >>> shape = dict(orientation=0, frequency=0.25, phase=0, sigma_x=2, sigma_y=2)
    >>> parameters = dict(x0=3, y0=2, amplitude=1.5, **shape)
    >>> field = gabor(parameters, height=5, width=8)
    >>> field.shape, float(field[0, 2, 3])
    ((1, 5, 8), 1.5)
    """
    missing = [name for name in GABOR_PARAMETERS if name not in parameters]
    if missing or height < 1 or width < 1:
        raise ValueError(
            f"expected the parameters {', '.join(GABOR_PARAMETERS)} and a size of 1 × 1 pixel or more, got "
            f"{height} × {width} and missing {missing}"
        )
    columns = (np.atleast_1d(np.asarray(parameters[name], dtype=float)) for name in GABOR_PARAMETERS)
    x0, y0, theta, f, phase, sigma_x, sigma_y, amplitude = (column[:, None, None] for column in columns)
    y, x = np.indices((height, width), dtype=float)
    along = np.cos(theta) * (x - x0) + np.sin(theta) * (y - y0)
    across = np.cos(theta) * (y - y0) - np.sin(theta) * (x - x0)
    envelope = np.exp(-0.5 * ((along / sigma_x) ** 2 + (across / sigma_y) ** 2))
    return np.asarray(amplitude * envelope * np.cos(2 * np.pi * f * along + phase))


def fit_gabors(fields: ArrayLike, *, amplitude_bound: float = 1.5, n_starts: int = 12) -> pd.DataFrame:
    """Fit a Gabor function, without offset, to every field.

    All fields and starts go through one Levenberg–Marquardt iteration together, with exact derivatives;
    amplitude and phase are solved exactly for every envelope (variable projection), so starts differ in
    position, shape and frequency only. They begin at the peak of the field's power spectrum. After 5 and 13
    iterations only the best 4 and 2 starts of each field go on.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Any unit; at least 4 × 4 pixels.
    amplitude_bound : float, 1 or more
        Largest amplitude, as a multiple of the field's largest magnitude. Two-lobed fields are fitted equally
        well as the frequency goes to 0 and the amplitude to infinity, so this decides what their n_x is: fix
        it beforehand and use one for all fields that are compared. Infinity is allowed.
    n_starts : int, 1 to 24
        Starts per field.

    Returns
    -------
    DataFrame
        One row per field: the parameters of `gabor`, where ``orientation`` is in [0, pi), ``phase`` in (-pi,
        pi], ``frequency`` in [0, .5] cycles/pixel and ``amplitude`` 0 or more, in the unit of the fields;
        ``r2`` (1 minus the squared error over the squared deviation from the field's mean); ``nx`` = sigma_x
        · frequency and ``ny`` = sigma_y · frequency (cycles); ``participation_ratio`` (pixels); ``at_bound``
        (bool); ``gabor_like`` (bool). Parameters are bounded: ``amplitude`` as said, ``frequency`` ≤ .5, both
        sigmas from .4 pixels to the longer side of the field, the centre to at most a quarter of the field
        outside it; ``at_bound`` says that one of them sits at its bound (the lengths: within 1 %), so the
        shape is not identified. Frequency 0 is no bound: a blob is a Gabor with n_x near 0. ``gabor_like`` is
        r2 > .7, participation ratio ≥ 6 and not at a bound. A constant field (an all-zero row of a dead
        neuron, say) has NaN in all columns of the fit and False in both flags.

    Raises
    ------
    ValueError
        If the fields have a wrong shape, are too small or not finite, or an option is out of range.

    References
    ----------
    Jones & Palmer 1987, J Neurophysiol 58:1233 (the function). Ringach 2002, J Neurophysiol 88:455,
    doi:10.1152/jn.2002.88.1.455 (n_x, n_y). Golub & Pereyra 2003, Inverse Problems 19:R1,
    doi:10.1088/0266-5611/19/2/201 (variable projection).

    Examples
    --------
    >>> shape = dict(orientation=0.5, frequency=0.15, phase=1, sigma_x=2, sigma_y=3)
    >>> parameters = dict(x0=8, y0=7, amplitude=1, **shape)
    >>> fits = fit_gabors(gabor(parameters, height=16, width=16))
    >>> fits[["orientation", "frequency", "nx", "ny"]].round(4).to_numpy().tolist()
    [[0.5, 0.15, 0.3, 0.45]]
    """
    array = checked_fields(fields)
    _check_options(array, amplitude_bound, n_starts)
    flat = array.reshape(len(array), -1)
    scale = np.abs(flat).max(axis=1)
    varied = np.flatnonzero(np.ptp(flat, axis=1) > 1e-12 * scale)
    values = np.full((len(array), len(_FIT_COLUMNS)), np.nan)
    at_bound = np.zeros(len(array), dtype=bool)
    for first in range(0, len(varied), _BLOCK_FIELDS):
        rows = varied[first : first + _BLOCK_FIELDS]
        values[rows], at_bound[rows] = _fit_block(array[rows], scale[rows], amplitude_bound, n_starts)
    table = pd.DataFrame(values, columns=list(_FIT_COLUMNS))
    table["participation_ratio"] = participation_ratio(array)
    table["at_bound"] = at_bound
    spread_enough = table["participation_ratio"] >= LEAST_PARTICIPATION
    table["gabor_like"] = (table["r2"] > LEAST_R2) & spread_enough & ~table["at_bound"]
    return table


def _check_options(fields: Floats, amplitude_bound: float, n_starts: int) -> None:
    if min(fields.shape[1:]) < 4:
        raise ValueError(
            f"expected fields of at least 4 × 4 pixels for eight parameters, got {fields.shape[1:]}"
        )
    if not amplitude_bound >= 1:
        raise ValueError(
            "expected an amplitude bound of 1 or more (times the field's largest magnitude), got "
            f"{amplitude_bound}"
        )
    if not 1 <= n_starts <= MOST_STARTS or n_starts != int(n_starts):
        raise ValueError(f"expected a whole number of starts from 1 to {MOST_STARTS}, got {n_starts}")


def _fit_block(
    fields: Floats, scale: Floats, amplitude_bound: float, n_starts: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Fit fields that vary; return the columns of the fit and whether a bound was hit."""
    n_fields, height, width = fields.shape
    scaled = fields / scale[:, None, None]
    lower, upper = _box(height, width)
    monomials = pixel_monomials(height, width)
    problem = FitProblem(scaled.reshape(n_fields, -1), monomials, lower, upper, amplitude_bound)
    state = fit_starts(problem, starting_shapes(scaled, n_starts))
    columns = _described(state, height, width)
    columns["amplitude"] = state.system.amplitude * scale
    deviation = scaled.var(axis=(1, 2)) * height * width
    columns["r2"] = 1 - state.system.squared_error / deviation
    return np.stack([columns[name] for name in _FIT_COLUMNS], axis=1), _bound_hit(problem, state)


def _box(height: int, width: int) -> tuple[Floats, Floats]:
    """Return the lowest and highest values of the six shape parameters."""
    reach_x, reach_y = (0.5 + _OUTSIDE) * width, (0.5 + _OUTSIDE) * height
    narrow, wide = np.log(_NARROWEST), np.log(max(height, width))
    # Negative frequencies mirror positive ones; letting them in makes frequency 0 an ordinary point.
    lower = np.array([-reach_x, -reach_y, -np.inf, -_HIGHEST_FREQUENCY, narrow, narrow])
    upper = np.array([reach_x, reach_y, np.inf, _HIGHEST_FREQUENCY, wide, wide])
    return lower, upper


def _bound_hit(problem: FitProblem, state: FitState) -> NDArray[np.bool_]:
    slack = np.zeros(6)
    slack[[LOG_SIGMA_X, LOG_SIGMA_Y]] = _NEAR_BOUND
    outside = (state.shape <= problem.lower + slack) | (state.shape >= problem.upper - slack)
    return np.asarray(state.system.amplitude_bound_hit | outside.any(axis=1))


def _described(state: FitState, height: int, width: int) -> dict[str, Floats]:
    """Return the fitted parameters in the table's conventions."""
    shape, phase = state.shape, state.system.phase
    turns = np.floor(shape[:, THETA] / np.pi)
    # Half a turn and a negative frequency each mirror the carrier, which changes the phase's sign.
    mirrored = (turns % 2 == 1) ^ (shape[:, FREQUENCY] < 0)
    frequency = np.abs(shape[:, FREQUENCY])
    sigma_x, sigma_y = np.exp(shape[:, LOG_SIGMA_X]), np.exp(shape[:, LOG_SIGMA_Y])
    return {
        "x0": shape[:, X0] + (width - 1) / 2,
        "y0": shape[:, Y0] + (height - 1) / 2,
        "orientation": np.minimum(shape[:, THETA] - turns * np.pi, np.nextafter(np.pi, 0)),
        "frequency": frequency,
        "phase": np.where(mirrored & (phase < np.pi), -phase, phase),
        "sigma_x": sigma_x,
        "sigma_y": sigma_y,
        "nx": sigma_x * frequency,
        "ny": sigma_y * frequency,
    }
