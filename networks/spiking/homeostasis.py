"""Ways for neurons to keep their own rates: parts that any spiking network can be built with.

Each is a local rule of one neuron: it sees its own spike counts over the batch, or its own drive, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brian2 import NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.operation import Operation
from neurosim.engine.presentation import Presentation
from neurosim.networks.learning_rules import Rule
from neurosim.networks.spiking.circuit import Parts, SpikingCircuit

__all__ = ["HOMEOSTASES", "RULES", "Homeostasis", "HomeostasisStage", "homeostasis_of"]

# Share of the present batch in a running mean square count.
_MEMORY = 0.02


class Homeostasis:
    """Change the thresholds or gains of a population after every batch that teaches.

    Parameters
    ----------
    kind : {"threshold", "variance_gain", "equalisation"}
        ``"threshold"``: θ grows by rate × (mean count − target) (Zylberberg et al. 2011, eq. 6; Földiák 1990).
        ``"variance_gain"``: the gain of the drive is multiplied by (target / mean square count)^rate, the running mean
        square that Olshausen & Field 1996 keep equal; rates above a few hundredths overshoot, since that mean
        remembers some fifty batches. ``"equalisation"``: every neuron follows the level that its
        drive exceeds for a share `target` of the stimuli, and its gain brings that level to the population's mean, so
        that all win the competition equally often (after Perrinet 2010, Neural Computation 22:1812).
    population : brian2.NeuronGroup
        With per-neuron ``n``, and ``theta`` or ``gain`` and ``drive``.
    n_neurons : int
        In one replica.
    presentation : Presentation
        At whose ends the rule acts. It joins it as a stage.
    name : str
        A C identifier, unique in the network.

    Attributes
    ----------
    rate : ArrayVariable
        One value per presentation of a run, zero until written.
    target : ArrayVariable
        Of one value, spikes per stimulus (of the equalisation: the share).
    memory : ArrayVariable
        Of one value per neuron: the running mean square, or the level; write its start.
    """

    def __init__(
        self, kind: str, population: NeuronGroup, n_neurons: int, *, presentation: Presentation, name: str
    ) -> None:
        dtype = population.variables["n"].dtype
        sizes: dict[str, tuple[int, Any]] = {
            "rate": (presentation.capacity, dtype),
            "target": (1, dtype),
            "memory": (n_neurons, dtype),
        }
        self.kind, self.block = kind, ArrayBlock(f"{name}_arrays", sizes)
        adapted, observed, cpp, work = HOMEOSTASES[kind]
        arrays: dict[str, ArrayVariable] = {key: self.block.array(key) for key in sizes}
        arrays |= {key: presentation.block.array(key) for key in ("control", "valid")}
        arrays |= {"adapted": population.variables[adapted], "observed": population.variables[observed]}
        n_replicas = presentation.n_replicas

        def numpy_work(control: NDArray[Any], valid: NDArray[Any], **given: NDArray[Any]) -> None:
            shown = control[1]
            seen = given["observed"].reshape(n_replicas, n_neurons)[: valid[shown]]
            adapted = given["adapted"].reshape(n_replicas, n_neurons)
            adapted[:] = work(adapted[0], seen, given["rate"][shown], given["target"][0], given["memory"])

        operation = Operation(
            name,
            arrays,
            f"{_BEFORE}{cpp}{_AFTER}",
            numpy_work,
            sizes={"n_neurons": n_neurons, "n_replicas": n_replicas},
        )
        presentation.learning.append(operation)

    @property
    def rate(self) -> ArrayVariable:
        """The schedule of the rule's speed."""
        return self.block.array("rate")

    @property
    def target(self) -> ArrayVariable:
        """What the rule keeps to."""
        return self.block.array("target")

    @property
    def memory(self) -> ArrayVariable:
        """What it remembers of each neuron."""
        return self.block.array("memory")


Change = Callable[[NDArray[Any], NDArray[Any], Any, Any, NDArray[Any]], NDArray[Any]]


def _threshold(
    theta: NDArray[Any], counts: NDArray[Any], rate: Any, target: Any, memory: NDArray[Any]
) -> NDArray[Any]:
    return theta + rate * (counts.mean(axis=0) - target)


def _variance_gain(
    gain: NDArray[Any], counts: NDArray[Any], rate: Any, target: Any, memory: NDArray[Any]
) -> NDArray[Any]:
    memory += _MEMORY * ((counts**2).mean(axis=0) - memory)
    grown: NDArray[Any] = gain * (target / memory) ** rate
    return grown


def _equalisation(
    gain: NDArray[Any], drive: NDArray[Any], rate: Any, target: Any, memory: NDArray[Any]
) -> NDArray[Any]:
    memory += rate * memory.mean() * ((drive > memory).mean(axis=0) - target)
    level: NDArray[Any] = memory.mean() / memory
    return level


_BEFORE = """
const int shown = control[1], n_valid = valid[shown];
const auto speed = rate[shown];
for (int i = 0; i < n_neurons; ++i) {
  auto sum = adapted[0] * 0;
  auto next = adapted[i];
"""
_AFTER = """
  for (int r = 0; r < n_replicas; ++r) adapted[(size_t)r * n_neurons + i] = next;
}
return 0;
"""
_THRESHOLD_CPP = """
  for (int r = 0; r < n_valid; ++r) sum += observed[(size_t)r * n_neurons + i];
  next += speed * (sum / n_valid - target[0]);
"""
_VARIANCE_CPP = f"""
  for (int r = 0; r < n_valid; ++r) sum += observed[(size_t)r * n_neurons + i] * observed[(size_t)r * n_neurons + i];
  memory[i] += static_cast<decltype(sum)>({_MEMORY}) * (sum / n_valid - memory[i]);
  next *= std::pow(target[0] / memory[i], speed);
"""
# The population's mean level is that before the batch for the step, and after it for the gain.
_EQUALISATION_CPP = """
  if (i == 0) {
    auto level = adapted[0] * 0;
    for (int j = 0; j < n_neurons; ++j) level += memory[j] / n_neurons;
    for (int j = 0; j < n_neurons; ++j) {
      auto above = adapted[0] * 0;
      for (int r = 0; r < n_valid; ++r) above += observed[(size_t)r * n_neurons + j] > memory[j];
      memory[j] += speed * level * (above / n_valid - target[0]);
    }
  }
  for (int j = 0; j < n_neurons; ++j) sum += memory[j] / n_neurons;
  next = sum / memory[i];
"""

RULES = {
    "threshold": "theta += rate*(mean_n - target)",
    "variance_gain": f"memory += {_MEMORY}*(mean_square_n - memory)\ngain *= (target/memory)**rate",
    "equalisation": "memory += rate*level*(share_above - target)\ngain = level/memory",
}
"""The rules in words of arithmetic, for people: what follows runs."""

# What adapts, what is observed, and the rule twice.
HOMEOSTASES: dict[str, tuple[str, str, str, Change]] = {
    "threshold": ("theta", "n", _THRESHOLD_CPP, _threshold),
    "variance_gain": ("gain", "n", _VARIANCE_CPP, _variance_gain),
    "equalisation": ("gain", "drive", _EQUALISATION_CPP, _equalisation),
}


@dataclass(frozen=True)
class HomeostasisStage:
    """Adds a `Homeostasis` to a population when its circuit is built."""

    kind: str
    population: str

    @property
    def told(self) -> Rule:
        """The rule, for people."""
        return Rule(f"homeostasis of {self.population}", RULES[self.kind])

    def __call__(self, parts: Parts) -> None:
        """Join the circuit that is being built."""
        group = parts.groups[self.population]
        parts.homeostases[self.population] = Homeostasis(
            self.kind,
            group,
            len(group) // parts.design.n_replicas,
            presentation=parts.presentation,
            name=f"{self.population}_homeostasis",
        )


def homeostasis_of(circuit: SpikingCircuit, population: str) -> Homeostasis:
    """Return the homeostasis of a population."""
    return circuit.parts.homeostases[population]
