"""Recall of one modality from another: closed forms, invariance to strength, and chance for strangers."""

import numpy as np
import pytest

from neurosim.analysis.codes.recall import recall_accuracy, recall_error


def prototypes(n_classes=10, n_pixels=64, seed=0):
    return np.random.default_rng(seed).random((n_classes, n_pixels))


LABELS = np.arange(500) % 10


@pytest.mark.parametrize(("factor", "error", "cosine"), [(1, 0, 1), (0.5, 0.25, 1), (-1, 4, -1)])
def test_a_scaled_recall_has_the_error_of_its_scale(factor, error, cosine):
    wanted = prototypes()[LABELS]
    table = recall_error(factor * wanted, wanted, LABELS)
    np.testing.assert_allclose(table["relative_error"], error, atol=1e-12)
    np.testing.assert_allclose(table["cosine"], cosine)
    assert table.index.tolist() == [*map(str, range(10)), "all"]
    assert table.loc["all", "n"] == 500


def test_planted_noise_has_its_share_of_the_energy():
    wanted = prototypes()[LABELS]
    noise = np.random.default_rng(1).normal(size=wanted.shape)
    noise *= np.linalg.norm(wanted, axis=1, keepdims=True) / np.linalg.norm(noise, axis=1, keepdims=True)
    np.testing.assert_allclose(recall_error(wanted + 0.3 * noise, wanted, LABELS)["relative_error"], 0.09)


def test_a_faint_stimulus_weighs_as_much_as_a_strong_one():
    wanted = np.array([[1.0, 0.0], [100.0, 0.0]])
    table = recall_error([[0.0, 0.0], [100.0, 0.0]], wanted, [0, 1])
    assert table.loc["all", "relative_error"] == 0.5
    assert table["silent"].tolist() == [1, 0, 1]


def test_prototypes_themselves_are_recognised_at_any_strength():
    strength = np.random.default_rng(0).uniform(0.01, 50, (500, 1))
    table = recall_accuracy(strength * prototypes()[LABELS], 7 * prototypes(), LABELS)
    assert (table["accuracy"] == 1).all()


def test_recalls_of_other_stimuli_are_at_chance():
    recalled = prototypes()[np.random.default_rng(0).permutation(LABELS)]
    assert recall_accuracy(recalled, prototypes(), LABELS).loc["all", "accuracy"] == pytest.approx(
        0.1, abs=0.05
    )


def test_one_confused_class_is_wrong_in_its_own_row_only():
    recalled = prototypes()[np.where(LABELS == 4, 9, LABELS)]
    accuracy = recall_accuracy(recalled, prototypes(), LABELS)["accuracy"]
    assert accuracy["4"] == 0
    assert accuracy["all"] == pytest.approx(0.9)
    assert (accuracy.drop(["4", "all"]) == 1).all()


def test_silence_and_ties_are_wrong():
    known = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    table = recall_accuracy([[0.0, 0.0], [0.0, 3.0], [0.0, 3.0], [1.0, 0.2]], known, [0, 1, 2, 0])
    assert table["accuracy"].tolist() == [0.5, 0, 0, 0.25]
    assert table.loc["all", "silent"] == 1
    assert recall_accuracy([[0.0, 0.0]], known[:1], [0])["accuracy"].tolist() == [0, 0]


def test_bad_input_is_refused():
    wanted = prototypes()
    with pytest.raises(ValueError, match="as those wanted"):
        recall_error(wanted[:, :5], wanted, range(10))
    with pytest.raises(ValueError, match="`wanted` with some energy in every row, got 1"):
        recall_error(wanted, wanted * (np.arange(10) > 0)[:, None], range(10))
    with pytest.raises(ValueError, match="from 0 to 9, one per prototype, got 10"):
        recall_accuracy(wanted, wanted, range(1, 11))
    with pytest.raises(ValueError, match="64 pixels, as recalled, got 5"):
        recall_accuracy(wanted, wanted[:, :5], range(10))
    with pytest.raises(ValueError, match="finite `recalled`"):
        recall_accuracy(np.full((10, 64), np.nan), wanted, range(10))
