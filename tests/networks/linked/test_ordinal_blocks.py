"""Blocks of neurons: which class drives which, where their fields start, and that they come to stand for it."""

import functools

import numpy as np
import pytest
from linked_cases import OWN_STEPS, ordinal, stimuli
from reference_lca import random_dictionary

from neurosim.networks import OrdinalLinkedLCA

SIZES = {"seen": 16, "heard": 10}
N_CLASSES, N_NEURONS = 3, 13


def of_classes(n_stimuli, seed):
    """Noisy copies of two prototypes per class, and the labels."""
    rng = np.random.default_rng(3)
    prototypes = {name: random_dictionary(2 * N_CLASSES, size, rng) for name, size in SIZES.items()}
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=n_stimuli)
    kind = 2 * labels + rng.integers(2, size=n_stimuli)
    noise = {name: 0.15 * rng.standard_normal((n_stimuli, size)) for name, size in SIZES.items()}
    return {name: rows[kind] + noise[name] for name, rows in prototypes.items()}, labels


TRAIN, LABELS = of_classes(300, 1)
TEST, TEST_LABELS = of_classes(150, 2)
MEAN_SQUARE = float(np.square(np.hstack(list(TRAIN.values()))).mean())


def network(n_neurons=N_NEURONS, **changed):
    options = {
        "threshold": 0.4, "current": 0.4, "batch_size": 20, "n_epochs": 4,
        "learning_rate": 2.0 * MEAN_SQUARE, "learning_rate_schedule": "constant",
        "initial_dictionary": "noise", "random_state": 0, "backend": "numpy",
        **changed,
    }  # fmt: skip
    return OrdinalLinkedLCA(n_neurons, **options)


# Planted classes.


@functools.cache
def purity(*, current=0.4, shuffled=False, shown=("seen", "heard")):
    """Share of the blocks' activity that is in the block of the stimulus's class, mean of two networks."""
    shares = []
    for seed in (0, 1):
        labels = np.random.default_rng(seed).permutation(LABELS) if shuffled else LABELS
        net = network(current=current, random_state=seed).fit(TRAIN, labels)
        code = net.transform({name: TEST[name] for name in shown})
        right = code[net.block_of_ == TEST_LABELS[:, np.newaxis]].sum()
        shares.append(right / code[:, net.block_of_ >= 0].sum())
    return np.mean(shares)


def test_blocks_come_to_stand_for_their_classes():
    assert purity() > 0.85


def test_they_do_so_for_one_modality_alone():
    assert purity(shown=("seen",)) > 0.85


def test_without_a_current_they_stand_for_nothing():
    assert purity(current=0) < 0.5


def test_with_shuffled_labels_they_stand_for_nothing():
    assert purity(shuffled=True) < 0.5


# Where fields start.


@pytest.mark.parametrize("scale", [1, 1e-3])
@pytest.mark.parametrize("norm", ["each", "joint"])
def test_fields_start_from_stimuli_of_their_own_class(norm, scale):
    shown = {name: scale * array for name, array in TRAIN.items()}
    net = network(norm=norm, initial_dictionary="stimuli", learning=False).fit(shown, LABELS)
    for name, rows in net.dictionaries_.items():
        likeness = rows @ (TRAIN[name] / np.linalg.norm(TRAIN[name], axis=1, keepdims=True)).T
        likeness /= np.linalg.norm(rows, axis=1, keepdims=True)
        best = likeness.argmax(axis=1)
        driven = net.block_of_ >= 0
        assert (likeness.max(axis=1) > 0.999).all()
        np.testing.assert_array_equal(LABELS[best][driven], net.block_of_[driven])


def test_the_start_does_not_depend_on_the_unit_of_the_stimuli():
    starts = [
        network(threshold=0.4 * s, current=0.4 * s, initial_dictionary="stimuli", learning=False).fit(
            {m: s * a for m, a in TRAIN.items()}, LABELS
        )
        for s in (1, 1e-3, 1e3)
    ]
    for other in starts[1:]:
        np.testing.assert_allclose(other.dictionary_, starts[0].dictionary_, atol=1e-12)


def test_fields_of_a_plain_array_start_with_unit_norm():
    net = network(initial_dictionary="stimuli", learning=False).fit(5 * TRAIN["seen"], LABELS)
    np.testing.assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1, rtol=1e-12)


def test_a_class_with_fewer_stimuli_than_neurons_gives_each_to_several():
    shown = {name: array[:3] for name, array in stimuli(3).items()}
    net = ordinal(12, **OWN_STEPS, learning=False).fit(shown, [0, 1, 2])
    best = (net.dictionaries_["left"] @ shown["left"].T).argmax(axis=1)
    np.testing.assert_array_equal(best, np.repeat([0, 1, 2], 4))


# Which class drives which neuron.


def mapped(**options):
    return network(learning=False, n_epochs=1, **options).fit(TRAIN, LABELS)


def test_neurons_that_do_not_fit_into_blocks_are_left_over_and_stated():
    net = mapped()
    np.testing.assert_array_equal(net.block_of_, [0] * 4 + [1] * 4 + [2] * 4 + [-1])
    np.testing.assert_array_equal(net.leftover_neurons_, [12])
    np.testing.assert_array_equal(net.blocks_.sum(axis=1), [4, 4, 4])


def test_the_published_blocks_leave_six_of_256_neurons_over():
    net = ordinal(256, learning=False, **OWN_STEPS, initial_dictionary="noise").fit(
        stimuli(20), np.arange(20) % 10
    )
    np.testing.assert_array_equal(net.block_of_[:250], np.repeat(np.arange(10), 25))
    np.testing.assert_array_equal(net.leftover_neurons_, np.arange(250, 256))


def test_blocks_may_be_smaller():
    net = mapped(neurons_per_class=2)
    np.testing.assert_array_equal(net.block_of_, [0, 0, 1, 1, 2, 2] + [-1] * 7)
    np.testing.assert_array_equal(net.leftover_neurons_, np.arange(6, 13))


def test_any_map_may_overlap_inhibit_and_leave_neurons_over():
    blocks = [[1, 1, 0.5, 0, -1], [0, 1, 0, 2, 0], [0, 0, 0.5, 0, -1]]
    net = network(
        5, threshold=0.6, blocks=blocks, initial_dictionary="stimuli", learning=False, n_epochs=1
    ).fit(TRAIN, LABELS)
    np.testing.assert_array_equal(net.blocks_, blocks)
    np.testing.assert_array_equal(net.block_of_, [0, -1, -1, 1, -1])
    np.testing.assert_array_equal(net.leftover_neurons_, [4])


def test_a_map_of_plain_blocks_is_the_same_as_asking_for_them():
    blocks = np.repeat(np.eye(3), 4, axis=1)
    plain, given = (network(12, n_epochs=1, **how).fit(TRAIN, LABELS) for how in ({}, {"blocks": blocks}))
    np.testing.assert_array_equal(given.dictionary_, plain.dictionary_)


# Two classes of three answer with this neuron.
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_a_negative_entry_keeps_a_neuron_from_a_class():
    start, labels = np.vstack([np.eye(3), [[1, 1, 1]]]), [0, 0, 1, 1, 2, 2]
    shown, blocks = np.repeat(np.eye(3), 2, axis=0) + 0.5, np.eye(3, 4)
    usage = []
    for entry in (0, -5):
        blocks[0, 3] = entry
        options = {"initial_dictionary": start, "learning": False, "threshold": 0.3, **OWN_STEPS}
        net = ordinal(4, current=0.2, blocks=blocks, **options).fit(shown, labels)
        usage.append(net.usage_[3])
    np.testing.assert_allclose(usage, [1, 2 / 3])
