"""Blocks inhibit each other while codes settle, beside the overlap of fields; no label and no learning takes part."""

from copy import copy

import numpy as np
import pandas as pd
import pytest
from linked_cases import MEAN_SQUARE, OWN_STEPS, WEIGHTS, ordinal, stimuli

import neurosim
from neurosim.networks.linked.block_inhibition import rivals

STIMULI, TEST = stimuli(24), stimuli(8, seed=7)
LABELS = np.arange(24) % 3
CLOSE = {**OWN_STEPS, "epsilon": 1e-6, "tolerance": 1e-5, "threshold": 0.3}
KAPPA = 0.3


def network(**changed):
    options = {
        "current": 0.15,
        "initial_dictionary": "stimuli",
        "learning_rate": MEAN_SQUARE,
        "weights": WEIGHTS,
    }
    return ordinal(**CLOSE | options | changed).fit(STIMULI, LABELS)


NET = network()


def inhibited(strength=KAPPA, **changed):
    return copy(NET).set_params(block_inhibition=strength, **changed)


def drive_of(net, shown):
    return sum(net.weights[name] * shown[name] @ rows.T for name, rows in net.dictionaries_.items())


def test_codes_are_fixed_points_of_membranes_with_the_added_weights():
    net = inhibited()
    code = net.transform(TEST)
    potential = drive_of(net, TEST) - code @ (net.lateral_ + KAPPA * rivals(net.block_of_))
    np.testing.assert_allclose(code, np.maximum(0, potential - net.threshold), atol=3e-5)
    assert np.abs(code - NET.transform(TEST)).max() > 0.05


def test_the_block_that_answers_most_holds_the_others_back():
    def inside(net):
        sums = net.transform(TEST) @ (net.block_of_[:, np.newaxis] == np.arange(3))
        return (sums.max(axis=1) / sums.sum(axis=1)).mean()

    shares = [inside(inhibited(strength)) for strength in (0, 0.1, 0.3, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.1


def test_neurons_of_no_block_neither_inhibit_nor_are_inhibited():
    np.testing.assert_array_equal(rivals(np.array([0, 1, -1]))[2], 0)
    net = network(neurons_per_class=3).set_params(block_inhibition=50.0)
    free, code = net.leftover_neurons_, net.transform(TEST)
    assert len(free) == 3
    # Blocks silence each other all but for one; the free neurons settle as in a population of theirs and that one's.
    for row, potentials in zip(code, drive_of(net, TEST), strict=True):
        active = np.flatnonzero(row)
        assert len(set(net.block_of_[active]) - {-1}) <= 1
        assert row[free] == pytest.approx(
            np.maximum(0, potentials - row @ net.lateral_ - net.threshold)[free], abs=1e-3
        )


def test_learning_knows_nothing_of_it():
    net = network(block_inhibition=KAPPA)
    np.testing.assert_array_equal(net.dictionary_, NET.dictionary_)
    np.testing.assert_array_equal(net.lateral_, NET.lateral_)
    pd.testing.assert_frame_equal(net.history_, NET.history_, check_exact=True)
    np.testing.assert_array_equal(net.transform(TEST), inhibited().transform(TEST))
    # The circuit has been used with it, and learns without it again.
    parts = [copy(each).partial_fit(STIMULI, LABELS) for each in (net, NET)]
    np.testing.assert_array_equal(parts[0].dictionary_, parts[1].dictionary_)


def test_none_is_none_to_the_last_bit():
    inhibited().transform(TEST)
    np.testing.assert_array_equal(inhibited(0.0).transform(TEST), NET.transform(TEST))


def test_the_objective_counts_it_and_settling_lowers_it():
    net = inhibited()
    code, without = net.transform(TEST), NET.transform(TEST)
    blocks = code @ (net.block_of_[:, np.newaxis] == np.arange(3))
    between = (blocks.sum(axis=1) ** 2 - (blocks**2).sum(axis=1)) / 2
    np.testing.assert_allclose(
        net.objective(TEST, code) - NET.objective(TEST, code), KAPPA * between, atol=1e-12
    )
    assert between.max() > 0.01
    assert (net.objective(TEST, code) <= net.objective(TEST, without) + 1e-9).mean() > 0.9
    assert (NET.objective(TEST, code) >= NET.objective(TEST, without) - 1e-9).all()


def test_recall_and_recordings_settle_as_codes_do():
    net = inhibited()
    alone = {"left": TEST["left"]}
    np.testing.assert_array_equal(
        net.recall(alone, want="right"), net.transform(alone) @ net.dictionaries_["right"]
    )
    last = net.set_params(presentation="2 seconds").simulate(TEST, record=("a",), every=50)["a"].isel(time=-1)
    np.testing.assert_allclose(last, inhibited().transform(TEST), atol=1e-3)


def test_a_saved_network_settles_to_the_same_codes(tmp_path):
    net = inhibited()
    net.save(tmp_path / "net.nc")
    np.testing.assert_array_equal(neurosim.load(tmp_path / "net.nc").transform(TEST), net.transform(TEST))


def test_strong_inhibition_settles(recwarn):
    strong = inhibited(20.0, epsilon=None, tolerance=None)
    assert not strong.settle(TEST).unsettled.any()


@pytest.mark.slow
def test_every_backend_settles_to_the_same_codes(compiled_backend):
    code = inhibited(backend=compiled_backend).transform(TEST)
    np.testing.assert_allclose(code, inhibited().transform(TEST), atol=1e-4)
