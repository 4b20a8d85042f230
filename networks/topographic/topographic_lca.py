"""Topographic coding: neurons on a sheet that lower their neighbours' thresholds, so that maps form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.engine.neighbours import neighbour_sums
from neurosim.networks.estimator.parameters import flag, one_of, positive
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.rate_model import Learning, Objective, Shown, Threshold
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.run_settings import RunSettings
from neurosim.networks.topographic.circuit import ACTIVITIES, Pools, topographic_extension
from neurosim.networks.topographic.neighbours import pooling_neighbours, require_sheet, sheet_of

__all__ = ["TopographicLCA"]

# The default softening in thresholds.
_SOFTENING = 0.1


class TopographicLCA(RateNetwork):
    """Sparse coding by membranes on a sheet, where active neighbours lower each other's thresholds.

    The activity a minimises ½‖s − Φᵀa‖² + λ/n Σ_i (√(e_i + σ²) − σ) with the energies e_i = Σ_j a_j² of the pools of n
    neurons around all neurons: pools are sparse, their members are active together. Inhibition by overlap and the
    local learning rule are those of the LCA; neighbours come to prefer similar stimuli.

    Parameters
    ----------
    n_neurons : int, default=256
    sheet : tuple of int, optional
        Height and width in neurons, row by row; a square by default.
    torus : bool, default=True
        Whether opposite edges of the sheet meet.
    pooling : int, default=3
        Side √n of the square pools, odd. A neuron that is active alone has the threshold λ, one in the midst of
        others as active as itself λ/`pooling`. In the smaller pools at the edge of a grid the lone threshold is the
        same, because neurons count the more the fewer pools they are in.
    threshold : float or "auto", default="auto"
        λ, in the unit of the stimuli. By default four standard deviations of the pixel values that the first `fit` is
        given.
    softening : float or "auto", default="auto"
        σ, in the unit of the stimuli, by default .1 of the threshold: activity
        below λ does not quite vanish, but stays near or below σ. A small share of λ is near a threshold, and settles
        slowly: a neuron that joins late grows from about σ.
    nonnegative : bool, default=False
    lateral_excitation : float, default=0
        Strength of further excitation between neighbours, a current of so much times their Gaussian mean activity. It
        is no part of the objective, and presentations then run to their end.
    excitation_reach : float, default=1
        Standard deviation of that Gaussian in neurons.
    tau, presentation, dt, epsilon, tolerance, carry_over, n_epochs, batch_size, learning_rate, \
learning_rate_schedule, learning, reseed_dead, initial_dictionary, membrane_terms, extra_equations, namespace, \
backend, random_state
        As for `neurosim.networks.LCA`.

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

    def __init__(
        self,
        n_neurons: int = 256,
        *,
        sheet: tuple[int, int] | None = None,
        torus: bool = True,
        pooling: int = 3,
        threshold: float | str = "auto",
        softening: float | str = "auto",
        nonnegative: bool = False,
        lateral_excitation: float = 0.0,
        excitation_reach: float = 1.0,
        tau: Any = "10 ms",
        presentation: Any = None,
        dt: Any = None,
        epsilon: float | None = None,
        tolerance: float | None = None,
        carry_over: bool = False,
        n_epochs: int = 1,
        batch_size: int = 100,
        learning_rate: float = 0.5,
        learning_rate_schedule: str = "linear",
        learning: bool = True,
        reseed_dead: bool = False,
        initial_dictionary: str | ArrayLike = "noise",
        membrane_terms: str = "",
        extra_equations: str = "",
        namespace: Mapping[str, Any] | None = None,
        backend: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_neurons = n_neurons
        self.sheet = sheet
        self.torus = torus
        self.pooling = pooling
        self.threshold = threshold
        self.softening = softening
        self.nonnegative = nonnegative
        self.lateral_excitation = lateral_excitation
        self.excitation_reach = excitation_reach
        self.tau = tau
        self.presentation = presentation
        self.dt = dt
        self.epsilon = epsilon
        self.tolerance = tolerance
        self.carry_over = carry_over
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.learning = learning
        self.reseed_dead = reseed_dead
        self.initial_dictionary = initial_dictionary
        self.membrane_terms = membrane_terms
        self.extra_equations = extra_equations
        self.namespace = namespace
        self.backend = backend
        self.random_state = random_state

    _auto_threshold = 4.0

    @property
    def positions_(self) -> NDArray[np.intp]:
        """Row and column of every neuron on the sheet."""
        height, width = sheet_of(self.n_neurons, self.sheet)
        return np.stack(np.divmod(np.arange(height * width), width), axis=1)

    @property
    def softening_(self) -> float:
        """σ in the unit of the stimuli: activity up to it counts as silent."""
        if not isinstance(self.softening, str):
            return self.softening
        # Without a threshold nothing is softened; the root of an energy needs a number above zero all the same.
        return _SOFTENING * self._level() or 1.0

    def _validate_parameters(self) -> None:
        super()._validate_parameters()
        if isinstance(self.softening, str):
            one_of("softening", self.softening, ("auto",))
        else:
            positive("softening", self.softening)
        positive("excitation_reach", self.excitation_reach)
        positive("lateral_excitation", self.lateral_excitation, or_zero=True)
        for name in ("torus", "nonnegative"):
            flag(name, getattr(self, name))
        height, width = sheet_of(self.n_neurons, self.sheet)
        require_sheet(height, width, side=self.pooling, excited=self.lateral_excitation > 0)

    def _learning(self) -> Learning:
        return replace(super()._learning(), silent_below=self.softening_)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        height, width = sheet_of(self.n_neurons, self.sheet)
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
        height, width = sheet_of(self.n_neurons, self.sheet)
        return PooledObjective(
            threshold=Threshold("soft", level, level, self.nonnegative),
            sparsity=f"threshold of {level:.3g}, which is in the unit of the stimuli",
            # The objective does not count what neighbours excite.
            at_most_silence=not self.lateral_excitation,
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
    """The cost λ Σ_i (√(e_i + σ²) − σ) of energies e_i in pools, which the circuit counts.

    Parameters
    ----------
    pools : callable
        Returns the pools' members and weights.
    softening : float
        σ in the unit of the root of a pool's energy.
    """

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
        return super().n_lost(code[strong], stimuli[strong]) if self.at_most_silence else 0
