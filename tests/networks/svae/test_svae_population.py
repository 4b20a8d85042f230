"""The membranes behind an autoencoder settle where its density of stimulus and activities is highest."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from neurosim.networks.lca.lca import LCA
from neurosim.networks.svae.encoder import starting_encoder
from neurosim.networks.svae.population import (
    WITHOUT_LATERAL_INHIBITION,
    compare_inference,
    log_joint,
    log_joint_drop,
    matching_threshold,
    settled_population,
)
from neurosim.networks.svae.svae import SVAE
from neurosim.networks.wlsc.wlsc import WLSC

RNG = np.random.default_rng(0)
N_NEURONS, N_PIXELS = 12, 16
UNIT = RNG.standard_normal((N_NEURONS, N_PIXELS))
UNIT /= np.linalg.norm(UNIT, axis=1, keepdims=True)
FREE = UNIT * RNG.uniform(0.3, 2, (N_NEURONS, 1))
STIMULI = RNG.laplace(size=(20, N_PIXELS))
HOW = {"noise_sd": 0.5, "prior_scale": 0.4}
EXACT = {"presentation": "2 s", "epsilon": 0.0, "tolerance": 0.0, "backend": "numpy"}


def autoencoder(dictionary, prior="laplace", offset=0.0):
    """Return what a fit would leave, without one."""
    net = SVAE(N_NEURONS, prior=prior)
    net.dictionary_, net.stimuli_scale_ = dictionary, 1.0
    net.noise_sd_, net.prior_scale_ = HOW["noise_sd"], HOW["prior_scale"]
    net.decoder_offset_, net.n_features_in_ = np.full(N_PIXELS, offset), N_PIXELS
    net.encoder_ = starting_encoder(
        N_PIXELS, N_NEURONS, hidden=(8,), hidden_spread=8, rng=np.random.default_rng(1)
    )
    return net


@pytest.mark.parametrize(("dictionary", "kind"), [(UNIT, LCA), (FREE, WLSC)], ids=["unit", "free"])
def test_membranes_settle_at_the_lasso_of_the_matching_threshold(dictionary, kind):
    population = settled_population(autoencoder(dictionary), **EXACT)
    threshold = matching_threshold(**HOW)
    exact = Lasso(alpha=threshold / N_PIXELS, fit_intercept=False, tol=1e-12, max_iter=100_000)
    expected = np.stack([exact.fit(dictionary.T, stimulus).coef_ for stimulus in STIMULI])
    assert isinstance(population, kind)
    np.testing.assert_allclose(population.transform(STIMULI), expected, atol=1e-6)


@pytest.mark.parametrize("dictionary", [UNIT, FREE], ids=["unit", "free"])
def test_no_step_from_the_settled_activities_is_more_probable(dictionary):
    settled = settled_population(autoencoder(dictionary), **EXACT).transform(STIMULI)
    best = log_joint(STIMULI, settled, dictionary, **HOW)
    for size in (0.3, 0.01):
        moved = settled + size * RNG.standard_normal(settled.shape)
        assert (log_joint(STIMULI, moved, dictionary, **HOW) < best + 1e-9).all()


def test_the_loss_without_a_field_is_what_setting_it_to_zero_costs():
    code = RNG.laplace(size=(20, N_NEURONS))
    drop = log_joint_drop(STIMULI, code, FREE, noise_sd=HOW["noise_sd"])
    for neuron in (0, 7):
        without = FREE.copy()
        without[neuron] = 0
        lost = log_joint(STIMULI, code, FREE, **HOW) - log_joint(STIMULI, code, without, **HOW)
        np.testing.assert_allclose(drop[:, neuron], lost, atol=1e-9)


def test_without_lateral_inhibition_every_neuron_responds_as_if_it_were_alone():
    threshold = matching_threshold(**HOW)
    population = settled_population(autoencoder(FREE), membrane_terms=WITHOUT_LATERAL_INHIBITION, **EXACT)
    drive, squares = STIMULI @ FREE.T, (FREE**2).sum(axis=1)
    alone = np.sign(drive) * np.maximum(np.abs(drive) - threshold, 0) / squares
    np.testing.assert_allclose(population.transform(STIMULI), alone, atol=1e-9)


def test_posterior_means_are_compared_with_what_settles():
    net = autoencoder(UNIT)
    table = compare_inference(net, STIMULI, **EXACT)
    settled = settled_population(net, **EXACT).transform(STIMULI)
    means = net.transform(STIMULI)
    expected = log_joint(STIMULI, settled, UNIT, **HOW) - log_joint(STIMULI, means, UNIT, **HOW)
    np.testing.assert_allclose(table["gap_nats"], expected)
    assert (table["gap_nats"] > 0).all()
    np.testing.assert_array_equal(table["active_settled"], (settled != 0).sum(axis=1))
    # An encoder that never learned points anywhere.
    assert table["cosine"].abs().median() < 0.8


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"prior": "cauchy"}, "prior: expected 'laplace', .* got 'cauchy'"),
        ({"offset": 0.1}, "decoder_offset: expected a decoder without an offset"),
    ],
)
def test_a_decoder_without_a_matching_population_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        settled_population(autoencoder(UNIT, **changed))
