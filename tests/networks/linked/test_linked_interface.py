"""What a scikit-learn user, and a Brian2 user, can expect of a network with several modalities."""

import pickle

import numpy as np
import pandas as pd
import pytest
from brian2 import Equations
from linked_cases import BATCH, OWN_STEPS, PLAIN_STEPS, SIZES, WEIGHTS, fields, linked, stimuli
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks import LinkedLCA

# Shown as briefly as to plain loops.
briefly = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")

FIELDS = fields()
STIMULI = stimuli(12)
LEFT = {"left": STIMULI["left"]}


def network(**changed):
    return LinkedLCA.from_dictionary(FIELDS, **{"batch_size": BATCH, "backend": "numpy", **changed})


# Its stimuli of one or two pixels make fields copies of each other.
@briefly
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_accepts_the_estimator_with_plain_arrays():
    results = check_estimator(LinkedLCA(n_neurons=5, batch_size=20, presentation="20 ms"), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_a_clone_keeps_the_parameters_and_forgets_the_modalities():
    net = network(weights=WEIGHTS, norm="joint")
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    assert not {"modalities_", "dictionary_", "lateral_"} & set(vars(copy))
    assert copy.set_params(norm="each").norm == "each"


def test_parameters_beyond_those_of_an_lca_are_plain():
    assert LinkedLCA().get_params()["weights"] is None
    assert {type(value) for value in LinkedLCA().get_params().values()} <= {int, float, str, bool, type(None)}


def test_a_network_works_in_a_pipeline_with_stimuli_by_modality():
    labels = np.arange(12) % 2
    pipeline = make_pipeline(
        linked(weights=WEIGHTS, **OWN_STEPS), StandardScaler(), LogisticRegression()
    ).fit(STIMULI, labels)
    assert set(pipeline.predict(STIMULI)) == {0, 1}
    assert pipeline.predict(LEFT).shape == (12,)
    net = pipeline.named_steps["linkedlca"]
    np.testing.assert_array_equal(pipeline[:1].transform(LEFT), net.transform(LEFT))
    np.testing.assert_array_equal(
        linked(weights=WEIGHTS, **OWN_STEPS).fit_transform(STIMULI), net.transform(STIMULI)
    )


def test_a_fitted_network_survives_pickling():
    net = linked(weights=WEIGHTS, **OWN_STEPS).fit(STIMULI)
    restored = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(restored.transform(LEFT), net.transform(LEFT))
    np.testing.assert_array_equal(
        restored.partial_fit(STIMULI).dictionary_, net.partial_fit(STIMULI).dictionary_
    )


def test_attributes_tell_the_modalities_in_their_order():
    net = linked(**OWN_STEPS).fit(dict(reversed(STIMULI.items())))
    assert list(net.modalities_.items()) == [("right", 5), ("left", 7)]
    assert list(net.dictionaries_) == ["right", "left"]
    np.testing.assert_array_equal(
        net.dictionary_, np.hstack([net.dictionaries_[name] for name in net.modalities_])
    )
    assert net.n_features_in_ == 12
    assert list(net.get_feature_names_out()[:2]) == ["linkedlca0", "linkedlca1"]


def test_tables_are_taken_for_arrays():
    tables = {name: pd.DataFrame(array) for name, array in STIMULI.items()}
    np.testing.assert_array_equal(network().transform(tables), network().transform(STIMULI))


def test_given_dictionaries_are_used_as_they_are():
    doubled = {name: 2 * rows for name, rows in FIELDS.items()}
    net = LinkedLCA.from_dictionary(doubled, weights=WEIGHTS)
    for name, rows in doubled.items():
        np.testing.assert_array_equal(net.dictionaries_[name], rows)
    assert net.modalities_ == SIZES
    assert np.isnan(net.usage_).all()
    assert len(net.history_) == 0


def test_weights_and_threshold_take_effect_without_fitting_again():
    net = network()
    before = net.transform(STIMULI)
    assert np.abs(net.set_params(weights=WEIGHTS).transform(STIMULI) - before).max() > 1e-2
    assert (net.set_params(weights=None, threshold=0.3).transform(STIMULI) != 0).sum() < (before != 0).sum()


def test_precision_is_single_only_if_all_modalities_are():
    single = {name: array.astype(np.float32) for name, array in STIMULI.items()}
    assert network().transform(single).dtype == np.float32
    np.testing.assert_allclose(network().transform(single), network().transform(STIMULI), atol=1e-5)
    assert network().transform(single | LEFT).dtype == np.float64
    # Fields that start as these few stimuli would be copies of each other.
    start = {"initial_dictionary": np.hstack(list(FIELDS.values()))}
    trained = linked(weights=WEIGHTS, norm="joint", **start, **OWN_STEPS).fit(single)
    assert trained.dictionary_.dtype == trained.lateral_.dtype == np.float32
    assert network().transform({"left": np.ones((2, 7), dtype=int)}).dtype == np.float64


@pytest.mark.parametrize("n_stimuli", [1, 7, 8, 9, 12])
def test_any_number_of_stimuli_keeps_its_shape_and_numbers(n_stimuli):
    code = network().transform({name: array[:n_stimuli] for name, array in STIMULI.items()})
    np.testing.assert_allclose(code, network().transform(STIMULI)[:n_stimuli], atol=1e-12)


# The dynamics.


@pytest.mark.parametrize(("form", "variable"), [("lateral", "drive"), ("residual", "excitation")])
def test_every_modality_is_a_term_of_the_equations(form, variable):
    text = network(form=form).equations
    assert f"du/dt = ({variable}_left + {variable}_right " in text
    assert Equations(text).diff_eq_names == {"u"}
    assert "injected" not in text


def test_equations_can_be_read_before_fitting():
    assert "du/dt = (drive - u" in LinkedLCA(weights=WEIGHTS).equations


@briefly
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_a_trace_ends_in_the_code_and_tells_what_each_modality_brings(form):
    options = {"form": form, "weights": {"left": 0.5, "right": 0.2}, **PLAIN_STEPS}
    variable = {"lateral": "drive", "residual": "excitation"}[form]
    record = ("a", f"{variable}_left", f"{variable}_right")
    traces = network(**options | {"presentation": "31 ms"}).simulate(LEFT, record=record)
    np.testing.assert_allclose(traces["a"][30], network(**options).transform(LEFT), atol=1e-12)
    assert not traces[f"{variable}_right"].any()
    np.testing.assert_allclose(
        traces[f"{variable}_left"][1], 0.5 * LEFT["left"] @ FIELDS["left"].T, atol=1e-12
    )


@briefly
def test_an_assembled_network_has_one_input_population_per_modality():
    net = network(weights=WEIGHTS, **PLAIN_STEPS)
    circuit = net.assemble(n_replicas=12)
    assert [len(pathway.group) for pathway in circuit.pathways] == [12 * 7, 12 * 5]
    np.testing.assert_allclose(net.show(circuit, LEFT), net.transform(LEFT), atol=1e-12)
    np.testing.assert_allclose(net.show(circuit, STIMULI), net.transform(STIMULI), atol=1e-12)


@briefly
def test_carrying_over_continues_where_the_batch_before_ended():
    film = {name: np.tile(array[:4], (2, 1)) for name, array in STIMULI.items()}
    first = {name: array[:4] for name, array in STIMULI.items()}
    options = {**PLAIN_STEPS, "batch_size": 4}
    carried = network(**options | {"carry_over": True}).transform(film)
    np.testing.assert_allclose(
        carried[4:], network(**options | {"presentation": "60 ms"}).transform(first), atol=1e-12
    )
