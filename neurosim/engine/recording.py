"""Traces and spikes of a run as labelled arrays, whole at its end or handed on in parts while it runs."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import xarray as xr
from brian2 import Clock, NetworkOperation, NeuronGroup, SpikeMonitor, StateMonitor
from brian2.units.fundamentalunits import DIMENSIONLESS, get_unit_for_display
from numpy.typing import NDArray

from neurosim.engine.program import Program

__all__ = ["HandingOn", "SpikeRecorder", "StateRecorder", "spike_table"]


class _Recorder(Protocol):
    @property
    def n_bytes(self) -> int: ...
    def empty(self) -> None: ...


class StateRecorder:
    """Record variables of a group of replicas.

    Parameters
    ----------
    group : brian2.NeuronGroup
        ``n_replicas * n`` neurons.
    variables : sequence of str
    n_replicas : int
    clock : brian2.Clock
        The group's clock.
    unit_axis : str
        Name of the axis over one replica's neurons, "neuron" or "pixel".

    Attributes
    ----------
    monitor : brian2.StateMonitor
        Add it to the network before the first run.
    """

    def __init__(
        self, group: NeuronGroup, variables: tuple[str, ...], *, n_replicas: int, clock: Clock, unit_axis: str
    ) -> None:
        self.variables, self.n_replicas, self.unit_axis = variables, n_replicas, unit_axis
        # After the pathways of the step have transmitted, before the membranes move.
        self.monitor = StateMonitor(
            group,
            list(variables),
            record=True,
            clock=clock,
            when="start",
            order=100,
            name=f"{group.name}_traces",
        )
        self._n_emptied = 0
        sizes = [np.dtype(self.monitor.variables[name].dtype).itemsize for name in variables]
        self._per_step = sum(sizes) * len(group)

    @property
    def n_bytes(self) -> int:
        """What it holds."""
        return _length(self.monitor) * self._per_step

    def empty(self) -> None:
        """Forget what was recorded; what comes is thinned as if it had not been forgotten."""
        self._n_emptied += _length(self.monitor)
        self.monitor.resize(0)

    def dataset(
        self, program: Program, *, every: int = 1, units: Mapping[str, str] | None = None
    ) -> xr.Dataset:
        """Return what was recorded as variables of shape time × stimulus × unit, time in seconds.

        The attribute ``units`` of a variable is what `units` says, or else Brian2's; none where neither has one.
        """
        times = program.read(self.monitor.variables["t"])
        thinned = slice(-self._n_emptied % every, None, every)
        traces = {name: self._trace(program, name, len(times))[thinned] for name in self.variables}
        axes = ("time", "stimulus", self.unit_axis)
        known = self._units() | dict(units or {})
        attributes = {name: {"units": known[name]} if name in known else {} for name in traces}
        return xr.Dataset(
            {name: (axes, values, attributes[name]) for name, values in traces.items()},
            coords={"time": ("time", times[thinned], {"units": "s"})},
        )

    def _units(self) -> dict[str, str]:
        """Return Brian2's units; whoever is without one for Brian2 may have one that the caller knows."""
        found = {name: self.monitor.source.variables[name].dim for name in self.variables}
        return {name: get_unit_for_display(dim) for name, dim in found.items() if dim is not DIMENSIONLESS}

    def _trace(self, program: Program, name: str, n_times: int) -> NDArray[Any]:
        values = program.read(self.monitor.variables[name])
        return values.reshape(n_times, self.n_replicas, len(self.monitor.source) // self.n_replicas)


class SpikeRecorder:
    """Record the spikes of a group of replicas.

    Parameters
    ----------
    group : brian2.NeuronGroup
        ``n_replicas * n`` neurons.
    n_replicas : int

    Attributes
    ----------
    monitor : brian2.SpikeMonitor
        Add it to the network before the first run.
    """

    def __init__(self, group: NeuronGroup, *, n_replicas: int, name: str) -> None:
        self.n_replicas, self.monitor = n_replicas, SpikeMonitor(group, name=name)

    @property
    def n_bytes(self) -> int:
        """What it holds, as three columns."""
        return 24 * _length(self.monitor)

    def empty(self) -> None:
        """Forget what was recorded."""
        self.monitor.resize(0)
        self.monitor.variables["N"].set_value(0)

    def dataset(self, program: Program) -> xr.Dataset:
        """Return ``time`` in seconds, ``stimulus`` and ``neuron`` along ``spike``, in the order of time."""
        table = spike_table(program, self.monitor, n_replicas=self.n_replicas)
        return xr.Dataset({name: ("spike", values) for name, values in table.items()})


class HandingOn:
    """Hand on what recorders hold whenever it is more than so many bytes: for targets that step in this process.

    Parameters
    ----------
    recorders : list
    clock : brian2.Clock
        The clock of what they record.
    hand_on : callable
        Called with the time, in seconds, until which it is whole, before the recorders are emptied.
    n_bytes : int

    Attributes
    ----------
    operation : brian2.NetworkOperation
        Add it to the network before the first run.
    """

    def __init__(
        self, recorders: list[Any], *, clock: Clock, hand_on: Callable[[float], None], n_bytes: int
    ) -> None:
        self._recorders: list[_Recorder] = recorders
        self._clock, self._hand_on, self._n_bytes = clock, hand_on, n_bytes
        self.operation = NetworkOperation(self._look, clock=clock, when="end", name="handing_on")

    def _look(self) -> None:
        if sum(recorder.n_bytes for recorder in self._recorders) < self._n_bytes:
            return
        self._hand_on(self._clock.t_ + self._clock.dt_)
        for recorder in self._recorders:
            recorder.empty()


def spike_table(program: Program, monitor: SpikeMonitor, *, n_replicas: int) -> Mapping[str, NDArray[Any]]:
    """Return the spikes of a run as three arrays of the same length: ``time`` in seconds, ``stimulus``, ``neuron``."""
    size = len(monitor.source) // n_replicas
    index = program.read(monitor.variables["i"]).astype(np.int64)
    return {
        "time": program.read(monitor.variables["t"]),
        "stimulus": index // size,
        "neuron": index % size,
    }


def _length(monitor: StateMonitor | SpikeMonitor) -> int:
    return int(monitor.variables["N"].get_value()[0])
