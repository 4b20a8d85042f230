"""The pathways of a locally competitive algorithm: from input neurons, one population for each modality, and lateral.

Barari & Kim drive one population from several dictionaries, u̇ ∝ −u + Σ_m Φ_m (s_m − Φ_mᵀa) + a, each of which learns
from its own residual, ΔΦ_m ∝ a ⊗ (s_m − Φ_mᵀa). An LCA is the case of one modality without a name. The
lateral weights are the overlaps of the fields, after each update: that is not local, and the residual form of the
circuit has none and no need of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.blocks import Block, block_table
from neurosim.engine.dense import DensePathway, DenseWeights, propagation
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.pathways import ConvolutionPathway, shared_propagation
from neurosim.engine.shared.plasticity import SharedPlasticity
from neurosim.engine.shared.weights import SharedFields, SharedOverlaps, compare_shared

__all__ = [
    "LEARNING_RULE",
    "OVERLAPS",
    "InputPathway",
    "Lateral",
    "Modality",
    "Sizes",
    "compare_fields",
    "grids_of",
    "input_equations",
    "measure_stiffness",
    "overlaps_of",
    "stiffness_of",
]

Lateral = DenseWeights | SharedOverlaps
"""Overlaps of fields."""

LEARNING_RULE = "w += eta*a_post*r_pre"
OVERLAPS = "w = sum(field_pre*field_post)"
"""What lateral weights are made after every update, for people; not a local rule."""

_ALONE = """
s : 1                           # stimulus, one pixel per input neuron
prediction : 1                  # what the population's activity explains of it
r = s - prediction : 1          # residual
"""
_LINKED = _ALONE + "gain : 1                        # weight of the modality; zero while it is absent\n"


class Sizes(Protocol):
    """What parts of a circuit have to know of its design."""

    @property
    def n_neurons(self) -> int: ...
    @property
    def n_replicas(self) -> int: ...
    @property
    def float_dtype(self) -> str: ...
    @property
    def blocks(self) -> tuple[Block, ...]: ...


@dataclass(frozen=True)
class Modality:
    """One kind of stimulus; its name, empty for the only one, is part of the names of variables in the equations.

    With a `grid` it is a picture, at every position of which the same fields stand.
    """

    name: str
    n_pixels: int
    grid: Grid | None = None

    def named(self, variable: str) -> str:
        """Return the name of what belongs to this modality."""
        return f"{variable}_{self.name}" if self.name else variable

    def sent(self, variable: str) -> str:
        """Return what its input neurons send of a variable."""
        return f"gain*{variable}" if self.name else variable


def grids_of(modalities: Sequence[Modality]) -> tuple[Grid, ...]:
    """Return the grids over pictures, of the same positions; none where each neuron has a field of its own."""
    return tuple(modality.grid for modality in modalities if modality.grid is not None)


def input_equations(modality: Modality) -> str:
    """Return the Brian2 equations of a modality's input neurons."""
    return _LINKED if modality.name else _ALONE


@dataclass
class InputPathway:
    """The input neurons of one modality with their weights onto the population.

    Attributes
    ----------
    modality : Modality
    group : brian2.NeuronGroup
        ``n_replicas * n_pixels`` input neurons.
    dictionary : DenseWeights, shape (n_neurons, n_pixels), or SharedFields, shape (n_features, field_size)
    residual : ArrayVariable, n_replicas * n_pixels values
        What the population left unexplained at the end of a presentation.
    explain : Operation
        Brings the population's activity to the input neurons at the end of a presentation.
    plasticity : Plasticity
        Set once the presentation is there.
    """

    modality: Modality
    group: NeuronGroup
    dictionary: DenseWeights | SharedFields
    residual: ArrayVariable
    explain: Operation
    plasticity: Plasticity | SharedPlasticity | None = None

    @classmethod
    def build(
        cls,
        modality: Modality,
        neurons: NeuronGroup,
        *,
        n_replicas: int,
        clock: Clock,
        dtype: str,
        blocks: Sequence[Block] = (),
    ) -> "InputPathway":
        """Make the input neurons and their weights, all zero until they are written."""
        named, n_pixels = modality.named, modality.n_pixels
        group = NeuronGroup(
            n_replicas * n_pixels, input_equations(modality), clock=clock, name=named("inputs"), namespace={}
        )
        dictionary = _dictionary(modality, len(neurons) // n_replicas, blocks)
        block = ArrayBlock(named("explained"), {"residual": (n_replicas * n_pixels, dtype)})
        explain = _propagation(
            neurons, group, dictionary, transmits="a", into="prediction", name=named("explain")
        )
        return cls(modality, group, dictionary, block.array("residual"), explain)

    @property
    def gain(self) -> ArrayVariable | None:
        """The modality's weight, one value per input neuron; an ordinary network's inputs have none."""
        return self.group.variables["gain"] if self.modality.name else None

    def feed_forward(self, neurons: NeuronGroup) -> Operation:
        """Bring the stimulus to the population at the onset of a presentation."""
        return _propagation(
            self.group,
            neurons,
            self.dictionary.T,
            transmits=self.modality.sent("s"),
            into=self.modality.named("drive"),
            name=self.modality.named("feed_forward"),
        )

    def residual_pathways(self, neurons: NeuronGroup) -> list[DensePathway | ConvolutionPathway]:
        """Let the population predict its input and be driven by what is left, all the time."""
        named = self.modality.named
        pathway: Any = DensePathway if self.modality.grid is None else ConvolutionPathway
        predict = pathway(
            neurons, self.group, self.dictionary, transmits="a", into="prediction", name=named("predict")
        )
        excite = pathway(
            self.group,
            neurons,
            self.dictionary.T,
            transmits=self.modality.sent("r"),
            into=named("excitation"),
            order=1,
            name=named("excite"),
        )
        return [predict, excite]

    def learn(
        self,
        neurons: NeuronGroup,
        presentation: Presentation,
        *,
        constraints: tuple[str, ...],
        rule: str = LEARNING_RULE,
        parameters: tuple[str, ...] = ("eta",),
    ) -> Plasticity | SharedPlasticity:
        """Let the weights follow a rule at the end of each presentation."""
        shared = isinstance(self.dictionary, SharedFields)
        plasticity: Any = SharedPlasticity if shared else Plasticity
        self.plasticity = plasticity(
            self.group,
            neurons,
            self.dictionary if shared else self.dictionary.T,
            rule=rule,
            presentation=presentation,
            parameters=parameters,
            constraints=constraints,
            name=self.modality.named("learn"),
        )
        assert self.plasticity is not None
        return self.plasticity

    def measure(self, energy: ArrayVariable, *, n_replicas: int, first: bool) -> Operation:
        """Take the residuals, and add half their squares, times the gain, to the energy of every stimulus."""
        shape = (n_replicas, self.modality.n_pixels)
        linked = self.gain is not None

        def take(s: Any, prediction: Any, residual: Any, energy: Any, gain: Any = None) -> None:
            np.subtract(s, prediction, out=residual)
            rows = residual.reshape(shape)
            halves = np.einsum("rp,rp->r", rows, rows) / 2 * (gain[0] if linked else 1)
            energy[:] = halves if first else energy + halves

        arrays = {
            "s": self.group.variables["s"],
            "prediction": self.group.variables["prediction"],
            "residual": self.residual,
            "energy": energy,
        }
        if self.gain is not None:
            arrays["gain"] = self.gain
        factor = "gain[0]" if linked else "1"
        return Operation(
            self.modality.named("measure"),
            arrays,
            f"add_residual_energies(s, prediction, residual, energy, {factor}, {'true' if first else 'false'}, "
            "n_replicas, n_pixels); return 0;",
            take,
            sizes={"n_replicas": n_replicas, "n_pixels": self.modality.n_pixels},
        )


def _dictionary(modality: Modality, n_neurons: int, blocks: Sequence[Block]) -> DenseWeights | SharedFields:
    """Make the weights; they are filled before each run, a matrix of zeros keeps the arrays in place."""
    name, grid = modality.named("dictionary"), modality.grid
    if grid is None:
        return DenseWeights(np.zeros((n_neurons, modality.n_pixels)), name=name, blocks=blocks)
    return SharedFields(np.zeros((n_neurons // grid.n_positions, grid.field_size)), grid, name=name)


def _propagation(source: NeuronGroup, target: NeuronGroup, weights: Any, **how: Any) -> Operation:
    """Write the work of a pathway through weights of either kind."""
    write: Any = shared_propagation if isinstance(weights, SharedFields) else propagation
    operation: Operation = write(source, target, weights, **how)
    return operation


def compare_fields(dictionary: DenseWeights | SharedFields, lateral: Lateral) -> Operation:
    """Compute ΦΦᵀ − I afresh."""
    if isinstance(dictionary, SharedFields):
        assert isinstance(lateral, SharedOverlaps)
        return compare_shared(dictionary, lateral)
    shape, blocks = dictionary.shape, dictionary.blocks
    table, block_sizes = block_table(blocks)

    def overlaps(weights: Any, lateral: Any) -> None:
        lateral[:] = overlaps_of(weights.reshape(shape), blocks).ravel()

    return Operation(
        "compare_fields",
        {"weights": dictionary.variable, "lateral": lateral.variable},
        f"{table}for (const Block& block : blocks) row_overlaps(weights, lateral, n_neurons, n_pixels, block);\n"
        "return 0;",
        overlaps,
        sizes={"n_neurons": shape[0], "n_pixels": shape[1]} | block_sizes,
    )


def overlaps_of(fields: NDArray[Any], blocks: Sequence[Block] = ()) -> NDArray[Any]:
    """Return ΦΦᵀ − I, shape (n_neurons, n_neurons); fields that are zero outside of blocks have no overlap with others.

    Examples
    --------
    >>> overlaps_of(np.array([[1.0, 0.0], [0.6, 0.8]]))
    array([[0. , 0.6],
           [0.6, 0. ]])
    """
    if len(blocks) < 2:
        overlaps = fields @ fields.T
    else:
        overlaps = np.zeros((len(fields),) * 2, dtype=fields.dtype)
        for block in blocks:
            own = fields[block.rows, block.columns]
            overlaps[block.rows, block.rows] = own @ own.T
    overlaps[np.diag_indices_from(overlaps)] -= 1
    return overlaps


# No neuron's stiffness is less than this share of the mean; of the median, where a few fields are so long that the
# share of the mean is more than the median. Else what most neurons have not said would count many times, unnoticed.
_SOFTEST = 0.01


def stiffness_of(dictionary: NDArray[Any]) -> NDArray[np.float64]:
    """Return the potential per activity of every neuron, ‖φ_j‖², not too far below the mean.

    Examples
    --------
    >>> stiffness_of(np.array([[2.0, 0.0], [0.0, 0.0]]))
    array([4.  , 0.02])
    """
    squares = np.square(dictionary, dtype=float).sum(axis=1)
    stiffness: NDArray[np.float64] = np.maximum(squares, _least_stiffness(squares))
    return stiffness


def _least_stiffness(squares: NDArray[np.float64]) -> float:
    """Return what no neuron's stiffness is less than."""
    mean, median = float(squares.mean()), float(np.partition(squares, len(squares) // 2)[len(squares) // 2])
    typical = median if 0 < median < _SOFTEST * mean else mean
    return _SOFTEST * (typical or 1.0)


def measure_stiffness(
    neurons: NeuronGroup, pathways: list[InputPathway], lateral: Lateral | None
) -> Operation:
    """Give every neuron its stiffness at the onset of a stimulus, and take it off its overlap with itself.

    Fields may have learned since the last onset. The lateral weights' diagonal is what a floor on the stiffness leaves:
    nothing, but for fields far shorter than most. Copies of a field at other positions count as further replicas.
    """
    n_neurons = pathways[0].dictionary.shape[0]
    n_replicas = len(neurons) // n_neurons
    # Of a table of overlaps the middle are those of fields at the same place.
    middle = 0 if lateral is None else (lateral.shape[1] - n_neurons) // 2

    def measure(stiffness: Any, **given: Any) -> None:
        squares = sum(
            (given[f"gain{k}"][0] if pathway.gain is not None else 1)
            * np.square(given[f"weights{k}"].reshape(pathway.dictionary.shape), dtype=float).sum(axis=1)
            for k, pathway in enumerate(pathways)
        )
        each = np.maximum(squares, _least_stiffness(squares))
        stiffness.reshape(n_replicas, n_neurons)[:] = each
        if lateral is not None:
            own = np.arange(n_neurons)
            given["lateral"].reshape(n_neurons, -1)[own, middle + own] = squares - each

    arrays = {"stiffness": neurons.variables["stiffness"]}
    sizes = {"n_neurons": n_neurons, "n_replicas": n_replicas, "middle": middle}
    sums = []
    for k, pathway in enumerate(pathways):
        arrays[f"weights{k}"], sizes[f"n_pixels{k}"] = (
            pathway.dictionary.variable,
            pathway.dictionary.shape[1],
        )
        if pathway.gain is not None:
            arrays[f"gain{k}"] = pathway.gain
        row = f"weights{k} + (size_t)j * n_pixels{k}"
        sums.append(f"{f'gain{k}[0] * ' if pathway.gain is not None else ''}dot({row}, {row}, n_pixels{k})")
    if lateral is not None:
        arrays["lateral"] = lateral.variable
    diagonal = (
        "lateral[(size_t)j * (n_neurons + 2 * middle) + middle + j] = squares[j] - each;"
        if lateral is not None
        else ""
    )
    cpp = _MEASURE.format(squares=" + ".join(sums), diagonal=diagonal, softest=_SOFTEST)
    return Operation("measure_stiffness", arrays, cpp, measure, sizes=sizes)


_MEASURE = """
std::vector<double> squares(n_neurons);
double mean = 0;
for (int j = 0; j < n_neurons; ++j) {{
  squares[j] = {squares};
  mean += squares[j] / n_neurons;
}}
std::vector<double> ordered(squares);
std::nth_element(ordered.begin(), ordered.begin() + n_neurons / 2, ordered.end());
const double median = ordered[n_neurons / 2];
const double typical = 0 < median && median < {softest} * mean ? median : mean;
for (int j = 0; j < n_neurons; ++j) {{
  const double each = std::max(squares[j], {softest} * (typical > 0 ? typical : 1.0));
  for (int r = 0; r < n_replicas; ++r) stiffness[(size_t)r * n_neurons + j] = each;
  {diagonal}
}}
return 0;
"""
