from typing import Any

import numpy as np
import pytest

from neurosim.analysis.spikes.spikes import spike_counts
from neurosim.measures import response as module
from neurosim.measures.response import Response, encoded, with_spikes
from neurosim.networks import LCA, SAILnet, SpikingLCA


@pytest.fixture(scope="module")
def stimuli() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((300, 16))


@pytest.fixture(scope="module")
def sailnet(stimuli: np.ndarray) -> SAILnet:
    return SAILnet(12, target_rate=0.3, backend="numpy", random_state=0).fit(stimuli)


def _responded(network: Any, stimuli: np.ndarray) -> Response:
    return with_spikes(encoded(network, stimuli), network, stimuli)


def test_spikes_are_counted_and_recorded_only_when_asked_for(sailnet: SAILnet, stimuli: np.ndarray) -> None:
    code = encoded(sailnet, stimuli[:5])
    assert (code.counts, code.spikes) == ({}, None)
    assert with_spikes(code, sailnet, stimuli[:5]).code is code.code


def test_a_graded_network_answers_with_its_code_alone(stimuli: np.ndarray) -> None:
    network = LCA.from_dictionary(np.eye(16), threshold=0.5, backend="numpy")
    response = _responded(network, stimuli[:5])
    np.testing.assert_array_equal(response.code, network.transform(stimuli[:5]))
    assert (response.counts, response.own_counts, response.spikes, response.is_counted) == (
        {},
        None,
        None,
        False,
    )


def test_the_recorded_spikes_are_those_that_were_counted(
    sailnet: SAILnet, stimuli: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RECORDED", 40)
    response = _responded(sailnet, stimuli[:60])
    assert response.is_counted
    assert response.spikes is not None
    assert response.code.sum() > 0
    np.testing.assert_array_equal(spike_counts(response.spikes), response.code[:40])


def test_recording_leaves_the_network_as_it_was(sailnet: SAILnet, stimuli: np.ndarray) -> None:
    sailnet.set_params(backend="auto")
    _responded(sailnet, stimuli[:5])
    assert sailnet.backend == "auto"


def test_rates_are_not_counts(stimuli: np.ndarray) -> None:
    network = SpikingLCA.from_dictionary(
        np.eye(16), threshold=0.5, charge=0.5, dt="0.1 ms", presentation="10 ms", backend="numpy"
    )
    response = _responded(network, stimuli[:5])
    assert not response.is_counted
    assert response.own_counts is not None
    assert response.own_counts.shape == (5, 32)
