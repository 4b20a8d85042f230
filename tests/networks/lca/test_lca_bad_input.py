"""Impossible input is refused before any computing, with what was expected, what was got and what to do."""

import numpy as np
import pytest
from brian2 import mV
from reference_lca import random_dictionary
from sklearn.exceptions import NotFittedError

from neurosim.engine.errors import DivergenceError
from neurosim.networks import LCA

DICTIONARY = random_dictionary(6, 4, np.random.default_rng(1))
STIMULI = np.random.default_rng(2).standard_normal((5, 4))


def network(**parameters):
    return LCA.from_dictionary(DICTIONARY, batch_size=2, **parameters)


def spoilt(value, place=(3, 1)):
    stimuli = STIMULI.copy()
    stimuli[place] = value
    return stimuli


@pytest.mark.parametrize("method", ["fit", "partial_fit", "transform", "score", "simulate"])
@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")])
def test_a_pixel_that_is_not_finite_is_named(method, value, name):
    with pytest.raises(
        ValueError,
        match=rf"expected finite pixels, got {name} at stimulus 3, pixel 1 \(1 NaN or infinite values in all\)",
    ):
        getattr(network(), method)(spoilt(value))


@pytest.mark.parametrize("method", ["partial_fit", "transform", "score", "simulate"])
def test_a_wrong_number_of_pixels_is_refused(method):
    with pytest.raises(ValueError, match="X has 3 features, but LCA is expecting 4 features"):
        getattr(network(), method)(STIMULI[:, :3])


@pytest.mark.parametrize("shape", [(0, 4), (4,), (2, 2, 4)])
def test_stimuli_that_are_no_matrix_or_empty_are_refused(shape):
    with pytest.raises(ValueError, match=r"0 sample|Expected 2D array|set carry_over=True for films"):
        network().transform(np.zeros(shape))
    with pytest.raises(ValueError, match="0 feature"):
        LCA(3).fit(np.zeros((5, 0)))


@pytest.mark.parametrize("method", ["transform", "score", "simulate", "inverse_transform"])
def test_a_network_that_has_not_learned_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(LCA(6), method)(STIMULI)


@pytest.mark.parametrize(
    ("name", "value", "near"),
    [
        ("form", "laterl", "lateral"),
        ("threshold_kind", "sofd", "soft"),
        ("learning_rate_schedule", "cosin", "cosine"),
        ("backend", "cpp_standalon", "cpp_standalone"),
    ],
)
def test_an_unknown_option_is_told_the_near_one(name, value, near):
    with pytest.raises(ValueError, match=f"{name}: expected one of .*got '{value}'; did you mean '{near}'"):
        network(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_neurons", 0),
        ("n_neurons", 2.5),
        ("batch_size", 0),
        ("batch_size", True),
        ("n_epochs", -1),
        ("threshold", -0.1),
        ("threshold", np.nan),
        ("threshold", "0.1"),
        ("upper_threshold", -1.0),
        ("learning_rate", np.inf),
        ("tolerance", -1e-3),
        ("tolerance", np.nan),
        ("epsilon", -1e-3),
        ("epsilon", np.nan),
        ("epsilon", np.inf),
        ("epsilon", "0.003"),
        ("tau", "10"),
        ("tau", 10),
        ("tau", "-10 ms"),
        ("tau", 10 * mV),
        ("presentation", "0 ms"),
        ("presentation", "10 apples"),
        ("dt", "1e400 ms"),
        ("nonnegative", "no"),
        ("learning", 1),
        ("initial_dictionary", "nois"),
        ("initial_dictionary", np.zeros((6, 4))),
        ("initial_dictionary", np.ones((5, 4))),
        ("initial_dictionary", np.full((6, 4), np.nan)),
    ],
)
def test_an_impossible_parameter_is_named_with_its_value(name, value):
    net = LCA(**{"n_neurons": 6, "batch_size": 2, name: value})
    with pytest.raises(ValueError, match=f"{name}: expected .*got "):
        net.fit(STIMULI)


def test_an_unknown_parameter_is_refused_by_the_constructor():
    with pytest.raises(TypeError, match="treshold"):
        LCA(6, treshold=0.1)


def test_a_firm_threshold_needs_an_upper_one_above_it():
    with pytest.raises(
        ValueError, match=r"upper_threshold: expected more than the threshold of 0.5, got 0.5"
    ):
        network(threshold=0.5, upper_threshold=0.5, threshold_kind="firm")
    with pytest.raises(
        ValueError, match=r"upper_threshold: expected more than the threshold of 0\.88\d+, got 0.5"
    ):
        LCA(6, upper_threshold=0.5, threshold_kind="firm").fit(STIMULI)


def test_a_step_longer_than_the_presentation_is_refused():
    with pytest.raises(ValueError, match=r"dt: expected at most the presentation of 0.1 s, got 0.2 s"):
        network(dt="200 ms", presentation="100 ms").transform(STIMULI)


@pytest.mark.parametrize("dictionary", [np.zeros(4), np.zeros((0, 4)), [[1, np.nan]], [[np.inf, 1]]])
def test_a_dictionary_that_is_no_finite_matrix_is_refused(dictionary):
    with pytest.raises(ValueError, match="expected a finite dictionary of shape"):
        LCA.from_dictionary(dictionary)


def test_a_code_of_another_population_or_of_other_stimuli_is_refused():
    net = network()
    with pytest.raises(ValueError, match=r"expected a code of shape \(n_stimuli, 6\), got \(5, 7\)"):
        net.inverse_transform(np.zeros((5, 7)))
    with pytest.raises(ValueError, match="expected one code per stimulus, got 1 for 5 stimuli"):
        net.objective(STIMULI, np.zeros((1, 6)))


def test_more_stimuli_than_an_assembled_network_has_replicas_are_refused():
    net = network()
    with pytest.raises(ValueError, match="the circuit has 2 replicas, got 5 stimuli"):
        net.show(net.assemble(n_replicas=2), STIMULI)


def test_an_unknown_trace_is_told_those_that_exist():
    with pytest.raises(ValueError, match=r"record: expected some of s, .*got inhibitoin"):
        network().simulate(STIMULI, record=("inhibitoin",))
    with pytest.raises(ValueError, match=r"record: expected some of .*got nothing"):
        network().simulate(STIMULI, record=())
    with pytest.raises(ValueError, match="every: expected a whole number above zero, got 0"):
        network().simulate(STIMULI, every=0)


def test_a_step_above_the_stability_bound_warns_and_names_the_bound():
    net = LCA.from_dictionary(np.ones((4, 1)), batch_size=2, dt="6 ms", presentation="12 ms")
    with pytest.warns(UserWarning, match=r"dt = 0.006 s exceeds the stability bound .* = 0.005 s .*dt=None"):
        net.transform(0.01 * np.ones((1, 1)))


@pytest.mark.filterwarnings("ignore:dt = 0.009 s exceeds the stability bound")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_a_diverging_simulation_stops_with_step_neuron_and_remedy(form, dtype, backend):
    # Only stimulus 1 drives the three neurons of equal field, numbers 1 to 3.
    dictionary = [[1, 0], [0, 1], [0, 1], [0, 1]]
    net = LCA.from_dictionary(
        dictionary, batch_size=2, dt="9 ms", presentation="900 ms", form=form, backend=backend
    )
    stimuli = np.array([[1, 0], [0, 1]], dtype=dtype)
    message = (
        r"the membrane of neuron [123] \(stimulus 1 of its batch\) left every reasonable range at step \d+ of the "
        r"presentation of batch 0 of the run, with a time step of 0.009 s: use a shorter dt, or dt=None"
    )
    with pytest.raises(DivergenceError, match=message):
        net.transform(stimuli)
    settled = net.set_params(dt=None, epsilon=0).transform(stimuli)
    np.testing.assert_allclose(settled @ dictionary, 0.9 * stimuli, atol=1e-3)
