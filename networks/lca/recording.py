"""Watching a network whose membranes settle: its equations, its dynamics, and its Brian2 objects."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.engine.backend import activated
from neurosim.engine.recording import StateRecorder
from neurosim.networks.estimator.added_terms import AddedTerms, refuse_unset
from neurosim.networks.estimator.backend_choice import watched_backend
from neurosim.networks.estimator.stimuli_input import generator
from neurosim.networks.lca.circuit import Circuit, build_circuit
from neurosim.networks.lca.design import equations
from neurosim.networks.lca.presentation import Drive, present
from neurosim.networks.lca.rate_model import SettlingModel
from neurosim.networks.lca.run_settings import watched_drive

__all__ = ["WatchedNetwork", "finely_stepped", "recorded_presentation"]

# Traces come within 1 % of the exact solution (a leaky membrane everywhere, a learned population at its largest) with
# so many steps per time constant, and per step that is just stable where the population is stiffer than one membrane.
_STEPS_PER_TAU = 50
_STEPS_PER_STABLE_STEP = 5
_STIMULI, _FIELDS = "unit of the stimuli", "unit of the fields"
_POTENTIALS = ("u", "drive", "inhibition", "excitation", "injected", "own_threshold")


def finely_stepped(drive: Drive) -> Drive:
    """Return a drive with steps short enough for its traces to be looked at, as settling does not need them.

    Examples
    --------
    >>> given = {"longest_field": 1.0, "threshold": 0.1, "upper": 0.2, "tau": 0.01, "longest_dt": 0.009}
    >>> finely_stepped(Drive(dt=0.008, n_steps=25, presentation=0.2, **given)).n_steps
    1000
    """
    longest = min(drive.tau / _STEPS_PER_TAU, drive.dt / _STEPS_PER_STABLE_STEP)
    # Rounding must not add a step.
    n_steps = math.ceil(drive.presentation / longest * (1 - 1e-12))
    dt = drive.presentation / n_steps
    return replace(drive, dt=dt, n_steps=n_steps, longest_dt=dt)


def recorded_presentation(
    circuit: Circuit, stimuli: NDArray[Any], *, drive: Drive, record: tuple[str, ...], every: int
) -> xr.Dataset:
    """Show stimuli once, for the whole presentation even if they settle before, and return the traces.

    Parameters
    ----------
    circuit : Circuit
        With one replica per stimulus, not compiled yet.
    stimuli : array, shape (n_stimuli, n_pixels)
    drive : Drive
    record : tuple of str
        Names of membrane variables, or of input variables: ``s``, and in the residual form ``prediction`` and ``r``.
    every : int
        Keep every so many steps.

    Returns
    -------
    xarray.Dataset
        With ``units`` among the attributes of every variable whose unit is known.

    Raises
    ------
    ValueError
        If a variable is unknown or `every` is not a whole number above zero.
    """
    if every < 1:
        raise ValueError(f"every: expected a whole number above zero, got {every!r}")
    recorders = _recorders(circuit, record)
    for recorder in recorders:
        circuit.network.add(recorder.monitor)
    present(circuit, stimuli, drive=replace(drive, tolerance=0.0))
    units = _units(circuit)
    traces = xr.merge([recorder.dataset(circuit.program, every=every, units=units) for recorder in recorders])
    # The step in which the presentation ends belongs to it no more.
    return traces.isel(time=slice(0, -(-drive.n_steps // every)))


def _units(circuit: Circuit) -> dict[str, str]:
    """Return the units that Brian2 does not know: what the stimuli are measured in gives them."""
    unit_norm = "unit_norm" in circuit.design.addition.constraints
    potential = _STIMULI if unit_norm else f"{_STIMULI} times {_FIELDS}"
    activity = _STIMULI if unit_norm else f"{_STIMULI} over {_FIELDS}"
    return {
        **dict.fromkeys(("s", "prediction", "r"), _STIMULI),
        **dict.fromkeys(_POTENTIALS, potential),
        "a": activity,
    }


def _recorders(circuit: Circuit, record: tuple[str, ...]) -> list[StateRecorder]:
    # In the lateral form the inputs learn what explains them only at the end of a presentation.
    live = ("s", "prediction", "r") if circuit.lateral is None else ("s",)
    # Inputs of several modalities have pixels of different meaning; what each brings is a variable of the neurons.
    owners = dict.fromkeys(live if len(circuit.pathways) == 1 else (), (circuit.inputs, "pixel"))
    have = [
        name for name in circuit.neurons.variables if not name.startswith("_") and name not in _NOT_TRACES
    ]
    owners |= dict.fromkeys(have, (circuit.neurons, "neuron"))
    unknown = [name for name in record if name not in owners]
    if unknown or not record:
        raise ValueError(
            f"record: expected some of {', '.join(owners)}, got {', '.join(record) or 'nothing'}"
        )
    recorders = []
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        for group, axis in ((circuit.neurons, "neuron"), (circuit.inputs, "pixel")):
            names = tuple(name for name in record if owners[name][0] is group)
            if names:
                recorders.append(
                    StateRecorder(
                        group, names, n_replicas=circuit.design.n_replicas, clock=group.clock, unit_axis=axis
                    )
                )
    return recorders


_NOT_TRACES = ("N", "i", "t", "dt", "t_in_timesteps", "tau", "threshold", "upper")


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
