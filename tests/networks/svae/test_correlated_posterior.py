"""The posterior with correlations: its bound, slopes and factors against brute force, quadrature and closed forms."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from neurosim.networks.estimator.jax_arrays import NUMPY
from neurosim.networks.svae import posteriors
from neurosim.networks.svae.bounds import Decoder, exact_gaussian
from neurosim.networks.svae.posteriors import Correlated, Factorised, importance_weighted, settled
from neurosim.networks.svae.priors import PRIORS

RNG = np.random.default_rng(3)
N_NEURONS, N_PIXELS = 9, 6
OVERLAPPING = Decoder(RNG.standard_normal((N_NEURONS, N_PIXELS)), RNG.standard_normal(N_PIXELS), 0.6)
LAPLACE, GAUSSIAN = PRIORS["laplace"], PRIORS["gaussian"]
BOTH = pytest.mark.parametrize("prior", [LAPLACE, GAUSSIAN], ids=["laplace", "gaussian"])


def drawn(decoder, n_stimuli=12, prior=LAPLACE):
    rng = np.random.default_rng(0)
    activity = prior.draw(rng, (n_stimuli, len(decoder.filters)))
    noise = decoder.noise_sd * rng.standard_normal((n_stimuli, decoder.filters.shape[1]))
    return activity @ decoder.filters + decoder.offset + noise


STIMULI = drawn(OVERLAPPING)


def posterior(stimuli, decoder, *, prior=LAPLACE, n_steps=60, start=None):
    shape = (len(stimuli), len(decoder.filters))
    guess = start or (np.zeros(shape), np.ones(shape))
    return settled(stimuli, guess, decoder, prior=prior, n_steps=n_steps, arrays=NUMPY)


def brute_bound(stimulus, mean, precision, decoder, prior=LAPLACE):
    """Of any normal density, by its whole covariance."""
    covariance = np.linalg.inv(precision)
    residual = stimulus - decoder.offset - mean @ decoder.filters
    spread = np.trace(decoder.filters @ decoder.filters.T @ covariance)
    variance = decoder.noise_sd**2
    fit = -(residual @ residual + spread) / (2 * variance)
    fit -= len(stimulus) * np.log(2 * np.pi * variance) / 2
    if prior is LAPLACE:
        sds = np.sqrt(np.diag(covariance))
        prior_term = -(stats.foldnorm.mean(np.abs(mean) / sds, scale=sds) + np.log(2)).sum()
    else:
        prior_term = -(mean @ mean + np.trace(covariance) + len(mean) * np.log(2 * np.pi)) / 2
    entropy = (len(mean) * (1 + np.log(2 * np.pi)) - np.linalg.slogdet(precision)[1]) / 2
    return fit + prior_term + entropy


def precision_of(found, decoder, k):
    return decoder.filters @ decoder.filters.T / decoder.noise_sd**2 + np.diag(found.curvature[k])


@BOTH
@pytest.mark.parametrize("n_steps", [1, 3, 60])
def test_the_bound_is_that_of_the_whole_covariance_after_any_number_of_steps(prior, n_steps):
    found = posterior(STIMULI, OVERLAPPING, prior=prior, n_steps=n_steps)
    bounds = found.bound(STIMULI, OVERLAPPING, prior)
    for k, stimulus in enumerate(STIMULI):
        precision = precision_of(found, OVERLAPPING, k)
        np.testing.assert_allclose(found.covariance[k], np.linalg.inv(precision), atol=1e-10)
        expected = brute_bound(stimulus, found.means[k], precision, OVERLAPPING, prior)
        assert bounds[k] == pytest.approx(expected, abs=1e-6)


def test_the_log_determinant_and_the_spreads_are_those_of_the_precision():
    found = posterior(STIMULI, OVERLAPPING)
    matrices = np.stack([precision_of(found, OVERLAPPING, k) for k in range(len(STIMULI))])
    log_determinants = np.linalg.slogdet(matrices)[1]
    variances = np.diagonal(np.linalg.inv(matrices), axis1=1, axis2=2)
    np.testing.assert_allclose(found.sds**2, variances, rtol=1e-9)
    expected = (np.log(variances).sum(axis=1) + log_determinants) / 2
    np.testing.assert_allclose(found.total_correlation(), expected, atol=1e-9)
    peak = (log_determinants - N_NEURONS * np.log(2 * np.pi)) / 2
    np.testing.assert_allclose(found.log_peak, peak, atol=1e-9)


def test_where_it_settles_the_finite_differences_of_the_bound_vanish_in_means_and_in_every_element_of_the_precision(
    monkeypatch,
):
    monkeypatch.setattr(posteriors, "_LEAST_SHARE", 0.0)
    found, step = posterior(STIMULI, OVERLAPPING), 1e-4
    for k, stimulus in enumerate(STIMULI[:3]):
        mean, precision = found.means[k], precision_of(found, OVERLAPPING, k)
        best = brute_bound(stimulus, mean, precision, OVERLAPPING)
        for j in range(N_NEURONS):
            moved = step * np.eye(N_NEURONS)[j]
            up, down = (
                brute_bound(stimulus, mean + sign * moved, precision, OVERLAPPING) for sign in (1, -1)
            )
            assert (up - down) / (2 * step) == pytest.approx(0, abs=1e-5)
            assert brute_bound(stimulus, mean + 300 * moved, precision, OVERLAPPING) < best
            for i in range(j + 1):
                change = np.zeros_like(precision)
                change[i, j] = change[j, i] = 10 * step
                up, down = (
                    brute_bound(stimulus, mean, precision + sign * change, OVERLAPPING) for sign in (1, -1)
                )
                assert (up - down) / (20 * step) == pytest.approx(0, abs=1e-5)
                assert max(up, down) < best + 1e-9


def test_away_from_there_the_slopes_are_those_of_finite_differences():
    start = (RNG.standard_normal((len(STIMULI), N_NEURONS)), np.full((len(STIMULI), N_NEURONS), 0.4))
    found, step = posterior(STIMULI, OVERLAPPING, n_steps=1, start=start), 1e-5
    for k, stimulus in enumerate(STIMULI[:3]):
        mean, sds, h = found.means[k], found.sds[k], found.curvature[k]
        precision, covariance = precision_of(found, OVERLAPPING, k), found.covariance[k]
        slope, curvature = LAPLACE.pull(mean, sds, NUMPY)
        residual = stimulus - OVERLAPPING.offset - mean @ OVERLAPPING.filters
        of_means = OVERLAPPING.filters @ residual / OVERLAPPING.noise_sd**2 - slope
        of_h = -(covariance**2 @ (h - curvature)) / 2
        for j in range(N_NEURONS):
            unit = step * np.eye(N_NEURONS)[j]
            change = np.diag(unit)
            up, down = (brute_bound(stimulus, mean + s * unit, precision, OVERLAPPING) for s in (1, -1))
            assert (up - down) / (2 * step) == pytest.approx(of_means[j], rel=1e-4, abs=1e-4)
            up, down = (brute_bound(stimulus, mean, precision + s * change, OVERLAPPING) for s in (1, -1))
            assert (up - down) / (2 * step) == pytest.approx(of_h[j], rel=1e-4, abs=1e-4)


def test_steps_come_to_the_same_place_from_anywhere_and_soon():
    from_zero = posterior(STIMULI, OVERLAPPING)
    far = (4 * RNG.standard_normal(from_zero.means.shape), RNG.uniform(0.1, 3, from_zero.means.shape))
    from_far = posterior(STIMULI, OVERLAPPING, start=far)
    for name in ("means", "sds", "curvature"):
        np.testing.assert_allclose(getattr(from_far, name), getattr(from_zero, name), atol=1e-8)
    best = from_zero.bound(STIMULI, OVERLAPPING, LAPLACE).mean()
    short = [
        best - posterior(STIMULI, OVERLAPPING, n_steps=n).bound(STIMULI, OVERLAPPING, LAPLACE).mean()
        for n in (1, 2, 4)
    ]
    assert short[0] > short[1] > short[2] > 0
    assert short[2] < 0.1


def best_factorised(stimulus, decoder):
    """The highest bound of a product of normal densities, found by a general optimiser."""
    n_neurons = len(decoder.filters)

    def loss(packed):
        product = Factorised(packed[None, :n_neurons], np.exp(packed[None, n_neurons:]))
        return -product.bound(stimulus[None], decoder, LAPLACE)[0]

    start = np.concatenate([np.zeros(n_neurons), np.full(n_neurons, -1.0)])
    return -optimize.minimize(loss, start, method="BFGS").fun


def test_the_bound_is_above_the_best_factorised_one_of_the_same_fields_for_every_stimulus():
    bounds = posterior(STIMULI, OVERLAPPING).bound(STIMULI, OVERLAPPING, LAPLACE)
    factorised = [best_factorised(stimulus, OVERLAPPING) for stimulus in STIMULI]
    assert (bounds > np.array(factorised) + 0.5).all()


def test_with_orthogonal_fields_it_is_the_best_factorised_one():
    sizes = np.array([[2.0], [1.0], [0.5]])
    decoder = Decoder(sizes * np.linalg.qr(RNG.standard_normal((4, 4)))[0][:3], 0.0, 0.5)
    stimuli = drawn(decoder, 4)
    found = posterior(stimuli, decoder)
    factorised = [best_factorised(stimulus, decoder) for stimulus in stimuli]
    np.testing.assert_allclose(found.bound(stimuli, decoder, LAPLACE), factorised, atol=5e-4)
    np.testing.assert_allclose(found.total_correlation(), 0, atol=1e-9)


def test_under_the_gaussian_prior_one_step_reaches_the_exact_likelihood_above_the_factorised_gap():
    found = posterior(STIMULI, OVERLAPPING, prior=GAUSSIAN, n_steps=1)
    exact = exact_gaussian(STIMULI, OVERLAPPING)
    np.testing.assert_allclose(found.bound(STIMULI, OVERLAPPING, GAUSSIAN), exact, atol=1e-9)
    matrix = np.eye(N_NEURONS) + OVERLAPPING.filters @ OVERLAPPING.filters.T / OVERLAPPING.noise_sd**2
    correlations = np.log(np.diag(np.linalg.inv(matrix))).sum() + np.linalg.slogdet(matrix)[1]
    np.testing.assert_allclose(found.total_correlation(), correlations / 2, atol=1e-9)


@pytest.mark.parametrize("overlap", [0.0, 0.6, 0.95])
def test_of_two_overlapping_neurons_it_is_close_below_the_integrated_likelihood(overlap):
    filters = np.array([[1.0, 0.0], [overlap, np.sqrt(1 - overlap**2)]])
    decoder = Decoder(filters, 0.0, 0.5)
    stimuli = drawn(decoder, 5)
    bounds = posterior(stimuli, decoder).bound(stimuli, decoder, LAPLACE)
    nodes = np.linspace(-14, 14, 1401)
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1)
    prior_density = np.exp(LAPLACE.log_density(grid, NUMPY).sum(axis=-1))
    for stimulus, bound in zip(stimuli, bounds, strict=True):
        density = stats.norm.pdf(stimulus - grid @ filters, scale=decoder.noise_sd).prod(axis=-1)
        exact = np.log(integrate.simpson(integrate.simpson(density * prior_density, x=nodes), x=nodes))
        assert -0.15 < bound - exact < 1e-6
        assert bound > best_factorised(stimulus, decoder) - 5e-4


def test_of_one_neuron_it_is_close_below_the_integrated_likelihood():
    decoder = Decoder(np.array([[1.2, -0.5]]), 0.3, 0.7)
    stimuli = drawn(decoder, 6)
    bounds = posterior(stimuli, decoder).bound(stimuli, decoder, LAPLACE)
    for stimulus, bound in zip(stimuli, bounds, strict=True):

        def density(z, stimulus=stimulus):
            fit = stats.norm.logpdf(stimulus - 0.3 - z * decoder.filters[0], scale=0.7).sum()
            return np.exp(fit - abs(z) - np.log(2))

        exact = np.log(integrate.quad(density, -40, 0)[0] + integrate.quad(density, 0, 40)[0])
        assert -0.1 < bound - exact < 1e-9


def test_without_a_field_the_posterior_stays_and_without_its_neuron_the_others_take_over():
    found = posterior(STIMULI, OVERLAPPING)
    drops, saved = found.losses(STIMULI, OVERLAPPING, LAPLACE)
    lost = drops - saved
    for k, stimulus in enumerate(STIMULI[:3]):
        precision = precision_of(found, OVERLAPPING, k)
        whole = brute_bound(stimulus, found.means[k], precision, OVERLAPPING)
        for j in range(N_NEURONS):
            filters = OVERLAPPING.filters.copy()
            filters[j] = 0
            without = Decoder(filters, OVERLAPPING.offset, OVERLAPPING.noise_sd)
            expected = whole - brute_bound(stimulus, found.means[k], precision, without)
            assert drops[k, j] == pytest.approx(expected, abs=1e-6)
            others = np.delete(np.arange(N_NEURONS), j)
            fewer = Decoder(OVERLAPPING.filters[others], OVERLAPPING.offset, OVERLAPPING.noise_sd)
            # Given that neuron j is silent.
            pull = found.covariance[k][others, j] / found.covariance[k][j, j]
            mean = found.means[k][others] - found.means[k][j] * pull
            expected = whole - brute_bound(stimulus, mean, precision[np.ix_(others, others)], fewer)
            assert lost[k, j] == pytest.approx(expected, abs=1e-6)


def test_of_two_neurons_with_one_field_either_can_go_but_not_its_field_alone():
    fields = np.vstack([OVERLAPPING.filters[:3], OVERLAPPING.filters[2]])
    decoder = Decoder(fields, 0.0, 0.4)
    stimuli = drawn(decoder, 40)
    drops, saved = posterior(stimuli, decoder).losses(stimuli, decoder, LAPLACE)
    lost = (drops - saved).mean(axis=0)
    assert (drops.mean(axis=0) > 1).all()
    assert (lost[:2] > 5 * lost[2:].max()).all()


def test_draws_have_the_covariance_and_importance_weights_rise_to_the_likelihood():
    found = posterior(STIMULI[:1], OVERLAPPING, prior=GAUSSIAN, n_steps=1)
    many = Correlated(
        *(
            np.repeat(part, 20_000, axis=0)
            for part in (found.means, found.sds, found.curvature, found.inverse_root)
        )
    )
    draws = many.deviations(np.random.default_rng(1).standard_normal(many.means.shape))
    np.testing.assert_allclose(np.cov(draws.T), found.covariance[0], atol=0.05)
    exact = exact_gaussian(STIMULI[:1], OVERLAPPING)
    how = {"n_samples": 3, "rng": np.random.default_rng(2)}
    weighted = importance_weighted(STIMULI[:1], found, OVERLAPPING, prior=GAUSSIAN, **how)
    np.testing.assert_allclose(weighted, exact, atol=1e-9)
    found = posterior(STIMULI, OVERLAPPING)
    weighted = importance_weighted(STIMULI, found, OVERLAPPING, prior=LAPLACE, n_samples=400, rng=how["rng"])
    assert weighted.mean() > found.bound(STIMULI, OVERLAPPING, LAPLACE).mean() + 0.01


def test_a_precision_that_is_not_positive_gives_no_number():
    root = NUMPY.inverse_root(np.stack([np.eye(2), np.diag([1.0, -1.0])]))
    np.testing.assert_array_equal(root[0], np.eye(2))
    assert np.isnan(root[1]).all()
