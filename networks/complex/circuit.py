"""The Brian2 objects of simple cells and of the complex cells that learn which of them to add up.

Codes of simple cells are shown one after the other. While one lasts nothing but exponentials happens, and inputs stay
as they are: one exact step takes the populations through it. A code joins the traces when it is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from neurosim.engine import quiet_brian2  # noqa: F401, before all that imports Brian2

# isort: split
import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.expression import array_expression
from neurosim.engine.neighbours import NeighbourPathway, NeighbourWeights
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program

__all__ = ["COMPLEX", "RULE", "SIMPLE", "ComplexCircuit", "ComplexDesign", "build_complex_circuit"]

SIMPLE = """
s : 1                                # activity, as long as a code lasts
mean : 1                             # what the cell has adapted to, its mean activity
spread : 1                           # and the standard deviation around it
z = (s - mean) / spread : 1
dpast/dt = -past / tau_trace : 1     # trace of z in the codes before
tau_trace : second (shared)
"""
# The square of a simple cell's activity is what an energy adds up (Adelson & Bergen 1985).
COMPLEX = """
du/dt = (drive - u) / tau : 1        # energy, in the unit of the squared activity
r = sqrt(clip(u, 0, inf)) : 1 (constant over dt)
drive : 1                            # weighted sum of the simple cells' squared activities
z : 1                                # of the simple cell that it is anchored to
dpast/dt = -past / tau_trace : 1     # trace of it in the codes before
tau : second (shared)
tau_trace : second (shared)
"""
# After Földiák 1991, whose trace is that of the postsynaptic cell alone; but shifts go both ways.
RULE = "w += eta*(past_post*z_pre/2 + z_post*past_pre/2 - w)"


@dataclass(frozen=True)
class ComplexDesign:
    """All that decides the generated code: sizes of both populations, sequences in a batch, codes in one run."""

    n_simple: int
    n_complex: int
    n_replicas: int
    capacity: int
    backend: str
    float_dtype: str
    namespace: Mapping[str, Any] = field(default_factory=dict)

    def key(self) -> tuple[Any, ...]:
        """Return a hashable identity of the generated code."""
        # The family's name, because other circuits have designs of the same numbers.
        return ("complex", *{**self.__dict__, "namespace": ()}.values())


@dataclass
class ComplexCircuit:
    """A built network with its parts; `weights` are (n_simple, n_complex).

    `anchors` say which simple cell each complex cell is anchored to, `starts` which codes begin a sequence.
    """

    design: ComplexDesign
    simple: NeuronGroup
    complex: NeuronGroup
    weights: DenseWeights
    anchors: NeighbourWeights
    starts: ArrayVariable
    plasticity: Plasticity
    presentation: Presentation
    program: Program


def build_complex_circuit(design: ComplexDesign) -> ComplexCircuit:
    """Build the Brian2 objects of a design; nothing is compiled yet."""
    with activated(design.backend, float_dtype=design.float_dtype):
        if design.backend == "cpp_standalone":
            fresh_standalone_device()
        return _assembled(design)


def _assembled(design: ComplexDesign) -> ComplexCircuit:
    clock = Clock(1 * ms, name="complex_clock")
    simple = _group("simple", design.n_replicas * design.n_simple, SIMPLE, clock)
    complex_ = _group("complex", design.n_replicas * design.n_complex, COMPLEX, clock)
    starts = ArrayBlock("complex_sequences", {"starts": (design.capacity, np.int32)}).array("starts")
    presentation = Presentation(
        simple,
        "s",
        n_replicas=design.n_replicas,
        capacity=design.capacity,
        collected={"r": complex_.variables["r"]},
        reset=[complex_.variables["u"]],
        watched=(complex_, "u"),
        settling="drive - u",
    )
    weights = DenseWeights(np.zeros((design.n_simple, design.n_complex)), name="complex_weights")
    energies = DensePathway(simple, complex_, weights, transmits="s**2", into="drive", name="energies")
    # Filled before each run: one fixed synapse each.
    alone = np.zeros((design.n_complex, 1))
    anchors = NeighbourWeights(alone.astype(int), alone + 1, name="anchors")
    anchored = NeighbourPathway(simple, complex_, anchors, transmits="z", into="z", name="anchored")
    presentation.onset += [_forgotten(group, presentation, starts) for group in (simple, complex_)]
    plasticity = Plasticity(simple, complex_, weights, rule=RULE, presentation=presentation, name="pooling")
    # After the weights have learned: a code is no past of its own.
    presentation.learning += [_taken_up(group) for group in (simple, complex_)]
    network = Network(simple, complex_, energies, anchored, presentation.scheduled(clock))
    program = Program(
        network,
        clock=clock,
        backend=design.backend,
        float_dtype=design.float_dtype,
        written=presentation.written() | {weights.variable: None},
    )
    return ComplexCircuit(
        design, simple, complex_, weights, anchors, starts, plasticity, presentation, program
    )


def _group(name: str, n_cells: int, equations: str, clock: Clock) -> NeuronGroup:
    return NeuronGroup(n_cells, equations, method="exact", clock=clock, name=f"{name}_cells", namespace={})


def _forgotten(group: NeuronGroup, presentation: Presentation, starts: ArrayVariable) -> Operation:
    """Empty the traces where a sequence begins."""
    arrays = {"past": group.variables["past"], "starts": starts}
    arrays["control"] = presentation.block.array("control")
    cpp = "if (starts[control[1]]) std::fill(past, past + n_cells, 0);\nreturn 0;"

    def work(past: NDArray[Any], starts: NDArray[Any], control: NDArray[Any]) -> None:
        if starts[control[1]]:
            past[:] = 0

    return Operation(f"{group.name}_forgotten", arrays, cpp, work, sizes={"n_cells": len(group)})


def _taken_up(group: NeuronGroup) -> Operation:
    """Add to the traces what is over now."""
    over = array_expression(group, "z")
    past = group.variables["past"]
    arrays = {"past": past, **{f"over_{key}": variable for key, variable in over.arrays.items()}}
    value = over.cpp_value("k", past.dtype, prefix="over_")
    cpp = f"for (int k = 0; k < n_cells; ++k) past[k] += {value};\nreturn 0;"

    def work(past: NDArray[Any], **given: NDArray[Any]) -> None:
        past += over.values({key: given[f"over_{key}"] for key in over.arrays})

    return Operation(f"{group.name}_taken_up", arrays, cpp, work, sizes={"n_cells": len(group)})
