"""What a spiking LCA learns: the local rule on the residual of the rates, tied pairs, overlaps that follow."""

import numpy as np
import pytest
from spiking_cases import BATCH, N_NEURONS, N_PIXELS, mixtures, patches, spiking_lca, started

from neurosim.networks.spiking.circuit import build_spiking_circuit
from neurosim.networks.spiking.run import show_spiking

STIMULI = patches(2 * BATCH, seed=6)


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize("n_stimuli", [BATCH, BATCH - 9])
def test_a_batch_moves_the_fields_along_code_times_residual_to_unit_norm(pairs, n_stimuli, backend):
    net = started(spiking_lca(pairs=pairs, learning_rate=0.7, backend=backend), STIMULI)
    batch, start = STIMULI[:n_stimuli], net.dictionary_.copy()
    code = net.transform(batch)
    moved = start + 0.7 / n_stimuli * code.T @ (batch - code @ start)
    net.partial_fit(batch)
    np.testing.assert_allclose(
        net.dictionary_, moved / np.linalg.norm(moved, axis=1, keepdims=True), atol=1e-12
    )
    assert np.abs(net.dictionary_ - start).max() > 0.02


@pytest.mark.parametrize("pairs", [True, False])
def test_pairs_stay_opposite_rows_unit_and_lateral_weights_overlaps(pairs, backend):
    net = started(spiking_lca(pairs=pairs, backend=backend), STIMULI)
    design = net._design(N_PIXELS, dtype=np.float64, backend=backend, n_replicas=BATCH, capacity=2)
    circuit = build_spiking_circuit(design)
    net._load(circuit)
    schedules = {variable: np.full(2, 3 * rate) for variable, rate in net._rates(circuit).items()}
    show_spiking(circuit, STIMULI, timing=net._timing(), schedules=schedules)
    n = N_NEURONS * (1 + pairs)
    read = {name: circuit.program.read(w.variable) for name, w in circuit.parts.weights.items()}
    fields, lateral = read["dictionary"].reshape(n, N_PIXELS), read["lateral"].reshape(n, n)
    if pairs:
        np.testing.assert_array_equal(fields[N_NEURONS:], -fields[:N_NEURONS])
    np.testing.assert_allclose(np.linalg.norm(fields, axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(lateral, fields @ fields.T - np.eye(n), atol=1e-12)
    assert np.abs(fields[:N_NEURONS] - net.dictionary_).max() > 0.1


def test_learning_improves_the_objective_and_a_rate_of_zero_does_not():
    stimuli = mixtures(2000)
    options = {"threshold": 0.8, "batch_size": 50, "learning_rate": 1.0, "dt": "0.1 ms", "charge": 0.4}
    learned, frozen = (
        spiking_lca(24, **options | {"learning_rate": rate}).fit(stimuli) for rate in (1.0, 0.0)
    )
    few = mixtures(300)
    assert learned.score(few) > frozen.score(few) + 0.05 * abs(frozen.score(few))


def test_the_rule_is_the_local_hebbian_one_on_the_residual():
    circuit = spiking_lca().partial_fit(STIMULI).assemble()
    assert circuit.parts.plasticities["dictionary"].rule == "w += eta*a_post*r_pre"
    assert "r = s - prediction" in str(circuit.parts.groups["inputs"].equations)
