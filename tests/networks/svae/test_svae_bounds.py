"""Bounds against the exact likelihood of linear Gaussian models, against brute force and against quadrature."""

import numpy as np
import pytest
from reference_divergence import quadrature
from scipy import stats

from neurosim.networks.estimator.jax_arrays import NUMPY, jax_arrays
from neurosim.networks.svae.bounds import (
    Decoder,
    divergence,
    elbo_drop,
    exact_gaussian,
    expected_log_likelihood,
    factorised_gap,
    integrated_divergence,
)
from neurosim.networks.svae.posteriors import Factorised, importance_weighted
from neurosim.networks.svae.priors import PRIORS

RNG = np.random.default_rng(5)
SIZES = np.array([[2.0], [1.0], [0.3], [0.0]])
ORTHOGONAL = Decoder(SIZES * np.linalg.qr(RNG.standard_normal((6, 6)))[0][:4], RNG.standard_normal(6), 0.5)
OVERLAPPING = Decoder(RNG.standard_normal((8, 6)) / 2, RNG.standard_normal(6), 0.7)
GAUSSIAN = PRIORS["gaussian"]
SAMPLED = [prior for prior in PRIORS.values() if prior.divergence is None]


def model_stimuli(decoder, n_stimuli=40):
    activity = RNG.standard_normal((n_stimuli, len(decoder.filters)))
    return (
        activity @ decoder.filters + decoder.offset + decoder.noise_sd * RNG.standard_normal((n_stimuli, 6))
    )


def precision(decoder):
    """Of the activities given a stimulus, K = I + FFᵀ/σ²."""
    overlap = decoder.filters @ decoder.filters.T / decoder.noise_sd**2
    return np.eye(len(overlap)) + overlap


def best_posterior(stimuli, decoder):
    """The factorised normal density nearest to the exact posterior: its means, and precisions on the diagonal."""
    drive = (stimuli - decoder.offset) @ decoder.filters.T / decoder.noise_sd**2
    means = np.linalg.solve(precision(decoder), drive.T).T
    return means, np.ones_like(means) / np.sqrt(np.diag(precision(decoder)))


def rough_posterior(stimuli, decoder):
    means, sds = best_posterior(stimuli, decoder)
    return means + 0.3, 1.4 * sds


def elbo(stimuli, means, sds, decoder, prior=GAUSSIAN):
    likelihood = expected_log_likelihood(stimuli, means, sds, decoder)
    return likelihood - integrated_divergence(means, sds, prior=prior).sum(axis=1)


def weighted(stimuli, posterior, decoder, n_samples, prior=GAUSSIAN):
    rng = np.random.default_rng(n_samples)
    return importance_weighted(
        stimuli, Factorised(*posterior), decoder, prior=prior, n_samples=n_samples, rng=rng
    )


def test_the_exact_likelihood_is_the_normal_density_of_the_stimuli():
    stimuli = model_stimuli(OVERLAPPING)
    covariance = OVERLAPPING.filters.T @ OVERLAPPING.filters + OVERLAPPING.noise_sd**2 * np.eye(6)
    np.testing.assert_allclose(
        exact_gaussian(stimuli, OVERLAPPING),
        stats.multivariate_normal(OVERLAPPING.offset, covariance).logpdf(stimuli),
    )


def test_with_orthogonal_filters_the_best_posterior_reaches_the_exact_likelihood_and_every_weight_is_equal():
    stimuli = model_stimuli(ORTHOGONAL)
    posterior, exact = best_posterior(stimuli, ORTHOGONAL), exact_gaussian(stimuli, ORTHOGONAL)
    np.testing.assert_allclose(elbo(stimuli, *posterior, ORTHOGONAL), exact, atol=1e-9)
    for n_samples in (1, 7):
        np.testing.assert_allclose(weighted(stimuli, posterior, ORTHOGONAL, n_samples), exact, atol=1e-9)


def test_with_overlapping_filters_the_best_posterior_is_below_by_the_analytic_gap_and_others_by_more():
    stimuli = model_stimuli(OVERLAPPING)
    means, sds = best_posterior(stimuli, OVERLAPPING)
    matrix = precision(OVERLAPPING)
    gap = (np.log(np.diag(matrix)).sum() - np.linalg.slogdet(matrix)[1]) / 2
    assert factorised_gap(OVERLAPPING) == pytest.approx(gap, rel=1e-9)
    assert gap > 0.5
    exact = exact_gaussian(stimuli, OVERLAPPING)
    np.testing.assert_allclose(elbo(stimuli, means, sds, OVERLAPPING), exact - gap, atol=1e-9)
    for other in ((means + 0.01, sds), (means, 1.02 * sds), (means, 0.98 * sds)):
        assert (elbo(stimuli, *other, OVERLAPPING) < exact - gap).all()


@pytest.mark.parametrize("prior", PRIORS.values(), ids=PRIORS)
def test_one_importance_sample_is_the_bound_in_the_mean(prior):
    stimuli = np.repeat(model_stimuli(OVERLAPPING, 3), 20_000, axis=0)
    posterior = rough_posterior(stimuli, OVERLAPPING)
    each = weighted(stimuli, posterior, OVERLAPPING, 1, prior).reshape(3, -1)
    bound = elbo(stimuli, *posterior, OVERLAPPING, prior).reshape(3, -1)[:, 0]
    error = each.std(axis=1) / np.sqrt(each.shape[1])
    assert (np.abs(each.mean(axis=1) - bound) < 4 * error).all()
    assert (error < 0.05).all()


def test_the_importance_weighted_bound_rises_with_samples_towards_the_exact_likelihood():
    stimuli = model_stimuli(OVERLAPPING, 400)
    posterior, exact = rough_posterior(stimuli, OVERLAPPING), exact_gaussian(stimuli, OVERLAPPING).mean()
    means = [weighted(stimuli, posterior, OVERLAPPING, n).mean() for n in (1, 5, 50, 1000)]
    assert (np.diff([*means, exact]) > 0).all()
    assert means[1] - means[0] > 0.5
    assert exact - means[-1] < 0.1


def test_what_a_filter_is_worth_is_the_difference_to_a_decoder_without_it():
    stimuli = model_stimuli(OVERLAPPING)
    means, sds = rough_posterior(stimuli, OVERLAPPING)
    drops = elbo_drop(stimuli, means, sds, OVERLAPPING)
    for k in range(8):
        filters = OVERLAPPING.filters.copy()
        filters[k] = 0
        without = Decoder(filters, OVERLAPPING.offset, OVERLAPPING.noise_sd)
        expected = elbo(stimuli, means, sds, OVERLAPPING) - elbo(stimuli, means, sds, without)
        np.testing.assert_allclose(drops[:, k], expected, atol=1e-10)


def test_the_expected_log_likelihood_is_the_mean_over_drawn_activities():
    stimuli = model_stimuli(OVERLAPPING, 5)
    means, sds = rough_posterior(stimuli, OVERLAPPING)
    activity = means + sds * RNG.standard_normal((20_000, *means.shape))
    residual = stimuli - OVERLAPPING.offset - activity @ OVERLAPPING.filters
    drawn = stats.norm.logpdf(residual, scale=OVERLAPPING.noise_sd).sum(axis=2)
    off = drawn.mean(axis=0) - expected_log_likelihood(stimuli, means, sds, OVERLAPPING)
    assert (np.abs(off) < 4 * drawn.std(axis=0) / np.sqrt(20_000)).all()


@pytest.mark.parametrize("prior", SAMPLED, ids=[prior.name for prior in SAMPLED])
def test_divergences_without_a_closed_form_are_unbiased_when_drawn_and_right_when_integrated(prior):
    means, sds = np.meshgrid([0.0, 0.05, -0.8, 4.0], [0.02, 0.3, 1.0])
    expected = np.array(
        [quadrature(prior, *posterior) for posterior in zip(means.flat, sds.flat, strict=True)]
    )
    expected = expected.reshape(means.shape)
    coarse = 1e-3 if prior.name == "spike_and_slab" else 1e-7
    np.testing.assert_allclose(integrated_divergence(means, sds, prior=prior), expected, atol=coarse)
    draws = np.random.default_rng(2).standard_normal((500, 80, *means.shape))
    estimates = np.array([divergence(means, sds, part, prior=prior, arrays=NUMPY) for part in draws])
    error = estimates.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(estimates.mean(axis=0) - expected) < 4 * error + 1e-9).all()


def test_integrated_divergences_of_priors_with_a_closed_form_are_that():
    means, sds = RNG.standard_normal((3, 4)), RNG.uniform(0.1, 2, (3, 4))
    expected = PRIORS["laplace"].divergence(means, sds, NUMPY)
    np.testing.assert_array_equal(integrated_divergence(means, sds, prior=PRIORS["laplace"]), expected)


@pytest.mark.parametrize("name", ["laplace", "cauchy"])
def test_both_kinds_of_arrays_give_the_same_bound(name):
    pytest.importorskip("jax", reason="needs the extra `svae`")
    stimuli = model_stimuli(OVERLAPPING)
    posterior, draws = rough_posterior(stimuli, OVERLAPPING), RNG.standard_normal((3, 40, 8))
    numbers = [array.astype(np.float32) for array in (stimuli, *posterior)]
    np.testing.assert_allclose(
        expected_log_likelihood(*numbers, OVERLAPPING),
        expected_log_likelihood(stimuli, *posterior, OVERLAPPING),
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        divergence(*numbers[1:], draws.astype(np.float32), prior=PRIORS[name], arrays=jax_arrays()),
        divergence(*posterior, draws, prior=PRIORS[name], arrays=NUMPY),
        rtol=1e-4, atol=1e-5,
    )  # fmt: skip
