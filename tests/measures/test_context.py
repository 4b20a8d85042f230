"""What measures share is worked out once, and said before it takes long."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.measures.response import Response
from neurosim.networks import LCA, SVAE, TopographicLCA
from neurosim.recipes.recipe import Recipe
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli

_ROWS = {"patches": np.random.default_rng(0).normal(size=(5, 16))}
_STIMULI = Stimuli(
    training=_ROWS,
    held_out=_ROWS,
    shapes={"patches": (4, 4)},
    sources={},
    image_space=ImageSpace(None),
)


class _Counting(LCA):
    """Counts how often it is asked for codes."""

    def __init__(self) -> None:
        self.asked = 0
        self.dictionary_ = np.eye(3, 16)

    def settle(self, stimuli: np.ndarray) -> Any:
        self.asked += 1
        return stimuli[:, :3], np.zeros(len(stimuli), dtype=bool)


def test_codes_and_fits_are_found_once_and_announced() -> None:
    told: list[Mapping[str, Any]] = []
    network = _Counting()
    context = Context(network, _STIMULI, recipe=Recipe(), progress=told.append)
    assert network.asked == 0
    assert context.response is context.response
    assert context.code is context.code
    assert network.asked == 1
    assert context.fits is context.fits
    assert list(context.fits) == ["whitened", "image"]
    steps = [event["step"] for event in told]
    assert steps == [
        "encoding 5 held-out stimuli from patches",
        "Gabor fits of 3 fields in whitened and image",
    ]


def test_without_a_network_nothing_is_declared() -> None:
    alone = Context(_Counting(), _STIMULI, recipe=Recipe())
    several = Context(None, _STIMULI, recipe=Recipe(), conditions={"a": alone})
    assert alone.has("settles")
    assert not several.has("settles")
    assert several.conditions["a"] is alone


def test_neurons_have_places_on_a_sheet_and_the_columns_of_their_filters() -> None:
    network = TopographicLCA(n_neurons=4, sheet=(2, 2), torus=True)
    context = Context(network, _STIMULI, recipe=Recipe())
    vars(context).update(encoded=Response(np.array([[1.0, 0, 0, 2], [0, 0, 0, 1]])), silence=0.0)
    assert context.sheet is not None
    assert list(context.neurons) == ["neuron", "row", "column", "usage", "lifetime_sparseness"]
    assert context.neurons["usage"].tolist() == [0.5, 0, 0, 1]
    assert (context.sheet.height, context.sheet.width, context.sheet.torus) == (2, 2, True)
    dense = Context(SVAE(), _STIMULI, recipe=Recipe())
    vars(dense).update(encoded=Response(np.ones((2, 2))), filters=pd.DataFrame({"fall_nats": [1.0, 0.0]}))
    assert list(dense.neurons) == ["neuron", "fall_nats", "lifetime_sparseness"]
