import numpy as np
import pytest

from neurosim.measures.recall import recall_measures
from neurosim.stimuli.kinds.stimuli import Labels, Stimuli


def _stimuli(*, labelled: bool) -> Stimuli:
    """Three prints, of classes 2, 5 and 6, over and over."""
    classes = np.array([2, 5, 6])
    prints = np.eye(3)[np.arange(90) % 3]
    return Stimuli(
        training={"printed": prints},
        held_out={"printed": prints[:60]},
        shapes={"printed": (1, 3)},
        sources={},
        labels=Labels(classes[np.arange(90) % 3], classes[np.arange(60) % 3]) if labelled else None,
    )


def test_a_perfect_recall_is_told_from_chance_and_the_print_of_each_class_is_learned() -> None:
    stimuli = _stimuli(labelled=True)
    metrics, table = recall_measures(
        0.4 * stimuli.held_out["printed"], want="printed", stimuli=stimuli, rng=np.random.default_rng(0)
    )
    assert (metrics["recall_accuracy"], metrics["recall_cosine"]) == (1, 1)
    assert metrics["recall_relative_error"] == pytest.approx(0.36)
    assert metrics["recall_accuracy_shuffled"] == pytest.approx(1 / 3, abs=0.15)
    assert metrics["recall_cosine_shuffled"] == metrics["recall_accuracy_shuffled"]
    assert table["class"].tolist() == ["2", "5", "6", "all"]
    assert table["n"].tolist() == [20, 20, 20, 60]


def test_a_wrong_and_a_silent_recall_are_no_recalls() -> None:
    stimuli = _stimuli(labelled=True)
    recalled = np.roll(stimuli.held_out["printed"], 1, axis=1)
    recalled[:3] = 0
    metrics, table = recall_measures(recalled, want="printed", stimuli=stimuli, rng=np.random.default_rng(0))
    assert metrics["recall_accuracy"] == 0
    assert table["silent"].tolist() == [1, 1, 1, 3]


def test_without_classes_there_is_one_row_and_no_accuracy() -> None:
    stimuli = _stimuli(labelled=False)
    metrics, table = recall_measures(
        stimuli.held_out["printed"], want="printed", stimuli=stimuli, rng=np.random.default_rng(0)
    )
    assert set(metrics) == {"recall_cosine", "recall_cosine_shuffled", "recall_relative_error"}
    assert table["class"].tolist() == ["all"]
