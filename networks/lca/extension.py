"""What a model adds to the circuit of an LCA: variables, another rule, and stages that join while it is built."""

from collections.abc import Callable
from dataclasses import dataclass, field

from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.engine.presentation import Presentation
from neurosim.engine.step_parts import Pathway
from neurosim.networks.lca.pathways import LEARNING_RULE, InputPathway, Sizes

__all__ = ["Builder", "Extension"]


@dataclass
class Builder:
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

    design: Sizes
    neurons: NeuronGroup
    pathways: list[InputPathway]
    presentation: Presentation
    clock: Clock
    groups: list[NeuronGroup] = field(default_factory=list)
    loops: list[Pathway] = field(default_factory=list)
    arrays: dict[str, ArrayVariable] = field(default_factory=dict)


@dataclass(frozen=True)
class Extension:
    """What a model adds; by default nothing.

    Parameters
    ----------
    equations : str
        More variables of the neurons, as Brian2 equations.
    rule : str
        How the dictionary learns, as `neurosim.engine.plasticity.Plasticity` takes it.
    parameters : tuple of str
        The rule's schedules.
    constraints : tuple of str
        What the fields of each modality obey after every update.
    carried : tuple of str
        Variables of the neurons that go on with their membranes, or start from zero with them, though no equation
        integrates them.
    goal : str or None
        Where the membrane is heading, with ``{rest}`` for where it goes while its input stays; or what is as far from
        it as the slowest part of a neuron from rest. None where more than the membranes moves, so that no presentation
        can tell.
    stages : tuple of callable
        Called with the builder after the inputs are there and before the dictionary learns, to add populations,
        pathways and stages. Equal ones make equal circuits.
    """

    equations: str = ""
    rule: str = LEARNING_RULE
    parameters: tuple[str, ...] = ("eta",)
    constraints: tuple[str, ...] = ("unit_norm",)
    carried: tuple[str, ...] = ()
    goal: str | None = "{rest}"
    stages: tuple[Callable[[Builder], None], ...] = ()
