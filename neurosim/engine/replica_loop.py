"""The C++ of a whole presentation: for every replica, all its time steps."""

import re

from brian2.core.variables import ArrayVariable

from neurosim.engine.dense import DensePathway
from neurosim.engine.expression import array_expression
from neurosim.engine.neighbours import NeighbourPathway
from neurosim.engine.replica_writer import ReplicaWriter
from neurosim.engine.step_parts import Pathway, StepParts, sends_changes

__all__ = ["replica_loop"]


def replica_loop(parts: StepParts) -> tuple[dict[str, ArrayVariable], dict[str, int], str, str]:
    """Write the loop.

    Returns
    -------
    arrays, sizes, cpp, support
        As an `Operation` takes them.
    """
    return _Writer(parts).written()


class _Writer(ReplicaWriter):
    """Writes the loop of a population that sends changes of its activity."""

    def written(self) -> tuple[dict[str, ArrayVariable], dict[str, int], str, str]:
        parts = self.parts
        activity = "\n".join(self.part(runner) for runner in parts.subexpressions)
        update = "\n".join(self.part(runner) for runner in parts.state_updates)
        transmit = "\n".join(self._transmission(pathway) for pathway in parts.pathways)
        text = _LOOP.format(
            real=self.real,
            watched=self.pointer(parts.watched),
            n_watched=self.size(parts.presentation.watched[0]),
            senders="\n".join(self._sender(pathway) for pathway in parts.pathways if sends_changes(pathway)),
            starts="\n".join(self._start(pathway) for pathway in parts.pathways if sends_changes(pathway)),
            activity=activity,
            settled=self._settled(),
            transmit=transmit,
            rest=self._rest(activity),
            update=update,
            pointers="{pointers}",
        )
        text = text.replace("{pointers}", self.declarations())
        return self.arrays, self.sizes, text, "\n".join(self.support)

    def _sender(self, pathway: DensePathway) -> str:
        return f"ChangeSender<{self.real}> {pathway.name}_sender({self.size(pathway.source)});"

    def _start(self, pathway: DensePathway) -> str:
        target = self.pointer(pathway.target.variables[pathway.into])
        return (
            f"{pathway.name}_sender.start();\n"
            f"std::fill({target}, {target} + {self.size(pathway.target)}, {self.real}(0));"
        )

    def _transmission(self, pathway: Pathway) -> str:
        weights = f"{pathway.name}_weights"
        self.arrays[weights] = pathway.weights.variable
        receiving = pathway.target.variables[pathway.into]
        target, n_target = self.pointer(receiving), self.size(pathway.target)
        if sends_changes(pathway):
            now = self.pointer(pathway.source.variables[pathway.transmits])
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
        else:
            product = f"products_of_one(sent, {weights}, {target}, {n_source}, {n_target});"
        return f"{{\n{values}\n{product}\n}}"

    def _settled(self) -> str:
        """End where all membranes are where their present input takes them."""
        rest = self.parts.settles
        if rest is None:
            return ""
        return _SETTLED.format(
            n=self.size(self.parts.presentation.watched[0]),
            value=rest.cpp_value("_idx", self.dtype, prefix=self.prefix(rest)),
            watched=self.pointer(self.parts.watched),
        )

    def _rest(self, activity: str) -> str:
        """Ask whether any neuron would send if it moved to where its present input takes it; if none, go there."""
        rest, transmitted = self.parts.rest, self.parts.transmitted()
        if rest is None or transmitted is None:
            return ""
        watched, sent = self.pointer(self.parts.watched), self.pointer(transmitted)
        there = activity.replace(f"{watched}[", "rest_potential[").replace(f"{sent}[", "rest_activity[")
        also_computed = set(re.findall(r"(\w+)\[_idx\] = ", activity)) - {sent}
        return _REST.format(
            n=self.size(self.parts.presentation.watched[0]),
            value=rest.cpp_value("_idx", self.dtype, prefix=self.prefix(rest)),
            watched=watched,
            sent=sent,
            there=there,
            back_here=activity if also_computed else "",
            content=" && ".join(
                f"{pathway.name}_sender.content_with(rest_activity, tolerance)"
                for pathway in self.parts.senders()
            ),
        )


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
if (over) break;
{real} reversal = 0, moved = 0;
int n_sent = 0;
{transmit}
changes_sent += n_sent;
{settled}
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

# Before the first step no membrane has heard of this stimulus.
_SETTLED = """
if (tolerance > 0 && step > 0) {{
  for (int _idx = 0; _idx < {n}; ++_idx) rest_potential[_idx] = {value} - {watched}[_idx];
  if (first_beyond(rest_potential, tolerance, {n}) < 0) break;
}}
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
