from dataclasses import replace

import numpy as np
import pytest

from neurosim.measures.context import Context
from neurosim.measures.recall import RECALL, recall_measures
from neurosim.networks import LinkedLCA
from neurosim.recipes.recipe import Recipe
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


def test_the_figure_shows_one_stimulus_of_each_class_or_the_first_ones() -> None:
    fields = {"seen": np.eye(3), "printed": np.eye(3)}
    network = LinkedLCA.from_dictionary(fields, threshold=0.1, backend="numpy")
    for labelled, n_columns in ((True, 3), (False, 10)):
        stimuli = _stimuli(labelled=labelled)
        both = replace(
            stimuli,
            training={"seen": stimuli.training["printed"]} | stimuli.training,
            held_out={"seen": stimuli.held_out["printed"]} | stimuli.held_out,
            shapes={"seen": (1, 3), "printed": (1, 3)},
        )
        context = Context(network, both, recipe=Recipe())
        assert (context.present, context.want) == (["seen"], "printed")
        assert RECALL.applies(context)
        measured = RECALL.compute(context, np.random.default_rng(0))
        assert set(measured.metrics) <= set(RECALL.metrics)
        assert measured.metrics["recall_cosine"] == pytest.approx(1)
        (axes,) = measured.figures["recall"]().axes
        assert len(axes.get_xticks()) == n_columns
        told = [label.get_text() for label in axes.get_xticklabels()]
        assert told == (["2", "5", "6"] if labelled else [""] * n_columns)


def test_neurons_that_adapt_while_they_recall_do_so_here_too() -> None:
    stimuli = _stimuli(labelled=True)
    both = replace(
        stimuli,
        training={"seen": stimuli.training["printed"]} | stimuli.training,
        held_out={"seen": stimuli.held_out["printed"]} | stimuli.held_out,
        shapes={"seen": (1, 3), "printed": (1, 3)},
    )
    fields = {"seen": np.eye(3), "printed": np.eye(3)}
    plain, adapting = (
        Context(LinkedLCA.from_dictionary(fields, threshold=0.1, recall_adaptation=c), both, recipe=Recipe())
        for c in (None, 0.5)
    )
    np.testing.assert_array_equal(adapting.rebuilt["seen"], plain.rebuilt["seen"])
    expected = adapting.network.recall({"seen": both.held_out["seen"]}, want="printed")
    np.testing.assert_array_equal(adapting.rebuilt["printed"], expected)
    assert adapting.rebuilt["printed"].max() == pytest.approx(0.9 / 1.5, abs=0.01)
    assert plain.rebuilt["printed"].max() == pytest.approx(0.9, abs=0.01)
