"""One run of a spiking circuit: stimuli in, spike counts out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.errors import DivergenceError
from neurosim.engine.presentation import CONTROL
from neurosim.networks.spiking.circuit import SpikingCircuit

__all__ = ["SpikingResponse", "Timing", "batch_rows", "show_spiking"]

# Far beyond any membrane; what is found there is no number.
_LIMIT = 1e30


@dataclass(frozen=True)
class Timing:
    """How long stimuli are shown, steps of `dt` seconds each, and the seed of random terms of the equations."""

    dt: float
    n_steps: int
    seed: int = 0


@dataclass(frozen=True)
class SpikingResponse:
    """What one run left behind.

    `counts` are spikes by population (n_stimuli, n_neurons), in the circuit's own memory: use them before the next run.
    `work` are time steps of all replicas together, and spikes; zero if taken step by step.
    """

    counts: dict[str, NDArray[Any]]
    work: tuple[float, float]


def show_spiking(
    circuit: SpikingCircuit,
    stimuli: NDArray[Any],
    *,
    timing: Timing,
    schedules: Mapping[ArrayVariable, NDArray[Any]] | None = None,
) -> SpikingResponse:
    """Show up to ``capacity * n_replicas`` stimuli in one run, batches of `n_replicas` one after the other.

    `schedules` hold the learning rates (n_batches,) of each rule; without them nothing learns. DivergenceError if a
    membrane is no number any more.
    """
    design, program = circuit.design, circuit.program
    block = circuit.parts.presentation.block
    n_batches = -(-len(stimuli) // design.n_replicas)
    missing = n_batches * design.n_replicas - len(stimuli)
    blank = np.zeros((missing, stimuli.shape[1]), dtype=stimuli.dtype)
    program.write(
        block.array("stimuli"), np.concatenate([stimuli, blank]) if missing else stimuli, first=True
    )
    for variable, values in (schedules or {}).items():
        schedule = np.zeros(design.capacity)
        schedule[: len(values)] = values
        program.write(variable, schedule)
    _write_control(circuit, len(stimuli), timing, learning=schedules is not None)
    program.run(dt=timing.dt, seed=timing.seed)
    control = program.read(block.array("control"))
    if control[CONTROL["bad_step"]] >= 0:
        raise DivergenceError(
            f"a membrane potential is no finite number after {timing.n_steps} steps of batch "
            f"{int(control[CONTROL['shown']])} of the run"
        )
    if control[CONTROL["shown"]] != n_batches:
        raise RuntimeError(f"the simulation ended after {control[CONTROL['shown']]} of {n_batches} batches")
    steps, spikes = program.read(block.array("tally"))
    return SpikingResponse(_counts(circuit, len(stimuli), n_batches), (float(steps), float(spikes)))


def _write_control(circuit: SpikingCircuit, n_stimuli: int, timing: Timing, *, learning: bool) -> None:
    design, program = circuit.design, circuit.program
    block = circuit.parts.presentation.block
    control = np.zeros(len(CONTROL), dtype=np.int32)
    control[CONTROL["n_presentations"]] = -(-n_stimuli // design.n_replicas)
    control[CONTROL["n_steps"]] = timing.n_steps
    control[CONTROL["learning"]] = 2 if learning else 0
    control[CONTROL["bad_step"]] = -1
    program.write(block.array("control"), control)
    valid = np.clip(n_stimuli - design.n_replicas * np.arange(design.capacity), 0, design.n_replicas)
    program.write(block.array("valid"), valid)
    program.write(block.array("bounds"), [0.0, _LIMIT, 0.0])
    program.write(block.array("pace"), [timing.dt, timing.dt, np.inf])
    program.write(block.array("tally"), [0.0, 0.0])


def _counts(circuit: SpikingCircuit, n_stimuli: int, n_batches: int) -> dict[str, NDArray[Any]]:
    design, block = circuit.design, circuit.parts.presentation.block
    n_shown = n_batches * design.n_replicas
    counts = {}
    for population in design.populations:
        size = n_shown * population.n_neurons
        values = circuit.program.read(block.array(f"collected_{population.name}"), first=size, copy=False)
        counts[population.name] = values.reshape(n_shown, population.n_neurons)[:n_stimuli]
    return counts


def batch_rows(
    code: NDArray[Any], factors: NDArray[Any], objective: float, *, size: int, timing: Timing
) -> list[dict[str, float]]:
    """Describe each batch of a run; how well it is decoded was worked out for the first and holds for all."""
    rows = []
    for k, factor in enumerate(factors):
        counts = code[k * size : (k + 1) * size]
        active, mean = float((counts != 0).mean()), float(np.abs(counts).mean())
        rows.append(
            {
                "objective": objective,
                "active_fraction": active,
                "learning_rate": float(factor),
                "duration": timing.dt * timing.n_steps,
                "spikes": mean,
            }
        )
    return rows
