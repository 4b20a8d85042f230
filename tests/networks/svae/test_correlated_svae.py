"""The autoencoder with correlations and with learned scales: what it learns, keeps, refuses, and goes on from."""

import pickle
import warnings
from functools import cache

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import neurosim
from neurosim import Checkpoint
from neurosim.networks.estimator.jax_arrays import NUMPY, jax_arrays
from neurosim.networks.svae.bounds import exact_gaussian
from neurosim.networks.svae.scales import NOISE_SHARE, PRIOR_SHARE
from neurosim.networks.svae.svae import SVAE
from neurosim.networks.svae.training_step import Objective, negative_bound

jax = pytest.importorskip("jax", reason="needs the extra `svae`")
pytest.importorskip("optax", reason="needs the extra `svae`")

# Most networks here learn for a few steps only, after which fields do nothing yet.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.* neurons have a field that does nothing:sklearn.exceptions.ConvergenceWarning"
)

STIMULI = np.random.default_rng(8).laplace(size=(90, 6))
SMALL = {
    "posterior": "correlated", "learn_scales": True, "hidden": (8,), "hidden_spread": 8, "n_epochs": 3,
    "batch_size": 20, "random_state": 0,
}  # fmt: skip


def network(**changed):
    return SVAE(9, **{**SMALL, **changed})


@cache
def fitted():
    """Overcomplete; not to be changed."""
    return network().fit(STIMULI)


def overlapping(n_stimuli=3000):
    """Stimuli of twelve unit fields in eight pixels, with noise .3 and scale 1."""
    rng = np.random.default_rng(1)
    fields = rng.standard_normal((12, 8))
    fields /= np.linalg.norm(fields, axis=1, keepdims=True)
    return rng.laplace(size=(n_stimuli, 12)) @ fields + 0.3 * rng.standard_normal((n_stimuli, 8))


@cache
def learned(posterior, norm):
    """With free or unit norms, on stimuli whose fields overlap."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return SVAE(
            12, posterior=posterior, learn_scales=True, decoder_norm=norm, hidden=(32,), hidden_spread=32,
            n_epochs=8 if posterior == "correlated" else 40, batch_size=50, learning_rate=0.01,
            learning_rate_schedule="cosine", initial_dictionary="stimuli", random_state=0,
        ).fit(overlapping()[:2000])  # fmt: skip


def test_correlations_raise_the_bound_and_take_the_price_from_unit_norm():
    held_out = overlapping()[2000:]
    scores = {
        (posterior, norm): learned(posterior, norm).score(held_out)
        for posterior in ("factorised", "correlated")
        for norm in ("unit", "free")
    }
    for norm in ("unit", "free"):
        assert scores["correlated", norm] > scores["factorised", norm] + 0.3
    costs = [
        scores[posterior, "free"] - scores[posterior, "unit"] for posterior in ("factorised", "correlated")
    ]
    assert abs(costs[1]) < 0.2 < costs[0]


def test_noise_and_prior_scale_are_learned_from_the_defaults_on_and_kept_where_they_are_not():
    net = learned("correlated", "unit")
    rms = net.stimuli_scale_
    assert 0.2 < net.noise_sd_ < 0.5 < NOISE_SHARE * rms
    assert abs(net.prior_scale_ - 1) < 0.25 < abs(PRIOR_SHARE * rms - 1)
    kept = network(learn_scales=False, noise_sd=0.7, prior_scale=0.4).fit(STIMULI)
    assert (kept.noise_sd_, kept.prior_scale_) == (0.7, 0.4)
    half = network(noise_sd=0.7, learning_rate=0.01).fit(STIMULI)
    assert half.noise_sd_ == 0.7
    assert abs(half.prior_scale_ / half.stimuli_scale_ - PRIOR_SHARE) > 0.01
    still = network(noise_sd=0.7, prior_scale=0.4, learning_rate=0.0).fit(STIMULI)
    assert (still.noise_sd_, still.prior_scale_) == (0.7, 0.4)


def test_without_learning_the_course_says_what_the_numpy_bound_says():
    start = np.random.default_rng(2).standard_normal((9, 6))
    net = network(learning_rate=0.0, initial_dictionary=start).fit(STIMULI[:80])
    assert net.history_["objective"].mean() == pytest.approx(-net.score(STIMULI[:80]), rel=1e-5)
    history = net.history_
    np.testing.assert_allclose(history["objective"], history["divergence"] - history["log_likelihood"])


@pytest.mark.parametrize("size", [9, 70])
def test_inverse_roots_by_halves_are_those_of_whole_matrices_and_no_numbers_where_there_is_no_root(size):
    fields = np.random.default_rng(size).standard_normal((3, size, size)).astype(np.float32)
    matrices = fields @ fields.swapaxes(1, 2) / size + np.eye(size, dtype=np.float32)
    inverse_root = jax.jit(jax_arrays().inverse_root)
    roots = np.array(inverse_root(matrices))
    np.testing.assert_allclose(roots, NUMPY.inverse_root(matrices), atol=1e-5)
    matrices[1, -1, -1] = -1
    roots = np.array(inverse_root(matrices))
    assert np.isnan(roots[1]).any(axis=0).all()
    assert np.isfinite(roots[[0, 2]]).all()


def test_the_slopes_of_learning_are_those_of_finite_differences_at_a_posterior_that_is_held():
    net, step = fitted(), 1e-3
    objective = Objective("laplace", 0.4, 0.5, "free", True, 1, 1.0, posterior_steps=40)
    weights = {
        "encoder": net.encoder_, "dictionary": net.dictionary_.astype(np.float32),
        "offset": np.full(6, 0.1, dtype=np.float32), "scales": np.zeros(2, dtype=np.float32),
    }  # fmt: skip
    shown = STIMULI[:20].astype(np.float32)

    def bound(changed):
        # Settled anew, and with all digits: at its best posterior the bound has the slope of a held one.
        double = jax.tree.map(lambda part: np.asarray(part, dtype=np.float64), changed)
        _, (fit, apart) = negative_bound(
            double, shown.astype(np.float64), None, 1.0, objective=objective, arrays=NUMPY
        )
        return fit - apart

    slopes, _ = jax.grad(
        lambda w: negative_bound(w, shown, None, 1.0, objective=objective, arrays=jax_arrays()), has_aux=True
    )(weights)
    for name, places in {
        "dictionary": [(0, 0), (4, 2), (8, 5)],
        "offset": [(0,), (3,)],
        "scales": [(0,), (1,)],
    }.items():
        for place in places:
            sides = []
            for sign in (1, -1):
                moved = weights[name].astype(np.float64)
                moved[place] += sign * step
                sides.append(bound(weights | {name: moved}))
            expected = (sides[0] - sides[1]) / (2 * step)
            assert -slopes[name][place] == pytest.approx(expected, rel=0.02, abs=0.02)


def test_learned_under_the_gaussian_prior_it_has_the_exact_likelihood_and_covariance():
    net = network(prior="gaussian", posterior_steps=1).fit(STIMULI)
    np.testing.assert_allclose(net.bound(STIMULI), exact_gaussian(STIMULI, net.decoder()), atol=1e-8)
    decoder = net.decoder()
    precision = np.eye(9) + decoder.filters @ decoder.filters.T / decoder.noise_sd**2
    expected = net.prior_scale_**2 * np.linalg.inv(precision)
    np.testing.assert_allclose(net.covariances(STIMULI[:2]), np.stack([expected] * 2), atol=1e-10)
    diagonal = network(posterior="factorised").fit(STIMULI)
    spreads = np.stack([np.diag(row**2) for row in diagonal.marginals(STIMULI[:2])[1]])
    np.testing.assert_allclose(diagonal.covariances(STIMULI[:2]), spreads)


def test_more_steps_raise_the_bound_and_the_guess_alone_would_be_lower():
    net, held_out = pickle.loads(pickle.dumps(learned("correlated", "free"))), overlapping()[2000:]
    scores = [net.set_params(posterior_steps=n).score(held_out) for n in (1, 2, 6, 12)]
    assert scores[0] < scores[1] < scores[2]
    assert abs(scores[3] - scores[2]) < 1e-4
    assert net.set_params(posterior="factorised").score(held_out) < scores[0]


def test_codes_bounds_and_tables_are_of_each_stimulus_alone():
    net = fitted()
    many = np.tile(STIMULI, (3, 1))
    np.testing.assert_allclose(net.bound(many), np.tile(net.bound(STIMULI), 3))
    np.testing.assert_allclose(net.transform(many), np.tile(net.transform(STIMULI), (3, 1)))
    means, sds = net.marginals(STIMULI)
    np.testing.assert_allclose(sds**2, np.diagonal(net.covariances(STIMULI), axis1=1, axis2=2))
    table = net.filters(STIMULI)
    np.testing.assert_allclose(table["spread"], sds.mean(axis=0) / net.prior_scale_)
    assert means.shape == (90, 9)
    samples = [net.importance_bound(STIMULI, n_samples=n, random_state=0).mean() for n in (1, 300)]
    assert samples[0] == pytest.approx(net.score(STIMULI), abs=0.5)
    assert samples[1] > net.score(STIMULI)


def test_the_same_random_state_gives_the_same_network_and_another_one_does_not():
    again, other = network().fit(STIMULI), network(random_state=1).fit(STIMULI)
    np.testing.assert_array_equal(again.dictionary_, fitted().dictionary_)
    np.testing.assert_array_equal(again.transform(STIMULI), fitted().transform(STIMULI))
    assert (again.noise_sd_, again.prior_scale_) == (fitted().noise_sd_, fitted().prior_scale_)
    assert np.abs(other.dictionary_ - again.dictionary_).max() > 0.01


@pytest.mark.parametrize("unit", [2.0**-10, 255.0])
def test_stimuli_in_another_unit_give_the_same_fields_and_what_has_a_unit_follows(unit):
    own, net = fitted(), network().fit(unit * STIMULI)
    np.testing.assert_allclose(net.dictionary_, own.dictionary_, rtol=1e-6, atol=1e-7)
    for name in ("noise_sd_", "prior_scale_", "stimuli_scale_"):
        np.testing.assert_allclose(getattr(net, name), unit * getattr(own, name), rtol=1e-6)
    np.testing.assert_allclose(net.bound_over_noise(unit * STIMULI), own.bound_over_noise(STIMULI), rtol=1e-5)


def test_an_interrupted_training_goes_on_to_the_same_weights_and_scales(tmp_path):
    path = tmp_path / "training.npz"

    def stop(event):
        if event.get("batch") == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network().fit(STIMULI, checkpoint=Checkpoint(path, seconds=1e-9), progress=stop)
    resumed = network().fit(STIMULI, checkpoint=path)
    np.testing.assert_array_equal(resumed.dictionary_, fitted().dictionary_)
    np.testing.assert_array_equal(resumed.transform(STIMULI), fitted().transform(STIMULI))
    assert (resumed.noise_sd_, resumed.prior_scale_) == (fitted().noise_sd_, fitted().prior_scale_)
    for changed in ({"posterior": "factorised"}, {"posterior_steps": 3}, {"learn_scales": False}):
        with pytest.raises(ValueError, match="is of another training"):
            network(**changed).fit(STIMULI, checkpoint=path)


def test_a_further_fit_goes_on_from_the_learned_scales():
    net = network(warm_start=True).fit(STIMULI)
    before = net.noise_sd_, net.prior_scale_
    net.set_params(learning_rate=0.0).fit(STIMULI)
    np.testing.assert_allclose((net.noise_sd_, net.prior_scale_), before, rtol=1e-6)


def test_a_saved_network_infers_the_same(tmp_path):
    fitted().save(tmp_path / "net.nc")
    net = neurosim.load(tmp_path / "net.nc")
    np.testing.assert_array_equal(net.transform(STIMULI), fitted().transform(STIMULI))
    np.testing.assert_array_equal(net.bound(STIMULI), fitted().bound(STIMULI))


def test_stimuli_far_beyond_those_learned_from_still_have_a_posterior():
    for contrast in (10, 1000):
        assert np.isfinite(fitted().bound(contrast * STIMULI)).all()
        assert np.isfinite(fitted().marginals(contrast * STIMULI)[1]).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"posterior": "corelated"}, r"posterior: .*got 'corelated'; did you mean 'correlated'\?"),
        (
            {"prior": "cauchy"},
            "posterior: 'correlated' goes with prior='laplace' or 'gaussian', .* got prior='cauchy'",
        ),
        ({"warm_up": 1.0}, r"posterior: 'correlated' goes with warm_up=0, .* got warm_up=1\.0"),
        ({"posterior_steps": 0}, "posterior_steps: expected a whole number of at least 1"),
        ({"learn_scales": 1}, "learn_scales: expected True or False"),
    ],
)
def test_what_does_not_go_together_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        network(**changed).fit(STIMULI)
