"""Figures of the sheet: everything in its place, colours even, gaps grey."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.maps.pinwheels import find_pinwheels
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.plots import plot_fields_on_sheet, plot_orientation_map, plot_similarity_distance

SHEET = Sheet(6, 8, torus=False)


def image(figure):
    return np.asarray(figure.axes[0].images[0].get_array())


def table():
    rows = {"distance": [1.0, 2.0], "similarity": [0.5, 0.1], "low": [0.3, 0.0], "high": [0.6, 0.3]}
    return pd.DataFrame({**rows, "shuffled_low": -0.1, "shuffled_high": 0.1})


def test_neurons_have_the_colour_of_their_orientation_at_their_place():
    vectors = np.exp(2j * np.random.default_rng(0).uniform(0, np.pi, 48))
    vectors[[3, 10]] = 1j
    shown = image(plot_orientation_map(vectors, SHEET))
    assert shown.shape == (6, 8, 3)
    np.testing.assert_allclose(shown[0, 3], shown[1, 2])
    assert np.abs(shown[0, 3] - shown[0, 4]).max() > 0.05
    turned = image(plot_orientation_map(-vectors, SHEET))
    assert np.abs(shown - turned).max(axis=2).min() > 0.2


def test_all_orientations_have_colours_apart_even_without_red_and_green():
    angles = np.arange(16) * np.pi / 16
    shown = image(plot_orientation_map(np.exp(2j * angles), Sheet(1, 16, torus=False)))[0]
    # A crude dichromat: red and green are one channel.
    pooled = np.stack([shown[:, :2] @ [0.4, 0.6], shown[:, 2]], axis=1)
    apart = np.linalg.norm(pooled[:, None] - pooled, axis=2) + np.eye(16)
    assert apart.min() > 0.03


def test_unselective_neurons_are_pale_and_gaps_grey():
    vectors = np.ones(48, dtype=complex)
    vectors[[0, 1]] = [np.nan, 0]
    shown = image(plot_orientation_map(vectors, SHEET))
    np.testing.assert_allclose(shown[0, 0], 0.5)
    np.testing.assert_allclose(shown[0, 1], 1)
    assert shown[0, 2].min() < 0.9


def test_pinwheels_are_marked_by_sign_where_they_are():
    vectors = (SHEET.positions - (2.3, 5.4)) @ (1j, 1)
    axes = plot_orientation_map(vectors, SHEET, pinwheels=find_pinwheels(vectors, SHEET)).axes[0]
    positive, negative = (np.asarray(marks.get_offsets()) for marks in axes.collections)
    np.testing.assert_allclose(positive, [[5.4, 2.3]])
    assert len(negative) == 0
    marked = plot_orientation_map(
        vectors.conj(), SHEET, pinwheels=find_pinwheels(vectors.conj(), SHEET)
    ).axes[0]
    assert [len(marks.get_offsets()) for marks in marked.collections] == [0, 1]


def test_a_pinwheel_behind_the_edge_of_a_torus_is_seen():
    places = pd.DataFrame({"row": [5.9], "column": [7.7], "sign": [1]})
    axes = plot_orientation_map(np.ones(48), Sheet(6, 8, torus=True), pinwheels=places).axes[0]
    np.testing.assert_allclose(axes.collections[0].get_offsets(), [[-0.3, -0.1]])


def test_fields_stand_where_their_neurons_are():
    fields = np.random.default_rng(0).normal(size=(48, 5, 4))
    shown = image(plot_fields_on_sheet(fields, SHEET))
    assert shown.shape == (6 * 6 - 1, 8 * 5 - 1)
    np.testing.assert_allclose(shown[12:17, 15:19], fields[2 * 8 + 3] / np.abs(fields[2 * 8 + 3]).max())


def test_similarities_are_drawn_with_their_intervals_over_the_shuffled_band():
    figure = plot_similarity_distance({"fields": table(), "activity": table()})
    axes = figure.axes[0]
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["fields", "activity"]
    np.testing.assert_allclose(axes.containers[0].lines[0].get_xydata(), [[1, 0.5], [2, 0.1]])
    segments = axes.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose([segment[:, 1] for segment in segments], [[0.3, 0.6], [0, 0.3]])
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {
        "neurons (95 % interval)",
        "shuffled places (95 %)",
    }


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="48 neurons of a 6 × 8 sheet, got 47"):
        plot_orientation_map(np.ones(47), SHEET)
    with pytest.raises(ValueError, match="find_pinwheels"):
        plot_orientation_map(np.ones(48), SHEET, pinwheels=pd.DataFrame({"row": [1]}))
    with pytest.raises(ValueError, match="got 3"):
        plot_fields_on_sheet(np.ones((3, 4, 4)), SHEET)
    with pytest.raises(ValueError, match="got none"):
        plot_similarity_distance({})
    with pytest.raises(ValueError, match="missing: low"):
        plot_similarity_distance(table().drop(columns="low"))
