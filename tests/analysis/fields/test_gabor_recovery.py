"""Planted Gabors are recovered, noise is not taken for one, and SciPy finds nothing better."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares

from neurosim.analysis.fields.gabor import GABOR_PARAMETERS, fit_gabors, gabor
from neurosim.analysis.fields.gabor_start import starting_shapes

SIZE = 16
LONGEST = (
    4.0  # pixels: with the centre in the middle half, ±1 standard deviation of the envelope is in the field
)


def planted(rng: np.random.Generator, n_fields: int) -> pd.DataFrame:
    """Draw parameters: n_x, n_y in [.25, .9], f up to .3 cycles/pixel and at least .08 and n / 4 pixels."""
    nx, ny = rng.uniform(0.25, 0.9, size=(2, n_fields))
    frequency = rng.uniform(np.maximum(0.08, np.maximum(nx, ny) / LONGEST), 0.3)
    return pd.DataFrame(
        {
            "x0": rng.uniform(3.5, 11.5, n_fields),
            "y0": rng.uniform(3.5, 11.5, n_fields),
            "orientation": rng.uniform(0, np.pi, n_fields),
            "frequency": frequency,
            "phase": rng.uniform(-np.pi, np.pi, n_fields),
            "sigma_x": nx / frequency,
            "sigma_y": ny / frequency,
            "amplitude": rng.uniform(0.5, 2, n_fields),
        }
    )


def noisy_fields(parameters: pd.DataFrame, rng: np.random.Generator, *, noise: float) -> NDArray[np.float64]:
    """Draw the fields with white noise whose standard deviation is `noise` times each field's peak."""
    fields = gabor(parameters, height=SIZE, width=SIZE)
    peak = np.abs(fields).max(axis=(1, 2), keepdims=True)
    return np.asarray(fields + noise * peak * rng.standard_normal(fields.shape))


def orientation_error_degrees(fitted: pd.Series, true: pd.Series) -> NDArray[np.float64]:
    """Return the angle between two orientations, in [0, 90]."""
    turn = (fitted.to_numpy() - true.to_numpy() + np.pi / 2) % np.pi - np.pi / 2
    return np.asarray(np.degrees(np.abs(turn)))


@pytest.fixture(scope="module")
def recovery() -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    rng = np.random.default_rng(20)
    truth = planted(rng, 500)
    fields = noisy_fields(truth, rng, noise=0.1)
    return truth, fields, fit_gabors(fields)


def test_at_least_95_percent_of_500_noisy_gabors_are_recovered(recovery):
    truth, _, fits = recovery
    orientation = orientation_error_degrees(fits["orientation"], truth["orientation"]) <= 5
    frequency = np.abs(fits["frequency"] / truth["frequency"] - 1).to_numpy() <= 0.1
    assert (orientation & frequency).mean() >= 0.95


def test_no_noisy_gabor_is_fitted_worse_than_by_its_true_parameters(recovery):
    truth, fields, fits = recovery
    size = {"height": SIZE, "width": SIZE}
    error, true_error = (((fields - gabor(table, **size)) ** 2).sum(axis=(1, 2)) for table in (fits, truth))
    identified = ~fits["at_bound"].to_numpy()
    assert identified.mean() > 0.95
    assert (error[identified] <= true_error[identified]).all()


def test_recovered_shapes_are_unbiased_in_the_median(recovery):
    truth, _, fits = recovery
    for fitted, sigma in (("nx", "sigma_x"), ("ny", "sigma_y")):
        ratio = fits[fitted] / (truth[sigma] * truth["frequency"])
        assert ratio.median() == pytest.approx(1, abs=0.02)


def test_white_noise_is_never_gabor_like():
    fits = fit_gabors(np.random.default_rng(1).standard_normal((100, 16, 16)), n_starts=6)
    assert not fits["gabor_like"].any()
    assert fits["r2"].max() < 0.4


def test_shuffled_pixels_of_gabors_are_not_gabor_like(recovery):
    _, fields, fits = recovery
    rng = np.random.default_rng(2)
    shuffled = rng.permuted(fields[:60].reshape(60, -1), axis=1).reshape(-1, 16, 16)
    assert fits["gabor_like"][:60].mean() > 0.8
    assert not fit_gabors(shuffled, n_starts=6)["gabor_like"].any()


def test_scipy_from_the_same_starts_finds_no_smaller_error(recovery):
    _, fields, fits = recovery
    for k in range(6):
        scaled = fields[k] / np.abs(fields[k]).max()
        starts = starting_shapes(scaled[None], 12)[0]
        best = min(_scipy_error(scaled, start) for start in starts)
        r2 = 1 - best / ((scaled - scaled.mean()) ** 2).sum()
        assert fits["r2"].iloc[k] >= r2 - 1e-6


def _scipy_error(field: np.ndarray, start: np.ndarray) -> float:
    """Fit all eight parameters by SciPy, within the documented bounds, from one start and its best phase."""

    def model(p: np.ndarray) -> np.ndarray:
        values = [p[0] + 7.5, p[1] + 7.5, p[2], p[3], p[7], np.exp(p[4]), np.exp(p[5]), p[6]]
        return gabor(dict(zip(GABOR_PARAMETERS, values, strict=True)), height=16, width=16)[0].ravel()

    pair = np.stack([model(np.r_[start, 1, phase]) for phase in (0, np.pi / 2)], axis=1)
    even, odd = np.linalg.lstsq(pair, field.ravel(), rcond=None)[0]
    wide, narrow = np.log(16), np.log(0.4)
    lower = [-12, -12, -np.inf, -0.5, narrow, narrow, 0, -np.inf]
    upper = [12, 12, np.inf, 0.5, wide, wide, 1.5, np.inf]
    first = np.r_[start, min(np.hypot(even, odd), 1.49), np.arctan2(odd, even)]
    return 2 * float(
        least_squares(lambda p: model(p) - field.ravel(), first, bounds=(lower, upper), max_nfev=100).cost
    )
