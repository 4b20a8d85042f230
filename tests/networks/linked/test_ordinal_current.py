"""The current into blocks: a term of the membrane equations while learning, and zero in every other call."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from linked_cases import BATCH, MEAN_SQUARE, PLAIN_STEPS, WEIGHTS, fields, linked, ordinal, stimuli

from neurosim.networks import OrdinalLinkedLCA
from neurosim.networks.lca.presentation import load_weights, present
from neurosim.networks.lca.rate_model import Threshold
from neurosim.networks.lca.run_settings import settings_of

# Shown as briefly as to plain loops.
pytestmark = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
# A neuron alone that answers is the whole population.
one_neuron = pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")

FORMS = ("lateral", "residual")
START = np.hstack(list(fields().values()))
STIMULI = stimuli(3 * BATCH - 3)
LABELS = np.arange(len(STIMULI["left"])) % 3
THRESHOLD = 0.5
TO_THE_END = {"presentation": "1 second", "epsilon": 0, "threshold": THRESHOLD, "backend": "numpy"}


@pytest.mark.parametrize("form", FORMS)
def test_the_current_is_a_term_of_the_equations(form):
    net = OrdinalLinkedLCA.from_dictionary(fields(), form=form)
    inside = {"lateral": "drive_left + drive_right + injected - u - inhibition"}
    inside["residual"] = "excitation_left + excitation_right + injected + a - u"
    assert f"du/dt = ({inside[form]}) / tau : 1" in net.equations
    assert "injected : 1 " in net.equations
    assert "injected" not in linked(form=form).equations


def without_current(form, backend, *, named):
    """Two networks after learning, one with a current of zero and one without any, and what they saw."""
    shown = STIMULI if named else np.hstack(list(STIMULI.values()))
    options = {"form": form, "backend": backend, "initial_dictionary": START, "n_epochs": 2}
    options |= {"learning_rate": 2.0 * MEAN_SQUARE, "weights": WEIGHTS if named else None}
    return ordinal(current=0, **options).fit(shown, LABELS), linked(**options).fit(shown), shown


@pytest.mark.parametrize("named", [True, False], ids=["two modalities", "plain array"])
@pytest.mark.parametrize("form", FORMS)
def test_no_current_leaves_a_linked_network_to_the_last_bit(form, named):
    net, without, shown = without_current(form, "numpy", named=named)
    np.testing.assert_array_equal(net.dictionary_, without.dictionary_)
    np.testing.assert_array_equal(net.lateral_, without.lateral_)
    pd.testing.assert_frame_equal(net.history_, without.history_, check_exact=True)
    np.testing.assert_array_equal(net.transform(shown), without.transform(shown))
    driven = ordinal(current=0.1, form=form, initial_dictionary=START, n_epochs=2).fit(shown, LABELS)
    assert np.abs(driven.dictionary_ - without.dictionary_).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_compilers_round_its_sums_another_way_and_no_more(form, compiled_backend):
    net, without, shown = without_current(form, compiled_backend, named=True)
    np.testing.assert_allclose(net.dictionary_, without.dictionary_, atol=1e-13)
    np.testing.assert_allclose(net.transform(shown), without.transform(shown), atol=1e-13)


# One neuron alone settles at what its drive and its current exceed the threshold by.


def settled(net, shown, *, gains, injected):
    """Codes of a network's own circuit under given currents."""
    circuit = net.assemble(n_replicas=len(shown))
    threshold = Threshold("soft", THRESHOLD, 1.0, net.nonnegative)
    settings = settings_of(net, threshold, dictionary=net.dictionary_, design=circuit.design)
    load_weights(circuit, net.dictionary_, gains=gains)
    also = {} if injected is None else {"injected": injected}
    return present(circuit, shown, settings=replace(settings, gains=gains), also=also).code[:, 0]


@pytest.mark.parametrize("form", FORMS)
def test_a_neuron_alone_settles_at_drive_plus_current_minus_threshold(form):
    drives, currents = (grid.ravel() for grid in np.meshgrid([-1, 0, 0.3, 0.5, 0.9], [-0.4, 0, 0.2, 0.7]))
    net = OrdinalLinkedLCA.from_dictionary(np.eye(1), form=form, **TO_THE_END)
    code = settled(net, drives[:, np.newaxis], gains=(), injected=currents[:, np.newaxis])
    np.testing.assert_allclose(code, np.maximum(0, drives + currents - THRESHOLD), atol=1e-9)
    # No current is given: there is none.
    code = settled(net, drives[:, np.newaxis], gains=(), injected=None)
    np.testing.assert_allclose(code, np.maximum(0, drives - THRESHOLD), atol=1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_the_current_adds_to_the_weighted_drives_of_all_modalities(form):
    net = OrdinalLinkedLCA.from_dictionary({"left": np.eye(1), "right": np.eye(1)}, form=form, **TO_THE_END)
    shown = np.array([[2.0, 1.0], [1.0, 2.0], [0.2, 0.2]])
    code = settled(net, shown, gains=(0.25, 0.75), injected=np.array([[0.0], [0.3], [0.4]]))
    np.testing.assert_allclose(code, [0.75, 1.75 + 0.3 - 0.5, 0.1], atol=1e-9)


def cost(shown, current):
    """Objective of a lone neuron with a field of one under a current."""
    activity = np.maximum(0, shown + current - THRESHOLD)
    return (shown - activity) ** 2 / 2 + THRESHOLD * activity


@one_neuron
@pytest.mark.parametrize("form", FORMS)
def test_while_learning_every_stimulus_comes_with_the_current_of_its_label(form):
    # The one field stays one: unit norm leaves it nowhere to go.
    shown, labels = np.array([0.2, 1.0, 0.2, 1.0, 2.0]), np.array([1, 0, 1, 1, 0])
    net = OrdinalLinkedLCA(
        1, current=0.6, blocks=[[1], [0.5]], initial_dictionary=np.eye(1), batch_size=1, form=form, **TO_THE_END
    )  # fmt: skip
    net.partial_fit(shown[:, np.newaxis], labels)
    expected = cost(shown, 0.6 * np.where(labels == 0, 1, 0.5))
    np.testing.assert_allclose(net.history_["objective"], expected, atol=1e-9)
    assert net.history_["active_fraction"].tolist() == [0, 1, 0, 1, 1]
    assert net.usage_.tolist() == [0.6]
    assert (net.history_["learning_rate"] > 0).all()
    # The same compiled circuit shows the test without any current.
    np.testing.assert_allclose(
        net.transform(shown[:, np.newaxis])[:, 0], np.maximum(0, shown - THRESHOLD), atol=1e-9
    )
    np.testing.assert_array_equal(net.dictionary_, [[1]])


@one_neuron
def test_a_current_alone_wakes_a_neuron_and_a_negative_one_silences_it():
    shown = np.array([[0.0], [1.0]])
    net = OrdinalLinkedLCA(
        1, current=0.9, blocks=[[1]], initial_dictionary=np.eye(1), batch_size=1, learning=False, **TO_THE_END
    )  # fmt: skip
    assert net.partial_fit(shown, [0, 0]).history_["active_fraction"].tolist() == [1, 1]
    both = OrdinalLinkedLCA(
        2, current=0.9, blocks=[[1, -1]], initial_dictionary=np.eye(2), batch_size=1, learning=False, **TO_THE_END
    )  # fmt: skip
    assert both.partial_fit([[1.0, 1.0]], [0]).usage_.tolist() == [1, 0]
    assert (both.transform([[1.0, 1.0]]) > 0).all()


@one_neuron
def test_labels_stay_with_their_stimuli_when_epochs_are_shuffled_and_batches_are_cut_short():
    shown, labels = np.array([0.1, 0.4, 0.8, 1.5, 3.0]), np.array(["a", "b", "a", "b", "b"])
    net = OrdinalLinkedLCA(
        1, current=0.8, blocks=[[1], [0.25]], initial_dictionary=np.eye(1), batch_size=3, n_epochs=3, random_state=4,
        **TO_THE_END,
    )  # fmt: skip
    net.fit(shown[:, np.newaxis], labels)
    sizes = np.array([3, 3, 3, 3, 3])
    total = 3 * cost(shown, 0.8 * np.where(labels == "a", 1, 0.25)).sum()
    assert (net.history_["objective"] * sizes).sum() == pytest.approx(total, rel=1e-9)
    turned = 3 * cost(shown, 0.8 * np.where(labels == "b", 1, 0.25)).sum()
    assert total != pytest.approx(turned, rel=0.01)
    short = net.partial_fit(shown[:4, np.newaxis], labels[:4]).history_["objective"][5:]
    costs = cost(shown, 0.8 * np.where(labels == "a", 1, 0.25))
    np.testing.assert_allclose(short, [costs[:3].mean(), costs[3]], atol=1e-9)


# At test the current is zero, whatever was learned before.


@pytest.mark.parametrize("form", FORMS)
def test_a_trained_network_shows_stimuli_without_any_current(form):
    net = ordinal(form=form, current=0.5, initial_dictionary=START).fit(STIMULI, LABELS)
    traces = net.simulate(STIMULI, record=("injected", "a"))
    assert not traces["injected"].any()
    assert traces["a"].any()


@pytest.mark.parametrize("form", FORMS)
def test_its_codes_are_those_of_a_linked_network_with_its_fields(form, backend):
    options = {"form": form, "backend": backend, "weights": WEIGHTS}
    net = ordinal(current=0.5, initial_dictionary=START, **options).fit(STIMULI, LABELS)
    code = net.transform(STIMULI)
    given = {**options, **PLAIN_STEPS, "threshold": ordinal().threshold, "batch_size": BATCH}
    for kind in (OrdinalLinkedLCA, type(linked())):
        other = kind.from_dictionary(net.dictionaries_, **given)
        np.testing.assert_allclose(other.transform(STIMULI), code, atol=1e-15)
        np.testing.assert_allclose(
            other.recall({"left": STIMULI["left"]}, want="right"),
            net.recall({"left": STIMULI["left"]}, want="right"), atol=1e-15,
        )  # fmt: skip
