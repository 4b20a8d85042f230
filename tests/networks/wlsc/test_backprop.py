"""The dictionary follows the true slope of the objective through the unrolled encoder, and finds planted fields."""

import re
import sys
import warnings

import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_estimator

from neurosim.engine.errors import DivergenceError
from neurosim.networks import WLSC
from neurosim.networks.wlsc import backprop
from neurosim.networks.wlsc.backprop import UnrolledWLSC, batch_loss
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code, wlsc_objective

jax = pytest.importorskip("jax", reason="needs the extra `backprop`")
pytest.importorskip("optax", reason="needs the extra `backprop`")

RNG = np.random.default_rng(7)
FREE = RNG.standard_normal((12, 9)) * RNG.uniform(0.5, 2, (12, 1)) / 3
STIMULI = random_stimuli(30, 9, RNG)
CODES = [("nonnegative", 0.0), ("signed", 0.02), ("simplex", 0.0)]


def sparse_stimuli(rng, *, n_stimuli=2000, n_planted=20, n_pixels=16):
    """Sums of one to three of the planted fields, and those fields."""
    planted = random_dictionary(n_planted, n_pixels, rng)
    active = rng.random((n_stimuli, n_planted)).argsort(axis=1) < rng.integers(1, 4, size=(n_stimuli, 1))
    return (active * rng.uniform(0.5, 1.5, size=active.shape)) @ planted, planted


def recovered_fraction(net, planted):
    fields = net.dictionary_ / np.linalg.norm(net.dictionary_, axis=1, keepdims=True)
    return ((planted @ fields.T).max(axis=1) > 0.97).mean()


def trained(stimuli, **changed):
    parameters = {
        "n_epochs": 15, "batch_size": 50, "learning_rate": 0.01, "learning_rate_schedule": "cosine",
        "random_state": 0, **changed,
    }  # fmt: skip
    return UnrolledWLSC(24, **parameters).fit(stimuli)


def loss(dictionary, penalty, *, n_layers):
    code = unrolled_code(STIMULI, dictionary, penalty, n_layers=n_layers)
    return wlsc_objective(STIMULI, code, dictionary, penalty).mean()


def slope_along(direction, penalty, *, n_layers):
    """By central differences of the numpy encoder, in double precision."""
    up, down = (loss(FREE + h * direction, penalty, n_layers=n_layers) for h in (1e-6, -1e-6))
    return (up - down) / 2e-6


@pytest.mark.parametrize(("code", "threshold"), CODES)
def test_the_code_it_trains_with_is_that_of_the_numpy_encoder(code, threshold):
    penalty = Penalty(threshold, 0.1, code)
    objective, trained_with = batch_loss(
        FREE.astype(np.float32), STIMULI.astype(np.float32), penalty=penalty, n_layers=15
    )
    np.testing.assert_allclose(trained_with, unrolled_code(STIMULI, FREE, penalty), atol=1e-5)
    assert float(objective) == pytest.approx(loss(FREE, penalty, n_layers=15), rel=1e-5)


@pytest.mark.parametrize(("code", "threshold"), CODES)
def test_the_slope_is_that_of_the_numpy_objective_after_few_layers_with_the_step_held(code, threshold):
    penalty, n_layers = Penalty(threshold, 0.1, code), 4
    slope, _ = jax.grad(batch_loss, has_aux=True)(
        FREE.astype(np.float32), STIMULI.astype(np.float32), penalty=penalty, n_layers=n_layers
    )
    left, _, right = np.linalg.svd(FREE)
    stiffest = np.outer(left[:, 0], right[0])
    for any_way in RNG.standard_normal((10, *FREE.shape)):
        # Neither side of the difference changes the largest overlap, and so the step, in first order.
        direction = any_way - (any_way * stiffest).sum() * stiffest
        expected = slope_along(direction, penalty, n_layers=n_layers)
        assert (np.asarray(slope) * direction).sum() == pytest.approx(expected, rel=2e-3, abs=1e-4)
    along = slope_along(stiffest, penalty, n_layers=n_layers)
    assert (np.asarray(slope) * stiffest).sum() != pytest.approx(along, rel=2e-3, abs=1e-4)


def movement_by_the_local_rule(stimuli, fields, penalty):
    """What a batch does to the circuit's fields, times the curvature that the rule divides by."""
    net = WLSC(
        len(fields), threshold=penalty.threshold, locality=penalty.locality, code=penalty.code, batch_size=len(stimuli),
        initial_dictionary=fields, presentation="10 s", epsilon=0, locality_ramp=0, learning_rate=0.1,
        random_state=0, backend="numpy",
    ).partial_fit(stimuli)  # fmt: skip
    return (net.dictionary_ - fields) * net.curvature_[:, np.newaxis] / 0.1


@pytest.mark.parametrize(("code", "threshold"), CODES[:2])
def test_through_a_settled_encoder_the_slope_is_the_local_rule_and_through_fifteen_layers_it_is_not(
    code, threshold
):
    rng = np.random.default_rng(7)
    fields = rng.standard_normal((48, 16)) * rng.uniform(0.5, 2, (48, 1)) / 4
    stimuli, penalty = random_stimuli(30, 16, rng), Penalty(threshold, 0.02, code)
    local = movement_by_the_local_rule(stimuli, fields, penalty)

    def descent(n_layers):
        given = fields.astype(np.float32), stimuli.astype(np.float32)
        slope, _ = jax.grad(batch_loss, has_aux=True)(*given, penalty=penalty, n_layers=n_layers)
        return -np.asarray(slope, dtype=float)

    np.testing.assert_allclose(descent(2000), local, atol=1e-4 * np.abs(local).max())
    early = descent(15)
    assert (early * local).sum() < 0.95 * np.linalg.norm(early) * np.linalg.norm(local)


@pytest.mark.parametrize(
    "options",
    [
        {"locality": 0.05, "norm": "free", "learning_rate": 0.03},
        {"locality": 0.0, "threshold": 0.1, "norm": "unit"},
        {"locality": 0.05, "norm": "free", "learning_rate": 0.03, "initial_dictionary": "noise"},
    ],
)
def test_planted_fields_are_recovered_and_the_objective_falls(options):
    stimuli, planted = sparse_stimuli(np.random.default_rng(4))
    net = trained(stimuli, **options)
    assert recovered_fraction(net, planted) >= 0.9
    assert net.history_["objective"][-40:].mean() < 0.6 * net.history_["objective"][:5].mean()
    if options["norm"] == "unit":
        np.testing.assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1, rtol=1e-5)
    unlearned = trained(stimuli, **{**options, "learning_rate": 0.0, "n_epochs": 1})
    assert recovered_fraction(unlearned, planted) < 0.7


def test_corners_of_the_stimuli_are_recovered_by_codes_on_the_simplex():
    rng = np.random.default_rng(4)
    corners = rng.standard_normal((10, 16))
    pairs = rng.random((2000, 10)).argsort(axis=1) < 2
    weights = pairs * rng.random(pairs.shape)
    stimuli = weights / weights.sum(axis=1, keepdims=True) @ corners
    start = {"code": "simplex", "locality": 0.05}
    for net, found in (
        (trained(stimuli, **start), True),
        (trained(stimuli, learning_rate=0.0, **start), False),
    ):
        nearest = np.linalg.norm(corners[:, None] - net.dictionary_, axis=2).min(axis=1)
        assert np.median(nearest / np.linalg.norm(corners, axis=1)) < 0.15 or not found
        assert np.median(nearest / np.linalg.norm(corners, axis=1)) > 0.3 or found


def test_the_same_random_state_gives_the_same_dictionary_and_another_one_does_not():
    first, second, other = (trained(STIMULI, n_epochs=2, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.dictionary_, second.dictionary_)
    assert np.abs(first.dictionary_ - other.dictionary_).max() > 0.01


def test_a_frozen_network_reports_what_its_code_says():
    events = []
    net = UnrolledWLSC(
        12, learning_rate=0.0, n_epochs=2, batch_size=13, initial_dictionary=FREE, random_state=0
    )
    net.fit(STIMULI, progress=events.append)
    np.testing.assert_allclose(net.dictionary_, FREE, rtol=1e-6)
    code = net.transform(STIMULI)
    np.testing.assert_array_equal(code, unrolled_code(STIMULI, net.dictionary_, Penalty(0.0, 0.1)))
    np.testing.assert_allclose(net.usage_, (code != 0).mean(axis=0))
    np.testing.assert_array_equal(net.dead_neurons_, np.flatnonzero(net.usage_ == 0))
    sizes = np.array([13, 13, 13, 13, 8])
    assert (net.history_["objective"] * sizes).sum() / 60 == pytest.approx(-net.score(STIMULI), rel=1e-5)
    np.testing.assert_allclose(net.inverse_transform(code), code @ net.dictionary_)
    assert list(net.history_) == ["batch", "objective", "active_fraction", "learning_rate"]
    assert events[0] == {"stage": "compile"}
    assert [event["batch"] for event in events[1:]] == [1, 2, 3, 4, 5]


# With the power of the unit that the threshold has, and that of the fields.
SCALE_FREE = [
    ({}, 2, 1),
    ({"threshold": 0.05, "code": "signed"}, 2, 1),
    ({"code": "simplex", "initial_dictionary": "noise"}, 2, 1),
    ({"norm": "unit", "locality": 0.0, "threshold": 0.1}, 1, 0),
]


@pytest.mark.parametrize("unit", [2.0**-10, 1 / 255, 255.0, 2.0**10])
@pytest.mark.parametrize(
    ("options", "power", "of_fields"), SCALE_FREE, ids=["free", "signed", "simplex", "unit norm"]
)
def test_stimuli_in_another_unit_give_the_same_fields_in_that_unit(options, power, of_fields, unit):
    def in_unit(c):
        threshold = options.get("threshold", 0.0) * c**power
        return trained(c * STIMULI, **{**options, "threshold": threshold})

    own, net = in_unit(1.0), in_unit(unit)
    tolerance = {"rtol": 0 if np.log2(unit).is_integer() else 1e-9, "atol": 0}
    np.testing.assert_allclose(net.dictionary_, unit**of_fields * own.dictionary_, **tolerance)
    np.testing.assert_allclose(net.history_["objective"], unit**2 * own.history_["objective"], **tolerance)
    np.testing.assert_allclose(
        net.transform(unit * STIMULI), unit ** (1 - of_fields) * own.transform(STIMULI), rtol=1e-9, atol=1e-12
    )
    assert net.mean_square_ == pytest.approx(unit**2 * own.mean_square_)
    np.testing.assert_array_equal(net.usage_, own.usage_)


def test_the_rate_is_in_units_of_the_stimuli_s_size():
    start, rate = {"initial_dictionary": FREE, "n_epochs": 1, "batch_size": 30}, 0.01
    stimuli = STIMULI / np.sqrt(np.mean(STIMULI**2))
    for size in (1.0, 7.0):
        net = UnrolledWLSC(
            12, learning_rate=rate, random_state=0, **{**start, "initial_dictionary": size * FREE}
        )
        moved = np.abs(net.fit(size * stimuli).dictionary_ - size * FREE)
        # Adam's first step is its rate, whatever the slope.
        np.testing.assert_allclose(moved[moved > rate * size / 2], rate * size, rtol=1e-3)
        assert (moved > rate * size / 2).mean() > 0.5


def test_a_population_that_mostly_stays_silent_or_gets_worse_is_told_of():
    silent = r"24 of 24 neurons responded to no .* locality=0\.1 or threshold="
    with pytest.warns(ConvergenceWarning, match=silent + "5,"):
        trained(STIMULI, threshold=5.0)
    # Fields that leap that far are far from every stimulus, and stay silent from then on.
    risen = pytest.warns(ConvergenceWarning, match=r"the objective ends at .* lower learning_rate=10,")
    with risen, pytest.warns(ConvergenceWarning, match=silent + "0,"):
        trained(STIMULI, learning_rate=10.0, batch_size=5, learning_rate_schedule="constant")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(STIMULI, threshold=5.0, learning_rate=0.0)


@pytest.mark.parametrize("largest", [1e-120, 1e120, 1e200])
def test_stimuli_whose_squares_are_hardly_numbers_are_refused(largest):
    got = re.escape(f"{largest:.3g}")
    with pytest.raises(ValueError, match=rf"largest (pixel is )?between .*, got {got}; .* another unit"):
        trained(np.full((5, 4), largest))


def test_an_objective_that_is_no_number_is_told():
    with pytest.raises(DivergenceError, match="use a smaller learning_rate"):
        trained(STIMULI, learning_rate=1e20)


def test_without_jax_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    backprop._update_of.cache_clear()
    with pytest.raises(ImportError, match=r'python -m pip install --upgrade -e "\.\[backprop\]"'):
        trained(STIMULI)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"norm": "units"}, "norm: .* did you mean 'unit'"),
        ({"locality": -1.0}, "locality: expected a finite number of at least zero"),
        ({"n_layers": 0}, "n_layers: expected a whole number of at least 1"),
        ({"initial_dictionary": FREE}, r"initial_dictionary: .* got an array of shape \(12, 9\)"),
    ],
)
def test_impossible_parameters_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        trained(STIMULI, **changed)


@pytest.mark.slow
def test_scikit_learn_accepts_the_estimator():
    results = check_estimator(UnrolledWLSC(5, batch_size=20, n_epochs=2), on_skip=None)
    assert sum(result["status"] == "passed" for result in results) > 40
