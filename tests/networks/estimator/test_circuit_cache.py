"""Compiled circuits are kept by what decides their code, the most recently used ones longest."""

import numpy as np
import pytest
from spiking_cases import BATCH, NETWORKS, patches, sailnet

from neurosim.networks.estimator import backend_choice
from neurosim.networks.estimator.backend_choice import kept

STIMULI = patches(BATCH, seed=14)


class Counted:
    """Stands for a circuit, and counts how often it is compiled."""

    def __init__(self):
        self.program, self.n_compiled = self, 0

    def compile(self):
        self.n_compiled += 1


@pytest.fixture(autouse=True)
def _emptied(monkeypatch):
    monkeypatch.setattr(backend_choice, "_CIRCUITS", type(backend_choice._CIRCUITS)())
    monkeypatch.setattr(backend_choice, "_KEPT", 2)


def test_a_circuit_is_built_and_compiled_once_for_a_key():
    first = kept("a", Counted)
    assert kept("a", Counted) is first
    assert kept("b", Counted) is not first
    assert first.n_compiled == 1


def test_the_circuit_that_was_not_used_for_longest_is_dropped():
    first, second = kept("a", Counted), kept("b", Counted)
    assert kept("a", Counted) is first
    kept("c", Counted)
    assert kept("a", Counted) is first
    assert kept("b", Counted) is not second


def test_a_circuit_that_does_not_compile_is_not_kept():
    class Failing(Counted):
        def compile(self):
            raise RuntimeError("no compiler")

    with pytest.raises(RuntimeError, match="no compiler"):
        kept("a", Failing)
    assert kept("a", Counted).n_compiled == 1


@pytest.mark.parametrize("make", NETWORKS.values())
def test_networks_that_differ_in_numbers_only_share_a_circuit_and_not_their_results(make):
    first, second = make().fit(STIMULI), make(tau="7 ms", learning_rate=0.2, random_state=1).fit(STIMULI)
    assert len(backend_choice._CIRCUITS) == 1
    code = first.transform(STIMULI)
    assert (second.transform(STIMULI) != code).any()
    np.testing.assert_array_equal(first.transform(STIMULI), code)


@pytest.mark.parametrize(
    "changed",
    [
        {"n_neurons": 3}, {"batch_size": 7}, {"refractory": "2 ms"}, {"noise": 0.1}, {"delay": "2 ms"},
        {"homeostasis": "none"}, {"membrane_terms": "- 0.1"},
        {"membrane_terms": "- shift", "namespace": {"shift": 0.1}},
    ],
)  # fmt: skip
def test_networks_of_other_code_do_not_share_a_circuit(changed):
    sailnet().fit(STIMULI)
    sailnet(**changed).fit(STIMULI)
    assert len(backend_choice._CIRCUITS) == 2
    if "namespace" in changed:
        sailnet(**changed | {"namespace": {"shift": 0.2}}).fit(STIMULI)
        keys = list(backend_choice._CIRCUITS)
        assert keys[0] != keys[1]
