"""The exact optimum's certificate and the excess over it."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from benchmarks.optimum import excess_percent, lasso_objective, lasso_optimum, lower_bound, polished

THRESHOLD = 0.3


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    fields = rng.standard_normal((24, 12))
    return rng.standard_normal((6, 12)), fields / np.linalg.norm(fields, axis=1, keepdims=True)


def solved(stimuli: np.ndarray, fields: np.ndarray) -> np.ndarray:
    lasso = Lasso(alpha=THRESHOLD / stimuli.shape[1], fit_intercept=False, tol=1e-14, max_iter=100_000)
    return np.asarray(lasso.fit(fields.T, stimuli.T).coef_)


def test_orthogonal_fields_have_the_shrunk_overlaps_as_their_code() -> None:
    stimuli = np.array([[1.0, -0.2, 0.5]])
    shrunk = np.array([[0.7, 0.0, 0.2]])
    options = {"dictionary": np.eye(3), "threshold": THRESHOLD}
    objective = lasso_objective(stimuli, shrunk, **options)
    np.testing.assert_allclose(objective, (0.3**2 + 0.2**2 + 0.3**2) / 2 + THRESHOLD * 0.9)
    np.testing.assert_allclose(lower_bound(stimuli, shrunk, **options), objective)


def test_duality_bounds_every_code_and_touches_the_best(problem: tuple[np.ndarray, np.ndarray]) -> None:
    stimuli, fields = problem
    options = {"dictionary": fields, "threshold": THRESHOLD}
    best = solved(stimuli, fields)
    optimum = lasso_objective(stimuli, best, **options)
    np.testing.assert_allclose(lower_bound(stimuli, best, **options), optimum, rtol=1e-8)
    worse = best + 0.1
    assert (lower_bound(stimuli, worse, **options) <= optimum + 1e-12).all()
    assert (lasso_objective(stimuli, worse, **options) > optimum).all()


def test_polishing_repairs_amplitudes_on_the_right_support(
    problem: tuple[np.ndarray, np.ndarray],
) -> None:
    stimuli, fields = problem
    best = solved(stimuli, fields)
    np.testing.assert_allclose(
        polished(stimuli, 1.1 * best, dictionary=fields, threshold=THRESHOLD), best, atol=1e-8
    )


def test_the_optimum_is_certified(problem: tuple[np.ndarray, np.ndarray]) -> None:
    pytest.importorskip("spams")
    stimuli, fields = problem
    optimum = lasso_optimum(stimuli, dictionary=fields, threshold=THRESHOLD)
    expected = lasso_objective(stimuli, solved(stimuli, fields), dictionary=fields, threshold=THRESHOLD)
    np.testing.assert_allclose(optimum.objective, expected, rtol=1e-9)
    assert abs(optimum.uncertainty_percent) < 1e-8


def test_the_excess_is_that_of_the_means() -> None:
    assert excess_percent(np.array([1.0, 3.4]), np.array([1.0, 3.0])) == pytest.approx(10)
    assert excess_percent(np.array([2.0]), np.array([2.0])) == 0
