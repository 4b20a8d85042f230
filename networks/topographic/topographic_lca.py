"""Topographic coding: neurons on a sheet that lower their neighbours' thresholds, so that maps form."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.neighbours import neighbour_sums
from neurosim.networks.lca.design import LCADesign
from neurosim.networks.lca.presentation import Drive
from neurosim.networks.lca.rate_network import SettlingNetwork
from neurosim.networks.lca.thresholds import Threshold, activity_expression
from neurosim.networks.lca.training import Course
from neurosim.networks.topographic.circuit import TopographicAddition
from neurosim.networks.topographic.model import TopographicLCAParameters
from neurosim.networks.topographic.neighbours import pooling_neighbours, sheet_of

__all__ = ["TopographicLCA"]

# The default softening in thresholds.
_SOFTENING = 0.1


class TopographicLCA(TopographicLCAParameters, SettlingNetwork):
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
        height, width = sheet_of(self.n_neurons, self.sheet)
        return np.stack(np.divmod(np.arange(height * width), width), axis=1)

    @property
    def _ends_early(self) -> bool:
        return super()._ends_early and not self.lateral_excitation

    def _cost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> NDArray[Any]:
        height, width = sheet_of(self.n_neurons, self.sheet)
        pools = pooling_neighbours(height, width, torus=self.torus, side=self.pooling)
        energies = neighbour_sums(np.square(code, dtype=float), *pools)
        softening = self.softening_ / self.pooling**2
        roots: NDArray[Any] = np.sqrt(energies + softening**2) - softening
        cost: NDArray[Any] = self._level() * roots.sum(axis=1)
        return cost

    def _course(self, n_stimuli: int, n_shown: int) -> Course:
        return replace(super()._course(n_stimuli, n_shown), silence=self.softening_)

    def _unmeasured_cost(self, code: NDArray[Any]) -> NDArray[Any]:
        # The circuit counts it.
        return np.zeros(len(code))

    def _silence_is_allowed(self, beside: NDArray[Any] | None) -> bool:
        return not self.lateral_excitation

    def _n_lost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> int:
        # Where a threshold would silence all, activities are below what settling can tell apart.
        strong = np.linalg.norm(stimuli, axis=1) > self._level()
        return 0 if self.lateral_excitation else super()._n_lost(code[strong], stimuli[strong])

    def _drive(self, *, gains: tuple[float, ...], rng: np.random.Generator) -> Drive:
        # Alone in its pools a neuron's energy in each is a²/pooling⁴.
        softening = (self.softening_ / self.pooling**2) ** 2
        shared = {"strictness": self._level(), "softening": softening}
        if self.lateral_excitation:
            shared["lateral_excitation"] = self.lateral_excitation
        return replace(super()._drive(gains=gains, rng=rng), shared=shared)

    def _threshold(self) -> Threshold:
        return Threshold("soft", self._level(), self._level(), self.nonnegative)

    @property
    def _activity(self) -> str:
        # Equations can be read before there is a level.
        return activity_expression("soft", nonnegative=self.nonnegative)

    @property
    def softening_(self) -> float:
        """σ in the unit of the stimuli: activity up to it counts as silent."""
        if not isinstance(self.softening, str):
            return self.softening
        # Without a threshold nothing is softened; the root of an energy needs a number above zero all the same.
        return _SOFTENING * self._level() or 1.0

    def _design(self, dtype: Any, **sizes: Any) -> LCADesign:
        height, width = sheet_of(self.n_neurons, self.sheet)
        excited = "+ lateral_excitation*excitation" if self.lateral_excitation else ""
        return replace(
            super()._design(dtype, **sizes),
            activity=TopographicAddition.activities[self.nonnegative],
            membrane_terms=f"{excited} {self.membrane_terms}".strip(),
            addition=TopographicAddition(
                nonnegative=self.nonnegative,
                height=height,
                width=width,
                torus=self.torus,
                pooling=self.pooling,
                reach=self.excitation_reach if self.lateral_excitation else 0.0,
            ),
        )
