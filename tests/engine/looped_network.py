"""Populations with inhibition among themselves, to be shown stimuli whole or step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DensePathway
from neurosim.engine.presentation import CONTROL, Presentation
from neurosim.engine.program import Program
from neurosim.engine.whole_presentation import whole_presentation

# One-sided neurons that see their stimulus and what the others send.
SOFT = """
du/dt = (s - u - received)/tau : 1
a = clip(u - level, 0, inf) : 1 (constant over dt)
s : 1
received : 1
tau : second (shared)
level : 1 (shared)
"""
REST = "s - received"
TAU = 0.01


@dataclass(frozen=True)
class Course:
    """What a run left behind; arrays per stimulus are batch by replica by neuron.

    Parameters
    ----------
    at_end : dict of arrays
        Variables at the end of every batch.
    durations, elapsed : array
        Seconds: mean of each batch, and each replica of the last one.
    n_steps, n_sent : int
        Time steps and changes sent, of all replicas.
    shown, bad_step, bad_neuron : int
        As in the control array.
    """

    at_end: dict[str, Any]
    durations: Any
    elapsed: Any
    n_steps: int
    n_sent: int
    shown: int
    bad_step: int
    bad_neuron: int


class LoopedNetwork:
    """A compiled network of one population of `n_replicas` copies that inhibits itself through dense weights."""

    def __init__(
        self,
        backend: str,
        weights: Any,
        *,
        whole: bool = True,
        n_replicas: int = 2,
        capacity: int = 1,
        equations: str = SOFT,
        namespace: Mapping[str, Any] | None = None,
        rest: str | None = REST,
        transmits: str = "a",
        also: Callable[[NeuronGroup], list[Any]] = lambda group: [],
        also_kept: Sequence[str] = (),
        float_dtype: Any = np.float64,
    ) -> None:
        self.shape = (capacity, n_replicas, len(weights))
        with activated(backend, float_dtype=float_dtype):
            if backend == "cpp_standalone":
                fresh_standalone_device()
            clock = Clock(1 * ms, name="looped_clock")
            self.group = group = NeuronGroup(
                n_replicas * len(weights), equations, method="euler", clock=clock, name="looped",
                namespace=dict(namespace or {}),
            )  # fmt: skip
            inhibit = DensePathway(
                group, group, weights, transmits=transmits, into="received", name="inhibit"
            )
            pathways = [inhibit, *also(group)]
            self.kept = [*sorted(group.equations.diff_eq_names), *sorted(group.user_equations.subexpr_names)]
            self.kept += also_kept
            self.presentation = presentation = Presentation(
                group,
                "s",
                n_replicas=n_replicas,
                capacity=capacity,
                collected={name: group.variables[name] for name in self.kept},
                reset=[group.variables[name] for name in self.kept],
                watched=(group, "u"),
                settling=f"{REST} - u",
            )
            if whole:
                presentation.whole = whole_presentation(
                    [group], pathways, presentation=presentation, clock=clock, rest=rest
                )
            stepped = () if whole else (group, *pathways)
            network = Network(*stepped, presentation.scheduled(clock))
            self.program = Program(network, clock=clock, backend=backend, float_dtype=float_dtype)

    def show(
        self,
        stimuli: Any,
        *,
        bounds: Any = (0, 1e6, 0),
        pace: Any = (1e-3, 1e-3, np.inf),
        n_steps: int = 2**31 - 1,
        given: Mapping[str, Any] | None = None,
        n_valid: int | None = None,
        carry_over: bool = False,
    ) -> Course:
        """Show batches of stimuli, shape (n_batches, n_replicas, n), of which the last has `n_valid` that count."""
        n_batches = len(stimuli)
        self._write_control(n_batches, n_steps, carry_over)
        valid = np.full(self.shape[0], self.shape[1])
        valid[n_batches - 1] = self.shape[1] if n_valid is None else n_valid
        shown = np.zeros(self.shape)
        shown[:n_batches] = stimuli
        arrays = {"valid": valid, "stimuli": shown, "bounds": bounds, "pace": pace, "tally": [0, 0]}
        block = self.presentation.block
        for name, values in arrays.items():
            self.program.write(block.array(name), values)
        silence = dict.fromkeys(self.kept, np.zeros(self.shape[1:]))
        for name, values in (silence | {"tau": [TAU], "level": [0.5]} | dict(given or {})).items():
            if name in self.group.variables:
                self.program.write(self.group.variables[name], values)
        self.program.run(dt=pace[0])
        return self._course(n_batches)

    def _write_control(self, n_batches: int, n_steps: int, carry_over: bool) -> None:
        control = np.zeros(len(CONTROL), dtype=int)
        settings = {
            "n_presentations": n_batches,
            "n_steps": n_steps,
            "carry_over": carry_over,
            "bad_step": -1,
        }
        for name, value in settings.items():
            control[CONTROL[name]] = value
        self.program.write(self.presentation.block.array("control"), control)

    def _course(self, n_batches: int) -> Course:
        block = self.presentation.block
        read = {
            key: self.program.read(block.array(key)) for key in ("control", "durations", "elapsed", "tally")
        }
        ends = {name: self.program.read(block.array(f"collected_{name}")) for name in self.kept}
        return Course(
            at_end={name: values.reshape(self.shape)[:n_batches] for name, values in ends.items()},
            durations=read["durations"][:n_batches],
            elapsed=read["elapsed"],
            n_steps=int(read["tally"][0]),
            n_sent=int(read["tally"][1]),
            **{name: int(read["control"][CONTROL[name]]) for name in ("shown", "bad_step", "bad_neuron")},
        )


def inhibition(n: int, rng: np.random.Generator, *, strength: float = 0.2) -> Any:
    """Random weights of both signs, none from a neuron to itself."""
    weights = strength * rng.standard_normal((n, n))
    np.fill_diagonal(weights, 0)
    return weights
