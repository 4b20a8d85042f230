"""Impossible modalities are refused before any computing, with what was expected, what was got and what to do."""

import numpy as np
import pytest
from linked_cases import fields, stimuli
from sklearn.exceptions import NotFittedError

from neurosim.networks import LinkedLCA

FIELDS = fields()
STIMULI = stimuli(5)
METHODS = ("fit", "partial_fit", "transform", "score", "simulate")


def network(**parameters):
    return LinkedLCA.from_dictionary(FIELDS, **{"batch_size": 2, "backend": "numpy", **parameters})


def changed(**arrays):
    return {**STIMULI, **arrays}


@pytest.mark.parametrize("method", METHODS)
def test_different_numbers_of_stimuli_name_the_modalities(method):
    message = (
        "the same number of stimuli in every modality, got 5 of 'left', 4 of 'right'; row k of each belongs"
    )
    with pytest.raises(ValueError, match=message):
        getattr(network(), method)(changed(right=STIMULI["right"][:4]))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_at_all_is_refused(method):
    with pytest.raises(ValueError, match="expected at least one modality, got none: all are absent"):
        getattr(network(), method)({})


@pytest.mark.parametrize("method", ["partial_fit", "transform", "score", "simulate"])
def test_an_unknown_modality_is_told_the_near_one(method):
    with pytest.raises(ValueError, match=r"one of 'left', 'right', got 'rigth'; did you mean 'right'\?"):
        getattr(network(), method)({"left": STIMULI["left"], "rigth": STIMULI["right"]})


@pytest.mark.parametrize("method", ["partial_fit", "transform", "score", "simulate"])
def test_a_wrong_number_of_features_names_the_modality(method):
    with pytest.raises(ValueError, match="right: expected 5 features, as learned from, got 3"):
        getattr(network(), method)(changed(right=STIMULI["right"][:, :3]))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("value", "name"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_a_value_that_is_not_finite_is_named_with_modality_and_place(method, value, name):
    spoilt = STIMULI["right"].copy()
    spoilt[3, 1] = value
    message = rf"right: expected finite values, got {name} at stimulus 3, feature 1 \(1 such values in all\); repair"
    with pytest.raises(ValueError, match=message):
        getattr(network(), method)(changed(right=spoilt))


@pytest.mark.parametrize("name", ["left eye", "2nd", "_left", "", "left-eye", "größe", "a.b"])
def test_a_name_that_cannot_stand_in_equations_is_refused(name):
    message = (
        "expected names of modalities that can stand in equations, .*; use letters, digits and underscores"
    )
    with pytest.raises(ValueError, match=message):
        LinkedLCA(3).fit({"left": STIMULI["left"], name: STIMULI["right"]})
    with pytest.raises(ValueError, match=message):
        LinkedLCA.from_dictionary({name: FIELDS["left"]})


@pytest.mark.parametrize("name", ["pre", "post", "eye_pre", "eye_post", "injected"])
def test_a_name_that_equations_need_for_something_else_is_refused(name):
    with pytest.raises(ValueError, match=f"have a meaning in equations, got '{name}'; choose another name"):
        LinkedLCA(3).fit({"left": STIMULI["left"], name: STIMULI["right"]})


def test_names_that_look_like_those_of_the_circuit_work():
    names = ("s", "u", "a", "gain", "drive", "inhibit", "stimuli", "e", "xi", "t", "left_", "a__b", "class")
    shown = dict(zip(names, np.random.default_rng(0).standard_normal((len(names), 4, 2)), strict=True))
    net = LinkedLCA(3, batch_size=4, backend="numpy", random_state=0).fit(shown)
    assert net.recall({"class": shown["class"]}, want="e").shape == (4, 2)


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_weights_of_an_unknown_modality_are_told_the_near_one(method):
    with pytest.raises(
        ValueError, match=r"weights: expected one of 'left', 'right', got 'lefd'; did you mean 'left'\?"
    ):
        getattr(network().set_params(weights={"lefd": 2.0}), method)(STIMULI)


@pytest.mark.parametrize("weight", [0, -1, np.nan, np.inf, "2", True])
def test_a_weight_that_is_not_positive_is_named(weight):
    with pytest.raises(ValueError, match=r"weights\['left'\]: expected a finite number above zero, got "):
        network(weights={"left": weight})


@pytest.mark.parametrize("weights", [2.0, [1.0, 2.0], [("left", 2.0)], "left", 0])
def test_weights_that_are_no_mapping_are_refused(weights):
    with pytest.raises(
        ValueError, match=r"weights: expected a mapping from modalities to numbers, such as {'left': 0"
    ):
        LinkedLCA(3, weights=weights).fit(STIMULI)


@pytest.mark.parametrize(
    ("completion", "message"),
    [
        ({"rigth": 5.0}, "completion: expected one of 'left', 'right', got 'rigth'; did you mean 'right'"),
        ({"right": 0}, r"completion\['right'\]: expected a finite number above zero, got 0"),
        (5.0, "completion: expected a mapping from modalities to numbers, such as"),
        ({"right": 5.0}, r"completion\['right'\]: expected a modality of few patterns.* got 5 different"),
    ],
)
def test_completion_of_what_cannot_be_completed_is_refused_before_learning(completion, message):
    net = network(completion=completion)
    before = net.dictionary_
    with pytest.raises(ValueError, match=message):
        net.partial_fit(STIMULI)
    assert net.dictionary_ is before
    with pytest.raises(ValueError, match=message):
        LinkedLCA(3, completion=completion).fit(STIMULI)


def test_a_single_modality_has_nothing_to_be_recalled_from():
    with pytest.raises(
        ValueError, match="completion: expected another modality that 'left' is recalled from"
    ):
        LinkedLCA(3, completion={"left": 5.0}).fit({"left": STIMULI["left"]})


# Two patterns make fields copies of each other.
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_a_pattern_that_was_not_seen_at_first_is_named():
    shown = {name: np.repeat(rows[:2], 4, axis=0) for name, rows in STIMULI.items()}
    net = LinkedLCA(3, completion={"right": 5.0}, batch_size=4, backend="numpy", random_state=0).fit(shown)
    with pytest.raises(ValueError, match=r"right: expected one of the 2 patterns .* another at stimulus 2"):
        net.partial_fit(STIMULI)


@pytest.mark.parametrize("method", ["partial_fit", "transform", "score", "simulate"])
@pytest.mark.parametrize("names", [("left", "right"), ("stimulus", "right")])
def test_a_plain_array_for_several_modalities_is_refused(method, names):
    net = LinkedLCA.from_dictionary(dict(zip(names, FIELDS.values(), strict=True)), backend="numpy")
    message = (
        rf"stimuli by modality, such as {{'{names[0]}': X}}, got a plain array; .* learned {', '.join(names)}"
    )
    for plain in (STIMULI["left"], np.hstack(list(STIMULI.values()))):
        with pytest.raises(ValueError, match=message):
            getattr(net, method)(plain)


def test_a_plain_array_for_one_modality_with_a_name_is_refused_too():
    net = LinkedLCA.from_dictionary({"left": FIELDS["left"]}, backend="numpy")
    with pytest.raises(
        ValueError, match=r"such as \{'left': X\}, got a plain array; the network has learned left"
    ):
        net.transform(STIMULI["left"])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(5), r"left: expected an array of shape \(n_stimuli, n_features\), got shape \(5,\)"),
        (np.zeros((5, 0)), r"left: expected an array of shape .*, got shape \(5, 0\)"),
        (np.zeros((0, 7)), r"left: expected an array of shape .*, got shape \(0, 7\)"),
        (np.zeros((5, 7, 1)), r"left: expected stimuli of shape .*, got \(5, 7, 1\)"),
        (None, r"left: expected an array of shape .*, got shape \(\)"),
        ([[1, 2], [3]], "left: expected an array of shape .*, got rows of different lengths"),
        (np.full((5, 7), "dark"), "left: expected real numbers, got <U4"),
        (np.full((5, 7), 1j), "left: expected real numbers, got complex128"),
        (np.full((5, 7), None), "left: expected real numbers, got object"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_named(array, message):
    with pytest.raises(ValueError, match=message):
        network().transform(changed(left=array))
    with pytest.raises(ValueError, match=message):
        LinkedLCA(3).fit(changed(left=array))


def test_learning_with_a_joint_norm_needs_all_modalities():
    message = "all modalities while learning with norm='joint', got none of right; pass them too, or use norm='each'"
    net = network(norm="joint")
    with pytest.raises(ValueError, match=message):
        net.partial_fit({"left": STIMULI["left"]})
    for name, rows in FIELDS.items():
        np.testing.assert_array_equal(net.dictionaries_[name], rows)
    assert len(net.set_params(learning=False).partial_fit({"left": STIMULI["left"]}).history_) == 3
    assert len(network().partial_fit({"left": STIMULI["left"]}).history_) == 3


def test_an_unknown_norm_is_told_the_near_one():
    with pytest.raises(
        ValueError, match=r"norm: expected one of 'each', 'joint', got 'joined'; did you mean 'joint'\?"
    ):
        network(norm="joined")


def test_dictionaries_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match=r"same number of stimuli in every modality, got 12 of 'left', 3 of 'right'"
    ):
        LinkedLCA.from_dictionary({"left": FIELDS["left"], "right": FIELDS["right"][:3]})
    with pytest.raises(ValueError, match="expected at least one modality, got none"):
        LinkedLCA.from_dictionary({})
    with pytest.raises(ValueError, match="right: expected finite values, got nan"):
        LinkedLCA.from_dictionary({"left": np.eye(2), "right": np.full((2, 2), np.nan)})


def test_what_is_wanted_has_to_be_a_modality():
    with pytest.raises(
        ValueError, match=r"want: expected one of 'left', 'right', got 'lift'; did you mean 'left'\?"
    ):
        network().recall({"left": STIMULI["left"]}, want="lift")
    with pytest.raises(ValueError, match=r"expected stimuli by modality, .* got a plain array"):
        network().recall(STIMULI["left"], want="right")


@pytest.mark.parametrize("call", [
    lambda net: net.transform(STIMULI),
    lambda net: net.recall(STIMULI, want="left"),
    lambda net: net.reconstruct(np.zeros((1, 3))),
    lambda net: net.dictionaries_,
])  # fmt: skip
def test_a_network_that_has_not_learned_says_so(call):
    with pytest.raises(NotFittedError):
        call(LinkedLCA(3))


def test_a_code_of_another_population_is_refused():
    with pytest.raises(ValueError, match=r"expected a code of shape \(n_stimuli, 12\), got \(5, 7\)"):
        network().reconstruct(np.zeros((5, 7)))
