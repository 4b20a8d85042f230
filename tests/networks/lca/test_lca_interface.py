"""What a scikit-learn user, and a Brian2 user, can expect of the estimator."""

import pickle

import numpy as np
import pytest
from brian2 import Equations, ms, second
from reference_lca import random_dictionary, random_stimuli
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks import LCA

RNG = np.random.default_rng(31)
DICTIONARY = random_dictionary(10, 6, RNG)
STIMULI = random_stimuli(12, 6, RNG)


def network(**changed):
    return LCA.from_dictionary(DICTIONARY, **{"batch_size": 4, **changed})


# Some of its stimuli have two or three pixels, which keep no ten neurons busy.
@pytest.mark.filterwarnings("ignore:\\d+ of 10 neurons stayed silent:sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_accepts_the_estimator():
    results = check_estimator(LCA(n_neurons=10, batch_size=20), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_parameter_defaults_are_plain():
    assert {type(value) for value in LCA().get_params().values()} <= {int, float, str, bool, type(None)}


def test_a_clone_keeps_the_parameters_and_forgets_the_dictionary():
    net = network(tau=20 * ms, threshold_kind="hard")
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    assert not hasattr(copy, "dictionary_")


def test_a_network_works_in_a_pipeline_and_a_grid_search():
    pipeline = make_pipeline(StandardScaler(), LCA(8, batch_size=12, random_state=0))
    assert pipeline.fit_transform(STIMULI).shape == (12, 8)
    search = GridSearchCV(pipeline, {"lca__threshold": [1.0, 2.0]}, cv=2).fit(STIMULI)
    assert search.best_params_ == {"lca__threshold": 1.0}


def test_a_fitted_network_survives_pickling():
    net = LCA(8, batch_size=12, random_state=0).fit(STIMULI)
    restored = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(restored.transform(STIMULI), net.transform(STIMULI))
    np.testing.assert_array_equal(
        restored.partial_fit(STIMULI).dictionary_, net.partial_fit(STIMULI).dictionary_
    )


def test_changed_parameters_take_effect_without_fitting_again():
    net = network()
    before = net.transform(STIMULI)
    after = net.set_params(threshold=0.3).transform(STIMULI)
    assert (after != 0).sum() < (before != 0).sum()


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("20 ms", 20 * ms), ("0.02 s", 20 * ms), ("20000us", 20 * ms), ("1 second", 1 * second)],
)
def test_times_are_text_or_brian2_quantities(text, quantity):
    codes = [network(tau=tau).transform(STIMULI) for tau in (text, quantity)]
    np.testing.assert_array_equal(codes[0], codes[1])


def test_precision_follows_the_stimuli():
    net = network()
    assert net.transform(STIMULI).dtype == np.float64
    single = net.transform(STIMULI.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, net.transform(STIMULI), atol=1e-5)
    trained = LCA(8, batch_size=4, random_state=0).fit(STIMULI.astype(np.float32))
    assert trained.dictionary_.dtype == np.float32
    assert network().transform(np.round(3 * STIMULI).astype(int)).dtype == np.float64


@pytest.mark.parametrize("n_stimuli", [1, 3, 4, 5, 12])
def test_any_number_of_stimuli_keeps_its_shape_and_numbers(n_stimuli):
    code = network().transform(STIMULI[:n_stimuli])
    assert code.shape == (n_stimuli, 10)
    np.testing.assert_allclose(code, network().transform(STIMULI)[:n_stimuli], atol=1e-12)


def test_a_given_dictionary_is_used_as_it_is():
    net = LCA.from_dictionary(2 * np.eye(3), threshold=0.5, batch_size=1, presentation="2000 ms", epsilon=0)
    np.testing.assert_array_equal(net.dictionary_, 2 * np.eye(3))
    # Minimum of (s - 2a)^2 / 2 + a / 2.
    np.testing.assert_allclose(net.transform([[2.0, 0.2, -1.0]]), [[0.875, 0, -0.375]], atol=1e-12)
    assert np.isnan(net.usage_).all()
    assert len(net.history_) == len(net.dead_neurons_) == 0


def test_the_score_is_minus_the_mean_objective_and_the_objective_counts_residual_and_cost():
    net = network(threshold=0.2)
    code = net.transform(STIMULI)
    residual = STIMULI - net.inverse_transform(code)
    expected = (residual**2).sum(axis=1) / 2 + 0.2 * np.abs(code).sum(axis=1)
    np.testing.assert_allclose(net.objective(STIMULI, code), expected)
    assert net.score(STIMULI) == pytest.approx(-expected.mean())


@pytest.mark.filterwarnings("ignore:12 of 12 codes are not settled:sklearn.exceptions.ConvergenceWarning")
def test_more_time_scores_better():
    assert network().score(STIMULI) > network(presentation="10 ms").score(STIMULI)


# The dynamics.


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_equations_are_brian2_text_with_units(form):
    parsed = Equations(network(form=form, extra_equations="dg/dt = -g/tau : 1").equations)
    assert parsed.diff_eq_names == {"u", "g"}
    assert parsed["tau"].dim == second.dim
    assert "du/dt" in LCA(form=form).equations


def test_traces_are_labelled_and_start_at_rest():
    traces = network(dt="2 ms", presentation="100 ms").simulate(STIMULI, record=("u", "a", "s"))
    assert traces["u"].dims == ("time", "stimulus", "neuron")
    assert traces["s"].dims == ("time", "stimulus", "pixel")
    assert dict(traces.sizes) == {"time": 50, "stimulus": 12, "neuron": 10, "pixel": 6}
    np.testing.assert_allclose(traces["time"], 0.002 * np.arange(50))
    assert traces["time"].attrs["units"] == "s"
    assert not traces["u"][0].any()
    np.testing.assert_array_equal(traces["s"][-1], STIMULI)


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_a_trace_passes_through_the_codes_of_shorter_presentations(form, backend):
    options = {"form": form, "dt": "2 ms", "epsilon": 0, "backend": backend}
    traces = network(presentation="42 ms", **options).simulate(STIMULI, record=("a",))
    code = network(presentation="40 ms", **options).settle(STIMULI).code
    np.testing.assert_allclose(traces["a"].sel(time=0.04, method="nearest"), code, atol=1e-12)
    settled = network(presentation="2000 ms", **options)
    np.testing.assert_allclose(
        settled.simulate(STIMULI, record=("a",), every=100)["a"][-1], settled.transform(STIMULI), atol=1e-6
    )


def test_every_nth_step_is_kept():
    full, thin = (network(dt="2 ms").simulate(STIMULI, every=every) for every in (1, 7))
    np.testing.assert_array_equal(thin["u"], full["u"][::7])
    np.testing.assert_array_equal(thin["time"], full["time"][::7])


def test_the_residual_form_records_what_the_inputs_hold():
    traces = network(form="residual", presentation="500 ms").simulate(
        STIMULI, record=("a", "r", "prediction")
    )
    np.testing.assert_allclose(traces["r"], STIMULI - traces["prediction"], atol=1e-12)
    np.testing.assert_allclose(traces["prediction"][-1], traces["a"][-1].to_numpy() @ DICTIONARY, atol=1e-6)


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_a_batch_that_has_settled_ends_early_with_nearly_the_full_result(form):
    options = {"form": form, "presentation": "3000 ms", "threshold": 0.2, "epsilon": 0, "learning": False}
    full, early = network(**options), network(tolerance=1e-4, **options)
    np.testing.assert_allclose(early.transform(STIMULI), full.transform(STIMULI), atol=5e-3)
    durations = [net.partial_fit(STIMULI).history_["duration"].max() for net in (full, early)]
    # Steps of its own, of which the last may reach beyond the end, are τ/2 at most.
    assert 3 <= durations[0] < 3.005
    assert durations[1] < 2


@pytest.mark.parametrize("dt", ["5 ms", "9 ms", "10 ms", None])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_no_step_makes_a_moving_batch_look_settled(dt, form):
    # Weak overlaps allow steps up to the time constant, where the current that is left to see vanishes.
    dictionary = [[1, 0], [0.5, 0.75**0.5]]
    options = {
        "threshold": 0.01,
        "form": form,
        "dt": dt,
        "presentation": "400 ms",
        "epsilon": 0,
        "batch_size": 1,
    }
    early = LCA.from_dictionary(dictionary, tolerance=1e-6, **options).transform([[1.0, 1.0]])
    np.testing.assert_allclose(
        early, LCA.from_dictionary(dictionary, **options).transform([[1.0, 1.0]]), atol=1e-4
    )


def test_carrying_over_continues_where_the_batch_before_ended():
    film = np.tile(STIMULI[:4], (3, 1))
    options = {"presentation": "20 ms", "dt": "2 ms", "epsilon": 0}
    carried = network(carry_over=True, **options).transform(film)
    for k, presentation in enumerate(("20 ms", "40 ms", "60 ms")):
        longer = network(**options | {"presentation": presentation}).settle(STIMULI[:4]).code
        np.testing.assert_allclose(carried[4 * k : 4 * k + 4], longer, atol=1e-12)
    fresh = network(**options).settle(film).code
    np.testing.assert_allclose(fresh[8:], fresh[:4], atol=1e-12)
    assert np.abs(carried[8:] - carried[:4]).max() > 1e-2


# The user's own terms and monitors.

ADAPTATION = {"membrane_terms": "- g", "extra_equations": "dg/dt = (a - g)/(50*ms) : 1"}


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_adaptation_lowers_activity_and_starts_anew_with_each_stimulus(form, backend):
    net = network(form=form, backend=backend, **ADAPTATION)
    code = net.transform(STIMULI)
    plain = network(form=form, backend=backend).transform(STIMULI)
    assert np.abs(code).sum() < 0.9 * np.abs(plain).sum()
    np.testing.assert_allclose(net.transform(STIMULI), code, atol=1e-12)
    np.testing.assert_allclose(net.transform(STIMULI[::-1]), code[::-1], atol=1e-12)


def test_adaptation_of_a_lone_neuron_halves_its_drive():
    net = LCA.from_dictionary(np.eye(1), threshold=0.1, presentation="2 second", batch_size=1, **ADAPTATION)
    # At rest u = s - g and g = a = u - threshold.
    np.testing.assert_allclose(net.transform([[1.0]]), [[0.45]], atol=1e-9)
    assert set(net.simulate([[1.0]], record=("g", "a"))) == {"g", "a"}


def test_carrying_over_carries_the_users_states_too():
    film = np.tile(STIMULI[:4], (3, 1))
    options = {"presentation": "20 ms", "dt": "2 ms", "epsilon": 0, **ADAPTATION}
    carried = network(carry_over=True, **options).transform(film)
    longer = network(**options | {"presentation": "60 ms"}).transform(STIMULI[:4])
    np.testing.assert_allclose(carried[8:], longer, atol=1e-12)


def test_noise_spreads_the_code_and_differs_between_stimuli():
    options = {"membrane_terms": "+ sigma*sqrt(tau)*xi", "random_state": 0}
    quiet, noisy = (network(namespace={"sigma": sigma}, **options) for sigma in (0.0, 0.2))
    same = np.tile(STIMULI[:1], (8, 1))
    assert np.ptp(quiet.transform(same), axis=0).max() <= 1e-12
    assert np.ptp(noisy.transform(same), axis=0).max() > 1e-2


def test_a_monitor_of_the_users_own_sees_the_assembled_network(backend):
    from brian2 import StateMonitor

    from neurosim.engine.backend import activated

    net = network(dt="2 ms", presentation="100 ms", epsilon=0, backend=backend)
    circuit = net.assemble(n_replicas=3)
    with activated(backend):
        monitor = StateMonitor(circuit.neurons, "u", record=[0, 11], clock=circuit.neurons.clock)
        circuit.network.add(monitor)
    code = net.show(circuit, STIMULI[:3])
    np.testing.assert_allclose(code, net.settle(STIMULI[:3]).code, atol=1e-12)
    traces = net.simulate(STIMULI[:3], record=("u",))["u"]
    recorded = circuit.program.read(monitor.variables["u"]).reshape(-1, 2)
    # The monitor samples the membranes before the step of each time, and once more when the presentation ends.
    np.testing.assert_allclose(
        recorded[:50], np.stack([traces[:, 0, 0], traces[:, 1, 1]], axis=1), atol=1e-12
    )


def test_neurons_are_named_columns_when_a_table_is_asked_for() -> None:
    net = LCA.from_dictionary(np.eye(3), threshold=0.1).set_output(transform="pandas")
    assert list(net.transform(np.ones((2, 3))).columns) == ["lca0", "lca1", "lca2"]
