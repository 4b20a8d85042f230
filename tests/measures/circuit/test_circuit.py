"""The equations of a run are those of its network, and its membranes obey them."""

import numpy as np
import pandas as pd
import pytest

from neurosim.measures.circuit import CIRCUIT, meanings
from neurosim.measures.circuit.measure import _table
from neurosim.measures.context import Context
from neurosim.networks import LCA, EINet
from neurosim.recipes.recipe import load_recipe
from neurosim.registry.measure import undeclared
from neurosim.stimuli.kinds.stimuli import Stimuli

_N_PIXELS = 36


@pytest.fixture(scope="module")
def context() -> Context:
    rng = np.random.default_rng(0)
    shown, held_out = rng.normal(size=(200, _N_PIXELS)), rng.normal(size=(9, _N_PIXELS))
    network = LCA(8, backend="numpy", n_epochs=1, batch_size=50, random_state=0).fit(shown)
    stimuli = Stimuli(
        training={"patches": shown}, held_out={"patches": held_out}, shapes={"patches": (6, 6)}, sources={}
    )
    return Context(network, stimuli, recipe=load_recipe("lca"))


@pytest.fixture(scope="module")
def given(context: Context):
    assert CIRCUIT.applies(context)
    return CIRCUIT.compute(context, np.random.default_rng(0))


def test_what_it_gives_is_declared(given):
    assert undeclared(CIRCUIT, given) == []


def test_the_equations_are_the_networks_own(context, given):
    (row,) = given.tables["equations"].itertuples(index=False)
    assert row.equations == context.network.equations.strip()
    assert "du/dt" in row.equations


def test_each_population_has_its_own_equations():
    text = EINet(n_neurons=4, n_inhibitory=2).equations
    parts = dict(_table(text, alone="membranes", column="equations").to_numpy())
    assert [name.partition(":")[0] for name in parts] == ["excitatory", "inhibitory"]
    assert all(text.startswith("du/dt") for text in parts.values())


def test_the_rules_are_the_networks_own_and_all_their_names_are_explained(context, given):
    table = given.tables["learning_rules"]
    assert list(table["part"]) == [
        "dictionary, from inputs to neurons; kept to: unit norm", "lateral, from neurons to neurons: set, not learned",
    ]  # fmt: skip
    assert list(table["rule"]) == ["w += eta*a_post*r_pre", "w = sum(field_pre*field_post)"]
    assert [name for name, _ in meanings(table["rule"])] == [
        "w", "eta", "a_post", "r_pre", "field_pre", "field_post",
    ]  # fmt: skip


def test_the_membranes_are_drawn_from_their_table_as_at_first(given):
    drawn, again = given.figures["membranes"](), CIRCUIT.redraw(given.tables)["membranes"]()
    for one, other in zip(drawn.axes[0].lines, again.axes[0].lines, strict=True):
        assert one.get_label() == other.get_label()
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())


def test_membranes_settle_where_the_code_is_read(context, given):
    """A soft threshold: the potential of an active neuron lies the threshold above its activity."""
    traces = given.tables["membranes"]
    last = traces[traces["time"] == traces["time"].max()].set_index("neuron")["u"]
    strongest = np.abs(context.code).max(axis=1)
    (stimulus,) = np.flatnonzero(strongest == np.median(strongest))
    code = context.code[stimulus, last.index.to_numpy()]
    active = code != 0
    assert active.any()
    potential = code + np.sign(code) * context.network.threshold_
    np.testing.assert_allclose(last.to_numpy()[active], potential[active], rtol=1e-2)
    assert (traces[traces["time"] == 0]["u"].abs() < 0.1 * last.abs().max()).all()


def test_the_network_itself_is_left_as_it_was(context, given):
    assert context.network.backend == "numpy"
    assert isinstance(given.tables["membranes"], pd.DataFrame)
    assert given.figures["membranes"]().axes[0].lines[0].get_label().startswith("neuron ")
