"""NIR: graphs that an executor of its own runs to the same spikes, and what no graph can say."""

import numpy as np
import pytest
from spiking_cases import mixtures, sailnet, spiking_lca

from neurosim.exchange import to_nir, write_nir

nir = pytest.importorskip("nir", reason="the extra nir is not installed")

_CASES = {
    "SAILnet": lambda: sailnet(12),
    "SAILnet in the stimuli's unit": lambda: sailnet(12, standardise=False),
    "SAILnet that fires often": lambda: sailnet(12, target_rate=1.0, initial_threshold=0.5),
    "SpikingLCA": lambda: spiking_lca(12, threshold=5.0, charge=0.5),
    "SpikingLCA of one neuron per field": lambda: spiking_lca(12, threshold=3.0, charge=1.0, pairs=False),
    "SpikingLCA of large steps": lambda: spiking_lca(
        12, threshold=5.0, charge=8.0, dt="0.5 ms", presentation="20 ms"
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_every_spike_count_of_twenty_stimuli_is_equal(case, tmp_path):
    from nir_executor import spike_counts

    network = _CASES[case]().fit(3.0 * mixtures(400))
    stimuli = 3.0 * mixtures(20, seed=1)
    write_nir(network, tmp_path / "net.nir")
    shown = network.standardised(stimuli) if "standardise" in network.get_params() else stimuli
    expected = next(iter(network.spike_counts(stimuli).values()))
    assert expected.sum() > 20
    np.testing.assert_array_equal(spike_counts(tmp_path / "net.nir", shown), expected)


@pytest.mark.parametrize("lost", ["inhibition", "overlaps"])
def test_the_counts_differ_without_inhibition_so_that_equality_says_something(
    lost, learned, stimuli, tmp_path
):
    from nir_executor import spike_counts

    network = learned["sailnet" if lost == "inhibition" else "spiking-lca"]
    graph = to_nir(network)
    graph.nodes[lost].weight[:] = 0
    nir.write(str(tmp_path / "net.nir"), graph)
    expected = next(iter(network.spike_counts(stimuli).values()))
    assert (spike_counts(tmp_path / "net.nir", stimuli) != expected).any()


def test_the_conventions_stand_in_the_file(learned, tmp_path):
    write_nir(learned["spiking-lca"], tmp_path / "net.nir")
    told = nir.read(tmp_path / "net.nir").metadata
    assert (float(told["dt"]), float(told["presentation"])) == (5e-5, 5e-3)
    assert "1 for one time step" in told["spike"]
    assert "1 step" in told["recurrent_delay"]
    assert "starts from 0" in told["reset_between_stimuli"]
    assert "learning" in told["not_expressed"]


def test_per_spike_turns_counts_into_the_code(learned, stimuli):
    network = learned["spiking-lca"]
    per_spike, counts = float(to_nir(network).metadata["per_spike"]), network.spike_counts(stimuli)["neurons"]
    n = network.n_neurons
    np.testing.assert_allclose(per_spike * (counts[:, :n] - counts[:, n:]), network.transform(stimuli))


@pytest.mark.parametrize(
    "option",
    [{"refractory": "2 ms"}, {"noise": 0.1}, {"delay": "1 ms"}, {"membrane_terms": "- 0.1*u"}],
    ids=lambda option: next(iter(option)),
)
def test_what_nir_cannot_say_is_refused_by_its_name(option, learned):
    import copy

    network = copy.copy(learned["sailnet"]).set_params(**option)
    with pytest.raises(ValueError, match=f"no word for {next(iter(option))}="):
        to_nir(network)


def test_other_networks_are_refused(learned, graded):
    for network in (learned["einet"], graded):
        with pytest.raises(ValueError, match=f"a SAILnet or a SpikingLCA, got {type(network).__name__}"):
            to_nir(network)
