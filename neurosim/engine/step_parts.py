"""What a time step of a network consists of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from brian2 import BrianObject, Clock, NeuronGroup
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner

from neurosim.engine.dense import DensePathway
from neurosim.engine.expression import ArrayExpression
from neurosim.engine.neighbours import NeighbourPathway
from neurosim.engine.presentation import Presentation
from neurosim.engine.shared.pathways import GridPathway

__all__ = ["Pathway", "StepParts", "outside_networks", "sends_changes"]

Pathway = DensePathway | NeighbourPathway | GridPathway


@dataclass(frozen=True)
class StepParts:
    """What a step consists of, in the order of Brian2's schedule.

    Parameters
    ----------
    subexpressions : tuple of CodeRunner
        Updates of what is constant over a time step.
    pathways : tuple of DensePathway, NeighbourPathway or GridPathway
    state_updates : tuple of CodeRunner
    clock : brian2.Clock
        Whose time step the equations name.
    rest : ArrayExpression or None
        Potential that a watched neuron moves to while its input stays as it is.
    presentation : Presentation
    """

    subexpressions: tuple[CodeRunner, ...]
    pathways: tuple[Pathway, ...]
    state_updates: tuple[CodeRunner, ...]
    clock: Clock
    rest: ArrayExpression | None
    presentation: Presentation

    def size(self, group: NeuronGroup) -> int:
        """Neurons of a group in one replica."""
        return len(group) // self.presentation.n_replicas

    @property
    def watched(self) -> ArrayVariable:
        """The membrane potential."""
        group, name = self.presentation.watched
        return group.variables[name]

    def senders(self) -> tuple[DensePathway | GridPathway, ...]:
        """Pathways that the watched neurons send their changes along."""
        group, _ = self.presentation.watched
        return tuple(p for p in self.pathways if sends_changes(p) and p.source is group)

    @property
    def settles(self) -> ArrayExpression | None:
        """Goal of the membranes, if a presentation ends once all are there rather than when nobody would send.

        Neighbours hear of every change, sent or not, so that a silent neuron may still be lifted by what others do.
        """
        return self.rest if any(isinstance(p, NeighbourPathway) for p in self.pathways) else None

    def transmitted(self) -> ArrayVariable | None:
        """The variable that watched neurons send, if it is known where it goes when the membrane goes to rest.

        That is the case if they send one thing, their equations compute it from the membrane, and nobody else hears of
        it before it is sent.
        """
        group, _ = self.presentation.watched
        names = {pathway.transmits for pathway in self.senders()}
        unknown = self.rest is None or self.settles is not None
        if unknown or len(names) != 1 or not names <= group.user_equations.subexpr_names:
            return None
        return group.variables[names.pop()]


def sends_changes(pathway: Pathway) -> TypeGuard[DensePathway | GridPathway]:
    """Whether the pathway adds the rows of changed neurons; one with transposed weights has none to add."""
    return not isinstance(pathway, NeighbourPathway) and not pathway.weights.transposed


def outside_networks(parts: Iterable[BrianObject]) -> None:
    """Note that a loop of ours does the work of these objects: Brian2 warns of objects that no network ever held."""
    for part in parts:
        part._network = "none"
        outside_networks(part.contained_objects)
