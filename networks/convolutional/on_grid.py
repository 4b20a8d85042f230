"""A population at every position of a grid: its circuit, and what is counted of it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim._turns import simulating
from neurosim.networks.convolutional.pictures import Pictures
from neurosim.networks.convolutional.room import replicas_that_fit, require_room
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit
from neurosim.networks.estimator.training_history import TrainingHistory
from neurosim.networks.lca.circuit import Circuit, LCADesign, build_circuit
from neurosim.networks.lca.encoding import Settled
from neurosim.networks.lca.presentation import capacity_of
from neurosim.networks.lca.rate_model import Learning, Shown
from neurosim.networks.lca.run_settings import likely_steps

__all__ = ["OnGrid"]


class OnGrid:
    """The side of a network whose neurons stand at every position: `Pictures` that it is shown know their grid."""

    @simulating()
    def settle(self: Any, X: Any) -> Settled:
        """Return the activity each picture settles to, and which had not settled when their time was up.

        Parameters
        ----------
        X : array, or mapping of str to array
            As for `transform`, of one size.

        Returns
        -------
        Settled
            With ``code``, as `transform` returns it, and ``unsettled``, shape (n_pictures,); nothing is warned of.
        """
        code, unsettled = super().settle(X)  # type: ignore[misc]
        return Settled(self._as_shown(code, X), unsettled)

    def middle(self: Any, code: NDArray[Any]) -> NDArray[Any]:
        """Return what the neurons at the middle position make of fitted pictures.

        Parameters
        ----------
        code : array, shape (n_pictures, n_positions * n_neurons), or with the axes of the grid

        Returns
        -------
        array, shape (n_pictures, n_neurons)
        """
        grid = self._grid_of(np.asarray(code))
        here = tuple(n // 2 for n in grid.positions)
        found: NDArray[Any] = np.asarray(code).reshape(len(code), *grid.positions, -1)[(slice(None), *here)]
        return found

    def _new_history(self: Any, learning: Learning, n_stimuli: int, n_shown: int) -> TrainingHistory:
        history = super()._new_history(learning, n_stimuli, n_shown)  # type: ignore[misc]
        return replace(history, n_positions=self._fitted_grid().n_positions)

    def _circuit(self: Any, shown: Shown, *, n_stimuli: int, n_before: int | None = None) -> Circuit:
        assert isinstance(shown, Pictures)
        grid, n_features = shown.grid, len(self.dictionary_)
        n_replicas = self.batch_size
        if n_before is None and not self.carry_over:  # nothing is learned
            n_replicas = replicas_that_fit(
                grid, n_features=n_features, at_most=min(n_stimuli, self.batch_size)
            )
        require_room(grid, n_features=n_features, n_replicas=n_replicas, itemsize=shown.stimuli.itemsize)
        n_neurons = n_features * grid.n_positions

        def on(backend: str) -> LCADesign:
            largest = max(n_neurons, shown.stimuli.shape[1])
            capacity = capacity_of(n_replicas * largest, backend=backend)
            design: LCADesign = self._design(shown, backend=backend, n_replicas=n_replicas, capacity=capacity)
            return design

        n_steps = likely_steps(self, ends_early=on("numpy").ends_early and self.tolerance != 0)
        work = Work(n_stimuli, n_neurons, n_replicas, n_steps, n_before or 0)
        return chosen_circuit(self.backend, on, build_circuit, work=work)
