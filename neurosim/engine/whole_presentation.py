"""Simulate a whole presentation of a batch in one go: the loop over time inside the loop over replicas.

Brian2 takes all replicas through a time step, then through the next. Replicas do not see each other during a
presentation, so the two loops may change places: each replica runs through its presentation while its state stays in
the processor's cache, takes steps of its own length, sends only what changed, and ends when it is at rest. What a step
does to a neuron is Brian2's own generated code.
"""

from collections.abc import Sequence
from itertools import combinations

from brian2 import Clock, NeuronGroup
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import StateUpdater, SubexpressionUpdater

from neurosim.engine.errors import NotLoopable
from neurosim.engine.expression import ArrayExpression, array_expression
from neurosim.engine.operation import Operation
from neurosim.engine.presentation import Presentation
from neurosim.engine.replica_loop import LoopWriter
from neurosim.engine.replica_steps import replica_steps
from neurosim.engine.shared.block_loop import BlockLoopWriter, goes_by_blocks
from neurosim.engine.step_parts import Pathway, StepParts, sends_changes

__all__ = ["whole_presentation"]


def whole_presentation(
    groups: Sequence[NeuronGroup],
    pathways: Sequence[Pathway],
    *,
    presentation: Presentation,
    clock: Clock,
    rest: str | None,
    name: str = "settle",
) -> Operation:
    """Write a network's presentation as one operation, to be given to ``presentation.whole``.

    Parameters
    ----------
    groups : sequence of brian2.NeuronGroup
        All populations, with forward Euler or any other explicit state update.
    pathways : sequence of DensePathway, NeighbourPathway or GridPathway
        Graded pathways in the order in which they transmit. One that reads what another writes needs another ``order``,
        by which Brian2 would take them, too.
    presentation : Presentation
        Conducts the batches; its ``bounds``, ``pace`` and ``control`` arrays steer the loop.
    clock : brian2.Clock
        Clock of the groups.
    rest : str or None
        The potential that the watched variable moves to while its input stays as it is, as arithmetic of its group; a
        neuron's own activity counts there as it was last sent. None if there is no such expression. Without one, or
        where anything besides the watched variable has dynamics, only the duration ends a presentation. With a
        NeighbourPathway it ends once no membrane of the replica is further than the tolerance from there; otherwise
        once no neuron would send if all went there, which they do.
    name : str
        A C identifier, unique in the network.

    Returns
    -------
    Operation

    Raises
    ------
    NotLoopable
        If a group does more than integrate its equations (thresholds, ``run_regularly``), its equations draw random
        numbers or use the time ``t``, or a pathway is none that can be taken into the loop. Simulate such a network
        step by step instead.
    ValueError
        If one pathway reads what another writes and their ``order`` does not say which comes first.
    """
    parts = StepParts(
        subexpressions=tuple(_runners(groups, SubexpressionUpdater)),
        pathways=tuple(pathways),
        state_updates=tuple(_runners(groups, StateUpdater)),
        clock=clock,
        rest=_goal(rest, groups, presentation),
        presentation=presentation,
    )
    for pathway in pathways:
        _require_loopable(pathway)
    _require_ordered(pathways)
    writer = BlockLoopWriter(parts) if goes_by_blocks(parts) else LoopWriter(parts)
    arrays, sizes, cpp, support = writer.written()
    return Operation(name, arrays, cpp, replica_steps(parts), sizes=sizes, support=support)


def _goal(
    rest: str | None, groups: Sequence[NeuronGroup], presentation: Presentation
) -> ArrayExpression | None:
    """Return where the watched membrane is heading, if nothing else moves meanwhile."""
    group, watched = presentation.watched
    states = {(each.name, state) for each in groups for state in each.equations.diff_eq_names}
    if rest is None or states != {(group.name, watched)}:
        return None
    return array_expression(group, rest)


def _runners(groups: Sequence[NeuronGroup], kind: type[CodeRunner]) -> list[CodeRunner]:
    for group in groups:
        for runner in group.contained_objects:
            if not isinstance(runner, (SubexpressionUpdater, StateUpdater)):
                raise NotLoopable(
                    f"group {group.name!r} does more than integrate its equations ({runner.name})"
                )
    return [runner for group in groups for runner in group.contained_objects if isinstance(runner, kind)]


def _require_loopable(pathway: Pathway) -> None:
    if pathway.transmits == "spikes":
        raise NotLoopable(f"pathway {pathway.name!r} transmits spikes")
    sent = array_expression(pathway.source, pathway.transmits)
    if sends_changes(pathway) and not sent.expression.is_Symbol:
        raise NotLoopable(f"pathway {pathway.name!r} transmits arithmetic of variables, not one variable")


def _require_ordered(pathways: Sequence[Pathway]) -> None:
    for first, second in combinations(pathways, 2):
        if first.order >= second.order and (_reads(first, second) or _reads(second, first)):
            raise ValueError(
                f"pathways {first.name!r} and {second.name!r} are to transmit one after the other and one reads what "
                f"the other writes, but their orders are {first.order} and {second.order}; give the later one the "
                "higher order"
            )


def _reads(pathway: Pathway, other: Pathway) -> bool:
    """Whether what one pathway writes is part of what the first transmits."""
    written = other.target.variables[other.into]
    sent = array_expression(pathway.source, pathway.transmits)
    return any(variable is written for variable in sent.arrays.values())
