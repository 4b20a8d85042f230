"""Impossible labels and blocks are refused with what was expected, what was got and what to do."""

import numpy as np
import pytest
from linked_cases import OWN_STEPS, fields, ordinal, stimuli
from sklearn.exceptions import NotFittedError

from neurosim.networks import OrdinalLinkedLCA

STIMULI = stimuli(6)
LABELS = np.array(["bar", "bar", "dot", "dot", "edge", "edge"])
METHODS = ("fit", "partial_fit")


def network(**changed):
    return ordinal(**{**OWN_STEPS, **changed})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("named", [True, False])
def test_learning_without_labels_is_refused(method, named):
    shown = STIMULI if named else STIMULI["left"]
    message = (
        r"expected one label for each of 6 stimuli, got none; fit\(X, y\) needs them to drive the blocks"
    )
    with pytest.raises(ValueError, match=message):
        getattr(network(), method)(shown)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("labels", [LABELS[:4], LABELS[:, np.newaxis], "bar", 3, np.zeros((6, 3))])
def test_labels_of_another_shape_are_refused(method, labels):
    shape = ", ".join(map(str, np.shape(labels)))
    message = rf"expected one label for each of 6 stimuli, got an array of shape \({shape}"
    with pytest.raises(ValueError, match=message):
        getattr(network(), method)(STIMULI, labels)


@pytest.mark.parametrize(("missing", "name"), [(np.nan, "nan"), (None, "None")])
def test_a_missing_label_is_named_with_its_place(missing, name):
    labels = [0, 1, 0, missing, 1, missing]
    message = rf"each of 6 stimuli, got {name} at stimulus 3 \(2 missing in all\); leave out those stimuli"
    with pytest.raises(ValueError, match=message):
        network().fit(STIMULI, labels)


def test_a_label_outside_the_map_is_named_when_learning_goes_on():
    net = network().fit(STIMULI, LABELS)
    before = net.dictionary_.copy()
    message = "labels of the block map, bar, dot, edge, got corner, line; show all classes to the first fit"
    with pytest.raises(ValueError, match=message):
        net.partial_fit(STIMULI, ["bar", "line", "corner", "dot", "line", "edge"])
    np.testing.assert_array_equal(net.dictionary_, before)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (
            np.eye(3),
            r"blocks: expected a map of shape \(n_classes, n_neurons\) = \(3, 12\) for the labels bar, dot, edge",
        ),
        (np.ones((2, 12)), r"blocks: expected a map of shape .* got shape \(2, 12\)"),
        (np.ones(12), r"blocks: expected a map of shape .* got shape \(12,\)"),
        (np.full((3, 12), np.nan), "blocks: expected finite values, got NaN or infinity"),
        (np.full((3, 12), np.inf), "blocks: expected finite values, got NaN or infinity"),
        (
            np.eye(3, 12) - np.eye(3, 12)[1],
            "blocks: expected every class to drive a neuron, got none for dot",
        ),
        (-np.ones((3, 12)), "blocks: expected every class to drive a neuron, got none for bar, dot, edge"),
        ("plain", "blocks: expected a matrix of numbers, one row for each of bar, dot, edge, got 'plain'"),
        (
            [[1], [1, 2], [1]],
            "blocks: expected a matrix of numbers, one row for each of bar, dot, edge, got ",
        ),
    ],
)
def test_a_map_that_does_not_fit_is_refused(blocks, message):
    with pytest.raises(ValueError, match=message):
        network(blocks=blocks).fit(STIMULI, LABELS)


@pytest.mark.parametrize("size", [5, 12, 1000])
def test_blocks_that_do_not_fit_into_the_population_are_refused(size):
    message = (
        f"holds 3 blocks of {size} neurons, got 12 neurons; use more neurons or a smaller neurons_per_class"
    )
    with pytest.raises(ValueError, match=message):
        network(neurons_per_class=size).fit(STIMULI, LABELS)


def test_more_classes_than_neurons_are_refused():
    with pytest.raises(ValueError, match="a population that holds 6 blocks of 1 neurons, got 4 neurons"):
        ordinal(4).fit(STIMULI, np.arange(6))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("current", -0.1),
        ("current", np.nan),
        ("current", "0.2"),
        ("current", None),
        ("final_current", -0.1),
        ("final_current", "auto"),
        ("initial_threshold", 0),
        ("initial_threshold", "auto"),
        ("block_inhibition", -0.1),
        ("block_inhibition", None),
        ("neurons_per_class", 0),
        ("neurons_per_class", 2.5),
        ("neurons_per_class", "4"),
        ("n_neurons", 8.5),
        ("n_neurons", "12"),
        ("n_neurons", 0),
        ("norm", "joined"),
        ("weights", [1.0, 2.0]),
    ],
)
def test_an_impossible_parameter_is_named_with_its_value(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected .*got "):
        OrdinalLinkedLCA(**{"n_neurons": 12, "batch_size": 2, name: value}).fit(STIMULI, LABELS)


@pytest.mark.parametrize("changed", [{"nonnegative": False}, {"threshold_kind": "hard"}])
def test_a_threshold_that_falls_goes_with_one_sided_soft_neurons(changed):
    with pytest.raises(
        ValueError, match="initial_threshold: goes with nonnegative = true and threshold_kind"
    ):
        network(initial_threshold=0.7, **changed).fit(STIMULI, LABELS)


@pytest.mark.parametrize("changed", [{"nonnegative": False}, {"form": "residual"}])
def test_inhibition_between_blocks_goes_with_lateral_weights_of_one_sided_neurons(changed):
    with pytest.raises(
        ValueError, match='block_inhibition: goes with nonnegative = true and form = "lateral"'
    ):
        network(block_inhibition=0.1, **changed).fit(STIMULI, LABELS)


def test_inhibition_between_blocks_is_refused_where_there_are_none():
    net = OrdinalLinkedLCA.from_dictionary(fields(), block_inhibition=0.1, backend="numpy")
    with pytest.raises(
        ValueError, match="block_inhibition: expected a network that has learned and so has blocks"
    ):
        net.transform(STIMULI)


def test_stimuli_are_checked_before_labels():
    with pytest.raises(ValueError, match="got 6 of 'left', 5 of 'right'"):
        network().fit({"left": STIMULI["left"], "right": STIMULI["right"][:5]}, None)


def test_no_modality_may_have_the_name_of_the_current():
    # It would be overwritten by the current at every onset.
    with pytest.raises(ValueError, match="have a meaning in equations, got 'injected'"):
        network().fit({"left": STIMULI["left"], "injected": STIMULI["right"]}, LABELS)


@pytest.mark.parametrize("name", ["block_of_", "leftover_neurons_", "dictionaries_"])
def test_a_network_that_has_not_learned_has_no_blocks(name):
    with pytest.raises(NotFittedError):
        getattr(OrdinalLinkedLCA(12), name)


def test_a_network_that_was_given_its_fields_has_no_blocks_either():
    with pytest.raises(NotFittedError):
        _ = OrdinalLinkedLCA.from_dictionary(fields()).block_of_
