"""The Brian2 objects of a locally competitive algorithm: two populations, their pathways and the learning rule.

Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, ms

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DensePathway, DenseWeights, propagation
from neurosim.engine.errors import NotLoopable
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program
from neurosim.engine.step_parts import outside_networks
from neurosim.engine.whole_presentation import whole_presentation
from neurosim.networks.lca_overlaps import Measured, compare_fields, follow_rows, measure, project_residuals

__all__ = ["FORMS", "LEARNING_RULE", "Circuit", "LCADesign", "build_circuit", "equations"]

LEARNING_RULE = "w += eta*a_post*r_pre"

INPUT_EQUATIONS = """
s : 1                           # stimulus, one pixel per input neuron
prediction : 1                  # what the population's activity explains of it
r = s - prediction : 1          # residual
"""

# Rozell et al. 2008, eq. 2.4 and 2.5; `a` is the activity that neighbours see.
_LATERAL = """
du/dt = (drive - u - inhibition{terms}) / tau : 1
a = {activity} : 1 (constant over dt)
drive : 1                       # feed-forward overlap with the stimulus
inhibition : 1                  # from active neighbours, by the overlap of their fields
"""
# The same fixed point without lateral weights: the input neurons' residual carries the inhibition.
_RESIDUAL = """
du/dt = (excitation + a - u{terms}) / tau : 1
a = {activity} : 1 (constant over dt)
excitation : 1                  # overlap with the residual of the input neurons
"""
_PARAMETERS = """
tau : second (shared)
threshold : 1 (shared)
upper : 1 (shared)
"""
FORMS = {"lateral": _LATERAL, "residual": _RESIDUAL}
# From so many neurons per replica on, following the overlaps through an update is less work than comparing all fields.
_MANY = 5
# Where the membrane goes while its input stays as it is.
_REST = {"lateral": "drive - inhibition", "residual": "excitation + a"}


@dataclass(frozen=True)
class LCADesign:
    """All that decides the generated code of a circuit; numbers that may change between runs are not part of it.

    Parameters
    ----------
    n_neurons, n_pixels, n_replicas, capacity : int
        Neurons, pixels, stimuli in a batch and batches in one run.
    form : {"lateral", "residual"}
    activity : str
        Threshold function as a Brian2 expression of ``u``.
    backend : str
    float_dtype : str
    membrane_terms, extra_equations : str
        The user's additions.
    namespace : mapping
        Values of the names those use.
    step_by_step : bool
        Let Brian2 take all replicas through each time step, as monitors need it; else each replica runs through its
        whole presentation, if its equations allow.
    """

    n_neurons: int
    n_pixels: int
    n_replicas: int
    capacity: int
    form: str
    activity: str
    backend: str
    float_dtype: str
    membrane_terms: str = ""
    extra_equations: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict)
    step_by_step: bool = False

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
    text = FORMS[design.form].format(activity=design.activity, terms=terms) + _PARAMETERS
    return text + (design.extra_equations.rstrip() + "\n" if design.extra_equations else "")


@dataclass
class Circuit:
    """A built network with its parts.

    Attributes
    ----------
    inputs, neurons : brian2.NeuronGroup
        ``n_replicas * n_pixels`` input neurons and ``n_replicas * n_neurons`` coefficient neurons.
    states : tuple of str
        Variables of `neurons` that a presentation starts from zero, ``u`` among them.
    dictionary : DenseWeights, shape (n_neurons, n_pixels)
    lateral : DenseWeights or None
        Overlaps ΦΦᵀ − I; the residual form has none.
    presentation : Presentation
    plasticity : Plasticity
    network : brian2.Network
        Add monitors to it before the first run.
    program : Program
        Runs it.
    step_by_step : bool
        Whether Brian2 takes all replicas through each time step.
    """

    design: LCADesign
    inputs: NeuronGroup
    neurons: NeuronGroup
    states: tuple[str, ...]
    dictionary: DenseWeights
    lateral: DenseWeights | None
    presentation: Presentation
    plasticity: Plasticity
    network: Network
    program: Program
    step_by_step: bool


def build_circuit(design: LCADesign) -> Circuit:
    """Build the Brian2 objects of a design; nothing is compiled yet."""
    with activated(design.backend, float_dtype=design.float_dtype):
        if design.backend == "cpp_standalone":
            fresh_standalone_device()
        return _assembled(design)


def _assembled(design: LCADesign) -> Circuit:
    clock = Clock(1 * ms, name="lca_clock")
    inputs, neurons = _populations(design, clock)
    # Filled before each run; a matrix of zeros keeps the arrays in place.
    dictionary = DenseWeights(np.zeros((design.n_neurons, design.n_pixels)), name="dictionary")
    explain = propagation(neurons, inputs, dictionary, transmits="a", into="prediction", name="explain")
    # The membrane, and whatever else the user's equations integrate.
    states = tuple(sorted(neurons.equations.diff_eq_names))
    measured = Measured.of(design)
    presentation = Presentation(
        inputs,
        "s",
        n_replicas=design.n_replicas,
        capacity=design.capacity,
        collected={"a": neurons.variables["a"], "energy": measured.energy},
        reset=[neurons.variables[name] for name in (*states, "a")],
        watched=(neurons, "u"),
        settling=f"{_REST[design.form]} - u",
        measures=[explain, measure(design, inputs, measured)],
    )
    connect = _lateral_pathways if design.form == "lateral" else _residual_pathways
    lateral, pathways = connect(inputs, neurons, dictionary, presentation)
    follow = lateral is not None and design.n_neurons >= _MANY * design.n_replicas
    if follow:
        presentation.learning.append(project_residuals(design, dictionary, measured))
    plasticity = Plasticity(
        inputs, neurons, dictionary.T, rule=LEARNING_RULE, presentation=presentation, constraints=("unit_norm",),
        name="learn",
    )  # fmt: skip
    if lateral is not None and follow:
        rows = follow_rows(design, neurons, lateral, presentation, plasticity=plasticity, measured=measured)
        presentation.learning.append(rows)
    elif lateral is not None:
        presentation.learning.append(compare_fields(dictionary, lateral))
    groups = (inputs, neurons)
    if not design.step_by_step:
        presentation.whole = _whole(design, groups, pathways, presentation=presentation, clock=clock)
    stepped: tuple[Any, ...] = (*groups, *pathways)
    if presentation.whole:
        outside_networks(stepped)
        stepped = ()
    network = Network(*stepped, presentation.scheduled(clock))
    read_back = [neurons.variables[name] for name in states] + [dictionary.variable]
    read_back += [lateral.variable] if lateral is not None else []
    return Circuit(
        design=design,
        inputs=inputs,
        neurons=neurons,
        states=states,
        dictionary=dictionary,
        lateral=lateral,
        presentation=presentation,
        plasticity=plasticity,
        network=network,
        program=Program(
            network,
            clock=clock,
            backend=design.backend,
            float_dtype=design.float_dtype,
            written=presentation.written() | dict.fromkeys(read_back),
        ),
        step_by_step=presentation.whole is None,
    )


def _whole(
    design: LCADesign,
    groups: tuple[NeuronGroup, NeuronGroup],
    pathways: list[DensePathway],
    *,
    presentation: Presentation,
    clock: Clock,
) -> Operation | None:
    """Return the operation that simulates a whole presentation, or None where the user's equations forbid it."""
    # With terms of the user's the membrane's goal is not known.
    rest = None if design.membrane_terms else _REST[design.form]
    try:
        return whole_presentation(groups, pathways, presentation=presentation, clock=clock, rest=rest)
    except NotLoopable:
        return None


def _populations(design: LCADesign, clock: Clock) -> tuple[NeuronGroup, NeuronGroup]:
    inputs = NeuronGroup(
        design.n_replicas * design.n_pixels, INPUT_EQUATIONS, clock=clock, name="inputs", namespace={}
    )
    neurons = NeuronGroup(
        design.n_replicas * design.n_neurons,
        equations(design),
        method="euler",
        clock=clock,
        name="neurons",
        namespace=dict(design.namespace),
    )
    return inputs, neurons


def _lateral_pathways(
    inputs: NeuronGroup, neurons: NeuronGroup, dictionary: DenseWeights, presentation: Presentation
) -> tuple[DenseWeights, list[DensePathway]]:
    lateral = DenseWeights(np.zeros((dictionary.shape[0],) * 2), name="lateral")
    presentation.onset.append(
        propagation(inputs, neurons, dictionary.T, transmits="s", into="drive", name="feed_forward")
    )
    inhibit = DensePathway(neurons, neurons, lateral, transmits="a", into="inhibition", name="inhibit")
    return lateral, [inhibit]


def _residual_pathways(
    inputs: NeuronGroup, neurons: NeuronGroup, dictionary: DenseWeights, presentation: Presentation
) -> tuple[None, list[DensePathway]]:
    predict = DensePathway(neurons, inputs, dictionary, transmits="a", into="prediction", name="predict")
    excite = DensePathway(
        inputs, neurons, dictionary.T, transmits="r", into="excitation", order=1, name="excite"
    )
    return None, [predict, excite]
