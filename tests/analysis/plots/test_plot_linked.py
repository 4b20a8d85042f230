"""Figures of linked dictionaries: same neurons in the same places, weak things look weak."""

import numpy as np
import pytest

from neurosim.analysis.plots import plot_linked_fields, plot_recall


def fields(n=9, side=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, side, side))


def images(figure):
    return [np.asarray(axes.images[0].get_array().filled(np.nan)) for axes in figure.axes]


def test_a_neuron_has_the_same_place_in_both_modalities():
    left = fields()
    one, other = images(plot_linked_fields({"left": left, "right": 2 * left}, scale="field"))
    np.testing.assert_allclose(one, other)
    mixed = images(plot_linked_fields({"left": left, "right": left[::-1]}, scale="field"))
    assert not np.allclose(*mixed, equal_nan=True)


def test_the_neurons_asked_for_are_shown_in_their_order():
    left = fields()
    (image,) = images(plot_linked_fields({"left": left}, neurons=[7, 2]))
    np.testing.assert_allclose(image[:6, :6], left[7] / np.abs(left[7]).max())
    np.testing.assert_allclose(image[:6, 7:13], left[2] / np.abs(left[2]).max())


def test_a_neuron_that_is_weak_in_one_modality_is_pale_there_unless_each_field_is_scaled():
    pair = {"left": fields(), "right": 0.1 * fields()}
    strong, weak = (np.nanmax(np.abs(image)) for image in images(plot_linked_fields(pair)))
    assert (strong, weak) == pytest.approx((1, 0.1))
    assert np.nanmax(np.abs(images(plot_linked_fields(pair, scale="field"))[1])) == 1


def test_a_dead_neuron_is_grey():
    (image,) = images(plot_linked_fields({"left": np.zeros((1, 4, 4))}))
    assert np.nanmax(np.abs(image)) == 0


def test_a_weak_recall_looks_weak_beside_what_was_wanted():
    (image,) = images(plot_recall(fields(3), 0.2 * np.ones((3, 6, 6)), np.ones((3, 6, 6))))
    recalled, wanted = image[7:13, :6], image[14:20, :6]
    np.testing.assert_allclose(recalled, 0.2)
    np.testing.assert_allclose(wanted, 1)


def test_modalities_of_other_sizes_share_a_figure():
    figure = plot_recall(fields(3, 8), fields(3, 4), fields(3, 4), rebuilt=fields(3, 8), labels=[4, 5, 6])
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["4", "5", "6"]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "given",
        "rebuilt",
        "recalled",
        "wanted",
    ]


def test_only_the_first_examples_are_drawn():
    labels = [
        t.get_text()
        for t in plot_recall(fields(), fields(), fields(), labels=range(9), n_examples=4)
        .axes[0]
        .get_xticklabels()
    ]
    assert labels == ["0", "1", "2", "3"]


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="same neurons"):
        plot_linked_fields({"left": fields(9), "right": fields(8)})
    with pytest.raises(ValueError, match="no modality"):
        plot_linked_fields({})
    with pytest.raises(ValueError, match="from 0 to 8"):
        plot_linked_fields({"left": fields()}, neurons=[9])
    with pytest.raises(ValueError, match="neuron, field"):
        plot_linked_fields({"left": fields()}, scale="all")
    with pytest.raises(ValueError, match="of one shape"):
        plot_recall(fields(), fields(9, 4), fields(9, 5))
    with pytest.raises(ValueError, match="9, got 8 and none"):
        plot_recall(fields(), fields(8), fields(8))
    with pytest.raises(ValueError, match=r"\(3,\)"):
        plot_recall(fields(), fields(), fields(), labels=[1, 2, 3])
    with pytest.raises(ValueError, match="1 or more"):
        plot_recall(fields(), fields(), fields(), n_examples=0)
