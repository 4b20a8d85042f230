"""Labels drive blocks while learning, and no label reaches inference."""

import inspect
import pickle

import numpy as np
import pytest
from linked_cases import BATCH, MEAN_SQUARE, THRESHOLD, WEIGHTS, fields, ordinal, stimuli
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from neurosim.networks import OrdinalLinkedLCA

# Shown as briefly as to plain loops.
pytestmark = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")

START = np.hstack(list(fields().values()))
STIMULI, TEST = stimuli(3 * BATCH), stimuli(2 * BATCH, seed=7)
LABELS, TEST_LABELS = np.arange(3 * BATCH) % 3, np.arange(2 * BATCH) % 3
SHUFFLED = np.random.default_rng(0).permutation(TEST_LABELS)


def network(**changed):
    return ordinal(
        **{"current": 0.4, "initial_dictionary": START, "learning_rate": 2.0 * MEAN_SQUARE, **changed}
    )


@pytest.mark.parametrize(
    "method", ["transform", "recall", "reconstruct", "inverse_transform", "simulate", "objective"]
)
def test_inference_takes_no_labels(method):
    assert "y" not in inspect.signature(getattr(OrdinalLinkedLCA, method)).parameters


def test_the_score_and_the_codes_do_not_depend_on_test_labels():
    net = network().fit(STIMULI, LABELS)
    before = net.transform(TEST)
    assert net.score(TEST, TEST_LABELS) == net.score(TEST, SHUFFLED) == net.score(TEST)
    np.testing.assert_array_equal(net.transform(TEST), before)


def test_shuffled_test_labels_change_the_score_of_a_pipeline_and_none_of_its_codes():
    pipeline = make_pipeline(network(), LogisticRegression()).fit(STIMULI, LABELS)
    before = pipeline[:1].transform(TEST)
    predicted = pipeline.predict(TEST)
    assert pipeline.score(TEST, predicted) == 1 != pipeline.score(TEST, predicted[::-1])
    pipeline.score(TEST, SHUFFLED)
    np.testing.assert_array_equal(pipeline[:1].transform(TEST), before)
    np.testing.assert_array_equal(pipeline.predict(TEST), predicted)


def test_a_network_that_was_given_its_fields_encodes_as_the_one_that_learned_them():
    net = network(weights=WEIGHTS, random_state=3).fit(STIMULI, LABELS)
    options = {name: value for name, value in net.get_params().items() if name != "n_neurons"}
    given = OrdinalLinkedLCA.from_dictionary(net.dictionaries_, **options)
    np.testing.assert_array_equal(given.transform(TEST), net.transform(TEST))
    np.testing.assert_array_equal(
        given.recall({"right": TEST["right"]}, want="left"), net.recall({"right": TEST["right"]}, want="left")
    )


def test_labels_work_through_the_fields_alone():
    # Frozen, so that the labels have nothing to work on.
    frozen = [network(learning=False).fit(STIMULI, labels) for labels in (LABELS, LABELS[::-1])]
    np.testing.assert_array_equal(frozen[0].transform(TEST), frozen[1].transform(TEST))
    assert np.abs(frozen[0].history_["objective"] - frozen[1].history_["objective"]).max() > 1e-3
    learned = [network().fit(STIMULI, labels) for labels in (LABELS, LABELS[::-1])]
    assert np.abs(learned[0].dictionary_ - learned[1].dictionary_).max() > 0.01
    assert np.abs(learned[0].transform(TEST) - learned[1].transform(TEST)).max() > 0.01


@pytest.mark.parametrize("names", [["bar", "dot", "edge"], [-1.5, 2.0, 7.0], [10, 200, 3000]])
def test_labels_may_be_any_that_can_be_sorted(names):
    net = network().fit(STIMULI, [names[label] for label in LABELS])
    assert net.classes_.tolist() == names
    np.testing.assert_array_equal(net.dictionary_, network().fit(STIMULI, LABELS).dictionary_)


def test_learning_goes_on_with_the_blocks_of_the_first_fit():
    net = network().fit(STIMULI, LABELS)
    blocks = net.blocks_.copy()
    net.partial_fit({name: array[:5] for name, array in STIMULI.items()}, [2] * 5)
    np.testing.assert_array_equal(net.blocks_, blocks)
    np.testing.assert_array_equal(net.classes_, [0, 1, 2])


def test_learning_in_two_parts_is_learning_in_one():
    whole = network().partial_fit(STIMULI, LABELS)
    halves = [{name: array[part] for name, array in STIMULI.items()} for part in (slice(8), slice(8, None))]
    pieces = network().partial_fit(halves[0], LABELS[:8]).partial_fit(halves[1], LABELS[8:])
    np.testing.assert_allclose(pieces.dictionary_, whole.dictionary_, atol=1e-12)


def test_a_network_that_was_given_its_fields_gets_its_blocks_when_it_learns():
    net = OrdinalLinkedLCA.from_dictionary(fields(), threshold=THRESHOLD, batch_size=BATCH, backend="numpy")
    net.partial_fit(STIMULI, LABELS)
    np.testing.assert_array_equal(net.block_of_, np.repeat([0, 1, 2], 4))
    assert len(net.history_) == 3


def test_fitting_again_learns_other_classes():
    net = network().fit(STIMULI, LABELS).fit(STIMULI, np.arange(24) % 2)
    np.testing.assert_array_equal(net.classes_, [0, 1])
    np.testing.assert_array_equal(net.block_of_, np.repeat([0, 1], 6))


def test_the_current_comes_from_labels_and_not_from_their_order_in_the_batch():
    turned = {name: array[::-1] for name, array in STIMULI.items()}
    options = {"batch_size": 24, "learning_rate": MEAN_SQUARE}
    net, other = (
        network(**options).partial_fit(STIMULI, LABELS),
        network(**options).partial_fit(turned, LABELS[::-1]),
    )
    np.testing.assert_allclose(other.dictionary_, net.dictionary_, atol=1e-12)


def test_clones_and_pickles_keep_currents_and_blocks():
    net = network(blocks=np.repeat(np.eye(3), 4, axis=1), neurons_per_class=4).fit(STIMULI, LABELS)
    assert clone(net).current == 0.4
    np.testing.assert_array_equal(clone(net).blocks, net.blocks)
    assert not hasattr(clone(net), "blocks_")
    restored = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(restored.transform(TEST), net.transform(TEST))
    np.testing.assert_array_equal(
        restored.partial_fit(STIMULI, LABELS).dictionary_, net.partial_fit(STIMULI, LABELS).dictionary_
    )
