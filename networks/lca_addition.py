"""What a model adds to the circuit of a locally competitive algorithm: equations, populations, stages and its rule."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.engine.dense import DensePathway
from neurosim.engine.neighbours import NeighbourPathway
from neurosim.engine.presentation import Presentation
from neurosim.networks.input_pathways import LEARNING_RULE, InputPathway

if TYPE_CHECKING:
    from neurosim.networks.lca_circuit import LCADesign

__all__ = ["Addition", "Scaffold"]


@dataclass
class Scaffold:
    """A circuit while it is built; a model adds its parts to it.

    Attributes
    ----------
    design : LCADesign
    neurons : brian2.NeuronGroup
    pathways : list of InputPathway
    presentation : Presentation
        Whose stages and resets may be added to.
    clock : brian2.Clock
    groups : list of brian2.NeuronGroup
        Further populations.
    loops : list of pathways
        What transmits at every time step, in this order.
    arrays : dict of str to ArrayVariable
        What the estimator reads after a run, and may write before the next.
    """

    design: "LCADesign"
    neurons: NeuronGroup
    pathways: list[InputPathway]
    presentation: Presentation
    clock: Clock
    groups: list[NeuronGroup] = field(default_factory=list)
    loops: list[DensePathway | NeighbourPathway] = field(default_factory=list)
    arrays: dict[str, ArrayVariable] = field(default_factory=dict)


@dataclass(frozen=True)
class Addition:
    """What a model adds. This one adds nothing; a model derives from it, with fields that decide its generated code.

    Attributes
    ----------
    rule : str
        How the dictionary learns, as `neurosim.engine.plasticity.Plasticity` takes it.
    parameters : tuple of str
        The rule's schedules.
    carried : tuple of str
        Variables of the neurons that go on with their membranes, or start from zero with them, though no equation
        integrates them.
    """

    rule: ClassVar[str] = LEARNING_RULE
    parameters: ClassVar[tuple[str, ...]] = ("eta",)
    carried: ClassVar[tuple[str, ...]] = ()

    @property
    def constraints(self) -> tuple[str, ...]:
        """What the fields of each modality obey after every update."""
        return ("unit_norm",)

    @property
    def equations(self) -> str:
        """More variables of the neurons, as Brian2 equations."""
        return ""

    @property
    def terms(self) -> str:
        """What else drives the membranes, as a sum that starts with its sign."""
        return ""

    @property
    def goal_is_known(self) -> bool:
        """Whether the membranes are all that moves, so that a presentation can tell where they are heading."""
        return True

    def goal(self, rest: str) -> str:
        """Return where the membrane is heading, or what is as far from it as the slowest part of a neuron from rest."""
        return rest

    def join(self, scaffold: Scaffold) -> None:
        """Add populations, pathways and stages, after the inputs are there and before the dictionary learns."""
