"""Gabor functions fitted to receptive fields, all fields and all starts at once."""

import os
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.fields import checked_fields, grey_level, participation_ratio
from neurosim.analysis.fields.gabor_moments import (
    FREQUENCY,
    LOG_SIGMA_X,
    LOG_SIGMA_Y,
    THETA,
    X0,
    Y0,
    Floats,
    pixel_monomials,
)
from neurosim.analysis.fields.gabor_solver import FitProblem, FitState, fit_starts
from neurosim.analysis.fields.gabor_start import MOST_STARTS, starting_shapes
from neurosim.analysis.progress import counting

__all__ = ["GABOR_PARAMETERS", "LEAST_PARTICIPATION", "LEAST_R2", "fit_gabors", "gabor"]

GABOR_PARAMETERS = ("x0", "y0", "orientation", "frequency", "phase", "sigma_x", "sigma_y", "amplitude")
LEAST_R2, LEAST_PARTICIPATION = 0.7, 6.0  # of a Gabor-like field

_FIT_COLUMNS = (*GABOR_PARAMETERS, "r2", "nx", "ny")
_BOUNDED = ("amplitude", "x0", "y0", "orientation", "frequency", "sigma_x", "sigma_y")
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
        ``amplitude`` (A, the envelope's peak, in the unit of the fields), and ``offset``, which is added, if there
        is one. Other columns are ignored.
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
    offset = np.atleast_1d(np.asarray(parameters.get("offset", 0.0), dtype=float))[:, None, None]
    return np.asarray(amplitude * envelope * np.cos(2 * np.pi * f * along + phase) + offset)


def fit_gabors(
    fields: ArrayLike, *, amplitude_bound: float = 1.5, n_starts: int = 12, offset: bool = False
) -> pd.DataFrame:
    """Fit a Gabor function to every field.

    All fields and starts go through one Levenberg–Marquardt iteration together, with exact derivatives;
    amplitude, phase and offset are solved exactly for every envelope (variable projection), so starts differ in
    position, shape and frequency only. They begin at the peak of the field's power spectrum. After 5 and 13
    iterations only the best 4 and 2 starts of each field go on.

    Parameters
    ----------
    fields : array_like, shape (n_fields, height, width)
        Any unit; at least 4 × 4 pixels. One with NaN or infinite pixels is left unfitted.
    amplitude_bound : float, 1 or more
        Largest amplitude, as a multiple of the field's largest magnitude, or with `offset` of its largest deviation
        from its mean. Two-lobed fields are fitted equally
        well as the frequency goes to 0 and the amplitude to infinity, so this decides what their n_x is: fix
        it beforehand and use one for all fields that are compared. Infinity is allowed.
    n_starts : int, 1 to 24
        Starts per field.
    offset : bool, default=False
        Fit a constant too. Fields on a baseline need it, such as averages of stimuli whose mean was not taken away: a
        baseline of three tenths of the amplitude hides a Gabor. Weights learned from stimuli of zero mean have none,
        and a constant then makes blobs and wide fields less certain.

    Returns
    -------
    DataFrame
        One row per field: the parameters of `gabor`, where ``orientation`` is in [0, pi), ``phase`` in (-pi,
        pi], ``frequency`` in [0, .5] cycles/pixel and ``amplitude`` 0 or more, in the unit of the fields;
        ``r2`` (1 minus the squared error over the squared deviation from the field's mean); ``nx`` = sigma_x
        · frequency and ``ny`` = sigma_y · frequency (cycles); ``offset`` (unit of the fields), if asked for;
        ``participation_ratio`` (pixels, of the field without its offset); ``at_bound`` (bool); ``bound`` (str);
        ``gabor_like`` (bool). Parameters are bounded: ``amplitude`` as said, ``frequency`` ≤ .5, both
        sigmas from .4 pixels to the longer side of the field, the centre to at most a quarter of the field
        outside it; ``at_bound`` says that one of them sits at its bound (the lengths: within 1 %), so the
        shape is not identified, and ``bound`` names those parameters ("none", or for example "amplitude,
        sigma_y"). Frequency 0 is no bound: a blob is a Gabor with n_x near 0. ``gabor_like`` is r2 > .7,
        participation ratio ≥ 6 and not at a bound; it does not say that a field is oriented: blobs and
        differences of Gaussians pass. A constant field (an all-zero row of a dead neuron, say) has NaN in all
        columns of the fit and False in both flags, and so has one with a NaN or infinite pixel.

    Raises
    ------
    ValueError
        If the fields have a wrong shape or are too small, or an option is out of range.

    Warns
    -----
    UserWarning
        If fields have NaN or infinite pixels; it says how many. Without `offset`, if most fields lie about a grey value
        rather than about 0.

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
    array = checked_fields(fields, missing=True)
    _check_options(array, amplitude_bound, n_starts)
    # What cannot be fitted is constant from here on.
    known = np.where(_finite(array)[:, None, None], array, 0.0)
    if not offset:
        _warn_of_grey(known)
    level = known.mean(axis=(1, 2)) if offset else np.zeros(len(known))
    centred = known - level[:, None, None]
    scale = np.abs(centred).max(axis=(1, 2))
    # Of a constant its mean may leave rounding.
    least = 1e-12 * np.maximum(scale, np.abs(level))
    varied = np.flatnonzero(np.ptp(centred.reshape(len(known), -1), axis=1) > least)
    columns = [*_FIT_COLUMNS, "offset"]
    values, bounds = np.full((len(known), len(columns)), np.nan), np.full(len(known), "none", dtype=object)
    blocks = [varied[first : first + _BLOCK_FIELDS] for first in range(0, len(varied), _BLOCK_FIELDS)]

    def fitted(rows: NDArray[np.intp], tell: Callable[[float], None]) -> int:
        problem = _problem(centred[rows], scale[rows], amplitude_bound, offset=offset)
        starts = starting_shapes(problem.fields.reshape(-1, *known.shape[1:]), n_starts)
        state = fit_starts(problem, starts, tell=tell)
        values[rows], bounds[rows] = _fit_columns(problem, state, scale[rows], known.shape[1:])
        return len(rows)

    with counting("fitting Gabor functions", len(varied)) as told:
        _each(blocks, fitted, told)
    table = pd.DataFrame(values, columns=columns)
    table["offset"] += level
    table["participation_ratio"] = participation_ratio(
        known - table["offset"].fillna(0.0).to_numpy()[:, None, None]
    )
    table["at_bound"], table["bound"] = bounds != "none", bounds
    spread_enough = table["participation_ratio"] >= LEAST_PARTICIPATION
    table["gabor_like"] = (table["r2"] > LEAST_R2) & spread_enough & ~table["at_bound"]
    return table if offset else table.drop(columns="offset")


def _finite(fields: Floats) -> NDArray[np.bool_]:
    """Return which fields can be fitted, and warn of the others."""
    finite = np.asarray(np.isfinite(fields).all(axis=(1, 2)))
    broken = np.flatnonzero(~finite)
    if len(broken):
        warnings.warn(
            f"{len(broken)} of {len(fields)} fields have NaN or infinite pixels, first field {broken[0]}: their rows "
            "are NaN, and they count as not Gabor-like",
            stacklevel=3,
        )
    return finite


def _warn_of_grey(fields: Floats) -> None:
    if (level := grey_level(fields)) is not None:
        # Told from here, so that Python says it once, however often the same fields are fitted.
        warnings.warn(
            f"most fields lie about {level:.4g} rather than about 0, as grey values do: a Gabor function has no "
            "constant; subtract the grey level, or fit one too (offset=True)",
            stacklevel=1,
        )


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


def _problem(scaled: Floats, scale: Floats, amplitude_bound: float, *, offset: bool) -> FitProblem:
    n_fields, height, width = scaled.shape
    lower, upper = _box(height, width)
    fields = (scaled / scale[:, None, None]).reshape(n_fields, -1)
    return FitProblem(fields, pixel_monomials(height, width), lower, upper, amplitude_bound, offset)


def _each(
    blocks: list[NDArray[np.intp]],
    fitted: Callable[[NDArray[np.intp], Callable[[float], None]], int],
    told: Callable[[int], None],
) -> None:
    """Fit every block of fields, several at a time where there are processors; they share nothing."""
    if len(blocks) == 1:
        fitted(blocks[0], lambda share: told(round(share * len(blocks[0]))))
        return
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    with ThreadPoolExecutor(n_processors) as pool:
        try:
            done = 0
            for each in as_completed([pool.submit(fitted, rows, lambda share: None) for rows in blocks]):
                done += each.result()
                told(done)
        finally:  # Ctrl-C is not to wait for what has not begun.
            pool.shutdown(cancel_futures=True)


def _fit_columns(
    problem: FitProblem, state: FitState, scale: Floats, size: tuple[int, ...]
) -> tuple[Floats, NDArray[np.object_]]:
    """Return the columns of a block's fits and which bounds were hit."""
    columns = _described(state, *size)
    columns["amplitude"] = state.system.amplitude * scale
    deviation = problem.fields.var(axis=1) * problem.fields.shape[1]
    columns["r2"] = 1 - state.system.squared_error / deviation
    columns["offset"] = state.system.level * scale
    values = np.stack([columns[name] for name in (*_FIT_COLUMNS, "offset")], axis=1)
    return values, _bounds_hit(problem, state)


def _box(height: int, width: int) -> tuple[Floats, Floats]:
    """Return the lowest and highest values of the six shape parameters."""
    reach_x, reach_y = (0.5 + _OUTSIDE) * width, (0.5 + _OUTSIDE) * height
    narrow, wide = np.log(_NARROWEST), np.log(max(height, width))
    # Negative frequencies mirror positive ones; letting them in makes frequency 0 an ordinary point.
    lower = np.array([-reach_x, -reach_y, -np.inf, -_HIGHEST_FREQUENCY, narrow, narrow])
    upper = np.array([reach_x, reach_y, np.inf, _HIGHEST_FREQUENCY, wide, wide])
    return lower, upper


def _bounds_hit(problem: FitProblem, state: FitState) -> NDArray[np.object_]:
    """Return the names of the parameters at their bounds, "none" where there are none."""
    slack = np.zeros(6)
    slack[[LOG_SIGMA_X, LOG_SIGMA_Y]] = _NEAR_BOUND
    outside = (state.shape <= problem.lower + slack) | (state.shape >= problem.upper - slack)
    hit = np.column_stack([state.system.amplitude_bound_hit, outside])
    names = np.array([", ".join(np.array(_BOUNDED)[row]) or "none" for row in hit], dtype=object)
    return names


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
