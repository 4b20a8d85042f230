"""Cases whose settled activity can be written down."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_lca import random_dictionary

from neurosim.networks import LCA

FORMS = ("lateral", "residual")
# Every change of activity is sent and no presentation ends early.
TO_THE_END = {"presentation": "2000 ms", "epsilon": 0, "batch_size": 1}
STIMULUS = np.array([2.0, 0.25, -1.0, 0.75, -0.6, 0.0])
# With threshold .5 and, for the firm one, upper threshold 1.
THRESHOLDED = {
    "soft": [1.5, 0, -0.5, 0.25, -0.1, 0],
    "hard": [2, 0, -1, 0.75, -0.6, 0],
    "firm": [2, 0, -1, 0.5, -0.2, 0],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("kind", THRESHOLDED)
def test_neurons_without_overlap_give_the_thresholded_stimulus(kind, nonnegative, form):
    net = LCA.from_dictionary(
        np.eye(6), threshold=0.5, threshold_kind=kind, nonnegative=nonnegative, form=form,
        presentation="200 ms", epsilon=0, batch_size=1,
    )  # fmt: skip
    expected = np.array(THRESHOLDED[kind])
    if nonnegative:
        expected = np.where(expected > 0, expected, 0)
    np.testing.assert_allclose(net.transform([STIMULUS]), [expected], atol=1e-12)


# Stimuli whose squares are no numbers are refused.
PIXELS = st.floats(-100, 100).map(lambda value: value if abs(value) > 1e-100 else 0.0)


@settings(max_examples=25, deadline=None)
@given(stimulus=arrays(np.float64, 6, elements=PIXELS))
def test_any_stimulus_is_soft_thresholded_by_neurons_without_overlap(stimulus):
    net = LCA.from_dictionary(
        np.eye(6), threshold=0.5, threshold_kind="soft", presentation="200 ms", batch_size=1
    )
    expected = np.sign(stimulus) * np.maximum(np.abs(stimulus) - 0.5, 0)
    np.testing.assert_allclose(net.transform([stimulus])[0], expected, atol=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", [1e-6, 0.1])
def test_a_better_matching_field_silences_an_overlapping_one(level, form):
    dictionary = [[0, 0.5**0.5, 0.5**0.5], [3**-0.5, 3**-0.5, 3**-0.5]]
    net = LCA.from_dictionary(dictionary, threshold=level, form=form, **TO_THE_END)
    np.testing.assert_allclose(net.transform([[0, 1, 1]]), [[2**0.5 - level, 0]], atol=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", [1e-6, 0.1])
def test_a_negative_overlap_excites_a_neuron_that_the_stimulus_does_not_drive(level, form):
    dictionary = np.array([[-(3**-0.5), 3**-0.5, 3**-0.5], [1, 0, 0]])
    stimulus = np.array([0.0, 1.0, 1.0])
    net = LCA.from_dictionary(dictionary, threshold=level, form=form, **TO_THE_END)
    code = net.transform([stimulus])
    # Both active: (1 + G) a = b - level.
    expected = np.linalg.solve(dictionary @ dictionary.T, dictionary @ stimulus - level)
    assert (dictionary @ stimulus)[1] == 0
    np.testing.assert_allclose(code, [expected], atol=1e-9)
    np.testing.assert_allclose(code, [[3**0.5, 1]], atol=4 * level)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nonnegative", [False, True])
def test_a_field_shown_as_stimulus_activates_its_neuron_alone(nonnegative, form):
    dictionary = random_dictionary(32, 16, np.random.default_rng(3))
    net = LCA.from_dictionary(
        dictionary, threshold=0.1, nonnegative=nonnegative, form=form, **TO_THE_END | {"batch_size": 32}
    )
    code = net.transform(dictionary)
    np.testing.assert_allclose(code, 0.9 * np.eye(32), atol=1e-9)
    np.testing.assert_array_equal(code != 0, np.eye(32, dtype=bool))


def test_a_mixture_of_two_fields_activates_more_than_one_neuron():
    dictionary = random_dictionary(32, 16, np.random.default_rng(3))
    net = LCA.from_dictionary(dictionary, threshold=0.1, presentation="2000 ms", batch_size=32)
    assert ((net.transform(dictionary + np.roll(dictionary, 1, axis=0)) != 0).sum(axis=1) > 1).all()
