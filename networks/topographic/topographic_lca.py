"""Topographic coding: neurons on a sheet that lower their neighbours' thresholds, so that maps form."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.neighbours import neighbour_sums
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.rate_model import Learning, Objective, Shown, Threshold
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.run_settings import RunSettings
from neurosim.networks.topographic.circuit import ACTIVITIES, Pools, topographic_extension
from neurosim.networks.topographic.model import TopographicLCAParameters
from neurosim.networks.topographic.neighbours import pooling_neighbours, sheet_sides

__all__ = ["TopographicLCA"]

# The default softening in thresholds.
_SOFTENING = 0.1


class TopographicLCA(TopographicLCAParameters, RateNetwork):
    """Sparse coding by membranes on a sheet, where active neighbours lower each other's thresholds.

    The activity a minimises ½‖s − Φᵀa‖² + λ/n Σ_i (√(e_i + σ²) − σ) with the energies e_i = Σ_j a_j² of the pools of n
    neurons around all neurons: pools are sparse, their members are active together. Inhibition by overlap and the
    local learning rule are those of the LCA; neighbours come to prefer similar stimuli.

    Attributes
    ----------
    positions_ : int array, shape (n_neurons, 2)
        Row and column of every neuron on the sheet.
    softening_ : float
        σ in the unit of the stimuli.
    dictionary_, lateral_, history_, unsettled_, threshold_, mean_square_, usage_, dead_neurons_, seconds_compile_, \
n_features_in_
        As for `neurosim.networks.LCA`.

    Notes
    -----
    A division takes the place of a threshold, a_j = u_j/(1 + λ/n Σ_i 1/√(e_i + σ²)) with the pools i that neuron j is
    in, so silent neurons' activities are small but not zero. `usage_`, `dead_neurons_`, `history_` and `reseed_dead`
    count as active what is above `softening`.

    References
    ----------
    Hyvärinen & Hoyer 2001, Vision Research 41:2413, doi:10.1016/S0042-6989(01)00114-6 (pooled energies).
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.

    Examples
    --------
    >>> import numpy as np
    >>> net = TopographicLCA.from_dictionary(np.eye(9), threshold=0.5, tolerance=1e-6)
    >>> net.transform([[2.0] + 8 * [0.0]])[0, 0].round(3)  # alone: its threshold is 0.5
    np.float64(1.5)
    """

    _auto_threshold = 4.0

    @property
    def positions_(self) -> NDArray[np.intp]:
        """Row and column of every neuron on the sheet."""
        height, width = sheet_sides(self.n_neurons, self.sheet)
        return np.stack(np.divmod(np.arange(height * width), width), axis=1)

    @property
    def softening_(self) -> float:
        """σ in the unit of the stimuli: activity up to it counts as silent."""
        if not isinstance(self.softening, str):
            return self.softening
        # Without a threshold nothing is softened; the root of an energy needs a number above zero all the same.
        return _SOFTENING * self._level() or 1.0

    def _learning(self) -> Learning:
        return replace(super()._learning(), silent_below=self.softening_)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        height, width = sheet_sides(self.n_neurons, self.sheet)
        excited = "+ lateral_excitation*excitation" if self.lateral_excitation else ""
        reach = self.excitation_reach if self.lateral_excitation else 0.0
        pools = Pools(height, width, self.torus, self.pooling, reach)
        return replace(
            super()._design(shown, **sizes),
            activity=ACTIVITIES[self.nonnegative],
            membrane_terms=f"{excited} {self.membrane_terms}".strip(),
            extension=topographic_extension(pools, nonnegative=self.nonnegative),
        )

    def _objective(self) -> Objective:
        level = self._level()
        height, width = sheet_sides(self.n_neurons, self.sheet)
        return PooledObjective(
            threshold=Threshold("soft", level, level, self.nonnegative),
            sparsity=f"threshold of {level:.3g}, which is in the unit of the stimuli",
            # The objective does not count what neighbours excite.
            at_most_zero_code=not self.lateral_excitation,
            pools=partial(pooling_neighbours, height, width, torus=self.torus, side=self.pooling),
            softening=self._softening_alone(),
        )

    def _settings(self, design: LCADesign, *given: Any) -> RunSettings:
        shared = {"strictness": self._level(), "softening": self._softening_alone() ** 2}
        if self.lateral_excitation:
            shared["lateral_excitation"] = self.lateral_excitation
        return replace(super()._settings(design, *given), shared=shared)

    def _softening_alone(self) -> float:
        # Alone in its pools a neuron's energy in each is a²/pooling⁴.
        return self.softening_ / self.pooling**2


@dataclass(frozen=True, kw_only=True)
class PooledObjective(Objective):
    """The cost λ Σ_i (√(e_i + σ²) − σ) of energies e_i in pools, which the circuit counts; σ is the `softening`."""

    pools: Callable[[], tuple[NDArray[Any], NDArray[Any]]]
    softening: float

    def cost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> NDArray[Any]:
        energies = neighbour_sums(np.square(code, dtype=float), *self.pools())
        roots: NDArray[Any] = np.sqrt(energies + self.softening**2) - self.softening
        cost: NDArray[Any] = self.threshold.level * roots.sum(axis=1)
        return cost

    def uncounted(self, code: NDArray[Any]) -> NDArray[Any]:
        return np.zeros(len(code))

    def n_lost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> int:
        # Where a threshold would silence all, activities are below what settling can tell apart.
        strong = np.linalg.norm(stimuli, axis=1) > self.threshold.level
        return super().n_lost(code[strong], stimuli[strong]) if self.at_most_zero_code else 0
