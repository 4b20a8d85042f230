"""Embeddings are the same each time and keep what they promise: variance, neighbours."""

import numpy as np
import pytest

from neurosim.analysis.codes.clusters import nearest_neighbour_purity
from neurosim.analysis.codes.embedding import pca, tsne
from neurosim.analysis.plots import plot_embedding


def clouds(n=120, seed=0, n_dimensions=10):
    labels = np.arange(n) % 3
    noise = np.random.default_rng(seed).normal(size=(n, n_dimensions))
    return noise + 12 * np.eye(3, n_dimensions)[labels], labels


def test_components_are_those_of_the_covariance():
    points, _ = clouds()
    coordinates = pca(points, 3).coordinates
    values = np.linalg.eigvalsh(np.cov(points.T))[::-1][:3]
    np.testing.assert_allclose(np.cov(coordinates.T), np.diag(values), atol=1e-9)
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=1e-9)


def test_the_sign_of_a_component_does_not_hang_on_the_order_of_the_points():
    points, _ = clouds()
    np.testing.assert_allclose(pca(points[::-1]).coordinates[::-1], pca(points).coordinates, atol=1e-9)


def test_the_largest_weight_of_a_component_is_positive():
    points, _ = clouds()
    weights = np.linalg.lstsq(pca(points, 3).coordinates, points - points.mean(axis=0))[0]
    assert (weights[np.arange(3), np.abs(weights).argmax(axis=1)] > 0).all()


def test_neighbours_stay_neighbours_in_t_sne_and_strangers_do_not_become_neighbours():
    points, labels = clouds()
    embedding = tsne(points, rng=np.random.default_rng(0), perplexity=10)
    assert nearest_neighbour_purity(embedding.coordinates, labels, k=5, metric="euclidean") == 1
    shuffled = np.random.default_rng(1).permutation(labels)
    assert nearest_neighbour_purity(embedding.coordinates, shuffled, k=5, metric="euclidean") < 0.5


def test_t_sne_is_the_same_for_the_same_seed_and_another_for_another():
    points, _ = clouds(n_dimensions=60)
    first, again, other = (
        tsne(points, rng=np.random.default_rng(s), max_points=60, perplexity=5) for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.coordinates, again.coordinates)
    np.testing.assert_array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)


def test_the_same_seed_draws_the_same_stimuli_of_two_codes():
    points, _ = clouds()
    draws = [
        tsne(p, rng=np.random.default_rng(0), max_points=40, perplexity=5).points
        for p in (points, points[:, :4])
    ]
    np.testing.assert_array_equal(*draws)


def test_each_class_is_drawn_once_where_it_lies():
    points, labels = clouds()
    figure = plot_embedding({"a": points[:, :2], "b": points[:, 1:3]}, labels + 5)
    for axes, columns in zip(figure.axes, (slice(0, 2), slice(1, 3)), strict=True):
        assert len(axes.collections) == 3
        np.testing.assert_allclose(axes.collections[1].get_offsets(), points[labels == 1][:, columns])
    colours = {tuple(dots.get_facecolor()[0][:3]) for dots in figure.axes[0].collections}
    assert len(colours) == 3


def test_bad_input_is_refused():
    points, labels = clouds(n=20)
    with pytest.raises(ValueError, match="from 1 to 10 components"):
        pca(points, 11)
    with pytest.raises(ValueError, match="more points than the perplexity, 30"):
        tsne(points, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"shape \(20, 2\)"):
        plot_embedding({"a": points}, labels)
    with pytest.raises(ValueError, match="one embedding"):
        plot_embedding({}, labels)
