"""A sheet's own pools as complex cells."""

import numpy as np
import pytest
from gabor_network import network, stimuli

from neurosim.measures.context import Context
from neurosim.measures.laboratory.complex_cells import pools_of
from neurosim.measures.laboratory.fixed_gain import front_end_for
from neurosim.networks import TopographicLCA
from neurosim.recipes.recipe import load_recipe


def context(*, nonnegative: bool) -> Context:
    recipe = load_recipe("topographic", assignments=["laboratory.pools=sheet", "laboratory.pool_share=1"])
    sheet = TopographicLCA.from_dictionary(
        network().dictionary_, threshold=0.5, sheet=(4, 6), nonnegative=nonnegative, backend="numpy"
    )
    return Context(sheet, stimuli(), recipe=recipe)


@pytest.mark.parametrize("nonnegative", [True, False])
def test_each_neuron_stands_for_the_square_around_it(nonnegative: bool) -> None:
    given = context(nonnegative=nonnegative)
    section = given.recipe.laboratory
    assert section is not None
    halves = 1 if nonnegative else 2
    rng = np.random.default_rng(0)
    pools = pools_of(given, section, front_end_for(given, rng), n_halves=24 * halves, rng=rng)
    assert pools is not None
    assert pools.members.shape == (24 * halves, 9)
    assert pools.firsts.tolist() == list(range(24 * halves))
    places = given.network.positions_
    of_seven = places[pools.members[7] % 24]  # row 1, column 1: no edge of the sheet is near
    assert sorted(map(tuple, of_seven.tolist())) == [(row, column) for row in range(3) for column in range(3)]
    # No pool holds units of both signs.
    assert all(len(set(members // 24)) == 1 for members in pools.members)
