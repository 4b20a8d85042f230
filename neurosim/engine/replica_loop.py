"""The C++ of a whole presentation: for every replica, all its time steps."""

import re

from brian2.core.variables import ArrayVariable

from neurosim.engine.blocks import block_table
from neurosim.engine.dense import DensePathway
from neurosim.engine.expression import array_expression
from neurosim.engine.neighbours import NeighbourPathway
from neurosim.engine.replica_writer import ReplicaWriter
from neurosim.engine.shared.patches import patch_table
from neurosim.engine.shared.pathways import GridPathway
from neurosim.engine.step_parts import Pathway, sends_changes

__all__ = ["LoopWriter"]


class LoopWriter(ReplicaWriter):
    """Writes the loop of a population that sends changes of its activity."""

    def written(self) -> tuple[dict[str, ArrayVariable], dict[str, int], str, str]:
        """Write the loop.

        Returns
        -------
        arrays, sizes, cpp, support
            As an `Operation` takes them.
        """
        text = _LOOP.format(**self.pieces(), pointers="{pointers}").replace("{pointers}", self.declarations())
        return self.arrays, self.sizes, text, "\n".join(self.support)

    def pieces(self) -> dict[str, str | int]:
        """Return what stands in the places of the loop."""
        parts = self.parts
        activity = "\n".join(self.part(runner) for runner in parts.subexpressions)
        update = "\n".join(self.part(runner) for runner in parts.state_updates)
        transmit = "\n".join(self._transmission(pathway) for pathway in parts.pathways)
        say_all = "\n".join(self._transmission(pathway, say_all=True) for pathway in parts.pathways)
        return {
            "real": self.real,
            "watched": self.pointer(parts.watched),
            "n_watched": self.n_watched(),
            "places": "".join(map(self._places, parts.pathways)),
            "senders": "\n".join(
                self._sender(pathway) for pathway in parts.pathways if sends_changes(pathway)
            ),
            "starts": "\n".join(self._start(pathway) for pathway in parts.pathways if sends_changes(pathway)),
            "before": "",
            "activity": activity,
            "transmit": transmit,
            "say_all": say_all,
            "at_rest": self._at_rest(activity),
            "come_to_rest": self._come_to_rest(activity),
            "late": self._late(),
            "counted": 0 if self._knows_rest() else -1,
            "back_here": self._back_here(activity),
            "update": update,
        }

    def _sender(self, pathway: DensePathway | GridPathway) -> str:
        name = f"{pathway.name}_sender"
        if isinstance(pathway, GridPathway):
            return f"PatchSender<{self.real}> {name}({self._n_rows(pathway)}, {pathway.name}_patches);"
        return f"ChangeSender<{self.real}> {name}({self.size(pathway.source)}, {pathway.name}_blocks);"

    def _places(self, pathway: Pathway) -> str:
        """Return the C++ that says where a pathway's weights lie."""
        if isinstance(pathway, GridPathway):
            table, sizes = patch_table(pathway.weights.patches, name=f"{pathway.name}_patches")
        elif sends_changes(pathway) and isinstance(pathway, DensePathway):
            table, sizes = block_table(pathway.weights.blocks, name=f"{pathway.name}_blocks")
        else:
            return ""
        self.sizes |= sizes
        return table

    def _n_rows(self, pathway: GridPathway) -> str:
        name = f"_rows_{pathway.name}"
        self.sizes[name] = pathway.weights.shape[0]
        return name

    def _start(self, pathway: DensePathway | GridPathway) -> str:
        target = self.pointer(pathway.target.variables[pathway.into])
        return (
            f"{pathway.name}_sender.start();\n"
            f"std::fill({target}, {target} + {self.size(pathway.target)}, {self.real}(0));"
        )

    def _transmission(self, pathway: Pathway, *, say_all: bool = False) -> str:
        weights = f"{pathway.name}_weights"
        self.arrays[weights] = pathway.weights.variable
        receiving = pathway.target.variables[pathway.into]
        target, n_target = self.pointer(receiving), self.size(pathway.target)
        if sends_changes(pathway):
            now = self.pointer(pathway.source.variables[pathway.transmits])
            if say_all:
                return f"{pathway.name}_sender.say_all({now}, {weights}, {target}, {n_target});"
            given = f"{now}, {weights}, {target}, {n_target}, epsilon, reversal, moved"
            return f"n_sent += {pathway.name}_sender.send({given});"
        sent, n_source = array_expression(pathway.source, pathway.transmits), self.size(pathway.source)
        # A population that receives into what it transmits must read all of it before writing.
        loop = any(variable is receiving for variable in sent.arrays.values())
        values = sent.cpp_values("sent", n_source, self.dtype, prefix=self.prefix(sent), copied=loop)
        if isinstance(pathway, NeighbourPathway):
            indices, n_each = f"{pathway.name}_indices", f"_neighbours_{pathway.name}"
            self.arrays[indices], self.sizes[n_each] = pathway.weights.indices, pathway.weights.shape[1]
            product = f"neighbour_sums_of_one(sent, {indices}, {weights}, {target}, {n_target}, {n_each});"
        elif isinstance(pathway, GridPathway):
            n_rows, patches = self._n_rows(pathway), f"{pathway.name}_patches"
            product = f"patch_products_of_one(sent, {weights}, {target}, {n_rows}, {patches});"
        else:
            product = f"products_of_one(sent, {weights}, {target}, {n_source}, {n_target});"
        return f"{{\n{values}\n{product}\n}}"

    def _knows_rest(self) -> bool:
        return self.parts.settles is not None or self.parts.transmitted() is not None

    def _at_rest(self, activity: str) -> str:
        """Ask whether a replica would stay as it is: its membranes, or what its neurons would send once there."""
        settles = self.parts.settles
        if settles is not None:
            value = settles.cpp_value("_idx", self.dtype, prefix=self.prefix(settles))
            return _MEMBRANES_AT_REST.format(
                real=self.real, n=self.n_watched(), value=value, watched=self.pointer(self.parts.watched)
            )
        rest, transmitted = self.parts.rest, self.parts.transmitted()
        if rest is None or transmitted is None:
            return ""
        senders = [f"{pathway.name}_sender" for pathway in self.parts.senders()]
        content = " && ".join(f"{sender}.content_with(rest_activity, within)" for sender in senders)
        return _NOBODY_WOULD_SEND.format(
            real=self.real,
            n=self.n_watched(),
            value=self.goal(),
            there=self._there(activity),
            content=content,
        )

    def goal(self) -> str:
        """Return the C++ of where a membrane is heading."""
        rest, transmitted = self.parts.rest, self.parts.transmitted()
        assert rest is not None
        assert transmitted is not None
        # What a neuron has not told its input neurons drives it on and on: its own activity counts as it was told.
        value = rest.cpp_value("_idx", self.dtype, prefix=self.prefix(rest))
        return value.replace(f"{self.pointer(transmitted)}[", f"{self.parts.senders()[0].name}_sender.sent[")

    def _come_to_rest(self, activity: str) -> str:
        """End the presentation of a replica at rest."""
        if self.parts.settles is not None:
            return _STAY
        transmitted = self.parts.transmitted()
        if self.parts.rest is None or transmitted is None:
            return ""
        return _GO_TO_REST.format(
            n=self.n_watched(),
            watched=self.pointer(self.parts.watched),
            sent=self.pointer(transmitted),
            back_here=self._back_here(activity),
        )

    def _late(self) -> str:
        """Say whether a replica whose time is up is still on its way."""
        # Before the first step no membrane has heard of this stimulus.
        return "is_late = step == 0 || !at_rest(close_enough[0]);" if self._knows_rest() else ""

    def _there(self, activity: str) -> str:
        """Return the statements of an activity with the membranes where they are heading."""
        transmitted = self.parts.transmitted()
        assert transmitted is not None
        watched, sent = self.pointer(self.parts.watched), self.pointer(transmitted)
        return activity.replace(f"{watched}[", "rest_potential[").replace(f"{sent}[", "rest_activity[")

    def _back_here(self, activity: str) -> str:
        """Return statements that compute anew what the question changed besides the activity."""
        transmitted = self.parts.transmitted()
        if transmitted is None:
            return ""
        also_computed = set(re.findall(r"(\w+)\[_idx\] = ", activity)) - {self.pointer(transmitted)}
        return activity if also_computed else ""

    def n_watched(self) -> str:
        return self.size(self.parts.presentation.watched[0])


_LOOP = """
const {real} tolerance = bounds[0], limit = bounds[1], epsilon = bounds[2];
const double shortest = pace[0], longest = pace[1], duration = pace[2];
const int n_steps = control[3], n_live = valid[control[1]];
const bool confirm = control[9];
int bad_replica = n_live, bad_neuron = 0, bad_step = INT32_MAX;
double steps_done = 0, changes_sent = 0;
{places}#pragma omp parallel reduction(+ : steps_done, changes_sent) if (n_live > 1)
{{
{senders}
std::vector<{real}> rest_potential_values({n_watched}), rest_activity_values({n_watched});
{real}* __restrict rest_potential = rest_potential_values.data();
{real}* __restrict rest_activity = rest_activity_values.data();
#pragma omp for schedule(dynamic, 1)
for (int r = 0; r < n_live; ++r) {{
double step_length = std::max(shortest, longest / 5), growth = 0.2, time = 0, least = shortest;
{real} moved_before = 0, most_moved = 0;
{pointers}
{starts}
{real} reversal = 0, moved = 0;
int n_sent = 0;
int32_t& is_late = late[(size_t)control[1] * _n_replicas + r];
is_late = {counted};
const auto say_all = [&] {{
{say_all}
}};
{at_rest}
{before}for (int step = 0;; ++step) {{
{activity}
const bool over = step >= n_steps || time >= duration;
if (step % 8 == 0 || over) {{
  const int bad = first_beyond({watched}, limit, {n_watched});
  if (bad >= 0) {{
    #pragma omp critical
    if (step < bad_step || (step == bad_step && r < bad_replica)) {{
      bad_replica = r; bad_neuron = bad; bad_step = step;
    }}
    break;
  }}
}}
if (over) {{
  {late}
  {back_here}
  break;
}}
reversal = 0; moved = 0; n_sent = 0;
{transmit}
changes_sent += n_sent;
{come_to_rest}
// Longer steps while the population moves on, shorter ones when it swings back; the shortest, which is stable whoever
// is active, when a swing doubles; and fewer risks from then on when it is as large as the first response was. Swings
// that grow with the shortest step say that the fields have learned since it was chosen: then it is no longer stable.
if (reversal < 0) {{
  const bool doubled = moved > 4 * moved_before;
  if (longest > shortest && step_length <= least && moved > moved_before) least = std::max(shortest / 64, least / 2);
  step_length = doubled ? least : std::max(least, step_length / 2);
  if (doubled && 4 * moved > most_moved) growth /= 2;
}} else {{
  least = std::min(shortest, (1 + growth) * least);
}}
moved_before = moved;
most_moved = std::max(most_moved, moved);
// Time is up when it is up: with the next frame of a film, for example.
if (duration - time < step_length) step_length = duration - time;
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

_MEMBRANES_AT_REST = """
const auto at_rest = [&](const {real} within) {{
  for (int _idx = 0; _idx < {n}; ++_idx) rest_potential[_idx] = {value} - {watched}[_idx];
  return first_beyond(rest_potential, within, {n}) < 0;
}};
"""

# Before the first step no membrane has heard of this stimulus.
_STAY = "if (tolerance > 0 && step > 0 && at_rest(tolerance)) break;"

_NOBODY_WOULD_SEND = """
const auto at_rest = [&](const {real} within) {{
  for (int _idx = 0; _idx < {n}; ++_idx) rest_potential[_idx] = {value};
{there}
  // A potential that is no number leads nowhere; the next look at the limit tells.
  return {content} && first_beyond(rest_potential, limit, {n}) < 0;
}};
"""

# Where a threshold has a jump, what was not sent decides who is active: all of it is sent before the last question.
_GO_TO_REST = """
if (tolerance > 0 && (n_sent == 0 || step % 4 == 3)) {{
  if (at_rest(tolerance)) {{
    std::copy(rest_potential, rest_potential + {n}, {watched});
    std::copy(rest_activity, rest_activity + {n}, {sent});
    if (!confirm) break;
    say_all();
    if (at_rest(tolerance)) break;
  }}
{back_here}
}}
"""
