"""Two populations that fire at each other, to be shown stimuli whole or step by step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DensePathway
from neurosim.engine.presentation import CONTROL, Presentation
from neurosim.engine.program import Program
from neurosim.engine.spiking_presentation import spiking_presentation
from neurosim.engine.step_parts import outside_networks

# `first` is the number of the step of the first spike, counted from one; `told` is what arrived in the last step, and
# `heard` fades.
SENDERS = """
du/dt = (s - told - u)/tau : 1
dstep/dt = 1/tick : 1
excess = u - level : 1 (constant over dt)
top : 1
s : 1
told : 1
n : 1
first : 1
tau : second (shared)
tick : second (shared)
level : 1 (shared)
"""
LISTENERS = """
dv/dt = (heard - v)/tau : 1
dheard/dt = -heard/tau : 1
n : 1
tau : second (shared)
"""
TAU = 0.01
KEPT = {"senders": ("u", "n", "first", "top"), "listeners": ("v", "heard", "n")}
RESET = "first += step*int(n < 0.5); n += 1; top = clip(excess, top, inf); u = 0"


@dataclass(frozen=True)
class Firing:
    """What a run left behind; arrays are batch by replica by neuron, by the population's and the variable's name.

    Parameters
    ----------
    at_end : dict of arrays
    durations, elapsed : array
        Seconds: of each batch, and of each replica of the last one.
    n_steps, n_spikes : float
        Of all replicas.
    shown, bad_step, bad_neuron : int
        As in the control array.
    """

    at_end: dict[tuple[str, str], Any]
    durations: Any
    elapsed: Any
    n_steps: float
    n_spikes: float
    shown: int
    bad_step: int
    bad_neuron: int


class FiringNetwork:
    """Senders that tell each other and the listeners of their spikes; the listeners answer the senders."""

    def __init__(
        self,
        backend: str,
        weights: dict[str, Any],
        *,
        whole: bool,
        n_replicas: int = 3,
        capacity: int = 2,
        float_dtype: Any = np.float64,
    ) -> None:
        self.sizes = {"senders": len(weights["among"]), "listeners": weights["onward"].shape[1]}
        self.n_replicas, self.capacity = n_replicas, capacity
        with activated(backend, float_dtype=float_dtype):
            if backend == "cpp_standalone":
                fresh_standalone_device()
            clock = Clock(1 * ms, name="firing_clock")
            groups = self.groups = {
                "senders": self._group(SENDERS, "senders", "u > level", RESET, clock),
                "listeners": self._group(LISTENERS, "listeners", "v > 0.3", "v = 0; n += 1", clock),
            }
            # Kept here, because Brian2 holds what is not in its network weakly.
            self.pathways = [
                DensePathway(
                    groups[source], groups[target], weights[name], transmits="spikes", into=into, accumulate=keeps,
                    name=name,
                )
                for name, source, target, into, keeps in (
                    ("among", "senders", "senders", "told", False),
                    ("onward", "senders", "listeners", "heard", True),
                    ("back", "listeners", "senders", "u", True),
                )
            ]  # fmt: skip
            self.presentation = self._presentation()
            if whole:
                self.presentation.whole = spiking_presentation(
                    list(groups.values()), self.pathways, presentation=self.presentation, clock=clock
                )
            objects = (*groups.values(), *self.pathways)
            if whole:
                outside_networks(objects)
            network = Network(*(() if whole else objects), self.presentation.scheduled(clock))
            self.program = Program(network, clock=clock, backend=backend, float_dtype=float_dtype)

    def _group(self, equations: str, name: str, threshold: str, reset: str, clock: Clock) -> NeuronGroup:
        return NeuronGroup(
            self.n_replicas * self.sizes[name], equations, threshold=threshold, reset=reset, method="euler",
            clock=clock, name=name, namespace={},
        )  # fmt: skip

    def _presentation(self) -> Presentation:
        kept = {f"{name}_{v}": self.groups[name].variables[v] for name, names in KEPT.items() for v in names}
        silent = [self.groups["senders"].variables[v] for v in ("step", "told", "excess")]
        return Presentation(
            self.groups["senders"],
            "s",
            n_replicas=self.n_replicas,
            capacity=self.capacity,
            collected=kept,
            reset=[*kept.values(), *silent],
            watched=(self.groups["senders"], "u"),
            settling="u",
        )

    def show(self, stimuli: Any, *, n_steps: int, n_valid: int | None = None, limit: float = 1e6) -> Firing:
        """Show batches of stimuli, shape (n_batches, n_replicas, n), of which the last has `n_valid` that count."""
        block, n_batches = self.presentation.block, len(stimuli)
        control = np.zeros(len(CONTROL), dtype=int)
        for name, value in {"n_presentations": n_batches, "n_steps": n_steps, "bad_step": -1}.items():
            control[CONTROL[name]] = value
        valid = np.full(self.capacity, self.n_replicas)
        valid[n_batches - 1] = self.n_replicas if n_valid is None else n_valid
        shown = np.zeros((self.capacity, *np.shape(stimuli)[1:]))
        shown[:n_batches] = stimuli
        arrays = {"control": control, "valid": valid, "stimuli": shown, "bounds": (0, limit, 0)}
        for name, values in (arrays | {"pace": (1e-3, 1e-3, np.inf), "tally": (0, 0)}).items():
            self.program.write(block.array(name), values)
        settings = {"senders": {"tau": TAU, "tick": 1e-3, "level": 0.5}, "listeners": {"tau": TAU}}
        for group, numbers in settings.items():
            for name, number in numbers.items():
                self.program.write(self.groups[group].variables[name], [number])
        self.program.run(dt=1e-3)
        return self._firing(n_batches)

    def _firing(self, n_batches: int) -> Firing:
        block = self.presentation.block
        read = {
            key: self.program.read(block.array(key)) for key in ("control", "durations", "elapsed", "tally")
        }
        ends = {}
        for group, names in KEPT.items():
            shape = (self.capacity, self.n_replicas, self.sizes[group])
            for name in names:
                values = self.program.read(block.array(f"collected_{group}_{name}"))
                ends[group, name] = values.reshape(shape)[:n_batches]
        return Firing(
            at_end=ends,
            durations=read["durations"][:n_batches],
            elapsed=read["elapsed"],
            n_steps=read["tally"][0],
            n_spikes=read["tally"][1],
            **{name: int(read["control"][CONTROL[name]]) for name in ("shown", "bad_step", "bad_neuron")},
        )
