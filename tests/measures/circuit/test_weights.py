"""Matrices of weights have the cells that are acted on in rows, those that prefer the same beside each other."""

import numpy as np
import pytest

from neurosim.measures.circuit import WEIGHTS
from neurosim.measures.circuit.weights import _between, _clustered, _pooled_angle, _through_others
from neurosim.measures.context import Context
from neurosim.networks import LCA, EINet
from neurosim.recipes.recipe import load_recipe
from neurosim.registry.measure import undeclared
from neurosim.stimuli.kinds.stimuli import Stimuli

_N_PIXELS = 36


def context_of(network, recipe):
    rng = np.random.default_rng(0)
    shown, held_out = rng.normal(size=(200, _N_PIXELS)), rng.normal(size=(9, _N_PIXELS))
    stimuli = Stimuli(
        training={"patches": shown}, held_out={"patches": held_out}, shapes={"patches": (6, 6)}, sources={}
    )
    return Context(network.fit(shown), stimuli, recipe=load_recipe(recipe))


@pytest.fixture(scope="module")
def einet():
    return context_of(EINet(8, n_inhibitory=3, backend="numpy", learning_rate=0.2, random_state=0), "einet")


def test_rows_are_the_cells_that_are_acted_on(einet):
    found = {each.name: each for each in _between(einet)}
    assert {name: (each.target, each.source) for name, each in found.items()} == {
        "excite": ("inhibitory", "neuron"), "inhibit": ("neuron", "inhibitory"),
        "disinhibit": ("inhibitory", "inhibitory"),
    }  # fmt: skip
    np.testing.assert_array_equal(found["excite"].values, einet.network.excite_.T)
    np.testing.assert_array_equal(found["inhibit"].values, einet.network.inhibit_.T)
    np.testing.assert_array_equal(found["disinhibit"].values, einet.network.disinhibit_.T)


def test_two_steps_through_inhibitory_cells_are_one_matrix(einet):
    (through,) = _through_others(_between(einet))
    network = einet.network
    np.testing.assert_allclose(through.values, (network.excite_ @ network.inhibit_).T)


@pytest.mark.parametrize("model", ["lca", "einet"])
def test_the_figure_has_a_panel_for_each_pair_of_populations(model, einet):
    context = einet if model == "einet" else context_of(LCA(8, backend="numpy", random_state=0), "lca")
    given = WEIGHTS.compute(context, np.random.default_rng(0))
    assert undeclared(WEIGHTS, given) == []
    titles = [axes.get_title() or axes.get_title(loc="left") for axes in given.figures["weights"]().axes]
    named = [title for title in titles if title]
    assert named == (
        ["lateral: neuron to neuron"]
        if model == "lca"
        else ["excite: neuron to inhibitory", "inhibit: inhibitory to neuron", "disinhibit: inhibitory to inhibitory",
              "through inhibitory cells: neuron to neuron"]
    )  # fmt: skip


def test_likes_stand_together():
    rows = np.array([[1.0, 0], [0, 1], [1, 0.1], [0.1, 1]])
    places = np.argsort(_clustered(rows))
    assert abs(places[0] - places[2]) == abs(places[1] - places[3]) == 1


def test_a_cell_has_the_orientation_it_hears_most_of_and_does_not_mind_neurons_without_one():
    angle = np.array([0.1, 3.1, 1.5, np.nan])
    onto = np.array([[1.0, 1, 0, 9], [0, 0, 1, 0]])
    found = _pooled_angle(onto, angle)
    assert found[0] == pytest.approx((0.1 + 3.1 - np.pi) / 2, abs=1e-9)
    assert found[1] == pytest.approx(1.5)
