"""Separation of classes: closed forms, planted clouds, and chance once labels are shuffled."""

import numpy as np
import pytest

from neurosim.analysis.codes.clusters import cluster_separation, nearest_neighbour_purity, silhouette

RNG = np.random.default_rng(0)


def clouds(distance, n=600, n_classes=3, n_dimensions=6):
    labels = np.arange(n) % n_classes
    return np.random.default_rng(1).normal(size=(n, n_dimensions)) + distance * np.eye(
        n_classes, n_dimensions
    )[labels], labels


def naive_silhouette(points, labels):
    """Rousseeuw's definition, point by point."""
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    values = []
    for i, label in enumerate(labels):
        own = apart[i, (labels == label) & (np.arange(len(labels)) != i)].mean()
        other = min(apart[i, labels == c].mean() for c in np.unique(labels) if c != label)
        values.append((other - own) / max(own, other))
    return np.mean(values)


def test_the_silhouette_is_that_of_the_definition():
    points, labels = clouds(2, n=60)
    ours = silhouette(points, labels, metric="euclidean", rng=RNG)
    assert ours == pytest.approx(naive_silhouette(points, labels))


def test_cosine_does_not_see_the_strength_of_a_code():
    points, labels = clouds(4)
    strength = np.random.default_rng(2).uniform(0.1, 10, (len(points), 1))
    plain, scaled = (silhouette(values, labels, rng=RNG) for values in (points, strength * points))
    assert plain == pytest.approx(scaled)
    assert silhouette(strength * points, labels, metric="euclidean", rng=RNG) < plain - 0.1


def test_further_classes_separate_better():
    near, far = (cluster_separation(*clouds(d), rng=RNG, metric="euclidean") for d in (1, 8))
    assert near["silhouette"] < far["silhouette"]
    assert near["purity"] < far["purity"] == 1


def test_a_subsample_gives_about_the_same_and_is_the_same_for_the_same_seed():
    points, labels = clouds(5, n=3000)
    everything = silhouette(points, labels, rng=RNG, metric="euclidean")
    parts = [
        silhouette(points, labels, rng=np.random.default_rng(s), metric="euclidean", max_points=500)
        for s in (3, 3, 4)
    ]
    assert parts[0] == parts[1] != parts[2]
    np.testing.assert_allclose(parts, everything, atol=0.02)


def test_neighbours_are_counted_without_the_point_itself():
    points = [[0.0], [0.1], [5.0], [5.1]]
    assert nearest_neighbour_purity(points, [0, 1, 0, 1], k=1, metric="euclidean") == 0
    assert nearest_neighbour_purity(points, [0, 0, 1, 1], k=1, metric="euclidean") == 1


def test_a_point_that_stands_twice_is_its_twins_neighbour():
    points = np.repeat(np.eye(3), 2, axis=0)
    assert nearest_neighbour_purity(points, [0, 0, 1, 1, 2, 2], k=1) == 1


def test_shuffled_labels_are_at_chance_though_the_classes_are_far_apart():
    points, labels = clouds(8)
    measured = cluster_separation(points, labels, rng=RNG, metric="euclidean")
    assert measured["silhouette"] > 0.5
    assert abs(measured["shuffled_silhouette"]) < 0.05
    assert measured["shuffled_purity"] == pytest.approx(1 / 3, abs=0.05)
    assert measured["n_points"] == 600


def test_points_without_classes_do_not_separate():
    points = np.random.default_rng(3).normal(size=(600, 6))
    measured = cluster_separation(points, np.arange(600) % 3, rng=RNG)
    assert measured["purity"] == pytest.approx(measured["shuffled_purity"], abs=0.05)
    assert abs(measured["silhouette"]) < 0.02


def test_points_without_a_direction_are_counted_and_refused_by_cosine_only():
    points, labels = clouds(5)
    points[:7] = 0
    with pytest.raises(ValueError, match="7 of 600 that are all zero"):
        cluster_separation(points, labels, rng=RNG)
    assert cluster_separation(points, labels, rng=RNG, metric="euclidean")["purity"] > 0.9


def test_what_cannot_be_measured_is_refused():
    points, labels = clouds(5, n=12)
    with pytest.raises(ValueError, match="each of its own class"):
        silhouette(points, np.arange(12), rng=RNG)
    with pytest.raises(ValueError, match="k from 1 to 11"):
        nearest_neighbour_purity(points, labels, k=12)
    with pytest.raises(ValueError, match="cosine or euclidean"):
        silhouette(points, labels, rng=RNG, metric="manhattan")
    with pytest.raises(ValueError, match="two classes"):
        nearest_neighbour_purity(points, np.zeros(12, dtype=int))
