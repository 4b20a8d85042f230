"""The circuit of a locally competitive algorithm: its equations, all that decides its code, and its Brian2 objects.

Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from neurosim.engine import quiet_brian2  # noqa: F401, before all that imports Brian2

# isort: split
import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms
from brian2.core.variables import ArrayVariable

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.blocks import Block
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.errors import NotLoopable
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program
from neurosim.engine.shared.grid import grid_of_positions
from neurosim.engine.shared.pathways import SharedPathway
from neurosim.engine.shared.weights import SharedOverlaps
from neurosim.engine.step_parts import Pathway, outside_networks
from neurosim.engine.whole_presentation import whole_presentation
from neurosim.networks.estimator.added_terms import AddedTerms, check_added_terms
from neurosim.networks.lca.extension import Builder, Extension
from neurosim.networks.lca.joint_pathways import compare_joined, scale_jointly
from neurosim.networks.lca.lateral_weights import Products, follow_rows, project_residuals
from neurosim.networks.lca.pathways import (
    LEARNING_RULE,
    InputPathway,
    Lateral,
    Modality,
    compare_fields,
    grids_of,
    measure_stiffness,
)

__all__ = ["FORMS", "Circuit", "LCADesign", "build_circuit", "equations"]

# From so many neurons per replica on, following the overlaps through an update is less work than comparing all fields.
_MANY = 5


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
# Spike-frequency adaptation that has come to rest: a threshold that has risen in proportion to the activity.
_ADAPTATION = "adaptation : 1 (shared)         # potential per activity that a neuron holds itself back by\n"
_INJECTED = "injected : 1                    # current into chosen neurons\n"
_PARAMETERS = """
tau : second (shared)
threshold : 1 (shared)
upper : 1 (shared)
"""
FORMS = {"lateral": _LATERAL, "residual": _RESIDUAL}
# Where the membrane goes while its input stays as it is.
_REST = {"lateral": "{input} - inhibition", "residual": "{input} + {own}a"}


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
        Fields may have any norm: activities are divided by its square (`neurosim.networks.lca.run_settings`).
    adapts : bool
        Neurons hold themselves back in proportion to their activity.
    blocks : tuple of Block
        Which neurons (rows) see which pixels (columns) of the one modality; by default all see all. Neurons without a
        pixel in common do not inhibit each other.
    extension : Extension
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
    adapts: bool = False
    blocks: tuple[Block, ...] = ()
    extension: Extension = field(default_factory=Extension)
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
        return _REST[self.form].format(input=self.input, own=self.own)

    @property
    def ends_early(self) -> bool:
        """Whether a presentation can tell that it has settled; with terms of the user's the goal is not known."""
        return self.extension.goal is not None and not (self.membrane_terms or self.extra_equations)

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
    terms = f" {design.membrane_terms}" if design.membrane_terms else ""
    text = FORMS[design.form].format(
        activity=_activity(design), terms=terms, input=design.input, own=design.own
    )
    variable, meaning = _INPUTS[design.form]
    for modality in design.modalities:
        text += f"{modality.named(variable) + ' : 1':31} # {meaning}\n"
    text += (_INJECTED if "injected" in design.shown else "") + (_STIFFNESS if design.own_norms else "")
    text += _ADAPTATION if design.adapts else ""
    text += _PARAMETERS + design.extension.equations
    return text + (design.extra_equations.rstrip() + "\n" if design.extra_equations else "")


def _activity(design: LCADesign) -> str:
    """Return the activity as an expression of ``u``: what is above threshold over the potential that activity takes."""
    own = "stiffness" if design.own_norms else "1"
    if design.adapts:
        return f"({design.activity}) / ({own} + adaptation)"
    return f"({design.activity}) / {own}" if design.own_norms else design.activity


@dataclass
class Circuit:
    """A built network with its parts.

    Attributes
    ----------
    pathways : tuple of InputPathway
        Input neurons of each modality, with their weights, residuals and learning rule.
    neurons : brian2.NeuronGroup
        ``n_replicas * n_neurons`` coefficient neurons.
    states : tuple of str
        Variables of `neurons` that a presentation starts from zero, ``u`` among them.
    lateral : DenseWeights, SharedOverlaps or None
        Overlaps ΦΦᵀ − I, summed over modalities; the residual form has none.
    presentation : Presentation
    network : brian2.Network
        Add monitors to it before the first run.
    program : Program
        Runs it.
    step_by_step : bool
        Whether Brian2 takes all replicas through each time step.
    arrays : dict of str to ArrayVariable
        What a model's extension keeps from run to run.
    """

    design: LCADesign
    pathways: tuple[InputPathway, ...]
    neurons: NeuronGroup
    states: tuple[str, ...]
    lateral: Lateral | None
    presentation: Presentation
    network: Network
    program: Program
    step_by_step: bool
    arrays: dict[str, ArrayVariable]

    @property
    def inputs(self) -> NeuronGroup:
        """Input neurons of the first modality."""
        return self.pathways[0].group


def build_circuit(design: LCADesign) -> Circuit:
    """Build the Brian2 objects of a design, or raise ValueError of what the user added; nothing is compiled yet."""
    if design.membrane_terms or design.extra_equations:
        added = AddedTerms(design.membrane_terms, design.extra_equations)
        # What is assembled to be watched can still be given its parameters.
        check_added_terms(equations(design), added, namespace=design.namespace, settable=design.step_by_step)
    with activated(design.backend, float_dtype=design.float_dtype):
        if design.backend == "cpp_standalone":
            fresh_standalone_device()
        return _assembled(design)


def _assembled(design: LCADesign) -> Circuit:
    clock = Clock(1 * ms, name="lca_clock")
    neurons = _neurons(design, clock)
    n, dtype = design.n_replicas, design.float_dtype
    pathways = [
        InputPathway.build(modality, neurons, n_replicas=n, clock=clock, dtype=dtype, blocks=design.blocks)
        for modality in design.modalities
    ]
    # The membrane, and whatever else the user's equations integrate.
    states = (*sorted(neurons.equations.diff_eq_names), *design.extension.carried)
    presentation = _presentation(design, neurons, pathways, states=states)
    lateral, loops = _loops(design, neurons, pathways, presentation)
    if design.own_norms:
        presentation.onset.append(measure_stiffness(neurons, pathways, lateral))
    builder = Builder(design, neurons, pathways, presentation, clock, loops=list(loops))
    for join in design.extension.stages:
        join(builder)
    _learning(design, neurons, pathways, lateral=lateral, presentation=presentation)
    groups = (*(pathway.group for pathway in pathways), neurons, *builder.groups)
    if not design.step_by_step:
        presentation.whole = _whole(design, groups, builder.loops, presentation=presentation, clock=clock)
    stepped: tuple[Any, ...] = (*groups, *builder.loops)
    if presentation.whole:
        outside_networks(stepped)
        stepped = ()
    network = Network(*stepped, presentation.scheduled(clock))
    read_back = [neurons.variables[name] for name in states]
    read_back += [pathway.dictionary.variable for pathway in pathways]
    read_back += [lateral.variable] if lateral is not None else []
    read_back += builder.arrays.values()
    return Circuit(
        design=design,
        pathways=tuple(pathways),
        neurons=neurons,
        states=states,
        lateral=lateral,
        presentation=presentation,
        network=network,
        program=Program(
            network,
            clock=clock,
            backend=design.backend,
            float_dtype=design.float_dtype,
            written=presentation.written() | dict.fromkeys(read_back),
        ),
        step_by_step=presentation.whole is None,
        arrays=builder.arrays,
    )


def _presentation(
    design: LCADesign, neurons: NeuronGroup, pathways: list[InputPathway], *, states: tuple[str, ...]
) -> Presentation:
    energy = ArrayBlock("measured", {"energy": (design.n_replicas, design.float_dtype)}).array("energy")
    first, *others = pathways
    also_shown = {pathway.modality.name: (pathway.group, "s") for pathway in others}
    also_shown |= {name: (neurons, name) for name in design.shown}
    measures = []
    for pathway in pathways:
        measure = pathway.measure(energy, n_replicas=design.n_replicas, first=pathway is first)
        measures += [pathway.explain, measure]
    return Presentation(
        first.group,
        "s",
        n_replicas=design.n_replicas,
        capacity=design.capacity,
        collected={"a": neurons.variables["a"], "energy": energy},
        reset=[neurons.variables[name] for name in (*states, "a")],
        watched=(neurons, "u"),
        settling=f"{design.rest} - u",
        measures=measures,
        also_shown=also_shown,
    )


def _loops(
    design: LCADesign, neurons: NeuronGroup, pathways: list[InputPathway], presentation: Presentation
) -> tuple[Lateral | None, list[Pathway]]:
    """Connect the population to itself, by lateral weights or through its input neurons."""
    if design.form == "residual":
        return None, [loop for pathway in pathways for loop in pathway.residual_pathways(neurons)]
    presentation.onset += [pathway.feed_forward(neurons) for pathway in pathways]
    how: Any = {"transmits": "a", "into": "inhibition", "name": "inhibit"}
    if grids := grids_of(design.modalities):
        n_features = pathways[0].dictionary.shape[0]
        grid = grids[0] if len(grids) == 1 else grid_of_positions(grids)
        table = SharedOverlaps(np.zeros((n_features, grid.overlaps(n_features).row)), grid, name="lateral")
        return table, [SharedPathway(neurons, neurons, table, **how)]
    squares = [Block(block.row, block.n_rows, block.row, block.n_rows) for block in design.blocks]
    lateral = DenseWeights(np.zeros((design.n_neurons,) * 2), name="lateral", blocks=squares)
    return lateral, [DensePathway(neurons, neurons, lateral, **how)]


def _learning(
    design: LCADesign,
    neurons: NeuronGroup,
    pathways: list[InputPathway],
    *,
    lateral: Lateral | None,
    presentation: Presentation,
) -> None:
    """Give every pathway its rule, and let the lateral weights keep up."""
    first, linked = pathways[0], pathways[0].gain is not None
    products = None
    extension, plain = design.extension, design.extension.rule == LEARNING_RULE
    dense, many = isinstance(lateral, DenseWeights), design.n_neurons >= _MANY * design.n_replicas
    if dense and plain and not linked and many:
        products = Products.of(design)
        presentation.learning.append(project_residuals(design, first, products))
    for pathway in pathways:
        pathway.learn(
            neurons,
            presentation,
            rule=extension.rule,
            parameters=extension.parameters,
            constraints=() if design.joint_norm else extension.constraints,
        )
    if design.joint_norm:
        presentation.learning.append(scale_jointly(pathways))
    if lateral is None:
        return
    if products is None and not linked:
        presentation.learning.append(compare_fields(first.dictionary, lateral))
    elif products is None:
        presentation.learning.append(compare_joined(pathways, lateral))
    else:
        assert isinstance(lateral, DenseWeights)
        assert isinstance(first.plasticity, Plasticity)
        rows = follow_rows(
            design, neurons, lateral, presentation, plasticity=first.plasticity, products=products
        )
        presentation.learning.append(rows)


def _whole(
    design: LCADesign, groups: tuple[NeuronGroup, ...], pathways: list[Pathway], *, presentation: Presentation,
    clock: Clock,
) -> Operation | None:  # fmt: skip
    """Return the operation that simulates a whole presentation, or None where the user's equations forbid it."""
    # With terms of the user's the membrane's goal is not known.
    goal = None if design.membrane_terms else design.extension.goal
    rest = None if goal is None else goal.format(rest=design.rest)
    try:
        return whole_presentation(groups, pathways, presentation=presentation, clock=clock, rest=rest)
    except NotLoopable:
        return None


def _neurons(design: LCADesign, clock: Clock) -> NeuronGroup:
    n = design.n_replicas * design.n_neurons
    return NeuronGroup(
        n, equations(design), method="euler", clock=clock, name="neurons", namespace=dict(design.namespace)
    )
