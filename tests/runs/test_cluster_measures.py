"""Groups planted in codes: found, counted with labels, and at chance where there are none."""

import numpy as np
import pytest

from neurosim.measures.response import Response
from neurosim.networks import LCA, WLSC, TopographicLCA
from neurosim.report.metrics import METRICS
from neurosim.runs.class_measures import Points
from neurosim.runs.cluster_measures import clustered_stimuli, neuron_groups
from neurosim.stimuli.kinds.stimuli import Labels

_NETWORK = WLSC()
_NETWORK.merged_neurons_ = [(0, 1)]
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


def test_planted_groups_of_neurons_are_found_and_silent_neurons_left_out() -> None:
    code = _code(_LABELS.training, own=1.0)
    metrics, labels = neuron_groups(_NETWORK, Response(code), rng=np.random.default_rng(0))
    assert metrics == {"clusters": 3, "isolated_neurons": 2, "merged_neurons": 1}
    assert set(metrics) <= set(METRICS)
    assert labels is not None
    assert [len(set(labels[8 * group : 8 * group + 8])) for group in range(3)] == [1, 1, 1]
    assert labels[24:].tolist() == [-1, -1]


def test_activity_up_to_the_softening_does_not_connect_neurons() -> None:
    code = _code(_LABELS.training, own=1.0)
    softened, at_zero = (
        neuron_groups(network, Response(code + 0.1), rng=np.random.default_rng(0))[0]
        for network in (TopographicLCA(softening=0.1), LCA())
    )
    assert softened == {"clusters": 3, "isolated_neurons": 2}
    assert at_zero["isolated_neurons"] == 0


def test_without_groups_there_is_one() -> None:
    code = _code(_LABELS.training, own=0.0)
    metrics, _ = neuron_groups(LCA(), Response(code), rng=np.random.default_rng(0))
    assert metrics["clusters"] == 1
    assert "merged_neurons" not in metrics


@pytest.mark.parametrize("code", [np.zeros((9, 5)), np.eye(5)])
def test_neurons_that_are_never_active_together_have_no_groups(code: np.ndarray) -> None:
    assert neuron_groups(LCA(), Response(code), rng=np.random.default_rng(0)) == ({}, None)


def test_spikes_are_not_clustered() -> None:
    counts = _code(_LABELS.training, own=1.0)
    answer = Response(counts, {"neurons": counts})
    assert neuron_groups(LCA(), answer, rng=np.random.default_rng(0)) == ({}, None)


@pytest.mark.parametrize(("own", "least", "most"), [(0.95, 0.95, 1.0), (0.0, 0.3, 0.55)])
def test_stimuli_are_put_with_their_class_where_neurons_are(own: float, least: float, most: float) -> None:
    points = Points(_code(_LABELS.training, own=own), _code(_LABELS.held_out, own=own))
    found = clustered_stimuli(points, labels=_LABELS, rng=np.random.default_rng(0))
    assert set(found) <= set(METRICS)
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
