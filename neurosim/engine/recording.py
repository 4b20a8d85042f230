"""Traces and spikes of a run as labelled arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from brian2 import Clock, NeuronGroup, SpikeMonitor, StateMonitor
from brian2.units.fundamentalunits import DIMENSIONLESS, get_unit_for_display
from numpy.typing import NDArray

from neurosim.engine.program import Program

__all__ = ["StateRecorder", "spike_table"]


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

    def dataset(
        self, program: Program, *, every: int = 1, units: Mapping[str, str] | None = None
    ) -> xr.Dataset:
        """Return what was recorded as variables of shape time × stimulus × unit, time in seconds.

        The attribute ``units`` of a variable is what `units` says, or else Brian2's; none where neither has one.
        """
        times = program.read(self.monitor.variables["t"])
        traces = {name: self._trace(program, name, len(times))[::every] for name in self.variables}
        axes = ("time", "stimulus", self.unit_axis)
        known = self._units() | dict(units or {})
        attributes = {name: {"units": known[name]} if name in known else {} for name in traces}
        return xr.Dataset(
            {name: (axes, values, attributes[name]) for name, values in traces.items()},
            coords={"time": ("time", times[::every], {"units": "s"})},
        )

    def _units(self) -> dict[str, str]:
        """Return Brian2's units; whoever is without one for Brian2 may have one that the caller knows."""
        found = {name: self.monitor.source.variables[name].dim for name in self.variables}
        return {name: get_unit_for_display(dim) for name, dim in found.items() if dim is not DIMENSIONLESS}

    def _trace(self, program: Program, name: str, n_times: int) -> NDArray[Any]:
        values = program.read(self.monitor.variables[name])
        return values.reshape(n_times, self.n_replicas, -1)


def spike_table(program: Program, monitor: SpikeMonitor, *, n_replicas: int) -> Mapping[str, NDArray[Any]]:
    """Return the spikes of a run as three arrays of the same length: ``time`` in seconds, ``stimulus``, ``neuron``."""
    size = len(monitor.source) // n_replicas
    index = program.read(monitor.variables["i"]).astype(np.int64)
    return {
        "time": program.read(monitor.variables["t"]),
        "stimulus": index // size,
        "neuron": index % size,
    }
