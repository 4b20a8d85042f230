"""Measures of classes on planted codes, with controls."""

import numpy as np
import pytest

from neurosim.measures.classes.blocks import BLOCKS, in_blocks
from neurosim.measures.classes.classification import CLASSIFICATION, Points, accuracies, classified
from neurosim.measures.classes.embedding import EMBEDDING, embedded
from neurosim.measures.classes.separation import SEPARATION, separated
from neurosim.recipes.run_sections import LinkedSection
from neurosim.stimuli.kinds.stimuli import Labels

_N_CLASSES = 3


def _labels(n_train: int = 120, n_test: int = 60) -> Labels:
    return Labels(np.arange(n_train) % _N_CLASSES, np.arange(n_test) % _N_CLASSES)


def _planted(labels: Labels, *, strength: float) -> Points:
    """Return codes in which each class has neurons of its own, as strong as asked for, over noise."""
    rng = np.random.default_rng(0)
    own = np.repeat(np.eye(_N_CLASSES), 2, axis=1)
    return Points(*(strength * own[part] + rng.random((len(part), 6)) for part in labels))


@pytest.fixture
def points() -> dict[str, Points]:
    """Codes that tell classes apart, and stimuli that do not."""
    labels = _labels()
    return {"raw": _planted(labels, strength=0.0), "code": _planted(labels, strength=3.0)}


@pytest.fixture
def held_out(points: dict[str, Points]) -> dict[str, np.ndarray]:
    """The same without those learned from."""
    return {name: each.held_out for name, each in points.items()}


def test_classifiers_find_planted_classes_in_codes_and_none_in_noise(points: dict[str, Points]) -> None:
    section = LinkedSection(classifiers=["logistic", "rbf_svm"])
    table = classified(points, labels=_labels(), section=section, rng=np.random.default_rng(0))
    metrics = accuracies(table)
    assert set(metrics) == {
        "accuracy_logistic", "accuracy_rbf_svm", "accuracy_logistic_raw", "accuracy_rbf_svm_raw",
    } < set(CLASSIFICATION.metrics)  # fmt: skip
    assert metrics["accuracy_logistic"] == metrics["accuracy_rbf_svm"] == 1
    assert metrics["accuracy_logistic_raw"] < 0.6
    assert table[["input", "classifier"]].to_numpy().tolist() == [
        ["raw", "logistic"], ["raw", "rbf_svm"], ["code", "logistic"], ["code", "rbf_svm"],
    ]  # fmt: skip


def test_classes_lie_apart_in_codes_and_not_where_labels_are_shuffled(
    held_out: dict[str, np.ndarray],
) -> None:
    found = separated(held_out, classes=_labels().held_out, rng=np.random.default_rng(0))
    assert set(found) == set(SEPARATION.metrics)
    assert found["silhouette"] > 0.5
    assert abs(found["silhouette_shuffled"]) < 0.1
    assert found["neighbour_purity"] == 1
    assert found["neighbour_purity_shuffled"] < 0.5
    assert abs(found["silhouette_raw"]) < 0.1
    assert found["silent_stimuli"] == 0


@pytest.mark.parametrize("silence", [0.0, 0.01])
def test_stimuli_that_nobody_answers_are_counted_and_left_out(
    held_out: dict[str, np.ndarray], silence: float
) -> None:
    held_out["code"][:6] = silence
    found = separated(held_out, classes=_labels().held_out, rng=np.random.default_rng(0), silence=silence)
    assert found["silent_stimuli"] == 6
    assert found["neighbour_purity"] == 1


def test_a_silent_network_separates_nothing_and_nothing_is_drawn_of_it(
    held_out: dict[str, np.ndarray],
) -> None:
    held_out["code"][:] = 0
    classes = _labels().held_out
    found = separated(held_out, classes=classes, rng=np.random.default_rng(0))
    assert found["silent_stimuli"] == 60
    assert np.isnan([value for name, value in found.items() if name != "silent_stimuli"]).all()
    panels = embedded(held_out, classes=classes, n_points=30, rng=np.random.default_rng(0))
    assert panels is not None
    assert {stem: set(planes) for stem, planes in panels.coordinates.items()} == {
        "pca": {"raw"},
        "tsne": {"raw"},
    }
    silent = {"code": held_out["code"]}
    assert embedded(silent, classes=classes, n_points=30, rng=np.random.default_rng(0)) is None


def test_points_that_are_all_alike_are_not_drawn() -> None:
    alike = {"code": np.full((30, 4), 0.1)}
    assert embedded(alike, classes=np.arange(30) % 3, n_points=30, rng=np.random.default_rng(0)) is None


def test_the_same_stimuli_are_drawn_of_codes_and_of_stimuli() -> None:
    labels = _labels()
    same = _planted(labels, strength=3.0).held_out
    panels = embedded(
        {"raw": same, "code": same}, classes=labels.held_out, n_points=40, rng=np.random.default_rng(0)
    )
    assert panels is not None
    for planes in panels.coordinates.values():
        np.testing.assert_array_equal(planes["raw"], planes["code"])
    assert len(panels.labels) == 40
    none = embedded({"code": same}, classes=labels.held_out, n_points=0, rng=np.random.default_rng(0))
    assert none is None


def test_panels_are_called_by_what_they_show(held_out: dict[str, np.ndarray]) -> None:
    panels = embedded(held_out, classes=_labels().held_out, n_points=20, rng=np.random.default_rng(0))
    assert panels is not None
    figures = panels.figures()
    assert set(figures) == set(EMBEDDING.figures)
    for draw in figures.values():
        titles = [axes.get_title(loc="left") for axes in draw().axes]
        assert titles == ["stimuli themselves", "code"]


def test_activity_of_the_right_block_is_told_from_chance(points: dict[str, Points]) -> None:
    labels = _labels()
    # Neurons of a class by twos, one of them moved to no class.
    blocks = np.array([0, 0, 1, 1, 2, -1])
    metrics, table = in_blocks(
        points["code"].held_out, classes=labels.held_out, block_of=blocks, rng=np.random.default_rng(0)
    )
    assert set(metrics) == set(BLOCKS.metrics)
    assert metrics["block_accuracy"] == 1
    assert metrics["block_purity"] > 0.6
    assert metrics["block_purity_shuffled"] == pytest.approx(1 / 3, abs=0.1)
    assert table["class"].tolist() == ["0", "1", "2", "all", "shuffled"]
    assert table["purity"].iloc[-1] == metrics["block_purity_shuffled"]
