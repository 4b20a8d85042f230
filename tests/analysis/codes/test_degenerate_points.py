"""Points that are all alike, few, huge or tiny: a result or a message, and never a signal or a foreign warning."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from neurosim.analysis.codes.classification import classify
from neurosim.analysis.codes.clusters import cluster_separation, nearest_neighbour_purity
from neurosim.analysis.codes.embedding import pca, tsne
from neurosim.analysis.codes.neuron_clusters import cluster_neurons, cluster_stimuli
from neurosim.analysis.codes.point_scale import all_alike, each_in_range, in_range

ROOT = Path(__file__).parents[2]
ALIKE = {
    "ones": "np.ones((40, 6))",
    "zeros": "np.zeros((40, 6))",
    "a tenth": "np.full((40, 6), 0.1)",
    "alike but for rounding": "1e8 + 1e-9 * noise",
    "single precision": "np.full((40, 6), 0.1, dtype=np.float32)",
}
DIFFERENT = {
    "two points": "np.repeat(np.eye(6)[:2], 20, axis=0)",
    "one that responds": "np.r_[np.zeros((39, 6)), np.ones((1, 6))]",
    "half silent": "np.r_[np.zeros((20, 6)), noise[:20]]",
    "constant columns": "np.c_[noise[:, :1], np.ones((40, 5))]",
    "huge": "1e200 * noise",
    "largest": "np.where(noise > 0, 1.7e308, -1.7e308)",
    "tiny": "1e-200 * noise",
    "tiny in single precision": "(1e-42 * noise).astype(np.float32)",
    "huge in single precision": "(1e37 * noise).astype(np.float32)",
    "one far away": "np.r_[noise[:39], np.full((1, 6), 1e200)]",
}
_SCRIPT = """
import json, sys, numpy as np
from neurosim.analysis.codes.embedding import tsne
noise = np.random.default_rng(0).normal(size=(40, 6))
for points in json.loads(sys.argv[1]):
    try:
        found = tsne(eval(points), rng=np.random.default_rng(0), perplexity=5).coordinates
        print(bool(np.isfinite(found).all() and found.any()))
    except ValueError as error:
        print(error)
"""


def test_t_sne_never_gives_the_solver_what_kills_it() -> None:
    cases = [*ALIKE.values(), *DIFFERENT.values()]
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", _SCRIPT, json.dumps(cases)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    said = done.stdout.splitlines()
    assert (done.returncode, len(said)) == (0, len(cases)), done.stderr
    assert all(
        "expected points that differ, got 40 that are all alike" in line for line in said[: len(ALIKE)]
    )
    assert said[len(ALIKE) :] == ["True"] * len(DIFFERENT)


def test_t_sne_refuses_what_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="1 NaN or infinite"):
        tsne([[0.0, np.nan], [1.0, 2.0]], rng=np.random.default_rng(0))


def _noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(40, 6))


@pytest.mark.parametrize("points", [np.ones((5, 3)), np.zeros((5, 3)), np.full((5, 3), 0.1)])
def test_points_that_are_all_alike_have_their_components_at_the_origin(points: np.ndarray) -> None:
    assert all_alike(points)
    assert not pca(points).coordinates.any()


@pytest.mark.parametrize("factor", [2.0**300, 2.0**-300])
def test_the_size_of_points_changes_neither_components_nor_neighbours(factor: float) -> None:
    points = _noise()
    np.testing.assert_allclose(pca(factor * points).coordinates / factor, pca(points).coordinates, rtol=1e-9)
    placed = [tsne(f * points, rng=np.random.default_rng(0), perplexity=5).coordinates for f in (1, factor)]
    assert all(nearest_neighbour_purity(p, np.arange(40) % 2, metric="euclidean") > 0.2 for p in placed)


def test_ordinary_points_are_left_as_they_are_to_the_last_bit() -> None:
    for points in (_noise(), 1e9 * _noise(), 1e-9 * _noise(), _noise().astype(np.float32)):
        assert in_range(points)[0] is points
        assert in_range(points, centred=False)[0] is points
        assert each_in_range(points) is points


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_separation_does_not_depend_on_the_size_of_a_code(metric: str, factor: float) -> None:
    labels = np.arange(40) % 2
    points = _noise() + 2 * labels[:, None]
    first, scaled = (
        cluster_separation(f * points, labels, rng=np.random.default_rng(0), metric=metric, k=3)
        for f in (1, factor)
    )
    np.testing.assert_allclose(scaled, first, atol=1e-9)


def test_classes_of_equal_points_do_not_separate() -> None:
    found = cluster_separation(
        np.ones((12, 3)), np.arange(12) % 2, rng=np.random.default_rng(0), metric="euclidean", k=3
    )
    assert found["silhouette"] == 0


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_groups_of_neurons_do_not_depend_on_the_size_of_a_code(factor: float) -> None:
    code = factor * np.kron(np.eye(2), np.ones((5, 3)))
    rng = np.random.default_rng(0)
    found = cluster_neurons(code, rng=rng)
    assert found.n_clusters == 2
    labels = cluster_stimuli(code, factor * found.embedding, n_clusters=2, rng=rng)
    assert len(np.unique(labels)) == 2


def test_more_clusters_than_different_stimuli_are_warned_of_in_our_words() -> None:
    code, embedding = np.ones((6, 2)), np.eye(2)
    with pytest.warns(ConvergenceWarning, match="6 points fell into 1 clusters, not 3") as told:
        cluster_stimuli(code, embedding, n_clusters=3, rng=np.random.default_rng(0))
    assert len(told) == 1


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_classifiers_read_codes_of_any_size_alike(factor: float) -> None:
    labels = np.arange(60) % 2
    code = factor * (np.random.default_rng(0).normal(size=(60, 4)) + 9 * labels[:, None])
    table = classify(code[:40], labels[:40], code[40:], labels[40:], rng=np.random.default_rng(0))
    assert (table["accuracy"] == 1).all()
    with pytest.raises(ValueError, match="divide both by the same number"):
        classify(code[:40], labels[:40], code[40:], labels[40:], rng=np.random.default_rng(0), style="paper")


@pytest.mark.parametrize("style", ["tuned", "paper"])
def test_silent_codes_leave_classifiers_at_chance(style: str) -> None:
    labels = np.arange(24) % 2
    table = classify(
        np.zeros((24, 3)), labels, np.zeros((24, 3)), labels, rng=np.random.default_rng(0), style=style
    )
    assert (table["accuracy"] == 0.5).all()
