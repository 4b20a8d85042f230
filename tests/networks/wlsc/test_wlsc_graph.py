"""Graphs of the user's: factors of the penalty, the messages of impossible ones, and neurons that became the same."""

import numpy as np
import pytest
from reference_wlsc import free_dictionary, mixtures

from neurosim.networks import WLSC
from neurosim.networks.wlsc.graph import checked_graph, merged_fields, typical_norm

N_NEURONS, N_PIXELS, N_STIMULI = 8, 6, 12
RNG = np.random.default_rng(9)
DICTIONARY = free_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = mixtures(N_STIMULI, DICTIONARY, RNG)
ONES = np.ones((N_STIMULI, N_NEURONS))


def network(**changed):
    return WLSC.from_dictionary(
        DICTIONARY, **{"locality": 0.05, "batch_size": 5, "presentation": "1000 ms", "epsilon": 0, **changed}
    )


def learner(**changed):
    parameters = {
        "initial_dictionary": DICTIONARY,
        "batch_size": 5,
        "random_state": 0,
        "epsilon": 0,
        "presentation": "1000 ms",
        "threshold": 0.1,
        **changed,
    }
    return WLSC(N_NEURONS, **parameters)


@pytest.mark.parametrize("code", ["nonnegative", "signed"])
def test_weights_of_edges_are_factors_of_the_locality(code):
    np.testing.assert_allclose(
        network(code=code).transform(STIMULI, graph=3 * ONES),
        network(code=code, locality=0.15).transform(STIMULI),
        atol=1e-9,
    )
    weighted = network(code=code).transform(STIMULI, graph=3 * ONES)
    assert np.abs(weighted - network(code=code).transform(STIMULI)).max() > 0.01


def test_a_graph_of_ones_is_none_when_encoding_and_when_learning():
    np.testing.assert_allclose(
        network().transform(STIMULI, graph=ONES), network().transform(STIMULI), atol=1e-12
    )
    nets = [learner().fit(STIMULI, graph=graph) for graph in (ONES, None)]
    np.testing.assert_allclose(nets[0].dictionary_, nets[1].dictionary_, atol=1e-12)
    np.testing.assert_allclose(nets[0].history_, nets[1].history_, atol=1e-12)


def test_each_edge_belongs_to_its_stimulus_in_whatever_batch_and_order_it_is_shown():
    graph = RNG.uniform(0, 2, ONES.shape)
    code = network().transform(STIMULI, graph=graph)
    order = RNG.permutation(N_STIMULI)
    np.testing.assert_allclose(
        network().transform(STIMULI[order], graph=graph[order]), code[order], atol=1e-9
    )
    frozen = learner(learning=False, threshold=0, locality=0.05, batch_size=N_STIMULI)
    objective = frozen.fit(STIMULI, graph=graph).history_["objective"]
    assert objective[0] == pytest.approx(network().objective(STIMULI, code, graph=graph).mean(), rel=1e-9)
    assert objective[0] != pytest.approx(network().objective(STIMULI, code).mean(), rel=1e-3)


def test_a_neuron_far_off_in_the_graph_is_silent_and_one_that_costs_nothing_is_not():
    graph = ONES.copy()
    graph[:, 0], graph[:, 1] = 1e3, 0
    code = network().transform(STIMULI, graph=graph + 1e-9)
    assert not code[:, 0].any()
    assert (code[:, 1] > 0).sum() > (network().transform(STIMULI)[:, 1] > 0).sum()


@pytest.mark.parametrize("method", ["fit", "partial_fit", "transform"])
@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (
            ONES[:-1],
            r"graph: expected .* between 12 stimuli and 8 neurons, shape \(12, 8\), got shape \(11, 8\)",
        ),
        (ONES[0], r"got shape \(8,\)"),
        (
            ONES - 2 * np.eye(N_STIMULI, N_NEURONS)[::-1],
            r"of at least zero, got -1.0 between stimulus 4 and neuron 7 \(8 such weights in all\)",
        ),
        (ONES * np.nan, r"finite weights of at least zero, got nan between stimulus 0 and neuron 0"),
    ],
)
def test_an_impossible_graph_is_refused_with_the_place(method, graph, message):
    net = learner() if method == "fit" else network()
    with pytest.raises(ValueError, match=message):
        getattr(net, method)(STIMULI, graph=graph)


def test_a_graph_is_returned_as_numbers():
    assert checked_graph([[1, 0], [0, 2]], (2, 2)).dtype == np.float64


# Neurons that have become one place of the graph.


def test_neurons_with_the_same_field_are_named_in_a_warning():
    start = DICTIONARY.copy()
    start[6] = start[2]
    with pytest.warns(
        UserWarning, match=r"fields of 1 pairs of neurons have become the same: 2 and 6; a smaller"
    ):
        net = learner(initial_dictionary=start).fit(STIMULI)
    assert net.merged_neurons_ == [(2, 6)]
    assert learner().fit(STIMULI).merged_neurons_ == []


def test_only_fields_within_a_thousandth_of_their_length_are_the_same():
    fields = 100 * np.eye(4) + 1e-3
    fields[3] = fields[0] + [0, 0.09, 0, 0]
    assert merged_fields(fields) == [(0, 3)]
    fields[3] = fields[0] + [0, 0.2, 0, 0]
    assert merged_fields(fields) == []
    assert merged_fields(np.array([[1.0, 0], [-1, 0], [2, 0], [0, 0], [0, 0]])) == []
    # A length of its own, however near to a long one.
    assert merged_fields(np.array([[1e-5, 0], [0, 0]])) == []


def test_free_fields_start_as_long_as_stimuli():
    norms = np.linalg.norm(
        learner(initial_dictionary="stimuli", learning=False).fit(STIMULI).dictionary_, axis=1
    )
    np.testing.assert_allclose(norms, np.sqrt((STIMULI**2).sum(axis=1).mean()), rtol=1e-12)
    assert typical_norm(np.zeros((2, 3))) == 1
    assert typical_norm(np.ones((2, 4), dtype=np.float32)).dtype == np.float32


def test_a_neuron_without_any_edge_is_named_before_it_learns():
    with pytest.raises(ValueError, match=r"neuron 5 has no edge to any stimulus \(1 such neurons in all\)"):
        learner().fit(STIMULI, graph=ONES * (np.arange(N_NEURONS) != 5))


def test_a_few_stimuli_need_not_reach_every_neuron_once_a_network_has_learned():
    net = WLSC.from_dictionary(np.eye(2), locality=0.25, backend="numpy")
    graph = np.array([[1.0, 0.0], [2.0, 3.0]])
    both = net.transform(np.eye(2), graph=graph)
    np.testing.assert_allclose(net.transform(np.eye(2)[:1], graph=graph[:1]), both[:1])
