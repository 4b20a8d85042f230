"""Simulate a whole presentation of spiking populations in one go: the loop over time inside the loop over replicas.

As in `neurosim.engine.whole_presentation`, what a step does to a neuron is Brian2's own generated code, here with
thresholds and resets, in the order of Brian2's schedule: state updates, thresholds, spikes, resets. Only neurons that
fired cost more than their own update.
"""

from collections.abc import Sequence
from typing import Any

from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import Resetter, StateUpdater, SubexpressionUpdater, Thresholder

from neurosim.engine.dense import DensePathway
from neurosim.engine.errors import BackendError, NotLoopable
from neurosim.engine.operation import Operation
from neurosim.engine.presentation import Presentation
from neurosim.engine.replica_writer import ReplicaWriter
from neurosim.engine.step_parts import StepParts

__all__ = ["spiking_presentation"]

_STAGES = (SubexpressionUpdater, StateUpdater, Thresholder, Resetter)


def spiking_presentation(
    groups: Sequence[NeuronGroup],
    pathways: Sequence[DensePathway],
    *,
    presentation: Presentation,
    clock: Clock,
    name: str = "fire",
) -> Operation:
    """Write a spiking network's presentation as one operation, to be given to ``presentation.whole``.

    Parameters
    ----------
    groups : sequence of brian2.NeuronGroup
        All populations.
    pathways : sequence of DensePathway
        Spiking pathways in the order in which they transmit.
    presentation : Presentation
        Conducts the batches. Every stimulus is shown for all its steps; what spikes are added to has to be among the
        variables it resets.
    clock : brian2.Clock
        Clock of the groups.
    name : str
        A C identifier, unique in the network.

    Returns
    -------
    Operation
        For the compiled targets; numpy is as fast step by step.

    Raises
    ------
    NotLoopable
        If the equations draw random numbers or use the time (a refractory period of Brian2's does), a group does
        anything besides integrating, firing and resetting, or a pathway is graded. Simulate such a network step by
        step.
    """
    for group in groups:
        for runner in group.contained_objects:
            if not isinstance(runner, _STAGES):
                raise NotLoopable(f"group {group.name!r} does more than integrate and fire ({runner.name})")
    for pathway in pathways:
        if pathway.transmits != "spikes" or pathway.weights.transposed:
            raise NotLoopable(f"pathway {pathway.name!r} does not send spikes along the rows of its weights")
    parts = StepParts(
        subexpressions=tuple(_runners(groups, SubexpressionUpdater)),
        pathways=tuple(pathways),
        state_updates=tuple(_runners(groups, StateUpdater)),
        clock=clock,
        rest=None,
        presentation=presentation,
    )
    writer = _Writer(parts)
    cpp = writer.written(pathways, _runners(groups, Thresholder), _runners(groups, Resetter))
    return Operation(
        name, writer.arrays, cpp, _only_compiled, sizes=writer.sizes, support="\n".join(writer.support)
    )


def _runners(groups: Sequence[NeuronGroup], kind: type[CodeRunner]) -> list[CodeRunner]:
    return [runner for group in groups for runner in group.contained_objects if isinstance(runner, kind)]


def _only_compiled(**arrays: Any) -> bool:
    raise BackendError(
        "whole spiking presentations are written for the compiled backends; leave `presentation.whole` empty on numpy"
    )


class _Writer(ReplicaWriter):
    """Writes the loop of populations that fire."""

    def written(
        self,
        pathways: Sequence[DensePathway],
        thresholds: Sequence[CodeRunner],
        resets: Sequence[CodeRunner],
    ) -> str:
        parts = self.parts
        steps = [self.part(runner) for runner in (*parts.subexpressions, *parts.state_updates)]
        fired = [self._firing(runner) for runner in thresholds]
        sent = [self._transmission(pathway) for pathway in pathways]
        after = [self.part(runner, loop=_FIRED.format(name=runner.group.name)) for runner in resets]
        text = _LOOP.format(
            lists="\n".join(_LISTS.format(name=r.group.name, n=self.size(r.group)) for r in thresholds),
            starts="\n".join(self._start(pathway) for pathway in pathways),
            watched=self.pointer(parts.watched),
            n_watched=self.size(parts.presentation.watched[0]),
            real=self.real,
            step="\n".join([*steps, *fired, *sent, *after]),
            counted="".join(f"spikes_sent += n_fired_{r.group.name};\n" for r in thresholds),
            pointers="{pointers}",
        )
        return text.replace("{pointers}", self.declarations())

    def _firing(self, runner: CodeRunner) -> str:
        return self.part(runner, loop=_THRESHOLD.replace("{name}", runner.group.name))

    def _received(self, pathway: DensePathway) -> tuple[str, str]:
        variable: ArrayVariable = pathway.target.variables[pathway.into]
        return self.pointer(variable), self.size(pathway.target)

    def _start(self, pathway: DensePathway) -> str:
        return "" if pathway.accumulate else f"bool told_{pathway.name} = true;"

    def _transmission(self, pathway: DensePathway) -> str:
        """Add the rows of neurons that fired; a sum that is not kept is cleared once, not in every silent step."""
        target, n_target = self._received(pathway)
        weights, source = f"{pathway.name}_weights", pathway.source.name
        self.arrays[weights] = pathway.weights.variable
        clear = ""
        if not pathway.accumulate:
            clear = (
                f"if (told_{pathway.name}) std::fill({target}, {target} + {n_target}, {self.real}(0));\n"
                f"told_{pathway.name} = n_fired_{source} > 0;\n"
            )
        return (
            f"{clear}add_rows_of({target}, {weights}, fired_{source}.data(), n_fired_{source}, {n_target});"
        )


_LISTS = "std::vector<int> fired_{name}({n} + 1);\nint n_fired_{name} = 0;"
_FIRED = (
    "for (int _k = 0; _k < n_fired_{name}; ++_k) {{{{\nconst int _idx = fired_{name}[_k];\n{{vector}}\n}}}}"
)
# Few neurons fire, so look at sixteen at a time first.
_THRESHOLD = """
n_fired_{name} = 0;
for (int _first = 0; _first < {n}; _first += 16) {{
  const int _past = std::min({n}, _first + 16);
  int _any = 0;
  #pragma omp simd reduction(+ : _any)
  for (int _idx = _first; _idx < _past; ++_idx) {{
{vector}
_any += _cond != 0;
  }}
  if (_any) for (int _idx = _first; _idx < _past; ++_idx) {{
{vector}
fired_{name}[n_fired_{name}] = _idx;
n_fired_{name} += _cond != 0;
  }}
}}
"""
_LOOP = """
const {real} limit = bounds[1];
const int n_steps = control[3], n_live = valid[control[1]];
int bad_replica = n_live, bad_neuron = 0, bad_step = INT32_MAX;
double spikes_sent = 0;
#pragma omp parallel reduction(+ : spikes_sent) if (n_live > 1)
{{
{lists}
#pragma omp for schedule(dynamic, 1)
for (int r = 0; r < n_live; ++r) {{
double step_length = pace[0];
{pointers}
{starts}
for (int step = 0; step < n_steps; ++step) {{
{step}
{counted}
}}
elapsed[r] = n_steps * step_length;
const int bad = first_beyond({watched}, limit, {n_watched});
if (bad >= 0) {{
  #pragma omp critical
  if (r < bad_replica) {{ bad_replica = r; bad_neuron = bad; bad_step = n_steps; }}
}}
}}
}}
tally[0] += (double)n_live * n_steps;
tally[1] += spikes_sent;
if (bad_replica < n_live) {{
  control[5] = bad_step;
  control[6] = bad_replica * {n_watched} + bad_neuron;
  return 1;
}}
return 0;
"""
