"""The C++ of a whole presentation: for every replica, all its time steps."""

import re
from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner

from neurosim.engine.dense import DensePathway
from neurosim.engine.elementwise import Elementwise, elementwise
from neurosim.engine.expression import ArrayExpression, array_expression
from neurosim.engine.step_parts import StepParts, sends_changes

__all__ = ["replica_loop"]

_CONDUCTING = ("control", "valid", "bounds", "pace", "elapsed", "tally")


def replica_loop(parts: StepParts) -> tuple[dict[str, ArrayVariable], dict[str, int], str, str]:
    """Write the loop.

    Returns
    -------
    arrays, sizes, cpp, support
        As an `Operation` takes them.
    """
    return _Writer(parts).written()


class _Writer:
    """Gathers the arrays and sizes that the text names while it is written."""

    def __init__(self, parts: StepParts) -> None:
        self.parts = parts
        self.real = _c_type(parts.watched)
        block = parts.presentation.block
        self.arrays: dict[str, ArrayVariable] = {key: block.array(key) for key in _CONDUCTING}
        self.pointers: dict[str, ArrayVariable] = {}
        self.sizes: dict[str, int] = {}
        self.support: list[str] = [_SUPPORT]

    def written(self) -> tuple[dict[str, ArrayVariable], dict[str, int], str, str]:
        parts = self.parts
        activity = "\n".join(self._part(runner) for runner in parts.subexpressions)
        update = "\n".join(self._part(runner) for runner in parts.state_updates)
        transmit = "\n".join(self._transmission(pathway) for pathway in parts.pathways)
        text = _LOOP.format(
            real=self.real,
            watched=self._pointer(parts.watched),
            n_watched=self._size(parts.presentation.watched[0]),
            senders="\n".join(self._sender(pathway) for pathway in parts.pathways if sends_changes(pathway)),
            starts="\n".join(self._start(pathway) for pathway in parts.pathways if sends_changes(pathway)),
            activity=activity,
            transmit=transmit,
            rest=self._rest(activity),
            update=update,
            pointers="{pointers}",
        )
        text = text.replace(
            "{pointers}", "\n".join(self._declaration(n, v) for n, v in self.pointers.items())
        )
        return self.arrays, self.sizes, text, "\n".join(self.support)

    def _part(self, runner: CodeRunner) -> str:
        code = elementwise(runner, language="cpp")
        if code is None:
            return ""
        self.pointers |= code.arrays
        # Brian2 writes the same definitions for every part.
        functions = f"functions_{len(self.support)}"
        self.support.append(f"namespace {functions} {{\n{code.support}\n}}")
        scalar, vector = "\n".join(code.scalar), "\n".join(code.vector)
        loop = f"for (int _idx = 0; _idx < {self._size(runner.group)}; ++_idx) {{\n{vector}\n}}"
        return f"{{\nusing namespace {functions};\n{self._constants(code)}{scalar}\n{loop}\n}}"

    def _constants(self, code: Elementwise) -> str:
        return "".join(f"const double {name} = {_literal(v)};\n" for name, v in code.constants.items())

    def _pointer(self, variable: ArrayVariable) -> str:
        name: str = CPPCodeGenerator.get_array_name(variable)
        self.pointers[name] = variable
        return name

    def _size(self, group: NeuronGroup) -> str:
        # No name of the user's equations starts like this.
        name = f"_n_{group.name}"
        self.sizes[name] = self.parts.size(group)
        return name

    def _declaration(self, name: str, variable: ArrayVariable) -> str:
        """Point at this replica's part of an array; the time step is each replica's own."""
        if isinstance(variable.owner, Clock):
            return f"double* {name} = &step_length;"
        key = name.removeprefix("_ptr_")
        self.arrays[key] = variable
        if variable.scalar:
            return f"{_c_type(variable)}* {name} = {key};"
        return f"{_c_type(variable)}* __restrict {name} = {key} + (size_t)r * {self._size(variable.owner)};"

    def _sender(self, pathway: DensePathway) -> str:
        return f"ChangeSender<{self.real}> {pathway.name}_sender({self._size(pathway.source)});"

    def _start(self, pathway: DensePathway) -> str:
        target = self._pointer(pathway.target.variables[pathway.into])
        return (
            f"{pathway.name}_sender.start();\n"
            f"std::fill({target}, {target} + {self._size(pathway.target)}, {self.real}(0));"
        )

    def _transmission(self, pathway: DensePathway) -> str:
        weights = f"{pathway.name}_weights"
        self.arrays[weights] = pathway.weights.variable
        target, n_target = self._pointer(pathway.target.variables[pathway.into]), self._size(pathway.target)
        sent = array_expression(pathway.source, pathway.transmits)
        if sends_changes(pathway):
            now = self._pointer(pathway.source.variables[pathway.transmits])
            given = f"{now}, {weights}, {target}, {n_target}, epsilon, reversal, moved"
            return f"n_sent += {pathway.name}_sender.send({given});"
        n_source = self._size(pathway.source)
        values = sent.cpp_values("sent", n_source, self._dtype, prefix=self._prefix(sent))
        return f"{{\n{values}\nproducts_of_one(sent, {weights}, {target}, {n_source}, {n_target});\n}}"

    def _rest(self, activity: str) -> str:
        """Ask whether any neuron would send if it moved to where its present input takes it; if none, go there."""
        rest, transmitted = self.parts.rest, self.parts.transmitted()
        if rest is None or transmitted is None:
            return ""
        watched, sent = self._pointer(self.parts.watched), self._pointer(transmitted)
        there = activity.replace(f"{watched}[", "rest_potential[").replace(f"{sent}[", "rest_activity[")
        also_computed = set(re.findall(r"(\w+)\[_idx\] = ", activity)) - {sent}
        return _REST.format(
            n=self._size(self.parts.presentation.watched[0]),
            value=rest.cpp_value("_idx", self._dtype, prefix=self._prefix(rest)),
            watched=watched,
            sent=sent,
            there=there,
            back_here=activity if also_computed else "",
            content=" && ".join(
                f"{pathway.name}_sender.content_with(rest_activity, tolerance)"
                for pathway in self.parts.senders()
            ),
        )

    def _prefix(self, expression: ArrayExpression) -> str:
        """Note the arrays of an expression, and return what their names start with in the text."""
        for variable in expression.arrays.values():
            name = self._pointer(variable)
            prefix = name.removesuffix(variable.name)
        return prefix

    @property
    def _dtype(self) -> Any:
        return self.parts.watched.dtype


def _literal(value: float) -> str:
    """Write a number in C++, where infinity has another name than in Python."""
    return repr(float(value)).replace("inf", "INFINITY").replace("nan", "NAN")


def _c_type(variable: ArrayVariable) -> str:
    return {"float32": "float", "float64": "double", "int32": "int32_t", "bool": "char"}[
        np.dtype(variable.dtype).name
    ]


_SUPPORT = """
template <typename T> static inline int int_(const T& value) { return static_cast<int>(value); }
// Limits in the precision of the value, unlike Brian2's, so that the loop can use the whole width of a register.
template <typename T, typename A, typename B>
static inline T _clip(const T value, const A lowest, const B highest) {
  return value < T(lowest) ? T(lowest) : (value > T(highest) ? T(highest) : value);
}
"""

_LOOP = """
const {real} tolerance = bounds[0], limit = bounds[1], epsilon = bounds[2];
const double shortest = pace[0], longest = pace[1], duration = pace[2];
const int n_steps = control[3], n_live = valid[control[1]];
int bad_replica = n_live, bad_neuron = 0, bad_step = INT32_MAX;
double steps_done = 0, changes_sent = 0;
#pragma omp parallel reduction(+ : steps_done, changes_sent) if (n_live > 1)
{{
{senders}
std::vector<{real}> rest_potential_values({n_watched}), rest_activity_values({n_watched});
{real}* __restrict rest_potential = rest_potential_values.data();
{real}* __restrict rest_activity = rest_activity_values.data();
#pragma omp for schedule(dynamic, 1)
for (int r = 0; r < n_live; ++r) {{
double step_length = std::max(shortest, longest / 5), growth = 0.2, time = 0;
{real} moved_before = 0, most_moved = 0;
{pointers}
{starts}
for (int step = 0;; ++step) {{
{activity}
if (step % 8 == 0 || step >= n_steps || time >= duration) {{
  const int bad = first_beyond({watched}, limit, {n_watched});
  if (bad >= 0) {{
    #pragma omp critical
    if (step < bad_step || (step == bad_step && r < bad_replica)) {{
      bad_replica = r; bad_neuron = bad; bad_step = step;
    }}
    break;
  }}
}}
if (step >= n_steps || time >= duration) break;
{real} reversal = 0, moved = 0;
int n_sent = 0;
{transmit}
changes_sent += n_sent;
{rest}
// Longer steps while the population moves on, shorter ones when it swings back; the shortest, which is stable whoever
// is active, when a swing doubles; and fewer risks from then on when it is as large as the first response was.
if (reversal < 0) {{
  const bool doubled = moved > 4 * moved_before;
  step_length = doubled ? shortest : std::max(shortest, step_length / 2);
  if (doubled && 4 * moved > most_moved) growth /= 2;
}}
moved_before = moved;
most_moved = std::max(most_moved, moved);
{update}
time += step_length;
++steps_done;
if (reversal >= 0) step_length = std::min(longest, (1 + growth) * step_length);
}}
elapsed[r] = time;
}}
}}
tally[0] += steps_done;
tally[1] += changes_sent;
if (bad_replica < n_live) {{
  control[5] = bad_step;
  control[6] = bad_replica * {n_watched} + bad_neuron;
  return 1;
}}
return 0;
"""

_REST = """
if (tolerance > 0 && (n_sent == 0 || step % 4 == 3)) {{
  for (int _idx = 0; _idx < {n}; ++_idx) rest_potential[_idx] = {value};
{there}
  // A potential that is no number leads nowhere; the next look at the limit tells.
  if ({content} && first_beyond(rest_potential, limit, {n}) < 0) {{
    std::copy(rest_potential, rest_potential + {n}, {watched});
    std::copy(rest_activity, rest_activity + {n}, {sent});
    break;
  }}
{back_here}
}}
"""
