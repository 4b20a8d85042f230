"""One network gives the same numbers on every backend: codes, learning, with a graph and without."""

import numpy as np
import pytest
from reference_wlsc import free_dictionary, mixtures

from neurosim.networks import WLSC
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code

N_NEURONS, N_PIXELS, BATCH = 20, 30, 10
RNG = np.random.default_rng(7)
DICTIONARY = free_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = mixtures(6 * BATCH - 3, DICTIONARY, RNG)
GRAPH = RNG.uniform(0, 2, (len(STIMULI), N_NEURONS))
PENALTY = {"threshold": 0.01, "locality": 0.04}
CASES = [
    pytest.param(code, weighted, backend, marks=() if quick else pytest.mark.slow)
    for code in ("nonnegative", "signed", "simplex")
    for weighted in (False, True)
    for backend in ("cython", "cpp_standalone")
    # One design is compiled in the quick ring too.
    for quick in ((code, weighted, backend) == ("nonnegative", False, "cython"),)
]


def network(**changed):
    parameters = {
        **PENALTY, "batch_size": BATCH, "initial_dictionary": DICTIONARY, "random_state": 0,
        "presentation": "1000 ms", "epsilon": 0, "locality_ramp": 0.5, "learning_rate": 0.2,
        # Ends before changes are those of rounding, which decide the lengths of steps in their own way.
        "tolerance": 1e-8, **changed,
    }  # fmt: skip
    return WLSC(N_NEURONS, **parameters)


@pytest.mark.parametrize(("code", "weighted", "backend"), CASES, indirect=["backend"])
def test_learning_agrees_and_codes_are_those_of_the_unrolled_encoder(code, weighted, backend):
    graph = GRAPH if weighted else None
    plain, net = (network(code=code, backend=name).fit(STIMULI, graph=graph) for name in ("numpy", backend))
    for name in ("dictionary_", "lateral_", "curvature_", "history_", "usage_"):
        np.testing.assert_allclose(getattr(net, name), getattr(plain, name), atol=1e-6)
    assert np.abs(net.dictionary_ - DICTIONARY).max() > 0.05
    # The fields it started from overlap less than learned ones, and settle soon.
    options = {"batch_size": BATCH, "presentation": "1000 ms", "epsilon": 0, "backend": backend}
    start = WLSC.from_dictionary(DICTIONARY, code=code, **PENALTY, **options)
    best = unrolled_code(STIMULI, DICTIONARY, Penalty(**PENALTY, code=code), graph=graph, n_layers=5000)
    found = start.transform(STIMULI, graph=graph)
    assert np.abs(found - best).max() <= 1e-6


@pytest.mark.slow
def test_unit_norms_and_single_precision_agree(compiled_backend):
    stimuli = STIMULI.astype(np.float32)
    nets = [
        network(norm="unit", epsilon=None, backend=name, learning_rate=0.1).fit(stimuli)
        for name in ("numpy", compiled_backend)
    ]
    assert nets[1].dictionary_.dtype == np.float32
    np.testing.assert_allclose(nets[1].dictionary_, nets[0].dictionary_, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(nets[1].dictionary_, axis=1), 1, rtol=1e-6)
