"""The normal equations from moments against explicit pixels."""

import numpy as np
import pytest

from neurosim.analysis.fields.gabor import gabor
from neurosim.analysis.fields.gabor_moments import normal_equations, pixel_monomials, quadrature_moments

HEIGHT, WIDTH = 9, 12
SHAPES = np.array([[0.3, -1.0, 0.5, 0.15, 0.6, 0.9], [-2.0, 1.5, 2.0, 0.08, 0.3, 0.5]])


def model(parameters: np.ndarray) -> np.ndarray:
    x0, y0, theta, f, log_x, log_y, log_amplitude, phase = parameters
    named = {
        "x0": x0 + (WIDTH - 1) / 2,
        "y0": y0 + (HEIGHT - 1) / 2,
        "orientation": theta,
        "frequency": f,
        "phase": phase,
        "sigma_x": np.exp(log_x),
        "sigma_y": np.exp(log_y),
        "amplitude": np.exp(log_amplitude),
    }
    return gabor(named, height=HEIGHT, width=WIDTH).ravel()


def systems(fields: np.ndarray, bound: float, *, offset: bool = False):
    moments = quadrature_moments(
        SHAPES, fields, np.arange(len(SHAPES)), pixel_monomials(HEIGHT, WIDTH), offset=offset
    )
    return moments, normal_equations(SHAPES, moments, (fields**2).sum(axis=1), bound)


@pytest.fixture
def fields() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((len(SHAPES), HEIGHT * WIDTH))


def test_matrix_and_descent_equal_those_of_numerical_derivatives(fields):
    _, system = systems(fields, np.inf)
    for k, shape in enumerate(SHAPES):
        at = np.r_[shape, np.log(system.amplitude[k]), system.phase[k]]
        steps = 1e-6 * np.eye(8)
        jacobian = np.stack([(model(at + step) - model(at - step)) / 2e-6 for step in steps])
        residual = fields[k] - model(at)
        np.testing.assert_allclose(system.matrix[k], jacobian @ jacobian.T, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(system.descent[k], jacobian @ residual, rtol=1e-6, atol=1e-7)
        assert system.squared_error[k] == pytest.approx(residual @ residual)


def test_an_offset_takes_the_means_of_derivatives_and_residual_away(fields):
    fields = fields - fields.mean(axis=1, keepdims=True)
    _, free = systems(fields, np.inf, offset=True)
    for bound in (np.inf, 0.6 * float(free.amplitude.min())):
        _, system = systems(fields, bound, offset=True)
        for k, shape in enumerate(SHAPES):
            at = np.r_[shape, np.log(system.amplitude[k]), system.phase[k]]
            steps = 1e-6 * np.eye(8)
            jacobian = np.stack([(model(at + step) - model(at - step)) / 2e-6 for step in steps])
            jacobian -= jacobian.mean(axis=1, keepdims=True)
            residual = fields[k] - model(at) - system.level[k]
            assert residual.mean() == pytest.approx(0, abs=1e-12)
            np.testing.assert_allclose(system.descent[k], jacobian @ residual, rtol=1e-6, atol=1e-7)
            assert system.squared_error[k] == pytest.approx(residual @ residual)
            bent = np.zeros((8, 8))
            bent[7, 7] = system.amplitude_bound_hit[k] * (residual @ model(at))
            np.testing.assert_allclose(system.matrix[k], jacobian @ jacobian.T + bent, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(free.descent[:, 6:], 0, atol=1e-10)


def test_a_free_amplitude_and_phase_are_the_least_squares_ones(fields):
    _, system = systems(fields, np.inf)
    np.testing.assert_allclose(system.descent[:, 6:], 0, atol=1e-10)
    assert not system.amplitude_bound_hit.any()


def test_a_bounded_amplitude_has_the_best_phase_on_the_circle(fields):
    _, free = systems(fields, np.inf)
    bound = 0.6 * float(free.amplitude.min())
    _, system = systems(fields, bound)
    assert system.amplitude_bound_hit.all()
    np.testing.assert_allclose(system.amplitude, bound, rtol=1e-9)
    for k, shape in enumerate(SHAPES):
        phases = np.linspace(-np.pi, np.pi, 721)
        errors = [((fields[k] - model(np.r_[shape, np.log(bound), phase])) ** 2).sum() for phase in phases]
        assert system.squared_error[k] <= min(errors) + 1e-9


def test_a_carrier_of_frequency_zero_is_solved_without_a_warning():
    shape = np.array([[0.0, 0.0, 0.3, 0.0, 0.5, 0.5]])
    field = 2 * model(np.r_[shape[0], 0.0, 0.0])[None]
    moments = quadrature_moments(shape, field, np.zeros(1, dtype=int), pixel_monomials(HEIGHT, WIDTH))
    system = normal_equations(shape, moments, (field**2).sum(axis=1), 10.0)
    assert system.amplitude[0] * np.cos(system.phase[0]) == pytest.approx(2)
    assert system.squared_error[0] == pytest.approx(0, abs=1e-9)


def test_an_envelope_between_the_pixels_gives_finite_equations():
    shape = np.array([[40.0, 0.0, 0.0, 0.2, -0.9, -0.9]])
    moments = quadrature_moments(
        shape, np.ones((1, HEIGHT * WIDTH)), np.zeros(1, dtype=int), pixel_monomials(9, 12)
    )
    system = normal_equations(shape, moments, np.array([108.0]), 1.5)
    assert np.isfinite(system.matrix).all()
    assert system.squared_error[0] == pytest.approx(108)
