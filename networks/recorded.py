"""One presentation of a few stimuli with the dynamics, or the spikes, recorded."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import xarray as xr
from brian2 import Equations, SpikeMonitor
from numpy.typing import NDArray

from neurosim.engine.backend import activated
from neurosim.engine.recording import StateRecorder, spike_table
from neurosim.networks.encoding import Drive, present
from neurosim.networks.lca_circuit import Circuit
from neurosim.networks.parameters import one_of, whole
from neurosim.networks.spiking_circuit import Population, SpikingCircuit
from neurosim.networks.spiking_run import Timing, show_spiking

__all__ = [
    "check_states",
    "finely_stepped",
    "recorded_population",
    "recorded_presentation",
    "recorded_spikes",
    "recorded_states",
]

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


def recorded_population(populations: Sequence[Population], record: str) -> str:
    """Return the population whose spikes ``"spikes"`` (the first one's) or ``"<population>.spikes"`` asks for.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    names = [f"{population.name}.spikes" for population in populations]
    one_of("record", record, ["spikes", *names])
    return names[0 if record == "spikes" else names.index(record)].removesuffix(".spikes")


def check_states(population: Population, record: tuple[str, ...], *, every: int) -> None:
    """Raise unless these are variables of the population's neurons, and `every` is a whole number above zero.

    It asks the equations, before anything is built: of what is built in vain Brian2 complains at length.
    """
    whole("every", every, at_least=1)
    equations = Equations(population.equations)
    for name in record or ("",):
        one_of("record", name, [v for v in equations if "shared" not in equations[v].flags])


def recorded_spikes(
    circuit: SpikingCircuit, stimuli: NDArray[Any], *, timing: Timing, population: str
) -> xr.Dataset:
    """Show stimuli once and return the spikes of a population.

    Parameters
    ----------
    circuit : SpikingCircuit
        Taken step by step, with one replica per stimulus, not compiled yet.
    stimuli : array, shape (n_stimuli, n_pixels)
    timing : Timing
    population : str

    Returns
    -------
    xarray.Dataset
        ``time`` (seconds from the onset), ``stimulus`` and ``neuron`` along ``spike``, in the order of time.
    """
    group, n_replicas = circuit.parts.groups[population], circuit.design.n_replicas
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        monitor = SpikeMonitor(group, name=f"{population}_spike_monitor")
    circuit.network.add(monitor)
    show_spiking(circuit, stimuli, timing=timing)
    table = spike_table(circuit.program, monitor, n_replicas=n_replicas)
    # The step in which the presentation ends belongs to it no more.
    shown = table["time"] < (timing.n_steps - 0.5) * timing.dt
    return xr.Dataset(
        {name: ("spike", values[shown]) for name, values in table.items()},
        attrs={
            "n_stimuli": n_replicas,
            "n_neurons": len(group) // n_replicas,
            "duration": timing.n_steps * timing.dt,
        },
    )


def recorded_states(
    circuit: SpikingCircuit, stimuli: NDArray[Any], *, timing: Timing, record: tuple[str, ...], every: int
) -> xr.Dataset:
    """Show stimuli once and return variables of the first population, time × stimulus × neuron.

    Parameters
    ----------
    circuit : SpikingCircuit
        Taken step by step, with one replica per stimulus, not compiled yet.
    stimuli : array, shape (n_stimuli, n_pixels)
    timing : Timing
    record : tuple of str
    every : int
        Keep every so many steps.
    """
    group = circuit.parts.groups[circuit.design.populations[0].name]
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        recorder = StateRecorder(
            group, record, n_replicas=circuit.design.n_replicas, clock=group.clock, unit_axis="neuron"
        )
    circuit.network.add(recorder.monitor)
    show_spiking(circuit, stimuli, timing=timing)
    traces = recorder.dataset(circuit.program, every=every)
    return traces.isel(time=slice(0, -(-timing.n_steps // every)))


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
