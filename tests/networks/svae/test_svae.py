"""The autoencoder finds planted fields, reaches the exact likelihood where it can, and refuses bad input."""

import pickle
import sys
import warnings
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from neurosim import Checkpoint
from neurosim.engine.errors import DivergenceError
from neurosim.networks.svae.bounds import exact_gaussian
from neurosim.networks.svae.svae import SVAE

pytest.importorskip("jax", reason="needs the extra `svae`")
pytest.importorskip("optax", reason="needs the extra `svae`")

# Most networks here learn for a few steps only, after which fields do nothing yet; what is told of that has a test.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.* neurons have a field that does nothing:sklearn.exceptions.ConvergenceWarning"
)

STIMULI = np.random.default_rng(8).laplace(size=(90, 6))
# Whatever differs in rates and seeds only shares one compiled step.
SMALL = {"hidden": (8,), "hidden_spread": 8, "n_epochs": 3, "batch_size": 20, "random_state": 0}
CAUCHY = {"prior": "cauchy", "decoder_norm": "free", "decoder_offset": True, "decoder_rate": 2.0}


def network(**changed):
    return SVAE(4, **{**SMALL, **changed})


@cache
def fitted():
    """With the defaults; not to be changed."""
    return network().fit(STIMULI)


@cache
def planted():
    """A network, the orthogonal fields behind its stimuli, and stimuli to test with, of 8 pixels and a dark one."""
    rng = np.random.default_rng(1)
    fields = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    active = rng.random((4000, 8)) < 0.2
    stimuli = (rng.laplace(size=active.shape) * active) @ fields + 0.1 * rng.standard_normal(active.shape)
    stimuli = np.column_stack([stimuli, np.zeros(4000)])
    net = SVAE(
        8, hidden=(32,), hidden_spread=32, batch_size=100, n_epochs=40, learning_rate=0.01, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(stimuli[:3000])
    return net, fields, stimuli[3000:]


def stopped_after(n_events):
    def progress(event):
        if event.get("batch") == n_events:
            raise KeyboardInterrupt

    return progress


def test_planted_fields_are_recovered_at_unit_norm_and_all_in_use():
    net, fields, held_out = planted()
    overlap = np.abs(fields @ net.dictionary_[:, :8].T)
    assert (overlap.max(axis=1) > 0.99).all()
    assert (overlap.max(axis=0) > 0.99).all()
    np.testing.assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1, rtol=1e-6)
    assert len(net.dead_neurons_) == 0
    assert net.filters(held_out)[["active", "active_norm", "worthwhile"]].to_numpy().all()
    unlearned = clone(net).set_params(learning_rate=0.0, n_epochs=1).fit(held_out)
    assert (np.abs(fields @ unlearned.dictionary_[:, :8].T).max(axis=1) < 0.95).any()
    assert net.score(held_out) > unlearned.score(held_out) + 1


def test_a_field_that_no_stimulus_has_is_told_from_those_in_use():
    net, _, held_out = planted()
    dark = pickle.loads(pickle.dumps(net))
    dark.dictionary_[3] = np.eye(9)[8]
    table = dark.filters(held_out)
    assert list(np.flatnonzero(~table["active"])) == [3]
    assert table["fall_nats"][3] < 0
    assert table["active_norm"].all()
    dark.dictionary_[3] *= 0.4
    assert not dark.filters(held_out)["active_norm"][3]


def test_what_a_filter_is_worth_is_the_difference_of_scores():
    net, _, held_out = planted()
    table = net.filters(held_out)
    without = pickle.loads(pickle.dumps(net))
    without.dictionary_[2] = 0
    assert table["fall_nats"][2] == pytest.approx(net.score(held_out) - without.score(held_out), abs=1e-9)
    means, sds = net.marginals(held_out)
    np.testing.assert_allclose(table["spread"], sds.mean(axis=0) / net.prior_scale_)
    np.testing.assert_array_equal(means, net.transform(held_out))


def test_trained_on_a_linear_gaussian_model_the_bound_comes_to_the_exact_likelihood_but_for_the_analytic_gap():
    rng = np.random.default_rng(1)
    filters = np.array([[2.0], [1.5], [1.0]]) * np.linalg.qr(rng.standard_normal((6, 6)))[0][:3]
    stimuli = rng.standard_normal((5000, 3)) @ filters + 0.5 * rng.standard_normal((5000, 6))
    net = SVAE(
        3, prior="gaussian", prior_scale=1.0, noise_sd=0.5, decoder_norm="free", hidden=(16,), hidden_spread=16,
        n_epochs=80, batch_size=100, learning_rate=0.01, random_state=0,
    ).fit(stimuli[:4000])  # fmt: skip
    held_out, decoder = stimuli[4000:], net.decoder()
    short = exact_gaussian(held_out, decoder).mean() - net.score(held_out)
    assert 0 < short < 0.01
    precision = np.eye(3) + decoder.filters @ decoder.filters.T / decoder.noise_sd**2
    gap = (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1]) / 2
    assert short == pytest.approx(gap, abs=1e-3)
    np.testing.assert_allclose(decoder.filters.T @ decoder.filters, filters.T @ filters, atol=0.25)


def test_the_same_random_state_gives_the_same_network_and_another_one_does_not():
    again, other = network().fit(STIMULI), network(random_state=1).fit(STIMULI)
    np.testing.assert_array_equal(again.dictionary_, fitted().dictionary_)
    np.testing.assert_array_equal(again.transform(STIMULI), fitted().transform(STIMULI))
    assert again.history_.equals(fitted().history_)
    assert np.abs(other.dictionary_ - again.dictionary_).max() > 0.01


@pytest.mark.parametrize(
    "options",
    [
        CAUCHY,
        {"prior": "spike_and_slab", "prior_scale": 4.0, "decoder_norm": "max", "n_samples": 2},
        {"prior": "student_t", "decoder_norm": "unit", "hidden": (8, 8), "initial_dictionary": "stimuli"},
    ],
    ids=lambda options: options["prior"],
)
def test_priors_without_a_closed_form_learn_with_each_norm_and_the_bounds_are_in_order(options):
    net = network(**options, learning_rate=0.01, n_epochs=30).fit(STIMULI + 0.5)
    norms = np.linalg.norm(net.dictionary_, axis=1)
    allowed = {"free": norms, "max": np.minimum(norms, 1), "unit": np.ones(4)}[net.decoder_norm]
    np.testing.assert_allclose(norms, allowed, rtol=1e-6)
    assert np.ptp(norms) > 1e-3 or net.decoder_norm == "unit"
    assert bool(net.decoder_offset_.any()) == net.decoder_offset
    assert net.history_["objective"][-5:].mean() < net.history_["objective"][:5].mean() - 0.2
    samples = [net.importance_bound(STIMULI + 0.5, n_samples=n, random_state=0).mean() for n in (10, 200)]
    assert net.score(STIMULI + 0.5) < samples[0] < samples[1]


def test_without_learning_the_course_says_what_the_numpy_bound_says():
    start = np.random.default_rng(2).standard_normal((4, 6))
    net = network(learning_rate=0.0, warm_up=1.5, initial_dictionary=start).fit(STIMULI[:80])
    np.testing.assert_allclose(
        net.dictionary_, start / np.linalg.norm(start, axis=1, keepdims=True), rtol=1e-6
    )
    assert net.history_["objective"].mean() == pytest.approx(-net.score(STIMULI[:80]), rel=1e-6)
    history = net.history_
    np.testing.assert_allclose(history["objective"], history["divergence"] - history["log_likelihood"])
    assert history["divergence"].mean() == pytest.approx(
        net.filters(STIMULI[:80])["divergence_nats"].sum(), rel=1e-6
    )


def test_a_divergence_that_hardly_counts_yet_grows():
    slow = network(warm_up=1e6, learning_rate=0.01).fit(STIMULI)
    fast = network(learning_rate=0.01).fit(STIMULI)
    assert slow.history_["divergence"].iloc[-1] > fast.history_["divergence"].iloc[-1] + 0.1


UNITS = (2.0**-10, 1 / 255, 255.0, 2.0**10)
# All that has a unit, in that of the stimuli, besides the defaults.
IN_A_UNIT = [
    {},
    {"decoder_norm": "free", "initial_dictionary": "stimuli"},
    {**CAUCHY, "noise_sd": 0.6, "prior_scale": 0.3, "decoder_norm": "unit"},
]


def in_unit(unit, options):
    scaled = {name: options[name] * unit for name in ("noise_sd", "prior_scale") if name in options}
    return network(**{**options, **scaled}, learning_rate=0.01, n_epochs=20).fit(unit * STIMULI)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("options", IN_A_UNIT, ids=["defaults", "free norms", "cauchy with its own noise"])
def test_stimuli_in_another_unit_give_the_same_fields_and_what_has_a_unit_follows(options, unit):
    own, net = in_unit(1.0, options), in_unit(unit, options)
    exact = np.log2(unit).is_integer()
    tolerance = {"rtol": 0 if exact else 1e-9, "atol": 0}
    np.testing.assert_allclose(net.dictionary_, own.dictionary_, **tolerance)
    np.testing.assert_allclose(net.transform(unit * STIMULI), unit * own.transform(STIMULI), **tolerance)
    for name in ("stimuli_scale_", "prior_scale_", "noise_sd_", "decoder_offset_"):
        np.testing.assert_allclose(getattr(net, name), unit * getattr(own, name), **tolerance)
    np.testing.assert_array_equal(net.dead_neurons_, own.dead_neurons_)
    columns = ["norm", "fall_nats", "divergence_nats", "spread"]
    np.testing.assert_allclose(net.filters(unit * STIMULI)[columns], own.filters(STIMULI)[columns], rtol=1e-9)


@pytest.mark.parametrize("unit", UNITS)
def test_bounds_in_another_unit_differ_by_a_constant_and_what_is_above_noise_by_nothing(unit):
    own, net = in_unit(1.0, IN_A_UNIT[2]), in_unit(unit, IN_A_UNIT[2])
    shift, shown = -6 * np.log(unit), unit * STIMULI
    np.testing.assert_allclose(net.bound(shown), own.bound(STIMULI) + shift, rtol=1e-9)
    np.testing.assert_allclose(
        net.history_["log_likelihood"], own.history_["log_likelihood"] + shift, rtol=1e-9
    )
    np.testing.assert_allclose(
        net.importance_bound(shown, n_samples=5, random_state=0),
        own.importance_bound(STIMULI, n_samples=5, random_state=0) + shift,
        rtol=1e-9,
    )
    np.testing.assert_allclose(net.bound_over_noise(shown), own.bound_over_noise(STIMULI), rtol=1e-9)
    white = norm(scale=own.stimuli_scale_).logpdf(STIMULI).sum(axis=1)
    np.testing.assert_allclose(own.bound_over_noise(STIMULI), own.bound(STIMULI) - white, rtol=1e-9)


def test_the_default_noise_is_a_share_of_the_contrast_so_brightness_does_not_drown_the_rest():
    rng = np.random.default_rng(1)
    bright = STIMULI - STIMULI.mean(axis=1, keepdims=True) + rng.uniform(0, 20, (90, 1))
    dim = bright - bright.mean(axis=1, keepdims=True)
    assert network().fit(bright).noise_sd_ == pytest.approx(0.45 * np.sqrt(np.mean(dim**2)))
    centred = network().fit(dim)
    assert centred.noise_sd_ == pytest.approx(0.45 * centred.stimuli_scale_)


def test_fields_that_do_nothing_are_told_of_unless_nothing_was_to_be_learned():
    with pytest.warns(
        ConvergenceWarning, match=r"[34] of 4 neurons have a field that does nothing .* n_epochs=1 "
    ):
        network(n_epochs=1, decoder_norm="free").fit(STIMULI)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network(learning_rate=0.0).fit(STIMULI)


def test_a_bound_that_ends_below_where_it_began_is_told_of():
    with pytest.warns(
        ConvergenceWarning, match=r"objective ends at .*, above the .* lower learning_rate=0\.7"
    ):
        network(learning_rate=0.7, learning_rate_schedule="constant", batch_size=10, n_epochs=10).fit(STIMULI)


def test_scores_are_minus_the_objective_and_of_each_stimulus_alone():
    net = network(**CAUCHY).fit(STIMULI)
    bound = net.bound(STIMULI)
    np.testing.assert_allclose(net.bound(STIMULI[7:9]), bound[7:9])
    many = np.tile(STIMULI, (7, 1))
    np.testing.assert_allclose(net.bound(many), np.tile(bound, 7))
    np.testing.assert_array_equal(net.objective(STIMULI), -bound)
    assert net.score(STIMULI) == pytest.approx(bound.mean())


def test_codes_have_the_precision_of_the_stimuli_and_stand_for_stimuli_again():
    single = network().fit(STIMULI.astype(np.float32))
    assert single.dictionary_.dtype == np.float64
    assert single.transform(STIMULI.astype(np.float32)).dtype == np.float32
    assert single.transform(STIMULI).dtype == np.float64
    np.testing.assert_allclose(single.dictionary_, fitted().dictionary_, atol=1e-5)
    net = network(**CAUCHY).fit(STIMULI + 0.5)
    code = net.transform(STIMULI)
    np.testing.assert_allclose(net.inverse_transform(code), code @ net.dictionary_ + net.decoder_offset_)
    for wrong in (np.zeros((2, 5)), np.zeros(4)):
        with pytest.raises(ValueError, match=r"expected a code of shape \(n_stimuli, 4\), got"):
            net.inverse_transform(wrong)


def test_progress_is_told_batch_by_batch_and_kept_as_history():
    events = []
    net = network().fit(STIMULI, progress=events.append)
    columns = ["objective", "log_likelihood", "divergence", "learning_rate"]
    assert list(net.history_) == ["batch", *columns]
    assert events[0] == {"stage": "compile"}
    assert [event["batch"] for event in events[1:]] == list(range(1, 16))
    assert {event["n_batches"] for event in events[1:]} == {15}
    assert {event["stage"] for event in events[1:]} == {"train"}
    np.testing.assert_array_equal(
        [[event[name] for name in columns] for event in events[1:]], net.history_[columns]
    )
    assert net.seconds_compile_ > 0


@pytest.mark.parametrize("options", [{}, CAUCHY], ids=["laplace", "cauchy"])
def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path, options):
    path, parameters = tmp_path / "training.npz", {"n_epochs": 4, "warm_up": 3.0, **options}
    often = Checkpoint(path, seconds=1e-9)
    with pytest.raises(KeyboardInterrupt):
        network(**parameters).fit(STIMULI, checkpoint=often, progress=stopped_after(12))
    events = []
    resumed = network(**parameters).fit(STIMULI, checkpoint=str(path), progress=events.append)
    assert [event["batch"] for event in events[1:]] == list(range(13, 21))
    at_once = network(**parameters).fit(STIMULI)
    np.testing.assert_array_equal(resumed.dictionary_, at_once.dictionary_)
    np.testing.assert_array_equal(resumed.decoder_offset_, at_once.decoder_offset_)
    np.testing.assert_array_equal(resumed.transform(STIMULI), at_once.transform(STIMULI))
    assert resumed.history_.equals(at_once.history_)
    done = network(**parameters).fit(STIMULI, checkpoint=path)
    np.testing.assert_array_equal(done.transform(STIMULI), at_once.transform(STIMULI))


def test_checkpoints_of_other_stimuli_or_parameters_are_refused_and_the_network_stays_as_it_was(tmp_path):
    path = tmp_path / "training.npz"
    start = np.eye(6)[:4]
    net = network(initial_dictionary=start).fit(STIMULI, checkpoint=path)
    before = net.score(STIMULI)
    for changed in (
        {"random_state": 1}, {"hidden": (9,)}, {"learning_rate": 2e-3}, {"noise_sd": 0.7}, {"n_epochs": 4},
        {"initial_dictionary": start[::-1]}, {"prior_scale": 0.5},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="is of another training"):
            network(**{"initial_dictionary": start, **changed}).fit(STIMULI, checkpoint=path)
    with pytest.raises(ValueError, match="is of another training"):
        net.fit(3 * STIMULI, checkpoint=path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"cannot read '.*training"):
        net.fit(3 * STIMULI, checkpoint=path)
    with pytest.raises(ValueError, match="expected a file in a folder that exists"):
        net.fit(STIMULI, checkpoint=tmp_path / "nowhere" / "training.npz")
    assert net.score(STIMULI) == before


@pytest.mark.parametrize("n_stimuli", [90, 20], ids=["within an epoch", "in its last step"])
def test_a_bound_that_is_no_number_is_told_with_its_step_and_the_last_good_state_is_kept(n_stimuli, tmp_path):
    net, path = network(learning_rate=1e20), tmp_path / "training.npz"
    with pytest.raises(
        DivergenceError, match=r"the bound is .* at step 1, in epoch 0; .* smaller learning_rate"
    ):
        net.fit(STIMULI[:n_stimuli], checkpoint=path)
    start = network(learning_rate=0.0).fit(STIMULI[:n_stimuli])
    np.testing.assert_array_equal(net.transform(STIMULI), start.transform(STIMULI))
    np.testing.assert_allclose(net.dictionary_, start.dictionary_, rtol=1e-6)
    assert not path.exists()


def test_what_was_fitted_needs_no_jax_but_fitting_does(monkeypatch):
    expected = fitted().transform(STIMULI), fitted().score(STIMULI)
    frozen = pickle.dumps(fitted())
    monkeypatch.setitem(sys.modules, "jax", None)
    net = pickle.loads(frozen)
    np.testing.assert_array_equal(net.transform(STIMULI), expected[0])
    assert net.score(STIMULI) == expected[1]
    assert len(net.filters(STIMULI)) == 4
    with pytest.raises(ImportError, match=r'python -m pip install --upgrade -e "\.\[svae\]"'):
        network().fit(STIMULI)
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(__version__="0.4.1"))
    with pytest.raises(ImportError, match=r"expected jax 0\.4\.30 or newer, got 0\.4\.1"):
        network().fit(STIMULI)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"prior": "cauchi"}, r"prior: .*got 'cauchi'; did you mean 'cauchy'\?"),
        ({"decoder_norm": "units"}, "decoder_norm: .*did you mean 'unit'"),
        ({"learning_rate_schedule": "cosin"}, "learning_rate_schedule: .*did you mean 'cosine'"),
        ({"n_neurons": 0}, "n_neurons: expected a whole number of at least 1"),
        ({"n_epochs": 0}, "n_epochs: expected a whole number of at least 1"),
        ({"n_samples": 1.5}, "n_samples: expected a whole number of at least 1"),
        ({"hidden": ()}, r"hidden: expected a sequence .*got \(\)"),
        ({"hidden": 16}, "hidden: expected a sequence .*got 16"),
        ({"hidden": (8, 0)}, "hidden: expected a whole number of at least 1"),
        ({"learning_rate": np.nan}, "learning_rate: expected a finite number of at least zero"),
        ({"warm_up": -1.0}, "warm_up: expected a finite number of at least zero"),
        ({"prior_scale": 0.0}, "prior_scale: expected a finite number above zero"),
        ({"decoder_offset": 1}, "decoder_offset: expected True or False"),
        (
            {"noise_sd": 0.01},
            r"noise_sd: expected 0\.2 to 2 .* \(.*least 0\.04, at most 4\), got 0\.01; rescale",
        ),
        ({"prior_scale": 1e99}, r"prior_scale: expected about 0\.2 to 2 .* got 1e\+99; rescale"),
        ({"noise_sd": 5.0}, r"noise_sd: expected 0\.2 to 2 for stimuli whose root mean square is 2"),
        ({"initial_dictionary": np.ones((4, 5))}, r"initial_dictionary: .*shape \(4, 6\)"),
    ],
)
def test_impossible_parameters_are_refused(changed, message):
    stimuli = 2 * STIMULI / np.sqrt(np.mean(STIMULI**2))
    with pytest.raises(ValueError, match=message):
        network().set_params(**changed).fit(stimuli)


def test_stimuli_without_anything_in_them_are_refused():
    with pytest.raises(ValueError, match="got zeros only"):
        network().fit(np.zeros((30, 6)))
    with pytest.raises(
        ValueError, match=r"largest pixel is between .* got 1e\+200; show them in another unit"
    ):
        network().fit(np.full((30, 6), 1e200))
    with pytest.raises(NotFittedError):
        network().filters(STIMULI)


# Some of scikit-learn's stimuli are a hundred, give or take one.
@pytest.mark.filterwarnings("ignore:stimuli differ by little but their means:UserWarning")
@pytest.mark.slow
def test_scikit_learn_accepts_the_estimator():
    net = SVAE(3, n_epochs=1, hidden=(4,), hidden_spread=4, batch_size=20)
    results = check_estimator(net, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40
