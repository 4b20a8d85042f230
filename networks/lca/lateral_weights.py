"""Lateral weights that follow an update of the fields without all overlaps being computed afresh."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.blocks import block_table
from neurosim.engine.dense import DenseWeights
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.networks.lca.pathways import InputPathway, Sizes

__all__ = ["Products", "follow_rows", "project_residuals"]


@dataclass(frozen=True)
class Products:
    """For following overlaps through an update: residuals' products with fields, and with each other by block."""

    projections: ArrayVariable
    crossed: ArrayVariable

    @classmethod
    def of(cls, design: Sizes) -> "Products":
        """Make the arrays for a design."""
        n, dtype = design.n_replicas, design.float_dtype
        block = ArrayBlock(
            "products",
            {
                "projections": (n * design.n_neurons, dtype),
                "crossed": (max(1, len(design.blocks)) * n * n, dtype),
            },
        )
        return cls(block.array("projections"), block.array("crossed"))


def project_residuals(design: Sizes, pathway: InputPathway, products: Products) -> Operation:
    """Take the products of the residuals with the fields and with each other, before the fields change."""
    n, n_pixels, n_neurons = design.n_replicas, pathway.modality.n_pixels, design.n_neurons
    assert isinstance(pathway.dictionary, DenseWeights)
    blocks = pathway.dictionary.blocks
    table, block_sizes = block_table(blocks)

    def project(weights: Any, residual: Any, projections: Any, crossed: Any) -> None:
        fields, projected = weights.reshape(n_neurons, n_pixels), projections.reshape(n, n_neurons)
        for block, with_each_other in zip(blocks, crossed.reshape(-1, n, n), strict=True):
            rows = residual.reshape(n, n_pixels)[:, block.columns]
            projected[:, block.rows] = rows @ fields[block.rows, block.columns].T
            np.matmul(rows, rows.T, out=with_each_other)

    return Operation(
        "project_residuals",
        {
            "weights": pathway.dictionary.variable,
            "residual": pathway.residual,
            "projections": products.projections,
            "crossed": products.crossed,
        },
        table + _PROJECT,
        project,
        sizes={"n_replicas": n, "n_neurons": n_neurons, "n_pixels": n_pixels} | block_sizes,
    )


_PROJECT = """
for (const Block& block : blocks) {
  add_products(residual, weights, projections, n_replicas, n_pixels, n_neurons, true, block);
  const Block batch = {0, n_replicas, block.column, block.n_columns};
  add_products(residual, residual, crossed, n_replicas, n_pixels, n_replicas, true, batch);
  crossed += (size_t)n_replicas * n_replicas;
}
return 0;
"""


def follow_rows(
    design: Sizes,
    neurons: NeuronGroup,
    lateral: DenseWeights,
    presentation: Presentation,
    *,
    plasticity: Plasticity,
    products: Products,
) -> Operation:
    """Change ΦΦᵀ − I as the update Φ + (η/n) AᵀR, scaled to unit rows, changes it.

    With K = RΦᵀ, W = RRᵀ and M = (η/n) K + ½ (η/n)² WA, the products of the moved rows are ΦΦᵀ + AᵀM + MᵀA.
    Rounding adds up, so each run of batches starts from overlaps computed afresh.
    """
    n, n_neurons, blocks = design.n_replicas, design.n_neurons, lateral.blocks
    table, block_sizes = block_table(blocks)

    def follow(lateral: Any, code: Any, eta: Any, control: Any, valid: Any, **given: Any) -> None:
        n_valid = int(valid[control[1]])
        rate = eta[control[1]] / n_valid
        for block, crossed in zip(blocks, given["crossed"].reshape(-1, n, n), strict=True):
            active = code.reshape(n, n_neurons)[:n_valid, block.rows]
            moves = rate * given["projections"].reshape(n, n_neurons)[:n_valid, block.rows]
            moves += rate**2 / 2 * crossed[:n_valid, :n_valid] @ active
            _follow_numpy(lateral.reshape(n_neurons, n_neurons)[block.rows, block.rows], active.T @ moves)

    return Operation(
        "follow",
        {
            "lateral": lateral.variable,
            "code": neurons.variables["a"],
            "projections": products.projections,
            "crossed": products.crossed,
            "eta": plasticity.parameter("eta"),
            "control": presentation.block.array("control"),
            "valid": presentation.block.array("valid"),
        },
        table + _FOLLOW,
        follow,
        sizes={"n_replicas": n, "n_neurons": n_neurons} | block_sizes,
    )


def _follow_numpy(overlaps: NDArray[Any], half: NDArray[Any]) -> None:
    """Add the moves of rows to their overlaps, and scale the rows to unit norm, in place."""
    diagonal = np.diag_indices_from(overlaps)
    overlaps += half + half.T
    overlaps[diagonal] += 1
    squares = np.diagonal(overlaps)
    scale = np.where(squares > 0, 1 / np.sqrt(np.where(squares > 0, squares, 1)), 1).astype(overlaps.dtype)
    overlaps *= scale[:, np.newaxis] * scale
    overlaps[diagonal] -= 1


_FOLLOW = """
const int n_valid = valid[control[1]];
for (const Block& block : blocks) {
  if (n_valid < n_replicas)  // close the ranks of the products with each other
    for (int r = 0; r < n_valid; ++r) copy(crossed + (size_t)r * n_replicas, crossed + (size_t)r * n_replicas + n_valid,
                                           crossed + (size_t)r * n_valid);
  follow_rows(lateral, code, projections, crossed, eta[control[1]] / n_valid, n_valid, n_neurons, block);
  crossed += (size_t)n_replicas * n_replicas;
}
return 0;
"""
