"""Gabor fits of many fields at once against one `scipy.optimize.curve_fit` per field and start."""

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from benchmarks.bench_run import BenchRun
from benchmarks.pairs import interleaved, ratios, spread
from benchmarks.problem import PATCH, learned_dictionary
from benchmarks.report import Row, Target
from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.fields.gabor_start import starting_shapes

__all__ = ["curve_fits", "measure_gabor"]

Floats = NDArray[np.float64]

_STARTS = 12
_AMPLITUDE_BOUND = 1.5
_OUTSIDE = 0.25  # of the field: how far outside it a centre may be, as in the package
_LEAST_RATIO = Target(20)
_NO_WORSE = Target(0.0)


def measure_gabor(run: BenchRun) -> None:
    """Add the ratio of time per field, and how much better or worse the fits are."""
    fields = (
        learned_dictionary(run.settings.reference, settings=run.settings)
        .reshape(-1, PATCH, PATCH)
        .astype(float)
    )
    few = fields[:2] if run.settings.quick else fields[:: len(fields) // 16]
    r2: dict[str, Floats] = {}

    def ours() -> float:
        started = time.perf_counter()
        r2["ours"] = fit_gabors(fields, n_starts=_STARTS)["r2"].to_numpy()
        return (time.perf_counter() - started) / len(fields)

    def theirs() -> float:
        started = time.perf_counter()
        r2["curve_fit"] = curve_fits(few, n_starts=_STARTS)
        return (time.perf_counter() - started) / len(few)

    seconds = interleaved(
        {"ours": ours, "curve_fit": theirs},
        rounds=run.settings.pairs,
        heard=lambda name, value: run.say(f"Gabor fits: {name} {1e3 * value:.2f} ms per field"),
    )
    details: dict[str, float | str] = {
        f"{who}, fields/s": 1 / spread(values).median for who, values in seconds.items()
    }
    figure = ratios(seconds["curve_fit"], seconds["ours"])
    name = f"{PATCH}×{PATCH}, {_STARTS} starts, against curve_fit"
    run.add(Row("gabor", name, figure, target=_LEAST_RATIO, details=details))
    _add_quality(run, fit_gabors(few, n_starts=_STARTS)["r2"].to_numpy(), r2["curve_fit"])


def _add_quality(run: BenchRun, ours: Floats, theirs: Floats) -> None:
    """Compare on the fields that both fitted; rounding of the mean in the sixth digit is no difference."""
    gain = float(np.round(ours.mean() - theirs.mean(), 6)) + 0.0
    details: dict[str, float | str] = {
        "R² ours": float(ours.mean()),
        "R² curve_fit": float(theirs.mean()),
        "fields": float(len(ours)),
        "worst field": float((ours - theirs).min()),
        "best field": float((ours - theirs).max()),
    }
    figure = spread((ours - theirs).tolist())
    run.add(
        Row(
            "gabor",
            "mean R² less that of curve_fit",
            type(figure)(gain, figure.low, figure.high, figure.n),
            unit="",
            target=_NO_WORSE,
            details=details,
        )
    )


def curve_fits(fields: Floats, *, n_starts: int) -> Floats:
    """Return the best R² of every field over the starts, with the bounds that the package has.

    Parameters
    ----------
    fields : array, shape (n_fields, height, width)
    n_starts : int
    """
    height, width = fields.shape[1:]
    y, x = np.indices((height, width), dtype=float).reshape(2, -1)
    # The package measures positions from the middle of the field.
    grid = np.stack([x - (width - 1) / 2, y - (height - 1) / 2])
    scaled = fields / np.abs(fields).max(axis=(1, 2), keepdims=True)
    starts = starting_shapes(scaled, n_starts)
    return np.array(
        [
            max(_one_fit(grid, field.ravel(), start, max(height, width)) for start in field_starts)
            for field, field_starts in zip(scaled, starts, strict=True)
        ]
    )


def _one_fit(grid: Floats, pixels: Floats, start: Floats, longest: int) -> float:
    """Return the R² of one start, with amplitude and phase of the start solved exactly as in the package."""
    reach, narrow, wide = (0.5 + _OUTSIDE) * longest, np.log(0.4), np.log(longest)
    lower = np.array([-reach, -reach, -np.inf, -0.5, narrow, narrow, 0.0, -np.inf])
    upper = np.array([reach, reach, np.inf, 0.5, wide, wide, _AMPLITUDE_BOUND, np.inf])
    even = _gabor(grid, *start, 1.0, 0.0)
    odd = _gabor(grid, *start, 1.0, -np.pi / 2)
    (c, s), *_ = np.linalg.lstsq(np.stack([even, odd], axis=1), pixels, rcond=None)
    first = np.array([*start, min(np.hypot(c, s), 0.99 * _AMPLITUDE_BOUND), np.arctan2(-s, c)])
    inside = np.clip(first, lower + 1e-9, upper - 1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the field says nothing about a parameter it has no covariance
        try:
            best, *_ = curve_fit(_gabor, grid, pixels, p0=inside, bounds=(lower, upper))
        except RuntimeError:
            best = inside  # out of evaluations
    return _r2(pixels, _gabor(grid, *best))


def _gabor(grid: Floats, *parameters: Any) -> Floats:
    # x0, y0, theta: radians, f: cycles/pixel, lx, ly: logarithms of the sigmas, A: amplitude, p: phase.
    x0, y0, theta, f, lx, ly, A, p = parameters
    x, y = grid[0] - x0, grid[1] - y0
    along, across = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
    envelope = np.exp(-0.5 * ((along / np.exp(lx)) ** 2 + (across / np.exp(ly)) ** 2))
    return np.asarray(A * envelope * np.cos(2 * np.pi * f * along + p))


def _r2(pixels: Floats, fitted: Floats) -> float:
    return float(1 - ((pixels - fitted) ** 2).sum() / ((pixels - pixels.mean()) ** 2).sum())
