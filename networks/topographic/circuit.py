"""What topographic coding adds to the circuit of an LCA: pools of neighbours that lower each other's thresholds.

Minimise ½‖s − Φᵀa‖² + λ Σ_i (√(e_i + ε) − √ε) with pooled energies e_i = Σ_j h_ij a_j² (Hyvärinen & Hoyer 2001, eq. 7,
with reconstruction instead of independence); on a torus h_ij = 1/n² for the n neurons of a pool. As membranes: the
threshold of neuron j is λ a_j p_j with p_j = Σ_i h_ij/√(e_i + ε), so that a_j = u_j/(1 + λ p_j): the more its
neighbours do, the lower.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.neighbours import NeighbourPathway, NeighbourWeights, neighbour_sums
from neurosim.engine.operation import Operation
from neurosim.networks.lca.extension import Builder, Extension
from neurosim.networks.topographic.neighbours import gaussian_neighbours, pooling_neighbours

__all__ = ["ACTIVITIES", "Pools", "topographic_extension"]

_EQUATIONS = """
pool_energy : 1                 # of the pool around the neuron
pooled : 1                      # λp, what its pools make of a neuron's threshold per activity
strictness : 1                  # λ, the same for all
softening : 1                   # ε, the same for all
"""
_EXCITED = """
excitation : 1                  # from neighbours on the sheet
lateral_excitation : 1 (shared)
"""


# Brian2's own statements for a pooled threshold: dividing is exact at the fixed point.
ACTIVITIES = {False: "u / (1 + pooled)", True: "clip(u, 0, inf) / (1 + pooled)"}


def topographic_extension(pools: "Pools", *, nonnegative: bool) -> Extension:
    """Return the extension for pools of neighbours that lower each other's thresholds."""
    # A silent neuron's activity may still grow when its membrane is there: by steps in proportion to itself.
    coming = "u/(1 + pooled)" if not nonnegative else "(u + abs(u))/(2 + 2*pooled)"
    growth = f"(abs({coming}) - abs(a) + abs({coming} - a))/(abs(a) + softening**0.5)"
    return Extension(
        equations=_EQUATIONS + (_EXCITED if pools.reach else ""),
        # The first activity of a presentation is computed from what pools made of the last one.
        carried=("pooled",),
        goal=f"u + abs({{rest}} - u) + abs({coming} - a) + strictness*{growth}/2",
        stages=(pools,),
    )


@dataclass(frozen=True)
class Pools:
    """Pools of neighbours on a sheet; `reach` is the width of the Gaussian by which they excite each other, or 0."""

    height: int
    width: int
    torus: bool
    pooling: int
    reach: float

    def __call__(self, builder: Builder) -> None:
        neurons, presentation = builder.neurons, builder.presentation
        indices, weights = pooling_neighbours(self.height, self.width, torus=self.torus, side=self.pooling)
        pools = NeighbourWeights(indices, weights, name="pools")
        # A pool and the neurons in it are the same pairs read the other way round.
        members = NeighbourWeights(*pooling_neighbours(
            self.height, self.width, torus=self.torus, side=self.pooling, of_neuron=True
        ), name="members")  # fmt: skip
        builder.loops += [
            NeighbourPathway(
                neurons, neurons, pools, transmits="a**2", into="pool_energy", order=1, name="gather"
            ),
            NeighbourPathway(
                neurons,
                neurons,
                members,
                transmits="strictness*(pool_energy + softening)**-0.5",
                into="pooled",
                order=2,
                name="lower",
            ),
        ]
        presentation.measures.append(self._count_cost(builder, pools))
        if self.reach:
            near = NeighbourWeights(
                *gaussian_neighbours(self.height, self.width, torus=self.torus, reach=self.reach), name="near"
            )
            builder.loops.append(
                NeighbourPathway(
                    neurons, neurons, near, transmits="a", into="excitation", order=3, name="excite_near"
                )
            )

    def _count_cost(self, builder: Builder, pools: NeighbourWeights) -> Operation:
        """Add what activity costs to the energy of every stimulus."""
        n, n_neurons = builder.design.n_replicas, builder.design.n_neurons
        table = pools.shape
        arrays = {name: builder.neurons.variables[name] for name in ("a", "threshold", "softening")}
        arrays |= {"indices": pools.indices, "weights": pools.variable}
        arrays["energy"] = builder.presentation.collected["energy"]

        def count(energy: NDArray[Any], **given: Any) -> None:
            squares, softening = given["a"].reshape(n, n_neurons) ** 2, given["softening"][0]
            pools = neighbour_sums(squares, given["indices"].reshape(table), given["weights"].reshape(table))
            energy += given["threshold"][0] * (np.sqrt(pools + softening) - np.sqrt(softening)).sum(axis=1)

        sizes = {"n_replicas": n, "n_neurons": n_neurons, "n_neighbours": table[1]}
        return Operation("pool_cost", arrays, _COST, count, sizes=sizes)


_COST = """
for (int r = 0; r < n_replicas; ++r) {
  double cost = 0;
  for (int i = 0; i < n_neurons; ++i) {
    double sum = 0;
    for (int m = 0; m < n_neighbours; ++m) {
      const size_t place = (size_t)i * n_neighbours + m;
      const double each = a[(size_t)r * n_neurons + indices[place]];
      sum += weights[place] * each * each;
    }
    cost += std::sqrt(sum + softening[0]) - std::sqrt(double(softening[0]));
  }
  energy[r] += threshold[0] * cost;
}
return 0;
"""
