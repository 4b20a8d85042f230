"""Threshold and current move from batch to batch while the network learns, and are constant in every other call."""

import numpy as np
import pandas as pd
import pytest
from linked_cases import MEAN_SQUARE, fields, ordinal, stimuli

from neurosim.networks import OrdinalLinkedLCA

# Shown as briefly as to plain loops; a neuron alone that answers is the whole population.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning"),
]

START = np.hstack(list(fields().values()))
STIMULI = stimuli(24)
LABELS = np.arange(24) % 3
SETTLED = {"presentation": "1 second", "epsilon": 0, "backend": "numpy"}
THRESHOLD, FIRST, CURRENT, LAST = 0.3, 0.7, 0.5, 0.1


def alone(**changed):
    """One neuron whose field is one and stays one, so that its activity tells threshold and current."""
    options = {
        "threshold": THRESHOLD,
        "blocks": [[1], [0.5]],
        "initial_dictionary": np.eye(1),
        "batch_size": 1,
    }
    return OrdinalLinkedLCA(1, **options, **SETTLED, **changed)


def costs(shown, threshold, current):
    """Objectives, which count the last threshold alone, of a neuron under these thresholds and currents."""
    activity = np.maximum(0, shown + current - threshold)
    return (shown - activity) ** 2 / 2 + THRESHOLD * activity


@pytest.mark.parametrize("n_batches", [2, 7, 20])
def test_every_batch_has_its_own_threshold_and_current(n_batches):
    # 20 batches are several runs of the circuit.
    shown, labels = np.linspace(0.2, 2, n_batches), np.arange(n_batches) % 2
    net = alone(initial_threshold=FIRST, current=CURRENT, final_current=LAST)
    net.partial_fit(shown[:, np.newaxis], labels)
    left = 1 - np.arange(n_batches) / n_batches
    threshold, current = THRESHOLD + (FIRST - THRESHOLD) * left, LAST + (CURRENT - LAST) * left
    expected = costs(shown, threshold, np.where(labels == 0, 1, 0.5) * current)
    np.testing.assert_allclose(net.history_["objective"], expected, atol=1e-9)
    # And none of it is left afterwards.
    np.testing.assert_allclose(
        net.transform(shown[:, np.newaxis])[:, 0], np.maximum(0, shown - THRESHOLD), atol=1e-9
    )


def test_each_call_starts_anew_as_the_learning_rate_does():
    shown, labels = np.array([[0.9], [1.1], [1.3], [1.5]]), [0, 1, 0, 1]
    net = alone(initial_threshold=FIRST, current=CURRENT, final_current=LAST)
    net.partial_fit(shown, labels).partial_fit(shown, labels)
    objective = net.history_["objective"].to_numpy()
    np.testing.assert_array_equal(objective[:4], objective[4:])
    whole = alone(initial_threshold=FIRST, current=CURRENT, final_current=LAST)
    whole.partial_fit(np.tile(shown, (2, 1)), 2 * labels)
    assert np.abs(whole.history_["objective"] - objective).max() > 1e-3


def learned(**changed):
    options = {"initial_dictionary": START, "learning_rate": 2.0 * MEAN_SQUARE, "current": 0.4, "n_epochs": 2}
    return ordinal(**options | changed).fit(STIMULI, LABELS)


def test_what_ends_where_it_begins_changes_nothing_to_the_last_bit():
    net, plain = learned(initial_threshold=0.5, final_current=0.4, threshold=0.5), learned(threshold=0.5)
    np.testing.assert_array_equal(net.dictionary_, plain.dictionary_)
    pd.testing.assert_frame_equal(net.history_, plain.history_, check_exact=True)
    assert np.abs(learned(initial_threshold=0.7, threshold=0.5).dictionary_ - plain.dictionary_).max() > 1e-3
    assert np.abs(learned(final_current=0.0, threshold=0.5).dictionary_ - plain.dictionary_).max() > 1e-3


def test_a_threshold_raised_by_a_current_teaches_what_a_higher_threshold_does():
    # In a single batch all is as learning begins.
    one = {
        "batch_size": 24,
        "n_epochs": 1,
        "dt": None,
        "presentation": None,
        "epsilon": 0,
        "tolerance": 1e-10,
    }
    raised, higher = learned(threshold=0.3, initial_threshold=0.6, **one), learned(threshold=0.6, **one)
    np.testing.assert_allclose(raised.dictionary_, higher.dictionary_, atol=1e-7)
    np.testing.assert_array_equal(raised.usage_, higher.usage_)
    assert np.abs(learned(threshold=0.3, **one).dictionary_ - higher.dictionary_).max() > 1e-3


def test_the_current_by_default_is_three_quarters_of_the_first_threshold():
    def first(**changed):
        return alone(**changed).partial_fit([[1.0], [1.0]], [0, 1]).history_["objective"][0]

    assert first(initial_threshold=0.8) == first(initial_threshold=0.8, current=0.6)
    assert first(initial_threshold=0.8) != first(initial_threshold=0.8, current=0.75 * THRESHOLD)
