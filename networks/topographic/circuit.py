"""What topographic coding adds to the circuit of an LCA: pools of neighbours that lower each other's thresholds.

Minimise ½‖s − Φᵀa‖² + λ Σ_i (√(e_i + ε) − √ε) with pooled energies e_i = Σ_j h_ij a_j² (Hyvärinen & Hoyer 2001, eq. 7,
with reconstruction instead of independence); on a torus h_ij = 1/n² for the n neurons of a pool. As membranes: the
threshold of neuron j is λ a_j p_j with p_j = Σ_i h_ij/√(e_i + ε), so that a_j = u_j/(1 + λ p_j): the more its
neighbours do, the lower.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.neighbours import NeighbourPathway, NeighbourWeights, neighbour_sums
from neurosim.engine.operation import Operation
from neurosim.networks.lca.design import Addition, Scaffold
from neurosim.networks.topographic.neighbours import gaussian_neighbours, pooling_neighbours

__all__ = ["TopographicAddition"]

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


@dataclass(frozen=True)
class TopographicAddition(Addition):
    """Pools of neighbours on a sheet.

    Parameters
    ----------
    nonnegative : bool
    height, width : int
    torus : bool
    pooling : int
        Side of a pool in neurons, an odd number.
    reach : float
        Width of the Gaussian by which neighbours excite each other, in neurons; 0 for none.
    """

    # Brian2's own statements for a pooled threshold: dividing is exact at the fixed point.
    activities: ClassVar[dict[bool, str]] = {
        False: "u / (1 + pooled)",
        True: "clip(u, 0, inf) / (1 + pooled)",
    }

    # The first activity of a presentation is computed from what pools made of the last one.
    carried: ClassVar[tuple[str, ...]] = ("pooled",)

    nonnegative: bool = False
    height: int = 1
    width: int = 1
    torus: bool = True
    pooling: int = 3
    reach: float = 0.0

    @property
    def equations(self) -> str:
        return _EQUATIONS + (_EXCITED if self.reach else "")

    def goal(self, rest: str) -> str:
        # A silent neuron's activity may still grow when its membrane is there: by steps in proportion to itself.
        coming = "u/(1 + pooled)" if not self.nonnegative else "(u + abs(u))/(2 + 2*pooled)"
        growth = f"(abs({coming}) - abs(a) + abs({coming} - a))/(abs(a) + softening**0.5)"
        return f"u + abs({rest} - u) + abs({coming} - a) + strictness*{growth}/2"

    def join(self, scaffold: Scaffold) -> None:
        neurons, presentation = scaffold.neurons, scaffold.presentation
        indices, weights = pooling_neighbours(self.height, self.width, torus=self.torus, side=self.pooling)
        pools = NeighbourWeights(indices, weights, name="pools")
        # A pool and the neurons in it are the same pairs read the other way round.
        members = NeighbourWeights(*pooling_neighbours(
            self.height, self.width, torus=self.torus, side=self.pooling, of_neuron=True
        ), name="members")  # fmt: skip
        scaffold.loops += [
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
        presentation.measures.append(self._charge(scaffold, pools))
        if self.reach:
            near = NeighbourWeights(
                *gaussian_neighbours(self.height, self.width, torus=self.torus, reach=self.reach), name="near"
            )
            scaffold.loops.append(
                NeighbourPathway(
                    neurons, neurons, near, transmits="a", into="excitation", order=3, name="excite_near"
                )
            )

    def _charge(self, scaffold: Scaffold, pools: NeighbourWeights) -> Operation:
        """Add what activity costs to the energy of every stimulus."""
        n, n_neurons = scaffold.design.n_replicas, scaffold.design.n_neurons
        table = pools.shape
        arrays = {name: scaffold.neurons.variables[name] for name in ("a", "threshold", "softening")}
        arrays |= {"indices": pools.indices, "weights": pools.variable}
        arrays["energy"] = scaffold.presentation.collected["energy"]

        def charge(energy: NDArray[Any], **given: Any) -> None:
            squares, softening = given["a"].reshape(n, n_neurons) ** 2, given["softening"][0]
            pools = neighbour_sums(squares, given["indices"].reshape(table), given["weights"].reshape(table))
            energy += given["threshold"][0] * (np.sqrt(pools + softening) - np.sqrt(softening)).sum(axis=1)

        sizes = {"n_replicas": n, "n_neurons": n_neurons, "n_neighbours": table[1]}
        return Operation("charge_pools", arrays, _CHARGE, charge, sizes=sizes)


_CHARGE = """
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
