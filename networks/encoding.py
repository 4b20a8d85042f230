"""Send many stimuli through a circuit, batch by batch and run by run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.errors import DivergenceError
from neurosim.engine.presentation import CONTROL
from neurosim.networks.lca_circuit import Circuit

__all__ = ["Drive", "Shown", "chunks", "present"]

# A stable membrane never gets this many times larger than the largest possible drive.
_DIVERGED = 100.0


@dataclass(frozen=True)
class Drive:
    """The numbers of one run that do not change the generated code.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    threshold, upper : float
        In the unit of the stimuli.
    tau, dt : float
        Seconds.
    n_steps : int
        Steps each batch is shown at most.
    tolerance : float
        A batch ends early when no membrane is further than this from rest; 0 never.
    carry_over : bool
        Keep the membranes from one batch to the next.
    seed : int
        For random terms of the user's equations.
    """

    dictionary: NDArray[Any]
    threshold: float
    upper: float
    tau: float
    dt: float
    n_steps: int
    tolerance: float = 0.0
    carry_over: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Shown:
    """What one run of up to `capacity` batches left behind.

    Parameters
    ----------
    code : array, shape (n_stimuli, n_neurons)
    prediction : array, shape (n_stimuli, n_pixels), or None
        Reconstructions with the weights before each batch's update, if the run measured.
    durations : array, shape (n_batches,)
        Steps each batch was shown.
    membrane : array, shape (n_replicas, n_neurons), or None
        Potentials at the end of the last batch, for a run that carries them over.
    """

    code: NDArray[Any]
    prediction: NDArray[Any] | None
    durations: NDArray[np.int32]
    membrane: NDArray[Any] | None


def present(
    circuit: Circuit,
    stimuli: NDArray[Any],
    *,
    drive: Drive,
    rates: NDArray[Any] | None = None,
    measure: bool = False,
    membrane: NDArray[Any] | None = None,
) -> Shown:
    """Show up to ``capacity * n_replicas`` stimuli in one run.

    Parameters
    ----------
    circuit : Circuit
    stimuli : array, shape (n_stimuli, n_pixels)
        Batches of `n_replicas` one after the other; the last may be shorter.
    drive : Drive
    rates : array, shape (n_batches,), optional
        Learning rate of each batch; without it the weights stay as they are.
    measure : bool, default=False
        Also reconstruct each stimulus.
    membrane : array, shape (n_replicas, n_neurons), optional
        Potentials to start from.

    Returns
    -------
    Shown

    Raises
    ------
    DivergenceError
        If a membrane leaves every reasonable range.
    """
    design = circuit.design
    n_batches = -(-len(stimuli) // design.n_replicas)
    learning = 2 if rates is not None else int(measure)
    _write_arrays(circuit, stimuli, drive, membrane)
    limit = _DIVERGED * (np.linalg.norm(stimuli, axis=1).max() * _longest_row(drive) + drive.threshold)
    _write_control(circuit, len(stimuli), drive, learning=learning, limit=limit)
    if rates is not None:
        schedule = np.zeros(design.capacity)
        schedule[:n_batches] = rates
        circuit.program.write(circuit.plasticity.parameter("eta"), schedule)
    circuit.program.run(dt=drive.dt, seed=drive.seed)
    return _collected(circuit, len(stimuli), drive, n_batches=n_batches, measured=learning > 0)


def chunks(n_stimuli: int, *, n_replicas: int, capacity: int) -> Iterator[slice]:
    """Yield the slices of a data set that one run each can show."""
    step = n_replicas * capacity
    for start in range(0, n_stimuli, step):
        yield slice(start, min(start + step, n_stimuli))


def _write_arrays(
    circuit: Circuit, stimuli: NDArray[Any], drive: Drive, membrane: NDArray[Any] | None
) -> None:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    padded = np.zeros((design.capacity * design.n_replicas, design.n_pixels), dtype=design.float_dtype)
    padded[: len(stimuli)] = stimuli
    program.write(block.array("stimuli"), padded)
    program.write(circuit.dictionary.variable, drive.dictionary)
    if circuit.lateral is not None:
        overlaps = drive.dictionary @ drive.dictionary.T - np.eye(design.n_neurons)
        program.write(circuit.lateral.variable, overlaps)
    start = np.zeros((design.n_replicas, design.n_neurons)) if membrane is None else membrane
    program.write(circuit.neurons.variables["u"], start)
    for name, value in (("tau", drive.tau), ("threshold", drive.threshold), ("upper", drive.upper)):
        program.write(circuit.neurons.variables[name], [value])


def _write_control(circuit: Circuit, n_stimuli: int, drive: Drive, *, learning: int, limit: float) -> None:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    control = np.zeros(len(CONTROL), dtype=np.int32)
    control[CONTROL["n_presentations"]] = -(-n_stimuli // design.n_replicas)
    control[CONTROL["n_steps"]] = drive.n_steps
    control[CONTROL["learning"]] = learning
    control[CONTROL["bad_step"]] = -1
    control[CONTROL["carry_over"]] = drive.carry_over
    program.write(block.array("control"), control)
    valid = np.clip(n_stimuli - design.n_replicas * np.arange(design.capacity), 0, design.n_replicas)
    program.write(block.array("valid"), valid)
    program.write(block.array("bounds"), [drive.tolerance, limit])


def _longest_row(drive: Drive) -> float:
    return float(np.linalg.norm(drive.dictionary, axis=1).max())


def _collected(circuit: Circuit, n_stimuli: int, drive: Drive, *, n_batches: int, measured: bool) -> Shown:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    control = program.read(block.array("control"))
    if control[CONTROL["bad_step"]] >= 0:
        raise _divergence(control, drive, design.n_neurons)
    if control[CONTROL["shown"]] != n_batches:
        raise RuntimeError(f"the simulation ended after {control[CONTROL['shown']]} of {n_batches} batches")
    code = program.read(block.array("collected_a")).reshape(-1, design.n_neurons)[:n_stimuli]
    prediction = None
    if measured:
        prediction = program.read(block.array("collected_prediction")).reshape(-1, design.n_pixels)[
            :n_stimuli
        ]
    membrane = None
    if drive.carry_over:
        kept = program.read(block.array("collected_u")).reshape(-1, design.n_replicas, design.n_neurons)
        membrane = kept[n_batches - 1]
    return Shown(code, prediction, program.read(block.array("durations"))[:n_batches], membrane)


def _divergence(control: NDArray[np.int32], drive: Drive, n_neurons: int) -> DivergenceError:
    step, place = int(control[CONTROL["bad_step"]]), int(control[CONTROL["bad_neuron"]])
    return DivergenceError(
        f"the membrane of neuron {place % n_neurons} (stimulus {place // n_neurons} of its batch) left every "
        f"reasonable range at step {step} (batch {int(control[CONTROL['shown']])} of the run, t = {step * drive.dt:.4g} s); "
        f"dt = {drive.dt:.3g} s is too long for this dictionary: use a smaller dt, or dt=None, which stays below the "
        "stability bound"
    )
