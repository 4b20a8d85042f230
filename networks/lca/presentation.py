"""Send many stimuli through a circuit, batch by batch and run by run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.errors import DivergenceError
from neurosim.engine.presentation import CONTROL
from neurosim.engine.shared.weights import SharedOverlaps, joint_overlaps
from neurosim.networks.lca.circuit import Circuit
from neurosim.networks.lca.pathways import grids_of, overlaps_of, stiffness_of
from neurosim.networks.lca.run_settings import RunSettings

__all__ = ["Response", "capacity_of", "chunks", "learned_weights", "load_weights", "present"]

# A stable membrane never gets this many times larger than the largest possible settings.
_DIVERGED = 100.0
_COUNTING = 1e-3
# No presentation whose steps may grow takes so many.
_UNLIMITED = 2**31 - 1


@dataclass(frozen=True)
class Response:
    """What one run of up to `capacity` batches left behind.

    Parameters
    ----------
    code : array, shape (n_stimuli, n_neurons)
        The circuit's own memory: use it before the next run.
    energy : array, shape (n_stimuli,), or None
        Half the squared residuals with the weights before each batch's update, if the run measured.
    durations : array, shape (n_batches,)
        Seconds each batch was shown, the mean of its stimuli.
    states : dict of arrays, shape (n_replicas, n_neurons), or None
        The circuit's states at the end of the last batch, for a run that carries them over.
    work : tuple of float
        Time steps of all replicas together, and changes of activity they sent; zero if taken step by step.
    late : bool array, shape (n_stimuli,), or None
        Which stimuli's time was up before the population was at rest; None where nobody can tell.
    """

    code: NDArray[Any]
    energy: NDArray[Any] | None
    durations: NDArray[np.float64]
    states: dict[str, NDArray[Any]] | None
    work: tuple[float, float]
    late: NDArray[np.bool_] | None


def load_weights(circuit: Circuit, dictionary: NDArray[Any], *, gains: tuple[float, ...] = ()) -> None:
    """Give a circuit the weights that follow from a dictionary, modalities side by side with their `gains`."""
    design, program = circuit.design, circuit.program
    matrix = np.asarray(dictionary, dtype=design.float_dtype)
    parts = _split(matrix, [pathway.dictionary.shape[1] for pathway in circuit.pathways])
    for pathway, part in zip(circuit.pathways, parts, strict=True):
        program.write(pathway.dictionary.variable, part)
    weighted = [np.sqrt(gain) * part for gain, part in zip(gains, parts, strict=True)] if gains else parts
    joined = np.hstack(weighted).astype(matrix.dtype, copy=False)
    if design.own_norms:
        # Brian2 asks for activities before the first onset.
        stiffness = np.tile(stiffness_of(joined), len(circuit.neurons) // len(joined))
        program.write(circuit.neurons.variables["stiffness"], stiffness)
    if isinstance(circuit.lateral, SharedOverlaps):
        program.write(circuit.lateral.variable, joint_overlaps(weighted, grids_of(design.modalities)))
    elif circuit.lateral is not None:
        program.write(circuit.lateral.variable, overlaps_of(joined, design.blocks))


def learned_weights(circuit: Circuit) -> NDArray[Any]:
    """Return the fields as the last run left them, those of several modalities side by side."""
    parts = [
        circuit.program.read(p.dictionary.variable).reshape(p.dictionary.shape) for p in circuit.pathways
    ]
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def _split(values: NDArray[Any], sizes: list[int]) -> list[NDArray[Any]]:
    return np.split(values, np.cumsum(sizes)[:-1], axis=1)


def present(
    circuit: Circuit,
    stimuli: NDArray[Any],
    *,
    settings: RunSettings,
    rates: NDArray[Any] | None = None,
    measure: bool = False,
    states: Mapping[str, NDArray[Any]] | None = None,
    also: Mapping[str, NDArray[Any]] | None = None,
) -> Response:
    """Show up to ``capacity * n_replicas`` stimuli in one run; weights change if `rates` (n_batches,) are given.

    `states` (n_replicas, n_neurons) are what a run that carries over starts from, `also` (n_stimuli, n_neurons) what
    neurons are shown beside the stimuli; by variable, zero by default. With `measure`, reconstructions are measured.
    DivergenceError if a membrane leaves every reasonable range.
    """
    design = circuit.design
    n_batches = -(-len(stimuli) // design.n_replicas)
    learning = 2 if rates is not None else int(measure)
    _write_arrays(circuit, stimuli, settings, states or {})
    strongest = _write_also(circuit, also or {}, len(stimuli))
    largest = np.linalg.norm(stimuli, axis=1).max() * settings.longest_field
    limit = _DIVERGED * (largest + settings.threshold + strongest)
    _write_control(circuit, len(stimuli), settings, learning=learning, limit=limit)
    if rates is not None:
        schedule = np.zeros(design.capacity)
        schedule[:n_batches] = rates
        _write_rates(circuit, schedule, settings)
    # Taken whole, presentations keep their own time; Brian2's clock only counts them.
    circuit.program.run(dt=settings.dt if circuit.step_by_step else _COUNTING, seed=settings.seed)
    return _collected(circuit, len(stimuli), settings, n_batches=n_batches, measured=learning > 0)


def capacity_of(batch_values: int, *, backend: str) -> int:
    """Choose how many batches one run holds: a few megabytes, and often enough back for progress."""
    # A standalone run starts a program, which takes as long as a thousand patches.
    n_values, most = (2**22, 200) if backend == "cpp_standalone" else (2**22, 40)
    return int(np.clip(n_values // batch_values, 1, most))


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
    circuit: Circuit, stimuli: NDArray[Any], settings: RunSettings, states: Mapping[str, NDArray[Any]]
) -> None:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    sizes = [pathway.modality.n_pixels for pathway in circuit.pathways]
    shown = _split(_whole_batches(stimuli, design.n_replicas), sizes)
    for k, (pathway, values) in enumerate(zip(circuit.pathways, shown, strict=True)):
        array = f"shown_{pathway.modality.name}" if k else "stimuli"
        program.write(block.array(array), values, first=True)
        if pathway.gain is not None:
            program.write(pathway.gain, np.full(pathway.gain.size, settings.gains[k]))
    if settings.carry_over:
        rest = np.zeros((design.n_replicas, design.n_neurons))
        for name in circuit.states:
            program.write(circuit.neurons.variables[name], states.get(name, rest))
    for name, start in settings.arrays.items():
        program.write(circuit.arrays[name], start)
    numbers = {
        "tau": settings.tau,
        "threshold": settings.threshold,
        "upper": settings.upper,
        **settings.shared,
    }
    for name, value in numbers.items():
        variable = circuit.neurons.variables[name]
        program.write(variable, np.full(variable.size, value))


def _write_also(circuit: Circuit, also: Mapping[str, NDArray[Any]], n_stimuli: int) -> float:
    """Write what the neurons are shown beside the stimuli, and return the largest injected current."""
    design, strongest = circuit.design, 0.0
    n_shown = -(-n_stimuli // design.n_replicas) * design.n_replicas
    for name in design.shown:
        values = np.zeros((n_shown, design.n_neurons), dtype=design.float_dtype)
        if name in also:
            values[:n_stimuli] = also[name]
        circuit.program.write(circuit.presentation.block.array(f"shown_{name}"), values, first=True)
        strongest = float(np.abs(values).max()) if name == "injected" else strongest
    return strongest


def _write_rates(circuit: Circuit, schedule: NDArray[Any], settings: RunSettings) -> None:
    """Set the learning rate of each batch; an absent modality does not learn."""
    for k, pathway in enumerate(circuit.pathways):
        assert pathway.plasticity is not None
        learns = not settings.gains or settings.gains[k] > 0
        circuit.program.write(pathway.plasticity.parameter("eta"), schedule * learns)
        for name, value in settings.schedules.items():
            circuit.program.write(pathway.plasticity.parameter(name), np.full(len(schedule), value))


def _whole_batches(stimuli: NDArray[Any], n_replicas: int) -> NDArray[Any]:
    """Fill the last batch up with blank stimuli."""
    missing = -len(stimuli) % n_replicas
    return np.concatenate([stimuli, np.zeros((missing, stimuli.shape[1]))]) if missing else stimuli


def _write_control(
    circuit: Circuit, n_stimuli: int, settings: RunSettings, *, learning: int, limit: float
) -> None:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    control = np.zeros(len(CONTROL), dtype=np.int32)
    control[CONTROL["n_presentations"]] = -(-n_stimuli // design.n_replicas)
    growing = settings.longest_dt > settings.dt and not circuit.step_by_step
    control[CONTROL["n_steps"]] = _UNLIMITED if growing else settings.n_steps
    control[CONTROL["learning"]] = learning
    control[CONTROL["bad_step"]] = -1
    control[CONTROL["carry_over"]] = settings.carry_over
    control[CONTROL["confirm"]] = settings.confirm
    program.write(block.array("control"), control)
    valid = np.clip(n_stimuli - design.n_replicas * np.arange(design.capacity), 0, design.n_replicas)
    program.write(block.array("valid"), valid)
    # Who watches every step, or adds noise, is shown every stimulus to the end.
    tolerance = 0.0 if circuit.step_by_step else settings.tolerance
    program.write(block.array("bounds"), [tolerance, limit, settings.epsilon])
    program.write(block.array("close_enough"), [settings.settled_within])
    program.write(block.array("late"), np.full(block.array("late").size, -1))
    longest, duration = (settings.longest_dt, settings.presentation) if growing else (settings.dt, np.inf)
    program.write(block.array("pace"), [settings.dt, longest, duration])
    program.write(block.array("tally"), [0.0, 0.0])


def _collected(
    circuit: Circuit, n_stimuli: int, settings: RunSettings, *, n_batches: int, measured: bool
) -> Response:
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    control = program.read(block.array("control"))
    if control[CONTROL["bad_step"]] >= 0:
        raise _divergence(circuit, control, settings)
    if control[CONTROL["shown"]] != n_batches:
        raise RuntimeError(f"the simulation ended after {control[CONTROL['shown']]} of {n_batches} batches")
    n_shown = n_batches * design.n_replicas
    code = program.read(block.array("collected_a"), first=n_shown * design.n_neurons, copy=False)
    energy = program.read(block.array("collected_energy"), first=n_shown)[:n_stimuli] if measured else None
    states = None
    if settings.carry_over:
        shape = (design.n_replicas, design.n_neurons)
        states = {
            name: program.read(circuit.neurons.variables[name]).reshape(shape) for name in circuit.states
        }
    steps, sent = program.read(block.array("tally"))
    late = program.read(block.array("late"), first=n_shown)[:n_stimuli]
    return Response(
        code=code.reshape(n_shown, design.n_neurons)[:n_stimuli],
        energy=energy,
        durations=program.read(block.array("durations"), first=n_batches),
        states=states,
        work=(float(steps), float(sent)),
        late=late > 0 if settings.settled_within and (late >= 0).all() else None,
    )


def _divergence(circuit: Circuit, control: NDArray[np.int32], settings: RunSettings) -> DivergenceError:
    step, place = int(control[CONTROL["bad_step"]]), int(control[CONTROL["bad_neuron"]])
    n_neurons, design = circuit.design.n_neurons, circuit.design
    causes = []
    if settings.longest_dt > settings.dt and not circuit.step_by_step:
        causes.append("although its steps follow the stability bound of the dictionary")
    else:
        causes.append(
            f"with a time step of {settings.dt:.3g} s: use a shorter dt, or dt=None, which follows the bound"
        )
    if design.membrane_terms or design.extra_equations:
        causes.append(
            "what was added by membrane_terms or extra_equations may drive it there, such as a parameter that was "
            "never set and is divided by"
        )
    if control[CONTROL["learning"]] == 2:
        causes.append(
            "the learning rate may be so large that the fields outran it: use a smaller learning_rate"
        )
    return DivergenceError(
        f"the membrane of neuron {place % n_neurons} (stimulus {place // n_neurons} of its batch) left every "
        f"reasonable range at step {step} of the presentation of batch {int(control[CONTROL['shown']])} of the run, "
        + "; ".join(causes)
    )
