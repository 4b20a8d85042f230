"""Groups of neurons planted in codes: found, and none where neurons are not active together."""

import numpy as np
import pytest

from neurosim.measures.context import Context
from neurosim.measures.neuron_groups import NEURON_GROUPS
from neurosim.measures.response import Response
from neurosim.networks import LCA, SVAE, WLSC, TopographicLCA
from neurosim.recipes.recipe import Recipe
from neurosim.registry.measure import Measured
from neurosim.stimuli.kinds.stimuli import Stimuli

_STIMULI = Stimuli(training={}, held_out={}, shapes={}, sources={})
_LABELS = np.arange(150) % 3


def _measured(network: object, code: np.ndarray, counts: np.ndarray | None = None) -> Measured:
    context = Context(network, _STIMULI, recipe=Recipe())
    context.encoded = context.response = Response(code, {} if counts is None else {"neurons": counts})  # type: ignore[misc]
    assert NEURON_GROUPS.applies(context)
    return NEURON_GROUPS.compute(context, np.random.default_rng(0))


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
    network = WLSC()
    network.merged_neurons_ = [(0, 1)]
    found = _measured(network, _code(_LABELS, own=1.0))
    assert found.metrics == {"clusters": 3, "isolated_neurons": 2, "merged_neurons": 1}
    assert set(found.metrics) == set(NEURON_GROUPS.metrics)
    assert found.columns is not None
    labels = found.columns["cluster"]
    assert [len(set(labels[8 * group : 8 * group + 8])) for group in range(3)] == [1, 1, 1]
    assert labels[24:].tolist() == [-1, -1]


def test_activity_up_to_the_softening_does_not_connect_neurons() -> None:
    network = TopographicLCA(softening=0.1)
    code = _code(_LABELS, own=1.0) + 0.1
    softened, at_zero = (_measured(each, code).metrics for each in (network, LCA()))
    assert softened == {"clusters": 3, "isolated_neurons": 2}
    assert at_zero["isolated_neurons"] == 0


def test_without_groups_there_is_one() -> None:
    metrics = _measured(LCA(), _code(_LABELS, own=0.0)).metrics
    assert metrics["clusters"] == 1
    assert "merged_neurons" not in metrics


@pytest.mark.parametrize("code", [np.zeros((9, 5)), np.eye(5)])
def test_neurons_that_are_never_active_together_have_no_groups(code: np.ndarray) -> None:
    found = _measured(LCA(), code)
    assert (found.metrics, found.columns) == ({}, None)


def test_spikes_are_not_clustered() -> None:
    counts = _code(_LABELS, own=1.0)
    assert _measured(LCA(), counts, counts).metrics == {}


def test_neurons_that_all_respond_to_every_stimulus_have_no_groups() -> None:
    context = Context(SVAE(), _STIMULI, recipe=Recipe())
    context.filters = "there are"  # type: ignore[assignment, misc]
    assert not NEURON_GROUPS.applies(context)
