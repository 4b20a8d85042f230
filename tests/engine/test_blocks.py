"""Populations connected group by group: what is outside of the blocks is neither sent nor learned."""

from typing import Any

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, ms
from numpy.testing import assert_allclose

from neurosim.engine.backend import activated
from neurosim.engine.blocks import Block, checked_blocks
from neurosim.engine.dense import DensePathway, DenseWeights

BLOCKS = (Block(0, 2, 0, 3), Block(2, 1, 3, 2))
VALUES = np.arange(1.0, 16.0).reshape(3, 5)
INSIDE = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]])


@pytest.mark.parametrize("accumulate", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_only_what_is_in_a_block_is_transmitted(transposed: bool, accumulate: bool) -> None:
    with activated("numpy"):
        weights = DenseWeights(VALUES, name=f"blocks_{transposed}_{accumulate}", blocks=BLOCKS)
        n_source, n_target = (weights.T if transposed else weights).shape
        source = NeuronGroup(2 * n_source, "a : 1", name=f"from_{transposed}_{accumulate}")
        target = NeuronGroup(2 * n_target, "x : 1", name=f"to_{transposed}_{accumulate}")
        pathway = DensePathway(
            source, target, weights.T if transposed else weights, transmits="a", into="x", accumulate=accumulate,
            name=f"through_{transposed}_{accumulate}",
        )  # fmt: skip
        source.a = np.arange(1, 2 * n_source + 1)
        target.x = 100
        Network(source, target, pathway).run(0.1 * ms)
    matrix = VALUES * INSIDE
    sent = np.arange(1.0, 2 * n_source + 1).reshape(2, n_source)
    received = sent @ (matrix.T if transposed else matrix)
    assert_allclose(np.array(target.x).reshape(2, n_target), received + 100 * accumulate)


@pytest.mark.parametrize(
    "blocks",
    [
        BLOCKS[:1],
        BLOCKS[::-1],
        (Block(0, 2, 0, 3), Block(2, 1, 2, 3)),
        (Block(0, 3, 0, 4),),
        (Block(0, 3, 0, 5), Block(3, 0, 5, 0)),
    ],
)
def test_blocks_that_leave_rows_or_columns_out_are_refused(blocks: Any) -> None:
    with pytest.raises(ValueError, match=r"expected blocks along the diagonal .* of \(3, 5\), got"):
        checked_blocks(blocks, (3, 5))
