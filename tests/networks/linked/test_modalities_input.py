"""Stimuli by modality at the door: names, shapes, precision, and weights of the present and the absent."""

from collections import OrderedDict
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.networks.linked.modalities import as_modalities, checked_names, gains_of, side_by_side

SIZES = {"left": 3, "right": 2}
LEFT, RIGHT = np.arange(12.0).reshape(4, 3), np.arange(8.0).reshape(4, 2)
BOTH = {"left": LEFT, "right": RIGHT}


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType])
def test_any_mapping_gives_arrays_by_modality(kind):
    arrays = as_modalities(kind({"left": LEFT.tolist(), "right": RIGHT}))
    assert list(arrays) == ["left", "right"]
    for name, expected in BOTH.items():
        np.testing.assert_array_equal(arrays[name], expected)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("f4", "f4"), np.float32),
        (("f4", "f8"), np.float64),
        (("f4", "i4"), np.float64),
        (("u1", "?"), np.float64),
        (("f2", "f2"), np.float64),
    ],
)
def test_precision_is_single_only_if_all_are(dtypes, expected):
    arrays = as_modalities({"left": LEFT.astype(dtypes[0]), "right": RIGHT.astype(dtypes[1])})
    assert {array.dtype for array in arrays.values()} == {np.dtype(expected)}


def test_the_first_value_that_is_not_finite_is_named_and_all_are_counted():
    spoilt = LEFT.copy()
    spoilt[1, 2], spoilt[3, 0] = -np.inf, np.nan
    message = (
        r"left: expected finite values, got -inf at stimulus 1, feature 2 \(2 such values in all\); repair"
    )
    with pytest.raises(ValueError, match=message):
        as_modalities({"right": RIGHT, "left": spoilt})


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ({}, "at least one modality, got none"),
        ({"left": LEFT[0]}, r"left: expected an array of shape \(n_stimuli, n_features\), got shape \(3,\)"),
        ({"left": LEFT[:0]}, r"left: expected an array .* got shape \(0, 3\)"),
        ({"left": [[1], [2, 3]]}, "left: expected an array .* got rows of different lengths"),
        ({"left": LEFT.astype(str)}, "left: expected real numbers, got <U"),
        ({"left": LEFT, "right": RIGHT[:3]}, "got 4 of 'left', 3 of 'right'; row k of each belongs together"),
    ],
)
def test_what_cannot_be_shown_is_refused(shown, message):
    with pytest.raises(ValueError, match=message):
        as_modalities(shown)


@given(name=st.builds(str.__add__, st.sampled_from("aBz"), st.text("pret_post09Z", max_size=8)))
def test_names_of_letters_digits_and_underscores_can_stand_in_equations(name):
    if name.endswith(("_pre", "_post")) or name in ("pre", "post", "injected"):
        with pytest.raises(ValueError, match="have a meaning in equations"):
            checked_names({name: LEFT})
    else:
        assert checked_names({name: LEFT}) == {name: 3}


@pytest.mark.parametrize("name", ["", " left", "left eye", "1", "_x", "naïve", "a+b"])
def test_other_names_cannot(name):
    with pytest.raises(ValueError, match=f"such as 'left_eye', got '{name}'".replace("+", r"\+")):
        checked_names({"right": RIGHT, name: LEFT})


def test_stimuli_stand_side_by_side_in_the_order_that_was_learned():
    for shown in (BOTH, dict(reversed(BOTH.items()))):
        np.testing.assert_array_equal(side_by_side(shown, SIZES), np.hstack([LEFT, RIGHT]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_absent_are_zeros_of_the_same_precision(dtype):
    rows = side_by_side({"right": RIGHT.astype(dtype)}, SIZES)
    np.testing.assert_array_equal(rows, np.hstack([0 * LEFT, RIGHT]))
    assert rows.dtype == dtype


def test_unknown_modalities_and_features_are_named():
    with pytest.raises(
        ValueError, match=r"modality: expected one of 'left', 'right', got 'rihgt'; did you mean 'right'\?"
    ):
        side_by_side({"left": LEFT, "rihgt": RIGHT}, SIZES)
    with pytest.raises(ValueError, match=r"got 'sound'$"):
        side_by_side({"sound": RIGHT}, SIZES)
    with pytest.raises(ValueError, match="right: expected 2 features, as learned from, got 3"):
        side_by_side({"right": LEFT}, SIZES)


@pytest.mark.parametrize(
    ("weights", "present", "gains"),
    [
        (None, ("left", "right"), (1, 1)),
        ({}, ("right",), (0, 1)),
        ({"right": 3}, ("right", "left"), (1, 3)),
        ({"left": 0.5, "right": 3}, ("right",), (0, 3)),
        (MappingProxyType({"left": np.float32(0.5)}), ("left", "right"), (0.5, 1)),
    ],
)
def test_gains_are_the_weights_of_the_present_and_zero_for_the_absent(weights, present, gains):
    assert gains_of(weights, SIZES, present=present) == gains


@pytest.mark.parametrize(
    ("weights", "present", "gains"),
    [
        ({"left": 0.5, "right": 3}, ("left",), (3, 0)),
        ({"left": 0.25}, ("left",), (1, 0)),
        ({"left": 0.25}, ("right",), (0, 1)),
        ({"left": 4}, ("right",), (0, 4)),
    ],
)
def test_without_the_strongest_the_others_become_as_strong(weights, present, gains):
    assert gains_of(weights, SIZES, present=present) == gains


def test_those_present_keep_their_proportions():
    sizes, weights = {"seen": 1, "heard": 2, "felt": 3}, {"seen": 6.0, "heard": 3.0, "felt": 0.5}
    assert gains_of(weights, sizes, present=("heard", "felt")) == (0, 6, 1)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"left": 0.0}, r"weights\['left'\]: expected a finite number above zero, got 0.0"),
        ({"left": -1}, r"weights\['left'\]: expected a finite number above zero, got -1"),
        ({"left": np.inf}, r"weights\['left'\]: expected a finite number above zero, got inf"),
        ({"left": None}, r"weights\['left'\]: expected a finite number above zero, got None"),
        ({"lefft": 1}, "weights: expected one of 'left', 'right', got 'lefft'; did you mean 'left'"),
        (
            [1, 2],
            r"weights: expected a mapping from modalities to numbers, such as \{'left': 0.5\}, got \[1, 2\]",
        ),
        (0, r"weights: expected a mapping from modalities to numbers, such as .* got 0$"),
    ],
)
def test_impossible_weights_are_named(weights, message):
    with pytest.raises(ValueError, match=message):
        gains_of(weights, SIZES, present=SIZES)
