"""The Brian2 objects of a spiking network, from a description of its populations and their connections.

The input neurons hold the stimulus. What they drive is worked out once, when a stimulus appears; spikes travel every
step along the rows of the neurons that fired.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms
from brian2.core.variables import ArrayVariable

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DensePathway, DenseWeights, propagation
from neurosim.engine.errors import NotLoopable
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program
from neurosim.engine.spiking_presentation import spiking_presentation
from neurosim.engine.step_parts import outside_networks
from neurosim.networks.estimator.added_terms import AddedTerms, check_added_terms

__all__ = [
    "INPUTS",
    "Connection",
    "Parts",
    "Population",
    "SpikingCircuit",
    "SpikingDesign",
    "build_spiking_circuit",
]

INPUTS = "inputs"


@dataclass(frozen=True)
class Population:
    """Neurons of one kind.

    Parameters
    ----------
    name : str
        A C identifier.
    n_neurons : int
        In one replica.
    equations : str
        Brian2 equations with a membrane potential ``u`` and a spike count ``n : 1``.
    threshold, reset : str
        Brian2's; the reset counts with ``n += 1``.
    method : str
        Brian2's integration method.
    cleared : tuple of str
        Variables that start every stimulus from zero, besides the count and those with dynamics.
    membrane_terms, extra_equations : str
        What of the equations is the user's.
    """

    name: str
    n_neurons: int
    equations: str
    threshold: str
    reset: str
    method: str
    cleared: tuple[str, ...] = ()
    membrane_terms: str = ""
    extra_equations: str = ""

    @property
    def added(self) -> AddedTerms:
        """What of the equations is the user's, to be checked."""
        return AddedTerms(self.membrane_terms, self.extra_equations)


@dataclass(frozen=True)
class Connection:
    """All-to-all weights from one population to another, and how they learn.

    Parameters
    ----------
    name : str
        A C identifier.
    source, target : str
        Names of populations, or `INPUTS` as a source.
    into : str
        Variable of the target.
    keeps : bool
        Whether spikes add to the variable (which then has a decay of its own); else it holds the spikes of the last
        step only. Of no meaning for inputs.
    rule : str or None
        Local learning rule (`neurosim.engine.Plasticity`).
    rates : tuple of str
        The rule's parameters.
    constraints : tuple of str
    delay_steps : int
        Time steps that spikes travel beyond the one they always take.
    """

    name: str
    source: str
    target: str
    into: str
    keeps: bool = False
    rule: str | None = None
    rates: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    delay_steps: int = 0


@dataclass(frozen=True)
class SpikingDesign:
    """All that decides the generated code of a circuit.

    Parameters
    ----------
    populations : tuple of Population
        The first is the one whose counts are the code.
    connections : tuple of Connection
    n_pixels, n_replicas, capacity : int
        Input neurons, stimuli in a batch, batches in one run.
    backend, float_dtype : str
    input_equations : str
        Equations of the input neurons, with the stimulus ``s : 1``.
    stages : callable, optional
        Takes the circuit's parts while it is built and adds stages of its own to the presentation.
    namespace : mapping
        Values of names that the equations use.
    step_by_step : bool
        Let Brian2 take all replicas through each time step, as monitors need it.
    """

    populations: tuple[Population, ...]
    connections: tuple[Connection, ...]
    n_pixels: int
    n_replicas: int
    capacity: int
    backend: str
    float_dtype: str
    input_equations: str = "s : 1"
    stages: tuple[Callable[["Parts"], None], ...] = ()
    namespace: Mapping[str, Any] = field(default_factory=dict)
    step_by_step: bool = False

    def key(self) -> tuple[Any, ...]:
        """Return a hashable identity of the generated code."""
        names = tuple(sorted((k, repr(v)) for k, v in self.namespace.items()))
        return tuple({**self.__dict__, "namespace": names}.values())


@dataclass
class Parts:
    """The parts of a circuit that is being built.

    Attributes
    ----------
    design : SpikingDesign
    groups : dict of str to brian2.NeuronGroup
        `INPUTS` among them.
    weights : dict of str to DenseWeights
        By connection. From inputs as (n_target, n_source), else as (n_source, n_target): the rows are what is sent.
    pathways : list of DensePathway
    plasticities : dict of str to Plasticity
        By connection.
    homeostases : dict of str to Homeostasis
        By population.
    presentation : Presentation
    """

    design: SpikingDesign
    groups: dict[str, NeuronGroup]
    weights: dict[str, DenseWeights]
    presentation: Presentation
    pathways: list[DensePathway] = field(default_factory=list)
    plasticities: dict[str, Plasticity] = field(default_factory=dict)
    homeostases: dict[str, Any] = field(default_factory=dict)

    def variable(self, place: tuple[str, ...]) -> ArrayVariable:
        """Return the weights of a connection, or a variable or the homeostasis' memory of a population."""
        if len(place) == 1:
            return self.weights[place[0]].variable
        if place[1:] == ("homeostasis", "memory"):
            return self.homeostases[place[0]].memory
        return self.groups[place[0]].variables[place[1]]


@dataclass
class SpikingCircuit:
    """A built network with its parts; monitors are added to ``network`` before ``program`` first runs it."""

    parts: Parts
    network: Network
    program: Program
    step_by_step: bool

    @property
    def design(self) -> SpikingDesign:
        """What it was built from."""
        return self.parts.design


def build_spiking_circuit(design: SpikingDesign) -> SpikingCircuit:
    """Build the Brian2 objects of a design, or raise ValueError of what the user added; nothing is compiled yet."""
    for population in design.populations:
        # What is assembled to be watched can still be given its parameters.
        check_added_terms(
            population.equations, population.added, namespace=design.namespace, settable=design.step_by_step
        )
    with activated(design.backend, float_dtype=design.float_dtype):
        if design.backend == "cpp_standalone":
            fresh_standalone_device()
        return _assembled(design)


def _assembled(design: SpikingDesign) -> SpikingCircuit:
    clock = Clock(1 * ms, name="spiking_clock")
    groups = _groups(design, clock)
    # Filled before each run; a matrix of zeros keeps the arrays in place.
    weights = {c.name: DenseWeights(np.zeros(_shape(design, c)), name=c.name) for c in design.connections}
    parts = Parts(design, groups, weights, _presentation(design, groups))
    for connection in design.connections:
        _connect(parts, connection)
    for stage in design.stages:
        stage(parts)
    populations = [groups[p.name] for p in design.populations]
    whole = _whole(design, parts, populations, clock)
    parts.presentation.whole = whole
    objects = (*groups.values(), *parts.pathways)
    if whole:
        outside_networks(objects)
    stepped: tuple[Any, ...] = () if whole else objects
    network = Network(*stepped, parts.presentation.scheduled(clock))
    program = Program(
        network,
        clock=clock,
        backend=design.backend,
        float_dtype=design.float_dtype,
        written=parts.presentation.written() | dict.fromkeys(_read_back(parts)),
    )
    return SpikingCircuit(parts, network, program, step_by_step=whole is None)


def _groups(design: SpikingDesign, clock: Clock) -> dict[str, NeuronGroup]:
    groups = {
        INPUTS: NeuronGroup(
            design.n_replicas * design.n_pixels,
            design.input_equations,
            clock=clock,
            name=INPUTS,
            namespace={},
        )
    }
    for population in design.populations:
        longest = _longest_delay(design, population.name)
        groups[population.name] = NeuronGroup(
            design.n_replicas * population.n_neurons,
            population.equations + _delay_line(design, population.name),
            threshold=population.threshold,
            reset=population.reset + ("; fresh = 1" if _longest_delay(design, population.name) else ""),
            method=population.method,
            clock=clock,
            name=population.name,
            namespace=dict(design.namespace),
        )
        if longest:
            shift = [f"sent{k} = sent{k - 1}" for k in range(longest, 1, -1)]
            # Before a new stimulus clears what is still on its way.
            groups[population.name].run_regularly(
                "\n".join([*shift, "sent1 = fresh", "fresh = 0"]), clock=clock, when="start", order=-200
            )
    return groups


def _longest_delay(design: SpikingDesign, population: str) -> int:
    return max((c.delay_steps for c in design.connections if c.source == population), default=0)


def _delay_line(design: SpikingDesign, population: str) -> str:
    """Return variables that hand spikes on from step to step."""
    longest = _longest_delay(design, population)
    names = ["fresh", *(f"sent{k}" for k in range(1, longest + 1))] if longest else []
    return "".join(f"{name} : 1\n" for name in names)


def _states(group: NeuronGroup, population: Population) -> list[Any]:
    line = [name for name in group.variables if name == "fresh" or name.startswith("sent")]
    names = {*group.equations.diff_eq_names, *population.cleared, *line, "n"}
    return [group.variables[name] for name in sorted(names)]


def _size(design: SpikingDesign, name: str) -> int:
    return {INPUTS: design.n_pixels, **{p.name: p.n_neurons for p in design.populations}}[name]


def _shape(design: SpikingDesign, connection: Connection) -> tuple[int, int]:
    n_source, n_target = _size(design, connection.source), _size(design, connection.target)
    return (n_target, n_source) if connection.source == INPUTS else (n_source, n_target)


def _presentation(design: SpikingDesign, groups: Mapping[str, NeuronGroup]) -> Presentation:
    first = design.populations[0]
    return Presentation(
        groups[INPUTS],
        "s",
        n_replicas=design.n_replicas,
        capacity=design.capacity,
        collected={p.name: groups[p.name].variables["n"] for p in design.populations},
        reset=[v for p in design.populations for v in _states(groups[p.name], p)],
        watched=(groups[first.name], "u"),
        settling="u",
    )


def _connect(parts: Parts, connection: Connection) -> None:
    source, target = parts.groups[connection.source], parts.groups[connection.target]
    stored = parts.weights[connection.name]
    weights = stored.T if connection.source == INPUTS else stored
    if connection.source == INPUTS:
        drive = propagation(
            source, target, weights, transmits="s", into=connection.into, name=f"{connection.name}_drive"
        )
        parts.presentation.onset.append(drive)
    else:
        transmits = f"sent{connection.delay_steps}" if connection.delay_steps else "spikes"
        parts.pathways.append(
            DensePathway(
                source, target, weights, transmits=transmits, into=connection.into, accumulate=connection.keeps,
                when="synapses", name=f"{connection.name}_spikes",
            )
        )  # fmt: skip
    if connection.rule is not None:
        parts.plasticities[connection.name] = Plasticity(
            source, target, weights, rule=connection.rule, presentation=parts.presentation,
            parameters=connection.rates, constraints=connection.constraints, name=f"{connection.name}_learning",
        )  # fmt: skip


def _whole(
    design: SpikingDesign, parts: Parts, populations: Sequence[NeuronGroup], clock: Clock
) -> Operation | None:
    if design.step_by_step or design.backend == "numpy":
        return None
    try:
        return spiking_presentation(populations, parts.pathways, presentation=parts.presentation, clock=clock)
    except NotLoopable:
        return None


def _read_back(parts: Parts) -> list[Any]:
    """Name what learning changes: the weights, and per-neuron variables that are no state of a presentation."""
    weights = [w.variable for w in parts.weights.values()]
    kept = [
        parts.groups[p.name].variables[name]
        for p in parts.design.populations
        for name in ("theta", "gain")
        if name in parts.groups[p.name].variables
    ]
    return weights + kept + [h.memory for h in parts.homeostases.values()]
