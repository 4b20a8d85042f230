"""Input populations of a locally competitive algorithm: one for each modality, with a plastic pathway of its own.

Barari & Kim drive one population from several dictionaries, u̇ ∝ −u + Σ_m Φ_m (s_m − Φ_mᵀa) + a, each of which learns
from its own residual, ΔΦ_m ∝ a ⊗ (s_m − Φ_mᵀa). An LCA is the case of one modality without a name.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.dense import DensePathway, DenseWeights, propagation
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation

__all__ = ["LEARNING_RULE", "InputPathway", "Modality", "compare_joined", "input_equations", "scale_jointly"]

LEARNING_RULE = "w += eta*a_post*r_pre"

_ALONE = """
s : 1                           # stimulus, one pixel per input neuron
prediction : 1                  # what the population's activity explains of it
r = s - prediction : 1          # residual
"""
_LINKED = _ALONE + "gain : 1                        # weight of the modality; zero while it is absent\n"


@dataclass(frozen=True)
class Modality:
    """One kind of stimulus.

    Parameters
    ----------
    name : str
        Part of the names of variables in the equations; empty for the only input of an ordinary network.
    n_pixels : int
    """

    name: str
    n_pixels: int

    def named(self, variable: str) -> str:
        """Return the name of what belongs to this modality."""
        return f"{variable}_{self.name}" if self.name else variable

    def sent(self, variable: str) -> str:
        """Return what its input neurons send of a variable."""
        return f"gain*{variable}" if self.name else variable


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
    dictionary : DenseWeights, shape (n_neurons, n_pixels)
    residual : ArrayVariable, n_replicas * n_pixels values
        What the population left unexplained at the end of a presentation.
    explain : Operation
        Brings the population's activity to the input neurons at the end of a presentation.
    plasticity : Plasticity
        Set once the presentation is there.
    """

    modality: Modality
    group: NeuronGroup
    dictionary: DenseWeights
    residual: ArrayVariable
    explain: Operation
    plasticity: Plasticity | None = None

    @classmethod
    def build(
        cls, modality: Modality, neurons: NeuronGroup, *, n_replicas: int, clock: Clock, dtype: str
    ) -> "InputPathway":
        """Make the input neurons and their weights, all zero until they are written."""
        named, n_pixels = modality.named, modality.n_pixels
        group = NeuronGroup(
            n_replicas * n_pixels, input_equations(modality), clock=clock, name=named("inputs"), namespace={}
        )
        # Filled before each run; a matrix of zeros keeps the arrays in place.
        dictionary = DenseWeights(np.zeros((len(neurons) // n_replicas, n_pixels)), name=named("dictionary"))
        block = ArrayBlock(named("explained"), {"residual": (n_replicas * n_pixels, dtype)})
        explain = propagation(
            neurons, group, dictionary, transmits="a", into="prediction", name=named("explain")
        )
        return cls(modality, group, dictionary, block.array("residual"), explain)

    @property
    def gain(self) -> ArrayVariable | None:
        """The modality's weight, one value per input neuron; an ordinary network's inputs have none."""
        return self.group.variables["gain"] if self.modality.name else None

    def feed_forward(self, neurons: NeuronGroup) -> Operation:
        """Bring the stimulus to the population at the onset of a presentation."""
        return propagation(
            self.group,
            neurons,
            self.dictionary.T,
            transmits=self.modality.sent("s"),
            into=self.modality.named("drive"),
            name=self.modality.named("feed_forward"),
        )

    def residual_pathways(self, neurons: NeuronGroup) -> list[DensePathway]:
        """Let the population predict its input and be driven by what is left, all the time."""
        named = self.modality.named
        predict = DensePathway(
            neurons, self.group, self.dictionary, transmits="a", into="prediction", name=named("predict")
        )
        excite = DensePathway(
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
    ) -> Plasticity:
        """Let the weights follow a rule at the end of each presentation."""
        self.plasticity = Plasticity(
            self.group,
            neurons,
            self.dictionary.T,
            rule=rule,
            presentation=presentation,
            parameters=parameters,
            constraints=constraints,
            name=self.modality.named("learn"),
        )
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


def scale_jointly(pathways: list[InputPathway]) -> Operation:
    """Scale each neuron's fields in all modalities together: their squares, times the gains, sum to one."""

    def scale(**given: Any) -> None:
        matrices = [given[f"weights{k}"].reshape(p.dictionary.shape) for k, p in enumerate(pathways)]
        squares = sum(
            given[f"gain{k}"][0] * np.einsum("np,np->n", matrix, matrix) for k, matrix in enumerate(matrices)
        )
        norms = np.sqrt(np.where(squares > 0, squares, 1))[:, np.newaxis]
        for matrix in matrices:
            np.divide(matrix, norms, out=matrix)

    arrays, sizes = _joined_arrays(pathways)
    n_neurons = pathways[0].dictionary.shape[0]
    sums = "".join(f" + gain{k}[0] * dot(w{k}, w{k}, n_pixels{k})" for k in range(len(pathways)))
    rows = "".join(
        f"auto* w{k} = weights{k} + (size_t)j * n_pixels{k}; " for k in range(len(pathways))
    )  # fmt: skip
    divide = "".join(f"for (int i = 0; i < n_pixels{k}; ++i) w{k}[i] /= norm; " for k in range(len(pathways)))
    cpp = (
        f"for (int j = 0; j < n_neurons; ++j) {{ {rows}\n"
        f"const auto norm = std::sqrt(0{sums});\nif (norm > 0) {{ {divide} }} }}\nreturn 0;"
    )
    return Operation("scale_jointly", arrays, cpp, scale, sizes={"n_neurons": n_neurons, **sizes})


def compare_joined(pathways: list[InputPathway], lateral: DenseWeights) -> Operation:
    """Compute Σ_m g_m Φ_m Φ_mᵀ − I afresh, with the modalities' gains g: products of fields laid side by side."""

    def compare(lateral: Any, **given: Any) -> None:
        joined = np.hstack([
            np.sqrt(given[f"gain{k}"][0]) * given[f"weights{k}"].reshape(p.dictionary.shape)
            for k, p in enumerate(pathways)
        ])  # fmt: skip
        overlaps = joined @ joined.T
        overlaps[np.diag_indices_from(overlaps)] -= 1
        lateral[:] = overlaps.ravel()

    arrays, sizes = _joined_arrays(pathways)
    n_neurons = pathways[0].dictionary.shape[0]
    width = " + ".join(sizes)
    copies = "".join(
        f"for (int i = 0; i < n_pixels{k}; ++i)\n"
        f"  *row++ = std::sqrt(gain{k}[0]) * weights{k}[(size_t)j * n_pixels{k} + i];\n"
        for k in range(len(pathways))
    )
    cpp = (
        f"const int width = {width};\n"
        "std::vector<std::remove_reference<decltype(lateral[0])>::type> joined((size_t)n_neurons * width);\n"
        f"auto* row = joined.data();\nfor (int j = 0; j < n_neurons; ++j) {{\n{copies}}}\n"
        "row_overlaps(joined.data(), lateral, n_neurons, width); return 0;"
    )
    return Operation(
        "compare_joined",
        {"lateral": lateral.variable, **arrays},
        cpp,
        compare,
        sizes={"n_neurons": n_neurons, **sizes},
    )


def _joined_arrays(pathways: list[InputPathway]) -> tuple[dict[str, ArrayVariable], dict[str, int]]:
    arrays: dict[str, ArrayVariable] = {}
    for k, pathway in enumerate(pathways):
        assert pathway.gain is not None
        arrays |= {f"weights{k}": pathway.dictionary.variable, f"gain{k}": pathway.gain}
    return arrays, {f"n_pixels{k}": pathway.modality.n_pixels for k, pathway in enumerate(pathways)}
