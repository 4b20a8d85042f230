"""Planted groups of neurons are found with their number, none are found where there are none."""

import numpy as np
import pytest

from neurosim.analysis.codes.neuron_clusters import (
    cluster_neurons,
    cluster_stimuli,
    clustering_accuracy,
    coactivity,
)


def planted(n_groups=4, size=8, n_stimuli=800, leak=0.02, seed=0):
    """Stimuli of as many classes; three neurons of the class's group respond, sometimes one of another."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(n_groups, size=n_stimuli)
    active = rng.random((n_stimuli, n_groups * size)) < leak
    for row, group in zip(active, classes, strict=True):
        row[group * size + rng.choice(size, 3, replace=False)] = True
    order = rng.permutation(n_groups * size)
    code = (active * rng.exponential(size=active.shape))[:, order]
    return code, classes, (np.arange(n_groups * size) // size)[order]


@pytest.mark.parametrize("n_groups", [2, 4, 7])
def test_planted_groups_are_found_with_their_number(n_groups):
    code, classes, groups = planted(n_groups)
    found = cluster_neurons(code, rng=np.random.default_rng(0))
    assert found.n_clusters == n_groups
    assert clustering_accuracy(groups, found.labels) == 1
    labels = cluster_stimuli(code, found.embedding, n_clusters=n_groups, rng=np.random.default_rng(0))
    # Who knows the groups puts a stimulus where most activity is; a strong stray neuron misleads him too.
    knowing = (code @ (groups[:, None] == np.arange(n_groups))).argmax(axis=1)
    assert clustering_accuracy(classes, labels) > (knowing == classes).mean() - 0.03


def test_stimuli_that_only_their_group_answers_are_all_put_right():
    code, classes, _ = planted(leak=0)
    found = cluster_neurons(code, rng=np.random.default_rng(0))
    labels = cluster_stimuli(code, found.embedding, n_clusters=4, rng=np.random.default_rng(0))
    assert clustering_accuracy(classes, labels) == 1


def test_neurons_without_groups_are_one_cluster():
    code = np.random.default_rng(0).exponential(size=(800, 32))
    code *= np.random.default_rng(1).random(code.shape) < 0.2
    assert cluster_neurons(code, rng=np.random.default_rng(0)).n_clusters == 1


def test_groups_that_never_meet_have_eigenvalue_zero_each():
    code, _, _ = planted(leak=0)
    eigenvalues = cluster_neurons(code, rng=np.random.default_rng(0)).eigenvalues
    np.testing.assert_allclose(eigenvalues[:4], 0, atol=1e-12)
    assert eigenvalues[4] > 0.1
    assert eigenvalues[-1] <= 1 + 1e-12  # the graph of a product of codes has no negative eigenvalue


def test_the_laplacian_of_two_neurons_has_a_closed_form():
    """Co-activity [[a, c], [c, b]]: eigenvalues 0 and c/(a + c) + c/(b + c)."""
    code = np.array([[1.0, 2.0], [3.0, 1.0]])
    (a, c), (_, b) = coactivity(code)
    eigenvalues = cluster_neurons(code, rng=np.random.default_rng(0), n_clusters=1).eigenvalues
    np.testing.assert_allclose(eigenvalues, [0, c / (a + c) + c / (b + c)], atol=1e-12)


def test_the_sign_of_a_code_and_its_scale_do_not_matter():
    code, _, _ = planted()
    signs = np.random.default_rng(2).choice([-1, 1], code.shape)
    one, other = (cluster_neurons(c, rng=np.random.default_rng(0)) for c in (code, -5 * signs * code))
    np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, atol=1e-10)
    assert clustering_accuracy(one.labels, other.labels) == 1


def test_isolated_neurons_are_named_and_left_out_on_request():
    code, _, groups = planted()
    code[:, 5] = 0
    code = np.hstack([code, np.zeros((800, 1))])
    code = np.vstack([code, np.eye(33)[32]])  # neuron 32 responds to one stimulus, alone
    with pytest.raises(ValueError, match=r"2 \(5, 32\) of 33"):
        cluster_neurons(code, rng=np.random.default_rng(0))
    found = cluster_neurons(code, rng=np.random.default_rng(0), isolated="leave_out")
    assert found.isolated.tolist() == [5, 32]
    assert (np.flatnonzero(found.labels < 0) == [5, 32]).all()
    assert clustering_accuracy(np.delete(groups, 5), np.delete(found.labels, [5, 32])) == 1
    with pytest.raises(ValueError, match=r"1 \(800\) of 801"):
        cluster_stimuli(code, found.embedding, n_clusters=4, rng=np.random.default_rng(0))
    labels = cluster_stimuli(
        code, found.embedding, n_clusters=4, rng=np.random.default_rng(0), isolated="leave_out"
    )
    assert np.flatnonzero(labels < 0).tolist() == [800]


def test_accuracy_does_not_depend_on_names_and_uses_each_cluster_once():
    classes = np.repeat(np.arange(3), 10)
    assert clustering_accuracy(classes, 7 - 2 * classes) == 1
    assert clustering_accuracy(classes, np.zeros(30, dtype=int)) == pytest.approx(1 / 3)
    assert clustering_accuracy(classes, np.arange(30)) == pytest.approx(3 / 30)
    assert clustering_accuracy(classes, np.full(30, -1)) == 0


def test_shuffled_classes_are_at_chance():
    code, classes, _ = planted()
    found = cluster_neurons(code, rng=np.random.default_rng(0))
    labels = cluster_stimuli(code, found.embedding, n_clusters=4, rng=np.random.default_rng(0))
    shuffled = np.random.default_rng(1).permutation(classes)
    assert 0.24 < clustering_accuracy(shuffled, labels) < 0.36


def test_the_same_seed_gives_the_same_clusters():
    code, _, _ = planted(leak=0.1)
    first, second = (cluster_neurons(code, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)


def test_what_cannot_be_clustered_is_refused():
    code, classes, _ = planted()
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="got 33"):
        cluster_neurons(code, rng=rng, n_clusters=33)
    with pytest.raises(ValueError, match="refuse or leave_out"):
        cluster_neurons(code, rng=rng, isolated="drop")
    with pytest.raises(ValueError, match="for 0"):
        cluster_neurons(np.eye(4), rng=rng, isolated="leave_out")
    with pytest.raises(ValueError, match="32 neurons, got one of 31"):
        cluster_stimuli(code, np.ones((31, 4)), n_clusters=4, rng=rng)
    with pytest.raises(ValueError, match="clusters of stimuli, got 0"):
        cluster_stimuli(code, np.ones((32, 4)), n_clusters=0, rng=rng)
    with pytest.raises(ValueError, match="per stimulus"):
        clustering_accuracy(classes, classes[:-1])
    with pytest.raises(TypeError, match="whole numbers"):
        clustering_accuracy(classes, classes / 2)
