"""Priors are densities, their samples follow them, and closed-form divergences are the integrals."""

from math import inf

import numpy as np
import pytest
from reference_divergence import quadrature
from scipy import stats
from scipy.integrate import quad

from neurosim.networks.estimator.jax_arrays import NUMPY, jax_arrays
from neurosim.networks.svae.model import CONCAVE
from neurosim.networks.svae.priors import PRIORS, prior_named

CLOSED = [name for name, prior in PRIORS.items() if prior.divergence is not None]
MEANS, SDS = (0.0, 1e-3, -0.4, 3.0, -60.0), (1e-4, 0.05, 1 / 3, 1.0, 12.0)


def spiked(function):
    """Mix a function of normal densities as spike and slab does."""
    return lambda z: 0.2 * function(stats.norm(), z) + 0.8 * function(stats.norm(scale=0.1), z)


CUMULATIVE = {
    "laplace": stats.laplace.cdf,
    "cauchy": stats.cauchy.cdf,
    "gaussian": stats.norm.cdf,
    "student_t": stats.t(3).cdf,
    "spike_and_slab": spiked(lambda density, z: density.cdf(z)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_form_divergences_are_the_integrals_for_tiny_and_for_large_posterior_means(name):
    prior = PRIORS[name]
    for mean in MEANS:
        for sd in SDS:
            assert prior.divergence(mean, sd, NUMPY) == pytest.approx(quadrature(prior, mean, sd), abs=1e-5)


def test_the_gaussian_diverges_nowhere_from_itself_and_the_laplace_prior_least_by_the_known_amount():
    assert PRIORS["gaussian"].divergence(0.0, 1.0, NUMPY) == 0
    # E|z| = 1 at the best normal density about zero, whose standard deviation is √(π/2): ½ log(4/π²) + ½.
    assert PRIORS["laplace"].divergence(0.0, np.sqrt(np.pi / 2), NUMPY) == pytest.approx(
        0.5 + np.log(2 / np.pi), abs=1e-12
    )


@pytest.mark.parametrize("name", PRIORS)
def test_log_densities_are_those_whose_cumulative_form_is_known_and_integrate_to_one(name):
    def density(z):
        return np.exp(prior_named(name).log_density(z, NUMPY))

    inside = [quad(density, *ends, epsabs=1e-10)[0] for ends in ((-1, -0.2), (-0.2, 0), (0, 2))]
    for part, ends in zip(inside, ((-1, -0.2), (-0.2, 0), (0, 2)), strict=True):
        assert part == pytest.approx(np.diff(CUMULATIVE[name](np.array(ends)))[0], abs=1e-9)
    outside = quad(density, -inf, -1)[0] + quad(density, 2, inf)[0]
    assert sum(inside) + outside == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("name", PRIORS)
def test_samples_follow_their_own_density_and_no_other(name):
    draws = PRIORS[name].draw(np.random.default_rng(3), (100, 200))
    assert draws.shape == (100, 200)
    for other, cumulative in CUMULATIVE.items():
        p_value = stats.kstest(draws.ravel(), cumulative).pvalue
        assert p_value > 0.01 if other == name else p_value < 1e-6


def test_both_kinds_of_arrays_give_the_same_numbers_and_slopes_are_those_of_numpy():
    jax = pytest.importorskip("jax", reason="needs the extra `svae`")
    arrays = jax_arrays()
    means, sds = (grid.ravel() for grid in np.meshgrid((0.0, 1e-3, -0.4, 3.0, -60.0), (1e-3, 0.3, 4.0)))
    single = means.astype(np.float32), sds.astype(np.float32)
    for prior in PRIORS.values():
        np.testing.assert_allclose(
            prior.log_density(single[0], arrays), prior.log_density(means, NUMPY), rtol=1e-5, atol=1e-6
        )
    for prior in (PRIORS[name] for name in CLOSED):
        closed = prior.divergence
        np.testing.assert_allclose(closed(*single, arrays), closed(means, sds, NUMPY), rtol=1e-5, atol=1e-5)
        slopes = jax.grad(lambda m, s, of=closed: of(m, s, arrays).sum(), argnums=(0, 1))(*single)
        step = 1e-6 * sds
        along_means = closed(means + step, sds, NUMPY) - closed(means - step, sds, NUMPY)
        along_sds = closed(means, sds + step, NUMPY) - closed(means, sds - step, NUMPY)
        np.testing.assert_allclose(slopes[0], along_means / (2 * step), rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(slopes[1], along_sds / (2 * step), rtol=1e-3, atol=1e-3)


def test_pulls_are_the_slope_and_the_curvature_of_the_divergence_in_the_mean_and_are_of_the_concave_priors():
    assert {name for name, prior in PRIORS.items() if prior.pull is not None} == set(CONCAVE)
    means, sds = (grid.ravel() for grid in np.meshgrid((0.0, 1e-3, -0.4, 3.0, -60.0), (0.05, 1 / 3, 4.0)))
    step = 1e-5
    for prior in (PRIORS[name] for name in CONCAVE):
        slope, curvature = prior.pull(means, sds, NUMPY)
        ends = [prior.divergence(means + sign * step, sds, NUMPY) for sign in (1, -1)]
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-6)
        ends = [prior.pull(means + sign * step, sds, NUMPY)[0] for sign in (1, -1)]
        np.testing.assert_allclose(curvature, (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_an_unknown_prior_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r"prior: .*got 'laplacian'; did you mean 'laplace'\?"):
        prior_named("laplacian")
