"""Annealed importance sampling against closed forms and quadrature, from both sides, and what it does when broken."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr, logsumexp
from scipy.stats import multivariate_normal, norm

from neurosim.networks.estimator.jax_arrays import NUMPY
from neurosim.networks.svae import ais as annealed_likelihood
from neurosim.networks.svae.ais import (
    AnnealingSchedule,
    annealed_log_likelihood,
    annealing_check,
    reversed_log_likelihood,
)
from neurosim.networks.svae.ais_path import prepared, separated, weighted
from neurosim.networks.svae.bounds import Decoder
from neurosim.networks.svae.priors import prior_named

pytest.importorskip("jax", reason="needs the extra `svae`")
pytest.importorskip("optax", reason="needs the extra `svae`")

LAPLACE = prior_named("laplace")
# Walks of the pilot's shape, and of one other, are compiled once for all tests.
LONG = AnnealingSchedule(n_temperatures=120, n_chains=8)
SHORT = AnnealingSchedule(n_temperatures=3, n_chains=8)
N_STIMULI = 64
OVERCOMPLETE = np.random.default_rng(7).standard_normal((48, 30)) / np.sqrt(30)


def drawn(decoder, prior, *, n_stimuli, seed=0):
    rng = np.random.default_rng(seed)
    codes = prior.draw(rng, (n_stimuli, len(decoder.filters)))
    noise = decoder.noise_sd * rng.standard_normal((n_stimuli, decoder.filters.shape[1]))
    return decoder.offset + codes @ decoder.filters + noise, codes


def both_sides(stimuli, codes, decoder, *, prior, schedule):
    chosen = {"prior": prior, "schedule": schedule}
    forward = annealed_log_likelihood(stimuli, decoder, **chosen, rng=np.random.default_rng(1))
    return forward, reversed_log_likelihood(stimuli, codes, decoder, **chosen, rng=np.random.default_rng(2))


def test_a_gaussian_prior_has_the_likelihood_of_its_covariance_from_below_and_from_above():
    decoder = Decoder(OVERCOMPLETE[:12, :8], np.linspace(-1, 1, 8), 0.4)
    prior = prior_named("gaussian")
    stimuli, codes = drawn(decoder, prior, n_stimuli=N_STIMULI)
    covariance = decoder.filters.T @ decoder.filters + 0.4**2 * np.eye(8)
    exact = multivariate_normal(decoder.offset, covariance).logpdf(stimuli)
    forward, reverse = both_sides(stimuli, codes, decoder, prior=prior, schedule=LONG)
    # The error of a stimulus has a standard deviation of about .05, that of their mean is an eighth.
    assert np.mean(forward - exact) == pytest.approx(0, abs=0.02)
    assert np.mean(reverse - exact) == pytest.approx(0, abs=0.02)
    np.testing.assert_allclose(forward, exact, atol=0.5)


@pytest.mark.parametrize("unit", [2.0**-10, 1 / 255, 255.0, 2.0**10])
def test_in_another_unit_chains_walk_the_same_ways_and_the_likelihood_differs_by_a_constant(unit):
    # Fields of equal length in pairs at right angles: singular values that rounding alone tells apart.
    own = Decoder(np.repeat(np.linalg.qr(OVERCOMPLETE[:8, :8])[0], 2, axis=0), 0.3, 0.4)
    other = Decoder(unit * own.filters, unit * own.offset, unit * own.noise_sd)
    stimuli, _ = drawn(own, LAPLACE, n_stimuli=N_STIMULI)
    found, expected = (
        annealed_log_likelihood(
            c * stimuli, decoder, prior=LAPLACE, schedule=LONG, rng=np.random.default_rng(1)
        )
        for c, decoder in ((unit, other), (1.0, own))
    )
    np.testing.assert_allclose(found, expected - 8 * np.log(unit), rtol=1e-9)


@pytest.mark.parametrize("curvature", [1.0, 0.02])
def test_weights_are_unbiased_even_of_chains_whose_mass_fits_badly(curvature):
    decoder, prior = Decoder(OVERCOMPLETE[:12, :8], 0.0, 0.4), prior_named("gaussian")
    stimuli, _ = drawn(decoder, prior, n_stimuli=N_STIMULI)
    covariance = decoder.filters.T @ decoder.filters + 0.4**2 * np.eye(8)
    exact = multivariate_normal(np.zeros(8), covariance).logpdf(stimuli)
    rng = np.random.default_rng(0)
    model = separated(stimuli, decoder.filters, noise_sd=0.4, prior=prior, rng=rng)
    annealing = replace(prepared(model, prior=prior, schedule=LONG, rng=rng), curvature=curvature)
    log_weights, _ = weighted(annealing, model.normal_posterior(8, rng), rng=rng)
    weights = np.exp(log_weights - exact[:, None])
    # Of 512 weights; without the Metropolis test the mean of the second kind is about a hundred.
    assert weights.mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["laplace", "cauchy"])
def test_one_activity_has_the_likelihood_that_quadrature_finds(name):
    prior, stimuli = prior_named(name), np.array([[-6.0], [-1.0], [0.0], [0.3], [2.5]])
    decoder = Decoder(np.array([[1.5]]), 0.2, 0.5)

    def joint(z, x):
        return np.exp(prior.log_density(z, NUMPY)) * norm.pdf(x, 0.2 + 1.5 * z, 0.5)

    limits = {"epsabs": 1e-12, "limit": 200}
    exact = [
        np.log(sum(quad(joint, *part, args=(x,), **limits)[0] for part in ((-8, 0), (0, 8))))
        for x in stimuli[:, 0]
    ]
    found = annealed_log_likelihood(
        stimuli,
        decoder,
        prior=prior,
        schedule=AnnealingSchedule(n_temperatures=120, n_chains=103),
        rng=np.random.default_rng(0),
    )
    np.testing.assert_allclose(found, exact, atol=0.05)


def test_the_true_likelihood_of_independent_pixels_lies_between_the_two_bounds():
    turned = np.linalg.qr(np.random.default_rng(3).standard_normal((48, 48)))[0]
    decoder, missed, excess = Decoder(turned, 0.0, 0.7), [], []
    for seed in range(5):
        stimuli, codes = drawn(decoder, LAPLACE, n_stimuli=N_STIMULI, seed=seed)
        seen = stimuli @ turned.T
        # The Laplace density convolved with a normal one.
        tails = [log_ndtr((side * seen - 0.7**2) / 0.7) - side * seen for side in (1, -1)]
        exact = (np.logaddexp(*tails) + 0.7**2 / 2 - np.log(2)).sum(axis=1)
        forward, reverse = both_sides(stimuli, codes, decoder, prior=LAPLACE, schedule=SHORT)
        missed.append(exact - forward)
        excess.append(reverse - exact)
    for distance in (np.ravel(missed), np.ravel(excess)):
        assert distance.mean() > 3 * distance.std() / np.sqrt(distance.size)
        assert distance.mean() < 1


def test_more_temperatures_close_the_gap_of_an_overcomplete_model():
    decoder = Decoder(OVERCOMPLETE, 0.0, 0.7)
    chosen = {"prior": LAPLACE, "n_stimuli": N_STIMULI}
    gaps = [
        annealing_check(decoder, **chosen, schedule=schedule, rng=np.random.default_rng(0))["gap"].mean()
        for schedule in (SHORT, LONG)
    ]
    assert gaps[0] > 0.7
    assert abs(gaps[1]) < 0.1


def test_chains_that_do_not_move_leave_a_wide_gap_however_many_the_temperatures():
    decoder = Decoder(OVERCOMPLETE, 0.0, 0.7)
    stimuli, codes = drawn(decoder, LAPLACE, n_stimuli=N_STIMULI)
    rng = np.random.default_rng(0)
    model = separated(stimuli, OVERCOMPLETE, noise_sd=0.7, prior=LAPLACE, rng=rng)
    moving = prepared(model, prior=LAPLACE, schedule=LONG, rng=rng)
    gaps = []
    for annealing in (moving, replace(moving, steps=0 * moving.steps + 1e-3)):
        upward, _ = weighted(annealing, model.normal_posterior(8, rng), rng=rng)
        start = np.repeat((codes @ model.basis)[:, None], 8, axis=1)
        downward, _ = weighted(annealing, start, backward=True, rng=rng)
        gaps.append(np.mean(2 * np.log(8) - logsumexp(-downward, axis=1) - logsumexp(upward, axis=1)))
    assert abs(gaps[0]) < 0.1
    assert gaps[1] > 3


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    decoder = Decoder(OVERCOMPLETE, 0.0, 0.7)
    chosen = {"prior": LAPLACE, "n_stimuli": N_STIMULI, "schedule": SHORT}
    found = [annealing_check(decoder, **chosen, rng=np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert found[0].equals(found[1])
    assert not np.isclose(found[0]["forward"], found[2]["forward"]).any()


def test_chains_that_are_too_light_to_be_accepted_are_warned_of(monkeypatch):
    def too_light(*args, **kwargs):
        return replace(prepared(*args, **kwargs), curvature=1e-4)

    monkeypatch.setattr(annealed_likelihood, "prepared", too_light)
    decoder = Decoder(0.1 * OVERCOMPLETE, 0.0, 0.7)
    with pytest.warns(UserWarning, match="expected chains to accept"):
        annealed_log_likelihood(
            np.zeros((N_STIMULI, 30)), decoder, prior=LAPLACE, schedule=LONG, rng=np.random.default_rng(0)
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"stimuli": np.zeros((2, 4))}, r"stimuli: expected shape \(rows, 3\), got \(2, 4\)"),
        ({"stimuli": np.array([[0, np.nan, 0]])}, "NaN or infinity at row 0, column 1"),
        ({"codes": np.zeros((1, 2))}, "expected one code per stimulus, got 1"),
        ({"codes": np.zeros((2, 3))}, "codes: expected shape"),
        ({"decoder": Decoder(np.ones((2, 3)), 0.0, 0.0)}, "noise_sd: expected a finite number above zero"),
        ({"decoder": Decoder(np.ones((2, 3)), np.zeros(2), 1.0)}, "expected a finite offset"),
        ({"decoder": Decoder(np.ones(3), 0.0, 1.0)}, "filters: expected shape"),
    ],
)
def test_impossible_input_is_refused(changed, message):
    good = {
        "stimuli": np.zeros((2, 3)),
        "codes": np.zeros((2, 2)),
        "decoder": Decoder(np.ones((2, 3)), 0.0, 1.0),
    }
    with pytest.raises(ValueError, match=message):
        reversed_log_likelihood(*(good | changed).values(), prior=LAPLACE, rng=np.random.default_rng(0))


def test_a_schedule_without_temperatures_is_refused():
    with pytest.raises(ValueError, match="n_temperatures: expected a whole number"):
        AnnealingSchedule(n_temperatures=0)


def test_filters_that_hardly_exist_leave_the_likelihood_of_the_others_alone():
    """A strong stimulus along a filter of norm .001 could be explained by an activity of thousands, but is not."""
    filters = np.diag([1.0, 1.0, 1e-3, 1e-3])
    stimuli = np.array([[0.5, -2.0, 6.0, 8.0], [0.0, 0.3, -9.0, 0.1]])
    whole = annealed_log_likelihood(
        stimuli, Decoder(filters, 0.0, 0.4), prior=LAPLACE, rng=np.random.default_rng(0)
    )
    part = annealed_log_likelihood(
        stimuli[:, :2], Decoder(filters[:2, :2], 0.0, 0.4), prior=LAPLACE, rng=np.random.default_rng(0)
    )
    noise = norm(0, 0.4).logpdf(stimuli[:, 2:]).sum(axis=1)
    np.testing.assert_allclose(whole, part + noise, atol=0.3)
