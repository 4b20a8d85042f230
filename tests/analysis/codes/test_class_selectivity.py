"""Class selectivity: closed forms, planted preference, and what shuffled labels leave of it."""

import numpy as np
import pytest

from neurosim.analysis.codes.class_selectivity import class_selectivity


def planted(n=2000, n_neurons=40, sparse=0.02):
    """Neurons active at random, the first half for stimuli of one class alone."""
    rng = np.random.default_rng(1)
    labels = rng.integers(4, size=n)
    code = (rng.random((n, n_neurons)) < sparse) * rng.exponential(size=(n, n_neurons))
    own = np.arange(n_neurons // 2) % 4
    code[:, : n_neurons // 2] *= labels[:, None] == own
    return code, labels, own


def test_planted_preference_is_found_and_others_are_at_chance():
    code, labels, own = planted()
    found = class_selectivity(code, labels, rng=0)
    assert (found["selectivity"][:20] == 1).all()
    np.testing.assert_array_equal(found["best_class"][:20], own)
    assert found["selectivity"][20:].mean() == pytest.approx(found["shuffled"][20:].mean(), abs=0.05)


def test_chance_rises_as_neurons_respond_to_fewer_stimuli():
    few, many = (class_selectivity(*planted(sparse=s)[:2], rng=0)["shuffled"].mean() for s in (0.01, 0.2))
    assert many < 0.15
    assert few > 0.3


def test_classes_weigh_the_same_however_many_stimuli_they_have():
    code = np.array([[1.0]] * 2 + [[0.5]] * 30)
    labels = [0] * 2 + [1] * 30
    assert class_selectivity(code, labels, rng=0)["selectivity"][0] == pytest.approx(1 / 3)


def test_signs_units_and_numbering_of_classes_are_no_matter():
    code, labels, _ = planted()
    plain = class_selectivity(code, labels, rng=0)
    signs = np.random.default_rng(2).choice([-1, 1], code.shape)
    units = np.logspace(-300, 300, code.shape[1])
    other = class_selectivity(code * signs * units, 7 * labels + 3, rng=0)
    np.testing.assert_allclose(other["selectivity"], plain["selectivity"], rtol=1e-12)
    np.testing.assert_array_equal(other["best_class"], 7 * plain["best_class"] + 3)


def test_a_silent_neuron_has_no_preference():
    found = class_selectivity([[1.0, 0.0], [0.0, 0.0]], [0, 1], rng=0)
    assert np.isnan(found.loc[1, ["selectivity", "shuffled"]].astype(float)).all()
    assert found["best_class"].to_list() == [0, -1]


@pytest.mark.parametrize(
    ("code", "labels", "wrong", "message"),
    [
        ([[1.0], [0.0]], [0, 0], ValueError, "two classes or more"),
        ([[1.0], [0.0]], [0], ValueError, r"shape \(2,\)"),
        ([[1.0], [0.0]], [0.0, 1.0], TypeError, "whole numbers"),
        ([[1.0], [0.0]], [-1, 1], ValueError, "from 0"),
        ([[np.nan], [0.0]], [0, 1], ValueError, "finite `code`"),
    ],
)
def test_impossible_input_is_named(code, labels, wrong, message):
    with pytest.raises(wrong, match=message):
        class_selectivity(code, labels, rng=0)
