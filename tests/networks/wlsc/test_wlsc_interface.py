"""What a scikit-learn user, and a Brian2 user, can expect of the estimator; impossible parameters."""

import pickle

import numpy as np
import pytest
from brian2 import Equations, ms
from reference_wlsc import free_dictionary, mixtures, thresholds
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks import WLSC

RNG = np.random.default_rng(31)
DICTIONARY = free_dictionary(10, 6, RNG)
STIMULI = mixtures(12, DICTIONARY, RNG)


def network(**changed):
    return WLSC.from_dictionary(DICTIONARY, **{"batch_size": 4, "locality": 0.05, **changed})


# Some of its data are a few points, to which all fields go; none has more pixels than a few.
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:the fields of .* have become the same")
def test_scikit_learn_accepts_the_estimator():
    results = check_estimator(WLSC(n_neurons=5, batch_size=20, presentation="20 ms"), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_parameter_defaults_are_plain():
    assert {type(value) for value in WLSC().get_params().values()} <= {int, float, str, bool, type(None)}


def test_a_clone_keeps_the_parameters_and_forgets_the_dictionary():
    net = network(tau=20 * ms, code="signed", norm="unit")
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    assert not hasattr(copy, "dictionary_")
    with pytest.raises(NotFittedError):
        copy.transform(STIMULI)


def test_a_fitted_network_survives_pickling_and_goes_on_learning_with_its_curvature():
    net = WLSC(8, batch_size=4, random_state=0).fit(STIMULI)
    restored = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(restored.transform(STIMULI), net.transform(STIMULI))
    np.testing.assert_array_equal(
        restored.partial_fit(STIMULI).dictionary_, net.partial_fit(STIMULI).dictionary_
    )


def test_a_given_dictionary_is_used_as_it_is():
    net = network()
    np.testing.assert_array_equal(net.dictionary_, DICTIONARY)
    np.testing.assert_allclose(net.lateral_, DICTIONARY @ DICTIONARY.T - np.eye(10), atol=1e-12)
    assert len(net.history_) == 0
    frozen = WLSC(10, learning=False, initial_dictionary=DICTIONARY, batch_size=4)
    np.testing.assert_array_equal(frozen.fit(STIMULI).dictionary_, DICTIONARY)


def test_the_score_is_minus_the_mean_objective_which_counts_residual_and_own_thresholds():
    net = network(code="signed", threshold=0.01)
    code = net.transform(STIMULI)
    own = thresholds(STIMULI, DICTIONARY, locality=0.05, threshold=0.01)
    expected = ((STIMULI - code @ DICTIONARY) ** 2).sum(axis=1) / 2 + (own * np.abs(code)).sum(axis=1)
    np.testing.assert_allclose(net.objective(STIMULI, code), expected)
    assert net.score(STIMULI) == pytest.approx(-expected.mean())


def test_a_stimulus_is_encoded_alike_alone_and_with_others_in_either_precision():
    net = network()
    together, alone = net.transform(STIMULI), [net.transform(stimulus[None])[0] for stimulus in STIMULI]
    np.testing.assert_allclose(together, alone, atol=1e-12)
    single = net.transform(STIMULI.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, together, atol=1e-4)


def test_the_equations_are_brian2_text_in_which_every_neuron_has_its_own_threshold():
    for code in ("nonnegative", "signed", "simplex"):
        text = network(code=code, extra_equations="dg/dt = -g/tau : 1").equations
        parsed = Equations(text)
        assert parsed.diff_eq_names == {"u", "g"}
        assert "own_threshold = threshold + locality*edge*distance : 1" in text
    assert "du/dt" in WLSC().equations


def test_traces_hold_the_thresholds_and_distances_of_each_stimulus():
    net = network(code="simplex", dt="0.5 ms", presentation="100 ms")
    names = ("u", "a", "own_threshold", "distance", "restraint", "s")
    traces = net.simulate(STIMULI, record=names)
    assert dict(traces.sizes) == {"time": 200, "stimulus": 12, "neuron": 10, "pixel": 6}
    expected = thresholds(STIMULI, DICTIONARY, locality=0.05)
    np.testing.assert_allclose(traces["own_threshold"][-1], expected, atol=1e-12)
    np.testing.assert_allclose(traces["distance"][0], expected / 0.05, atol=1e-12)
    assert (np.ptp(traces["restraint"].to_numpy(), axis=2) == 0).all()
    np.testing.assert_allclose(traces["a"][-1].sum("neuron"), 1, atol=0.02)
    with pytest.raises(ValueError, match=r"record: expected some of .*own_threshold.* got own_treshold"):
        net.simulate(STIMULI, record=("own_treshold",))


def test_adaptation_of_a_lone_neuron_lowers_its_activity():
    net = WLSC.from_dictionary(
        [[1.0]], locality=0.1, presentation="2 second", batch_size=1, epsilon=0,
        membrane_terms="- g", extra_equations="dg/dt = (a - g)/(50*ms) : 1",
    )  # fmt: skip
    # At rest u = s - g and g = a = u - .1 (s - 1)².
    np.testing.assert_allclose(net.transform([[2.0]]), [[0.95]], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_neurons", 0),
        ("batch_size", True),
        ("locality", -0.1),
        ("locality", np.nan),
        ("locality", "0.1"),
        ("threshold", -0.1),
        ("locality_ramp", -1.0),
        ("learning_rate", np.inf),
        ("epsilon", -1e-3),
        ("tolerance", np.nan),
        ("code", "non_negative"),
        ("norm", "units"),
        ("learning_rate_schedule", "cosin"),
        ("tau", "10"),
        ("dt", "0 ms"),
        ("backend", "cpp_standalon"),
        ("learning", 1),
        ("reseed_dead", "no"),
        ("initial_dictionary", "nois"),
        ("initial_dictionary", np.ones((5, 4))),
        ("initial_dictionary", np.zeros((10, 6))),
        ("initial_dictionary", np.full((10, 6), np.nan)),
    ],
)
def test_an_impossible_parameter_is_named_with_its_value(name, value):
    net = WLSC(**{"n_neurons": 10, "batch_size": 4, name: value})
    with pytest.raises(ValueError, match=f"{name}: expected .*got "):
        net.fit(STIMULI)


def test_codes_of_other_stimuli_are_refused():
    with pytest.raises(ValueError, match="code: expected a finite matrix of shape"):
        network().objective(STIMULI, np.zeros((1, 10)))


def test_neurons_are_named_columns_when_a_table_is_asked_for():
    net = WLSC.from_dictionary(np.eye(3)).set_output(transform="pandas")
    assert list(net.transform(np.ones((2, 3))).columns) == ["wlsc0", "wlsc1", "wlsc2"]
