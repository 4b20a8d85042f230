"""Show stimuli one after the other in one long run, on every target.

A run of Brian2 costs about a tenth of a second to start, so the stimuli change inside it. A presentation loads a batch,
waits until its time is up or it has settled, collects the result, lets the weights learn, and stops the network after
the last batch. It does so either step by step, with the network's other objects in between, or, given an operation
that simulates a `whole` presentation, one batch after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.expression import array_expression
from neurosim.engine.operation import Operation, schedule

__all__ = ["CONTROL", "Presentation"]

# Places in the array `control`, which the host writes before a run and reads after it.
CONTROL = {
    "step": 0,  # steps since the present batch was loaded
    "shown": 1,  # batches finished
    "n_presentations": 2,
    "n_steps": 3,  # longest time of one batch
    "learning": 4,  # 0 frozen, 1 measure only, 2 measure and learn
    "bad_step": 5,  # step of its presentation at which a batch diverged, or -1
    "bad_neuron": 6,
    "started": 7,
    "carry_over": 8,  # 1 keeps the membranes from one batch to the next
    "confirm": 9,  # 1 ends a presentation only once every activity was sent and would still stay
}
_CHECK_EVERY = 8


@dataclass
class Presentation:
    """The order of events around one batch of stimuli.

    Parameters
    ----------
    inputs : brian2.NeuronGroup
        Population of ``n_replicas * n_inputs`` neurons that holds the stimulus.
    stimulus : str
        Variable of `inputs` that is overwritten at each onset.
    n_replicas, capacity : int
        Stimuli in a batch, and the largest number of batches in one run.
    collected : mapping of str to ArrayVariable
        What to keep of the end of every batch, by name.
    reset : list of ArrayVariable
        Set to zero at each onset, unless the run carries the membranes over.
    watched : (group, variable)
        The variable whose size tells a divergence; its limit is written before a run.
    settling : str
        Arithmetic of the watched group that is zero at the fixed point; step by step, a batch ends early when its
        largest absolute value is below the tolerance (zero: never).
    onset, measures, learning : list of Operation
        Stages that run when a batch is loaded, at its end whenever the run measures, and after that when it learns.
    whole : Operation, optional
        Simulates all of a presentation once the batch is loaded (see `neurosim.engine.whole_presentation`).
    also_shown : mapping of str to (group, variable)
        What else is overwritten at each onset, by name: other input populations, injected currents.

    Attributes
    ----------
    block : ArrayBlock
        ``control`` (see `CONTROL`), ``valid`` (stimuli per batch that count; all until written), ``durations`` (seconds
        each batch took, the mean of its replicas), ``bounds`` (tolerance, limit, epsilon; zero, infinity and zero
        until written), ``close_enough`` (how near to rest counts as settled when the time is up), ``pace`` (shortest
        step, longest step, duration in seconds), ``elapsed`` (seconds each replica took), ``tally`` (steps of replicas
        and changes they sent, summed over the run), ``late`` (for every stimulus, 1 if its time was up before its
        replica was at rest, else 0, or -1 where nobody can tell), ``stimuli``, ``shown_<name>`` and
        ``collected_<name>``.
    """

    inputs: NeuronGroup
    stimulus: str
    n_replicas: int
    capacity: int
    collected: Mapping[str, ArrayVariable]
    reset: list[ArrayVariable]
    watched: tuple[NeuronGroup, str]
    settling: str
    onset: list[Operation] = field(default_factory=list)
    measures: list[Operation] = field(default_factory=list)
    learning: list[Operation] = field(default_factory=list)
    whole: Operation | None = None
    also_shown: Mapping[str, tuple[NeuronGroup, str]] = field(default_factory=dict)
    name: str = "presentation"

    def __post_init__(self) -> None:
        dtype = self.inputs.variables[self.stimulus].dtype
        sizes: dict[str, tuple[int, Any]] = {
            "control": (len(CONTROL), np.int32),
            "valid": (self.capacity, np.int32),
            "durations": (self.capacity, np.float64),
            "bounds": (3, dtype),
            "close_enough": (1, dtype),
            "pace": (3, np.float64),
            "elapsed": (self.n_replicas, np.float64),
            "tally": (2, np.float64),
            "late": (self.capacity * self.n_replicas, np.int32),
            "stimuli": (self.capacity * len(self.inputs), dtype),
        }
        for key, variable in self._also_loaded().items():
            sizes[f"shown_{key}"] = (self.capacity * variable.size, variable.dtype)
        for key, variable in self.collected.items():
            sizes[f"collected_{key}"] = (self.capacity * variable.size, variable.dtype)
        self.block = ArrayBlock(f"{self.name}_arrays", sizes)
        self.block.array("valid").set_value(self.n_replicas)
        self.block.array("bounds").set_value(np.array([0, np.inf, 0], dtype=dtype))
        self.block.array("late").set_value(-1)
        self._settling = array_expression(self.watched[0], self.settling)

    def _also_loaded(self) -> dict[str, ArrayVariable]:
        return {key: group.variables[variable] for key, (group, variable) in self.also_shown.items()}

    def scheduled(self, clock: Clock) -> NeuronGroup:
        """Return the Brian2 object that conducts the presentation; call it once all stages are there.

        It runs after subexpressions that are constant over a time step were evaluated and before pathways transmit.
        """
        return schedule(self._operation(), clock=clock, when="start", order=-100)

    def written(self) -> dict[ArrayVariable, tuple[ArrayVariable, int, int] | None]:
        """Return which arrays a host reads after a run: of what was collected, only the batches that were shown."""
        control = self.block.array("control")
        kept: dict[ArrayVariable, tuple[ArrayVariable, int, int] | None] = {
            self.block.array(key): None for key in ("control", "durations", "tally")
        }
        kept[self.block.array("late")] = (control, CONTROL["shown"], self.n_replicas)
        for key, variable in self.collected.items():
            kept[self.block.array(f"collected_{key}")] = (control, CONTROL["shown"], variable.size)
        return kept

    def _operation(self) -> Operation:
        group, variable = self.watched
        keys = ("control", "valid", "durations", "bounds", "pace", "elapsed", "stimuli")
        arrays: dict[str, ArrayVariable] = {key: self.block.array(key) for key in keys}
        arrays |= {"stimulus": self.inputs.variables[self.stimulus], "watched": group.variables[variable]}
        arrays |= {f"settling_{key}": v for key, v in self._settling.arrays.items()}
        arrays |= {f"reset{k}": variable for k, variable in enumerate(self.reset)}
        for key, variable in self._also_loaded().items():
            arrays |= {f"loaded_{key}": variable, f"shown_{key}": self.block.array(f"shown_{key}")}
        for key, variable in self.collected.items():
            arrays |= {f"now_{key}": variable, f"kept_{key}": self.block.array(f"collected_{key}")}
        sizes = {"capacity": self.capacity, "n_inputs": len(self.inputs), "n_watched": len(group)}
        sizes |= {f"n_reset{k}": variable.size for k, variable in enumerate(self.reset)}
        sizes |= {f"n_{key}": variable.size for key, variable in self.collected.items()}
        sizes |= {f"n_loaded_{key}": variable.size for key, variable in self._also_loaded().items()}
        whole = () if self.whole is None else (self.whole,)
        stages = (*self.onset, *whole, *self.measures, *self.learning)
        work = self._numpy_steps if self.whole is None else self._numpy_whole
        return Operation(self.name, arrays, self._cpp(), work, stages, sizes=sizes)

    def _cpp(self) -> str:
        calls = {
            key: "".join(f" {stage.name}();" for stage in getattr(self, key))
            for key in ("onset", "measures", "learning")
        }
        collect = "".join(
            f"std::copy(now_{key}, now_{key} + n_{key}, kept_{key} + (size_t)shown * n_{key});\n"
            for key in self.collected
        )
        resets = "".join(f"std::fill(reset{k}, reset{k} + n_reset{k}, 0);\n" for k in range(len(self.reset)))
        also = "".join(
            f"std::copy(shown_{key} + (size_t)shown * n_loaded_{key}, "
            f"shown_{key} + (size_t)(shown + 1) * n_loaded_{key}, loaded_{key});\n"
            for key in self.also_shown
        )
        load, finish = (
            _LOAD.format(also=also, resets=resets, **calls),
            _FINISH.format(collect=collect, **calls),
        )
        if self.whole is not None:
            return _WHOLE.format(load=load, finish=finish, whole=self.whole.name)
        dtype = self.watched[0].variables[self.watched[1]].dtype
        settling = self._settling.cpp_values("rest", "n_watched", dtype, prefix="settling_")
        return _STEP_BY_STEP.format(check_every=_CHECK_EVERY, settling=settling, load=load, finish=finish)

    def _numpy_steps(self, control: NDArray[Any], bounds: NDArray[Any], **given: Any) -> bool:
        state = _Counter(control)
        if state["started"]:
            step = state["step"]
            if step % _CHECK_EVERY == 0 or step >= state["n_steps"]:
                beyond = ~(np.abs(given["watched"]) <= bounds[1])
                if beyond.any():
                    state["bad_step"], state["bad_neuron"] = step, int(np.argmax(beyond))
                    return True
            if step >= state["n_steps"] or (bounds[0] > 0 and step > 0 and self._settled(bounds[0], given)):
                self._finish(state, given, step * given["pace"][0])
                if state["shown"] >= min(state["n_presentations"], self.capacity):
                    return True
        if not state["started"] or state["step"] == 0:
            self._load(state, given)
        state["step"] += 1
        return False

    def _numpy_whole(self, control: NDArray[Any], **given: Any) -> bool:
        state = _Counter(control)
        self._load(state, given)
        assert self.whole is not None
        if given[self.whole.name]():
            return True
        live = given["valid"][state["shown"]]
        self._finish(state, given, given["elapsed"][:live].mean() if live else 0.0)
        return state["shown"] >= min(state["n_presentations"], self.capacity)

    def _settled(self, tolerance: float, given: Mapping[str, Any]) -> bool:
        rest = self._settling.values({key: given[f"settling_{key}"] for key in self._settling.arrays})
        return bool(np.abs(rest).max() <= tolerance)

    def _finish(self, state: "_Counter", given: Mapping[str, Any], duration: float) -> None:
        shown = state["shown"]
        if state["learning"] >= 1:
            for stage in self.measures:
                given[stage.name]()
        for key, variable in self.collected.items():
            given[f"kept_{key}"][shown * variable.size : (shown + 1) * variable.size] = given[f"now_{key}"]
        given["durations"][shown] = duration
        if state["learning"] >= 2:
            for stage in self.learning:
                given[stage.name]()
        state["shown"], state["step"] = shown + 1, 0

    def _load(self, state: "_Counter", given: Mapping[str, Any]) -> None:
        n = len(self.inputs)
        given["stimulus"][:] = given["stimuli"][state["shown"] * n : (state["shown"] + 1) * n]
        for key in self.also_shown:
            n = given[f"loaded_{key}"].size
            given[f"loaded_{key}"][:] = given[f"shown_{key}"][state["shown"] * n : (state["shown"] + 1) * n]
        if not state["carry_over"]:
            for k in range(len(self.reset)):
                given[f"reset{k}"][:] = 0
        for stage in self.onset:
            given[stage.name]()
        state["started"], state["step"] = 1, 0


class _Counter:
    """The control array by the names of its places."""

    def __init__(self, control: NDArray[Any]) -> None:
        self._control = control

    def __getitem__(self, key: str) -> int:
        return int(self._control[CONTROL[key]])

    def __setitem__(self, key: str, value: int) -> None:
        self._control[CONTROL[key]] = value


_LOAD = """
std::copy(stimuli + (size_t)shown * n_inputs, stimuli + (size_t)(shown + 1) * n_inputs, stimulus);
{also}
if (!control[8]) {{
{resets}
}}
{onset}
control[7] = 1; step = 0;
"""
_FINISH = """
if (control[4] >= 1) {{{measures} }}
{collect}
durations[shown] = seconds;
if (control[4] >= 2) {{{learning} }}
++shown; step = 0;
"""
_WHOLE = """
int32_t &step = control[0], &shown = control[1];
{load}
if ({whole}()) return 1;
double seconds = 0;
for (int r = 0; r < valid[shown]; ++r) seconds += elapsed[r] / valid[shown];
{finish}
return shown >= control[2] || shown >= capacity;
"""
_STEP_BY_STEP = """
int32_t &step = control[0], &shown = control[1];
const int n_presentations = control[2], n_steps = control[3];
if (control[7]) {{
  if (step % {check_every} == 0 || step >= n_steps) {{
    const int bad = first_beyond(watched, bounds[1], n_watched);
    if (bad >= 0) {{ control[5] = step; control[6] = bad; return 1; }}
  }}
  bool over = step >= n_steps;
  if (!over && bounds[0] > 0 && step > 0) {{
    {settling}
    over = first_beyond(rest, bounds[0], n_watched) < 0;
  }}
  if (over) {{
    const double seconds = step * pace[0];
    {finish}
    if (shown >= n_presentations || shown >= capacity) return 1;
  }}
}}
if (!control[7] || step == 0) {{
  {load}
}}
++step;
return 0;
"""
