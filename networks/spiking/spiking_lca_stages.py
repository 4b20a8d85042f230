"""What learning adds to a spiking LCA: the residual of the rates, tied pairs, and overlaps that follow the fields."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.dense import propagation
from neurosim.engine.operation import Operation
from neurosim.networks.lca.pathways import compare_fields
from neurosim.networks.spiking.circuit import INPUTS, Parts

__all__ = ["INPUT_EQUATIONS", "CompareFields", "Explain", "TiePairs"]

INPUT_EQUATIONS = """
s : 1                           # stimulus, one pixel per input neuron
prediction : 1                  # what the rates explain of it
r = s - prediction : 1          # residual
"""


@dataclass(frozen=True)
class Explain:
    """Tells the input neurons what the rates explain of the stimulus, before learning."""

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        explain = propagation(
            parts.groups["neurons"],
            parts.groups[INPUTS],
            parts.weights["dictionary"],
            transmits="a",
            into="prediction",
            name="explain",
        )
        parts.presentation.measures.append(explain)


@dataclass(frozen=True)
class TiePairs:
    """Makes the second half of the fields the first with the other sign, of unit norm, after learning moved both."""

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        weights = parts.weights["dictionary"]
        n_rows, n_columns = weights.shape

        def tie(weights: NDArray[Any]) -> None:
            first, second = weights.reshape(2, n_rows // 2, n_columns)
            fields = first - second
            norms = np.linalg.norm(fields, axis=1, keepdims=True)
            fields /= np.where(norms > 0, norms, 1)
            first[:], second[:] = fields, -fields

        operation = Operation(
            "tie_pairs",
            {"weights": weights.variable},
            _TIE,
            tie,
            sizes={"n_half": n_rows // 2, "n_columns": n_columns},
        )
        parts.presentation.learning.append(operation)


@dataclass(frozen=True)
class CompareFields:
    """Makes the lateral weights the overlaps of the fields, which is not local."""

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        parts.presentation.learning.append(
            compare_fields(parts.weights["dictionary"], parts.weights["lateral"])
        )


_TIE = """
auto* first = weights;
auto* second = weights + (size_t)n_half * n_columns;
for (int k = 0; k < n_half * n_columns; ++k) first[k] -= second[k];
normalise_rows(first, n_half, n_columns);
for (int k = 0; k < n_half * n_columns; ++k) second[k] = -first[k];
return 0;
"""
