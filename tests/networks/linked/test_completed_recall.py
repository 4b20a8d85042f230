"""Weights of recall that learn from the completed recall: from what, as what, and what they are good for."""

import pickle

import numpy as np
import pytest
from linked_cases import linked, ordinal

import neurosim
from neurosim.networks.linked.completion import completed

# Shown as briefly as to plain loops.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{told}:sklearn.exceptions.ConvergenceWarning")
    for told in (".*not settled", "the code is dense")
]

N_CLASSES, N_STIMULI = 4, 64
RNG = np.random.default_rng(11)
# Prints that are near copies of each other, as 3, 6, 8 and 9 are.
PRINTS = np.abs(np.ones(10) + 0.3 * RNG.standard_normal((N_CLASSES, 10)))
PRINTS /= np.linalg.norm(PRINTS, axis=1, keepdims=True)
CAUSES = np.abs(RNG.standard_normal((2 * N_CLASSES, 12)))


def written(n_stimuli, *, seed=0):
    """Handwriting with its classes: either of two causes a class, some of any other, and noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=n_stimuli)
    own = CAUSES[2 * labels + rng.integers(2, size=n_stimuli)]
    other = rng.random((n_stimuli, 1)) * CAUSES[rng.integers(len(CAUSES), size=n_stimuli)]
    rows = np.abs(own + other + 0.1 * rng.standard_normal(own.shape))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), labels


SEEN, LABELS = written(N_STIMULI)
SHOWN = {"seen": SEEN, "printed": PRINTS[LABELS]}
SHARP = {"completion": {"printed": 10.0}}
OPTIONS = {"threshold": 0.2, "initial_dictionary": "stimuli", "dt": "0.5 ms", "presentation": "50 ms"}


def network(made=linked, **changed):
    return made(**{**OPTIONS, **SHARP, **changed})


@pytest.fixture(scope="module")
def trained():
    return network(n_epochs=5).fit(SHOWN)


def plain_loop(net, code, *, rate):
    """The published rule with the recall completed, from the dictionary that was learned, pixel by pixel."""
    weights = net.dictionaries_["printed"]
    for start in range(0, N_STIMULI, net.batch_size):
        rows = slice(start, start + net.batch_size)
        goal = completed(code[rows] @ weights, net.patterns_["printed"], sharpness=10.0)
        weights = weights + rate * code[rows].T @ (SHOWN["printed"][rows] - goal) / net.batch_size
    return weights


@pytest.mark.parametrize("made", [linked, ordinal])
def test_weights_of_recall_learn_as_plain_loops_say_from_codes_without_what_is_recalled(made):
    net = network(made, learning_rate=0.2).partial_fit(SHOWN, LABELS)
    expected = plain_loop(net, net.transform({"seen": SEEN}), rate=0.2 / net.mean_square_)
    np.testing.assert_allclose(net.recall_weights_["printed"], expected, atol=1e-12)
    other = plain_loop(net, net.transform(SHOWN), rate=0.2 / net.mean_square_)
    assert np.abs(expected - other).max() > 1e-3
    assert np.abs(expected - net.dictionaries_["printed"]).max() > 1e-3


def test_dictionaries_and_codes_are_those_of_a_network_without_completion(trained):
    plain = network(n_epochs=5, completion=None).fit(SHOWN)
    np.testing.assert_array_equal(trained.dictionary_, plain.dictionary_)
    np.testing.assert_array_equal(trained.transform(SHOWN), plain.transform(SHOWN))
    assert not {"recall_weights_", "patterns_"} & set(vars(plain))


def right(net, seen, labels):
    recalled = net.recall({"seen": seen}, want="printed")
    return np.mean((recalled @ PRINTS.T).argmax(axis=1) == labels)


def test_prints_that_are_nearly_alike_are_told_apart_and_not_where_pairs_were_shuffled():
    assert (PRINTS @ PRINTS.T).min() > 0.9
    (seen, labels), (unseen, asked) = written(400, seed=1), written(400, seed=2)
    options = {"n_neurons": 12, "batch_size": 20, "n_epochs": 5, "learning_rate_schedule": "linear"}
    net = network(**options).fit({"seen": seen, "printed": PRINTS[labels]})
    hebbian = right(net.set_params(completion=None), unseen, asked)
    own = right(net.set_params(**SHARP), unseen, asked)
    assert own > hebbian + 0.02
    assert own > 0.85
    mixed = np.random.default_rng(3).permutation(labels)
    shuffled = network(**options).fit({"seen": seen, "printed": PRINTS[mixed]})
    assert right(shuffled, unseen, asked) < 0.4


def test_what_is_recalled_is_linear_in_the_code_and_only_what_is_absent_is_recalled_so(trained):
    alone = {"seen": SEEN[:5]}
    expected = trained.transform(alone) @ trained.recall_weights_["printed"]
    np.testing.assert_array_equal(trained.recall(alone, want="printed"), expected)
    both = {name: rows[:5] for name, rows in SHOWN.items()}
    seen_too = trained.transform(both) @ trained.dictionaries_["printed"]
    np.testing.assert_array_equal(trained.recall(both, want="printed"), seen_too)
    assert set(trained.recall_dictionaries_) == {"seen", "printed"}
    np.testing.assert_array_equal(trained.recall_dictionaries_["seen"], trained.dictionaries_["seen"])


def test_learning_goes_on_where_it_stopped_and_fitting_again_forgets():
    net = network().partial_fit(SHOWN)
    before = net.recall_weights_["printed"]
    net.set_params(learning_rate=1e-12).partial_fit(SHOWN)
    np.testing.assert_allclose(net.recall_weights_["printed"], before, atol=1e-9)
    net.set_params(completion=None).fit(SHOWN)
    assert not {"recall_weights_", "patterns_"} & set(vars(net))


def test_what_is_absent_learns_no_weights_of_recall(trained):
    net = pickle.loads(pickle.dumps(trained))
    for alone in ("seen", "printed"):
        net.partial_fit({alone: SHOWN[alone]})
        np.testing.assert_array_equal(net.recall_weights_["printed"], trained.recall_weights_["printed"])


def test_a_network_that_only_measures_has_none():
    assert "recall_weights_" not in vars(network(learning=False).fit(SHOWN))


def test_both_directions_may_be_completed():
    shown = {"seen": SEEN[np.arange(N_STIMULI) % 4], "printed": PRINTS[LABELS[np.arange(N_STIMULI) % 4]]}
    net = network(completion={"seen": 5.0, "printed": 10.0}).fit(shown)
    assert list(net.recall_weights_) == ["seen", "printed"]
    assert net.patterns_["seen"].shape == (4, 12)


def test_weights_of_recall_depend_on_no_unit(trained):
    louder = {name: 100 * rows for name, rows in SHOWN.items()}
    net = network(n_epochs=5, threshold=20.0).fit(louder)
    np.testing.assert_allclose(net.recall_weights_["printed"], trained.recall_weights_["printed"], atol=1e-9)


def test_saved_and_loaded_a_network_recalls_the_same(trained, tmp_path):
    trained.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    alone = {"seen": SEEN}
    np.testing.assert_array_equal(again.recall(alone, want="printed"), trained.recall(alone, want="printed"))
    again.partial_fit(SHOWN)
    trained_on = pickle.loads(pickle.dumps(trained)).partial_fit(SHOWN)
    np.testing.assert_array_equal(again.recall_weights_["printed"], trained_on.recall_weights_["printed"])
