"""The C++ of a whole presentation of neurons on a grid, who inhibit each other: block by block of positions.

The steps are those of `neurosim.engine.replica_loop`, but for the order in which changes of one position are added up.
Neurons of a grid are so many that their state does not stay in the processor's cache, so a step goes over it once: each
block of positions moves on, and is asked for its activity and for changes while it is at hand. Blocks that are calm are
left alone until a change reaches them.
"""

from neurosim.engine.elementwise import elementwise
from neurosim.engine.replica_loop import LoopWriter
from neurosim.engine.shared.pathways import GridPathway
from neurosim.engine.step_parts import StepParts, sends_changes

__all__ = ["BlockLoopWriter", "goes_by_blocks"]

_SOME_NEURONS = "for (int _idx = from; _idx < past; ++_idx) {{\n{vector}\n}}"


def goes_by_blocks(parts: StepParts) -> bool:
    """Whether the loop is one of neurons on a grid that only hear of each other, and of whom it is known where they go.

    They compute nothing but what they transmit, and it is told when they would transmit no more.
    """
    group, _ = parts.presentation.watched
    transmitted = parts.transmitted()
    if transmitted is None or len(parts.pathways) != 1:
        return False
    (pathway,) = parts.pathways
    runners = (*parts.subexpressions, *parts.state_updates)
    return (
        isinstance(pathway, GridPathway)
        and sends_changes(pathway)
        and pathway.source is group
        and pathway.target is group
        and all(
            runner.group.name == group.name or elementwise(runner, language="cpp") is None
            for runner in runners
        )
        and group.user_equations.subexpr_names == {transmitted.name}
    )


class BlockLoopWriter(LoopWriter):
    """Writes the loop of neurons on a grid."""

    def pieces(self) -> dict[str, str | int]:
        """Return what stands in the places of the loop."""
        parts = self.parts
        (pathway,), transmitted = parts.pathways, parts.transmitted()
        assert isinstance(pathway, GridPathway)
        assert transmitted is not None
        watched, sent = self.pointer(parts.watched), self.pointer(transmitted)
        whole = super().pieces()
        activity = "\n".join(self.part(runner, loop=_SOME_NEURONS) for runner in parts.subexpressions)
        activity = activity.replace(f"{sent}[_idx]", "activity[_idx]")
        activity = activity.replace(f"{watched}[_idx]", "potential[_idx]")
        names = {
            "real": self.real,
            "n": self.n_watched(),
            "sender": f"{pathway.name}_sender",
            "weights": f"{pathway.name}_weights",
            "target": self.pointer(pathway.target.variables[pathway.into]),
            "watched": watched,
            "update": "\n".join(self.part(runner, loop=_SOME_NEURONS) for runner in parts.state_updates),
            "activity": activity,
            "goal": self.goal(),
            "all": whole["activity"],
        }
        return whole | {
            "at_rest": (_PASSES + _AT_REST).format(**names),
            "before": _FIRST.format(**names),
            "activity": "",
            "transmit": _TRANSMIT.format(**names),
            "come_to_rest": _GO_TO_REST.format(**names),
            "back_here": _AT_THE_END.format(**names),
            "update": _STEP.format(**names),
        }

    def _sender(self, pathway: GridPathway) -> str:
        return super()._sender(pathway).replace("PatchSender", "BlockSender")


# A membrane whose steps are no longer than its time constant goes straight to where it is heading; fixed steps may be
# longer.
_PASSES = """
const auto move_on = [&](const int from, const int past) {{
{update}
}};
// Arrays are given as if they began with neuron 0: places in them are counted like those of all others.
const auto act_as = [&](const int from, const int past, const {real}* __restrict potential,
                        {real}* __restrict activity) {{
{activity}
}};
const auto act = [&](const int from, const int past) {{
  act_as(from, past, {watched}, {sender}.activity.data() - from);
}};
// Whether a block would tell nothing if it went where it is heading.
const auto stays = [&](const int block, {real}* __restrict potential, const {real} within) {{
  const int from = {sender}.first_of(block), past = {sender}.past_of(block);
  for (int _idx = from; _idx < past; ++_idx) potential[_idx] = {goal};
  act_as(from, past, potential, {sender}.activity.data() - from);
  // A potential that is no number leads nowhere; the next look at the limit tells.
  return !{sender}.would_tell(block, within) && first_beyond(potential + from, limit, past - from) < 0;
}};
const auto wake = [&](const int block) {{
  const double present = step_length;
  for (size_t k = {sender}.reached[block]; k < {sender}.lengths.size(); ++k) {{
    step_length = {sender}.lengths[k];
    move_on({sender}.first_of(block), {sender}.past_of(block));
  }}
  step_length = present;
  {sender}.calm[block] = 0;
}};
const bool may_be_calm = longest > shortest;
"""

# The question begins where somebody would have sent last time, and is over with the first who would.
_AT_REST = """
const auto at_rest = [&](const {real} within) {{
  for (int k = 0; k < {sender}.n_blocks; ++k) {{
    const int block = ({sender}.unrest + k) % {sender}.n_blocks;
    if (!stays(block, rest_potential, within)) {{
      {sender}.unrest = block;
      return false;
    }}
  }}
  return true;
}};
"""

_FIRST = """
for (int block = 0; block < {sender}.n_blocks; ++block) {{
  act({sender}.first_of(block), {sender}.past_of(block));
  {sender}.look(block, epsilon);
}}
"""

_TRANSMIT = "n_sent += {sender}.send_found({weights}, {target}, reversal, moved, wake);"

_STEP = """
{sender}.lengths.push_back(step_length);
for (int block = 0; block < {sender}.n_blocks; ++block) {{
  if ({sender}.calm[block]) continue;
  move_on({sender}.first_of(block), {sender}.past_of(block));
  act({sender}.first_of(block), {sender}.past_of(block));
  if (!{sender}.look(block, epsilon) && may_be_calm && step % 4 == 3 &&
      stays(block, {sender}.potential.data() - {sender}.first_of(block), epsilon)) {{
    {sender}.calm[block] = 1;
    {sender}.reached[block] = (int){sender}.lengths.size();
  }}
}}
"""

# As of all other loops.
_GO_TO_REST = """
if (tolerance > 0 && (n_sent == 0 || step % 4 == 3) && at_rest(tolerance)) {{
  std::copy(rest_potential, rest_potential + {n}, {watched});
{all}
  if (!confirm) break;
  std::fill({sender}.calm.begin(), {sender}.calm.end(), 0);
  say_all();
  if (at_rest(tolerance)) break;
}}
"""

_AT_THE_END = """
for (int block = 0; block < {sender}.n_blocks; ++block)
  if ({sender}.calm[block]) wake(block);
{all}
"""
