"""Watching a network whose membranes settle: its equations, its dynamics, and its Brian2 objects."""

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.networks.added_terms import AddedTerms, refuse_unset
from neurosim.networks.backend_choice import watched_backend
from neurosim.networks.driving import watched_drive
from neurosim.networks.encoding import present
from neurosim.networks.lca_circuit import Circuit, build_circuit, equations
from neurosim.networks.recorded import finely_stepped, recorded_presentation
from neurosim.networks.settling_model import SettlingModel
from neurosim.networks.stimuli_input import generator

__all__ = ["WatchedNetwork"]


class WatchedNetwork(SettlingModel):
    """A network that Brian2 takes step by step, so that it can be watched."""

    @simulating()
    def simulate(self, X: ArrayLike, *, record: tuple[str, ...] = ("u", "a"), every: int = 1) -> xr.Dataset:
        """Show stimuli once, all at the same time, and record the dynamics.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        record : tuple of str
            Variables of the membrane equations, or of the input neurons: ``s``, and in the residual form
            ``prediction`` and ``r``.
        every : int, default=1
            Record every so many steps, which are `dt` where it is given. Else they are shorter than settling needs,
            τ/50 at most: traces then come within 1 % of the exact solution.

        Returns
        -------
        xarray.Dataset
            Variables of shape time × stimulus × neuron, or pixel for those of the inputs, with their ``units`` as an
            attribute; time in seconds.
        """
        check_is_fitted(self, "dictionary_")
        stimuli, gains = self._seen(X, reset=False)
        self._validate_parameters()
        refuse_unset(self.equations, AddedTerms(self.membrane_terms, self.extra_equations))
        circuit = self._assembled(stimuli.dtype, n_replicas=len(stimuli), gains=gains)
        drive = watched_drive(self, self._drive(gains=gains, rng=generator(self.random_state)))
        drive = finely_stepped(drive) if self.dt is None else drive
        self._load(circuit, gains)
        return recorded_presentation(circuit, stimuli, drive=drive, record=record, every=every)

    @one_at_a_time()
    def assemble(self, *, n_replicas: int = 1, dtype: Any = np.float64) -> Circuit:
        """Return the Brian2 objects of this network, to add monitors or anything else before the first run.

        Parameters
        ----------
        n_replicas : int, default=1
            Stimuli shown at the same time.
        dtype : {float64, float32}

        Returns
        -------
        Circuit
            With ``network``, ``neurons`` and ``inputs``; show stimuli with `show`.
        """
        check_is_fitted(self, "dictionary_")
        self._validate_parameters()
        return self._assembled(np.dtype(dtype), n_replicas=n_replicas)

    @simulating()
    def show(self, circuit: Circuit, X: ArrayLike) -> NDArray[Any]:
        """Show stimuli to an assembled circuit for one presentation and return their code."""
        stimuli, gains = self._seen(X, reset=False)
        if len(stimuli) > circuit.design.n_replicas:
            raise ValueError(
                f"the circuit has {circuit.design.n_replicas} replicas, got {len(stimuli)} stimuli; "
                "assemble it with as many"
            )
        drive = watched_drive(self, self._drive(gains=gains, rng=generator(self.random_state)))
        self._load(circuit, gains)
        return present(circuit, stimuli, drive=drive).code.copy()

    @property
    def equations(self) -> str:
        """The Brian2 equations of the membranes, as text with units."""
        design = self._design(np.float64, backend="numpy", n_replicas=1, capacity=1)
        return equations(replace(design, own_norms=self._own_norms(())))

    def _assembled(self, dtype: Any, *, n_replicas: int, gains: tuple[float, ...] = ()) -> Circuit:
        """Build a circuit that Brian2 takes step by step, so that it can be watched."""
        backend = watched_backend(self.backend)
        design = self._design(dtype, backend=backend, n_replicas=n_replicas, capacity=1)
        return build_circuit(replace(design, own_norms=self._own_norms(gains), step_by_step=True))
