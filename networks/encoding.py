"""Send many stimuli through a circuit, batch by batch and run by run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.errors import DivergenceError
from neurosim.engine.presentation import CONTROL
from neurosim.networks.lca_circuit import Circuit
from neurosim.networks.stability import settling_bound

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
    states : dict of arrays, shape (n_replicas, n_neurons), or None
        The circuit's states at the end of the last batch, for a run that carries them over.
    """

    code: NDArray[Any]
    prediction: NDArray[Any] | None
    durations: NDArray[np.int32]
    states: dict[str, NDArray[Any]] | None


def present(
    circuit: Circuit,
    stimuli: NDArray[Any],
    *,
    drive: Drive,
    rates: NDArray[Any] | None = None,
    measure: bool = False,
    states: Mapping[str, NDArray[Any]] | None = None,
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
    states : mapping of str to array, shape (n_replicas, n_neurons), optional
        What a run that carries over starts from; all zero by default.

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
    _write_arrays(circuit, stimuli, drive, states or {})
    limit = _DIVERGED * (np.linalg.norm(stimuli, axis=1).max() * _longest_row(drive) + drive.threshold)
    _write_control(circuit, len(stimuli), drive, learning=learning, limit=limit)
    if rates is not None:
        schedule = np.zeros(design.capacity)
        schedule[:n_batches] = rates
        circuit.program.write(circuit.plasticity.parameter("eta"), schedule)
    circuit.program.run(dt=drive.dt, seed=drive.seed)
    return _collected(circuit, len(stimuli), drive, n_batches=n_batches, measured=learning > 0)


def chunks(n_stimuli: int, *, n_replicas: int, capacity: int, growing: bool = False) -> Iterator[slice]:
    """Yield the slices of a data set that one run each can show.

    With `growing`, the first run holds one batch and each later one twice as many, up to the capacity: what is chosen
    between runs, such as the time step, can follow a dictionary that changes fastest at the start.
    """
    start, n_batches = 0, 1 if growing else capacity
    while start < n_stimuli:
        stop = min(start + n_replicas * n_batches, n_stimuli)
        yield slice(start, stop)
        start, n_batches = stop, min(2 * n_batches, capacity)


def _write_arrays(
    circuit: Circuit, stimuli: NDArray[Any], drive: Drive, states: Mapping[str, NDArray[Any]]
) -> None:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    padded = np.zeros((design.capacity * design.n_replicas, design.n_pixels), dtype=design.float_dtype)
    padded[: len(stimuli)] = stimuli
    program.write(block.array("stimuli"), padded)
    program.write(circuit.dictionary.variable, drive.dictionary)
    if circuit.lateral is not None:
        overlaps = drive.dictionary @ drive.dictionary.T - np.eye(design.n_neurons)
        program.write(circuit.lateral.variable, overlaps)
    silence = np.zeros((design.n_replicas, design.n_neurons))
    for name in circuit.states:
        program.write(circuit.neurons.variables[name], states.get(name, silence))
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
    tolerance = settling_bound(drive.tolerance, tau=drive.tau, dt=drive.dt)
    program.write(block.array("bounds"), [tolerance, limit])


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
    states = _last_states(circuit, n_batches - 1) if drive.carry_over else None
    return Shown(code, prediction, program.read(block.array("durations"))[:n_batches], states)


def _last_states(circuit: Circuit, batch: int) -> dict[str, NDArray[Any]]:
    shape = (-1, circuit.design.n_replicas, circuit.design.n_neurons)
    block = circuit.presentation.block
    return {
        name: circuit.program.read(block.array(f"collected_state_{name}")).reshape(shape)[batch]
        for name in circuit.states
    }


def _divergence(control: NDArray[np.int32], drive: Drive, n_neurons: int) -> DivergenceError:
    step, place = int(control[CONTROL["bad_step"]]), int(control[CONTROL["bad_neuron"]])
    return DivergenceError(
        f"the membrane of neuron {place % n_neurons} (stimulus {place // n_neurons} of its batch) left every "
        f"reasonable range at step {step} (batch {int(control[CONTROL['shown']])} of the run, "
        f"t = {step * drive.dt:.4g} s); dt = {drive.dt:.3g} s is too long "
        "for this dictionary, or the learning rate so large that the dictionary outran it: use a smaller dt, a smaller "
        "learning_rate, or dt=None, which follows the stability bound"
    )
