"""Stimuli with planted groups of neurons: put with their class, and at chance where there are no groups."""

import numpy as np
import pytest

from neurosim.measures.classes.classification import Points
from neurosim.measures.classes.stimulus_clusters import STIMULUS_CLUSTERS, clustered_stimuli
from neurosim.stimuli.kinds.stimuli import Labels

_LABELS = Labels(np.arange(150) % 3, np.arange(90) % 3)


def _code(labels: np.ndarray, *, own: float) -> np.ndarray:
    """Return codes in which the share `own` of a stimulus's four active neurons are among its class's eight."""
    rng = np.random.default_rng(len(labels))
    code = np.zeros((len(labels), 26))
    for row, label in zip(code, labels, strict=True):
        anywhere = rng.integers(24, size=4)
        chosen = np.where(rng.random(4) < own, 8 * label + anywhere % 8, anywhere)
        row[chosen] = rng.random(4) + 0.5
    return code


@pytest.mark.parametrize(("own", "least", "most"), [(0.95, 0.95, 1.0), (0.0, 0.3, 0.55)])
def test_stimuli_are_put_with_their_class_where_neurons_are(own: float, least: float, most: float) -> None:
    points = Points(_code(_LABELS.training, own=own), _code(_LABELS.held_out, own=own))
    found = clustered_stimuli(points, labels=_LABELS, rng=np.random.default_rng(0))
    assert set(found) == set(STIMULUS_CLUSTERS.metrics)
    assert least <= found["clustering_accuracy"] <= most
    assert least <= found["clustering_accuracy_train"] <= most
    assert found["clustering_accuracy_shuffled"] < 0.55


def test_an_unanswered_stimulus_counts_as_wrong_and_a_silent_network_has_no_number() -> None:
    points = Points(_code(_LABELS.training, own=1.0), _code(_LABELS.held_out, own=1.0))
    points.held_out[:9] = 0
    found = clustered_stimuli(points, labels=_LABELS, rng=np.random.default_rng(0))
    assert found["clustering_accuracy"] == pytest.approx(0.9)
    silent = Points(0 * points.training, 0 * points.held_out)
    values = clustered_stimuli(silent, labels=_LABELS, rng=np.random.default_rng(0)).values()
    assert np.isnan(list(values)).all()
