"""Show stimuli one after the other in one long run, on every target.

A run of Brian2 costs about a tenth of a second to start, so the stimuli change inside it. At every step the
presentation looks at its counter; when the time of a batch is up, or all its replicas have settled, it collects the
result, lets the weights learn, loads the next batch, and stops the network after the last one.
"""

from collections.abc import Mapping, Sequence
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
    "bad_step": 5,  # step of a divergence, counted from the start of the run, or -1
    "bad_neuron": 6,
    "total_steps": 7,
    "started": 8,
    "carry_over": 9,  # 1 keeps the membranes from one batch to the next
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
    collected : mapping of str to (group, variable)
        What to keep of the end of every batch, by name.
    reset : sequence of (group, variable)
        Variables set to zero at each onset, unless the run carries the membranes over.
    watched : (group, variable)
        The variable whose size tells a divergence; its limit is written before a run.
    settling : str
        Arithmetic of the watched group that is zero at the fixed point; a batch ends early when its largest
        absolute value is below the tolerance (zero: never).
    onset, measures, learning : list of Operation
        Stages that run when a batch is loaded, at its end whenever the run measures, and after that when it learns.

    Attributes
    ----------
    block : ArrayBlock
        ``control`` (see `CONTROL`), ``valid`` (stimuli per batch that count; all until written), ``durations`` (steps
        each batch took), ``bounds`` (tolerance, limit; zero and infinity until written), ``stimuli`` and
        ``collected_<name>``.
    """

    inputs: NeuronGroup
    stimulus: str
    n_replicas: int
    capacity: int
    collected: Mapping[str, tuple[NeuronGroup, str]]
    reset: Sequence[tuple[NeuronGroup, str]]
    watched: tuple[NeuronGroup, str]
    settling: str
    onset: list[Operation] = field(default_factory=list)
    measures: list[Operation] = field(default_factory=list)
    learning: list[Operation] = field(default_factory=list)
    name: str = "presentation"

    def __post_init__(self) -> None:
        dtype = self.inputs.variables[self.stimulus].dtype
        sizes: dict[str, tuple[int, Any]] = {
            "control": (len(CONTROL), np.int32),
            "valid": (self.capacity, np.int32),
            "durations": (self.capacity, np.int32),
            "bounds": (2, dtype),
            "stimuli": (self.capacity * len(self.inputs), dtype),
        }
        for key, (group, variable) in self.collected.items():
            sizes[f"collected_{key}"] = (self.capacity * len(group), group.variables[variable].dtype)
        self.block = ArrayBlock(f"{self.name}_arrays", sizes)
        self.block.array("valid").set_value(self.n_replicas)
        self.block.array("bounds").set_value(np.array([0, np.inf], dtype=dtype))
        self._settling = array_expression(self.watched[0], self.settling)

    def scheduled(self, clock: Clock) -> NeuronGroup:
        """Return the Brian2 object that conducts the presentation; call it once all stages are there.

        It runs after subexpressions that are constant over a time step were evaluated and before pathways transmit.
        """
        return schedule(self._operation(), clock=clock, when="start", order=-100)

    def _operation(self) -> Operation:
        group, variable = self.watched
        settling = self._settling
        arrays: dict[str, ArrayVariable] = {
            key: self.block.array(key) for key in ("control", "durations", "bounds", "stimuli")
        }
        arrays |= {"stimulus": self.inputs.variables[self.stimulus], "watched": group.variables[variable]}
        arrays |= {f"settling_{key}": v for key, v in settling.arrays.items()}
        for k, (owner, name) in enumerate(self.reset):
            arrays[f"reset{k}"] = owner.variables[name]
        for key, (owner, name) in self.collected.items():
            arrays |= {
                f"now_{key}": owner.variables[name],
                f"kept_{key}": self.block.array(f"collected_{key}"),
            }
        stages = (*self.onset, *self.measures, *self.learning)
        return Operation(self.name, arrays, self._cpp(), self._numpy, stages)

    def _cpp(self) -> str:
        group, variable = self.watched
        settling = self._settling
        collect = "".join(
            f"    std::copy(now_{key}, now_{key} + {len(owner)}, kept_{key} + (size_t)shown * {len(owner)});\n"
            for key, (owner, _) in self.collected.items()
        )
        resets = "".join(
            f"      std::fill(reset{k}, reset{k} + {len(owner)}, 0);\n"
            for k, (owner, _) in enumerate(self.reset)
        )
        return _CPP.format(
            capacity=self.capacity,
            n_watched=len(group),
            n_inputs=len(self.inputs),
            check_every=_CHECK_EVERY,
            settling=settling.cpp_values(
                "rest", len(group), group.variables[variable].dtype, prefix="settling_"
            ),
            collect=collect,
            resets=resets,
            measures="".join(f" {stage.name}();" for stage in self.measures),
            learning="".join(f" {stage.name}();" for stage in self.learning),
            onset="".join(f" {stage.name}();" for stage in self.onset),
        )

    def _numpy(self, control: NDArray[Any], bounds: NDArray[Any], **given: Any) -> bool:
        state = _Counter(control)
        if state["started"]:
            step = state["step"]
            if step % _CHECK_EVERY == 0 or step >= state["n_steps"]:
                beyond = ~(np.abs(given["watched"]) <= bounds[1])
                if beyond.any():
                    state["bad_step"], state["bad_neuron"] = state["total_steps"], int(np.argmax(beyond))
                    return True
            if step >= state["n_steps"] or (bounds[0] > 0 and step > 0 and self._settled(bounds[0], given)):
                self._finish(state, control, given)
                if state["shown"] >= min(state["n_presentations"], self.capacity):
                    return True
        if not state["started"] or state["step"] == 0:
            self._load(state, given)
        state["step"] += 1
        state["total_steps"] += 1
        return False

    def _settled(self, tolerance: float, given: Mapping[str, Any]) -> bool:
        rest = self._settling.values({key: given[f"settling_{key}"] for key in self._settling.arrays})
        return bool(np.abs(rest).max() <= tolerance)

    def _finish(self, state: "_Counter", control: NDArray[Any], given: Mapping[str, Any]) -> None:
        shown = state["shown"]
        if state["learning"] >= 1:
            for stage in self.measures:
                given[stage.name]()
        for key, (owner, _) in self.collected.items():
            given[f"kept_{key}"][shown * len(owner) : (shown + 1) * len(owner)] = given[f"now_{key}"]
        given["durations"][shown] = state["step"]
        if state["learning"] >= 2:
            for stage in self.learning:
                given[stage.name]()
        state["shown"], state["step"] = shown + 1, 0

    def _load(self, state: "_Counter", given: Mapping[str, Any]) -> None:
        n = len(self.inputs)
        given["stimulus"][:] = given["stimuli"][state["shown"] * n : (state["shown"] + 1) * n]
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


_CPP = """
  int32_t &step = control[0], &shown = control[1], &total = control[7];
  const int n_presentations = control[2], n_steps = control[3];
  if (control[8]) {{
    if (step % {check_every} == 0 || step >= n_steps) {{
      const int bad = first_beyond(watched, bounds[1], {n_watched});
      if (bad >= 0) {{ control[5] = total; control[6] = bad; return 1; }}
    }}
    bool over = step >= n_steps;
    if (!over && bounds[0] > 0 && step > 0) {{
      {settling}
      over = first_beyond(rest, bounds[0], {n_watched}) < 0;
    }}
    if (over) {{
      if (control[4] >= 1) {{{measures} }}
{collect}
      durations[shown] = step;
      if (control[4] >= 2) {{{learning} }}
      ++shown; step = 0;
      if (shown >= n_presentations || shown >= {capacity}) return 1;
    }}
  }}
  if (!control[8] || step == 0) {{
    std::copy(stimuli + (size_t)shown * {n_inputs}, stimuli + (size_t)(shown + 1) * {n_inputs}, stimulus);
    if (!control[9]) {{
{resets}
    }}
{onset}
    control[8] = 1; step = 0;
  }}
  ++step; ++total;
  return 0;
"""
