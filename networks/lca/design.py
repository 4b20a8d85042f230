"""The design of an LCA circuit: its equations, all that decides the generated code, and what a model adds to them.

Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.engine.dense import DensePathway
from neurosim.engine.neighbours import NeighbourPathway
from neurosim.engine.presentation import Presentation
from neurosim.networks.lca.input_pathways import LEARNING_RULE, InputPathway, Modality

__all__ = ["FORMS", "Addition", "LCADesign", "Scaffold", "equations"]

# Rozell et al. 2008, eq. 2.4 and 2.5; `a` is the activity that neighbours see.
_LATERAL = """
du/dt = ({input} - u - inhibition{terms}) / tau : 1
a = {activity} : 1 (constant over dt)
inhibition : 1                  # from active neighbours, by the overlap of their fields
"""
# The same fixed point without lateral weights: the input neurons' residual carries the inhibition.
_RESIDUAL = """
du/dt = ({input} + {own}a - u{terms}) / tau : 1
a = {activity} : 1 (constant over dt)
"""
# What drives the membranes, once for each modality.
_INPUTS = {
    "lateral": ("drive", "feed-forward overlap with the stimulus"),
    "residual": ("excitation", "overlap with the residual of the input neurons"),
}
_STIFFNESS = (
    "stiffness : 1                   # potential per activity: the squared norm of the neuron's field\n"
)
_INJECTED = "injected : 1                    # current into chosen neurons\n"
_PARAMETERS = """
tau : second (shared)
threshold : 1 (shared)
upper : 1 (shared)
"""
FORMS = {"lateral": _LATERAL, "residual": _RESIDUAL}
# Where the membrane goes while its input stays as it is.
_REST = {"lateral": "{input} - inhibition", "residual": "{input} + {own}a"}


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


@dataclass(frozen=True)
class LCADesign:
    """All that decides the generated code of a circuit; numbers that may change between runs are not part of it.

    Parameters
    ----------
    n_neurons, n_replicas, capacity : int
        Neurons, stimuli in a batch and batches in one run.
    modalities : tuple of Modality
        What the population sees: one without a name, or several with names.
    form : {"lateral", "residual"}
    activity : str
        Threshold function as a Brian2 expression of ``u``.
    backend : str
    float_dtype : str
    membrane_terms, extra_equations : str
        The user's additions.
    namespace : mapping
        Values of the names those use.
    shown : tuple of str
        Variables of the neurons that are loaded with every stimulus; ``injected`` is a current.
    joint_norm : bool
        Learning keeps the norm of each neuron's fields in all modalities together, else in each of them.
    own_norms : bool
        Fields may have any norm: activities are divided by its square (`neurosim.networks.lca.stability`).
    addition : Addition
        What a model adds.
    step_by_step : bool
        Let Brian2 take all replicas through each time step, as monitors need it; else each replica runs through its
        whole presentation, if its equations allow.
    """

    n_neurons: int
    modalities: tuple[Modality, ...]
    n_replicas: int
    capacity: int
    form: str
    activity: str
    backend: str
    float_dtype: str
    membrane_terms: str = ""
    extra_equations: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    joint_norm: bool = False
    own_norms: bool = False
    addition: Addition = field(default_factory=Addition)
    step_by_step: bool = False

    @property
    def input(self) -> str:
        """What drives the membranes, as a sum."""
        variable, _ = _INPUTS[self.form]
        names = [modality.named(variable) for modality in self.modalities]
        return " + ".join([*names, "injected"] if "injected" in self.shown else names)

    @property
    def rest(self) -> str:
        """Where the membrane goes while its input stays as it is."""
        rest = _REST[self.form].format(input=self.input, own=self.own)
        return f"{rest} {self.addition.terms}".rstrip()

    @property
    def own(self) -> str:
        """Factor of a neuron's own activity where its input neurons are excited by it."""
        return "stiffness*" if self.own_norms else ""

    def key(self) -> tuple[Any, ...]:
        """Return a hashable identity of the generated code."""
        values = {
            **self.__dict__,
            "namespace": tuple(sorted((k, repr(v)) for k, v in self.namespace.items())),
        }
        return tuple(values.values())


def equations(design: LCADesign) -> str:
    """Return the Brian2 equations of the coefficient neurons, with units."""
    terms = " ".join(["", *filter(None, (design.addition.terms, design.membrane_terms))])
    activity = f"({design.activity}) / stiffness" if design.own_norms else design.activity
    text = FORMS[design.form].format(activity=activity, terms=terms, input=design.input, own=design.own)
    variable, meaning = _INPUTS[design.form]
    for modality in design.modalities:
        text += f"{modality.named(variable) + ' : 1':31} # {meaning}\n"
    text += (_INJECTED if "injected" in design.shown else "") + (_STIFFNESS if design.own_norms else "")
    text += _PARAMETERS + design.addition.equations
    return text + (design.extra_equations.rstrip() + "\n" if design.extra_equations else "")
