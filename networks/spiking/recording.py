"""Watching a spiking network: its spikes, its variables, and its Brian2 objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from brian2 import Equations
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.engine.backend import activated
from neurosim.engine.recording import SpikeRecorder, StateRecorder
from neurosim.networks.estimator.added_terms import refuse_unset
from neurosim.networks.estimator.backend_choice import watched_backend
from neurosim.networks.estimator.parameters import one_of, whole
from neurosim.networks.estimator.training_data import generator, seed_of
from neurosim.networks.saving.streamed_recording import To, recorded, require_streaming, within
from neurosim.networks.spiking.checks import runaway_explained
from neurosim.networks.spiking.circuit import Population, SpikingCircuit, build_spiking_circuit
from neurosim.networks.spiking.run import Timing, show_spiking

__all__ = ["SpikingRecording"]


class SpikingRecording:
    """The side of a spiking network that Brian2 takes step by step, to be watched."""

    @simulating()
    def simulate(
        self: Any,
        X: ArrayLike,
        *,
        record: tuple[str, ...] | str = "spikes",
        every: int = 1,
        to: To = None,
    ) -> xr.Dataset:
        """Show stimuli once, all at the same time, and record what happens.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        record : "spikes" or tuple of str
            ``"spikes"``, ``"<population>.spikes"`` for another population than the first, or variables of the first
            population's equations.
        every : int, default=1
            Record every so many steps; of no meaning for spikes.
        to : str or Path, optional
            A new file, ``….nc``, that the recording goes to while the network runs: memory then holds some 150 MB of
            it, however long it gets (`neurosim.load_recording`).

        Returns
        -------
        xarray.Dataset
            Spikes: ``time`` in seconds from the onset, ``stimulus`` and ``neuron`` along ``spike``, with ``n_stimuli``,
            ``n_neurons`` and ``duration`` (seconds) as attributes. Else variables of shape time × stimulus × neuron.
            With `to` it is the opened file.
        """
        check_is_fitted(self, "dictionary_")
        stimuli = self._as_seen(self._admitted(X, reset=False))
        require_streaming(self.backend, to)
        populations = self._populations()
        if isinstance(record, str):
            population = recorded_population(populations, record)
        else:
            check_states(populations[0], record, every=every)
        for each in populations:
            refuse_unset(each.equations, each.added)
        circuit: SpikingCircuit = self.assemble(n_replicas=len(stimuli), dtype=stimuli.dtype)
        timing = replace(self._timing(), seed=seed_of(generator(self.random_state)))
        shown = _Shown(circuit, stimuli, timing, to)
        with runaway_explained(self, learning=False):
            if isinstance(record, str):
                return _spikes(shown, population)
            return _states(shown, record, every=every)

    @one_at_a_time()
    def assemble(self: Any, *, n_replicas: int = 1, dtype: Any = np.float64) -> SpikingCircuit:
        """Return the Brian2 objects of this network, loaded, to add monitors or anything else before the first run.

        Parameters
        ----------
        n_replicas : int, default=1
            Stimuli shown at the same time.
        dtype : {float64, float32}
        """
        check_is_fitted(self, "dictionary_")
        backend = watched_backend(self.backend)
        design = self._design(
            self.n_features_in_, dtype=np.dtype(dtype), backend=backend, n_replicas=n_replicas, capacity=1
        )
        circuit = build_spiking_circuit(replace(design, step_by_step=True))
        self._load(circuit)
        return circuit


@dataclass(frozen=True)
class _Shown:
    """What is shown once to a circuit of one replica each, and the file that the recording goes to."""

    circuit: SpikingCircuit
    stimuli: NDArray[Any]
    timing: Timing
    to: To

    @property
    def duration(self) -> float:
        return self.timing.n_steps * self.timing.dt


def _spikes(shown: _Shown, population: str) -> xr.Dataset:
    """Return the spikes of a population, in the order of time."""
    circuit, group = shown.circuit, shown.circuit.parts.groups[population]
    n_replicas = circuit.design.n_replicas
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        recorder = SpikeRecorder(group, n_replicas=n_replicas, name=f"{population}_spike_monitor")
    told = {
        "n_stimuli": n_replicas,
        "n_neurons": len(group) // n_replicas,
        "duration": shown.duration,
    }
    return _recorded(shown, recorder, lambda: recorder.dataset(circuit.program).assign_attrs(told))


def _states(shown: _Shown, record: tuple[str, ...], *, every: int) -> xr.Dataset:
    """Return variables of the first population, time × stimulus × neuron, every so many steps."""
    circuit = shown.circuit
    group = circuit.parts.groups[circuit.design.populations[0].name]
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        recorder = StateRecorder(
            group, record, n_replicas=circuit.design.n_replicas, clock=group.clock, unit_axis="neuron"
        )
    return _recorded(shown, recorder, lambda: recorder.dataset(circuit.program, every=every))


def _recorded(
    shown: _Shown, recorder: SpikeRecorder | StateRecorder, part: Callable[[], xr.Dataset]
) -> xr.Dataset:
    end = shown.duration - shown.timing.dt / 2
    return recorded(
        lambda: show_spiking(shown.circuit, shown.stimuli, timing=shown.timing),
        lambda: within(part(), end),
        recorders=[recorder],
        network=shown.circuit.network,
        duration=shown.duration,
        to=shown.to,
    )


def recorded_population(populations: Sequence[Population], record: str) -> str:
    """Return the population whose spikes ``"spikes"`` (the first one's) or ``"<population>.spikes"`` asks for."""
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
