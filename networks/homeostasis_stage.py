"""Homeostasis as a part of a spiking design."""

from dataclasses import dataclass

from neurosim.networks.homeostasis import Homeostasis
from neurosim.networks.spiking_circuit import Parts, SpikingCircuit

__all__ = ["HomeostasisStage", "homeostasis_of"]


@dataclass(frozen=True)
class HomeostasisStage:
    """Adds a homeostasis to a population when its circuit is built.

    Parameters
    ----------
    kind : str
        See `Homeostasis`.
    population : str
    """

    kind: str
    population: str

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
