"""What a spiking network tells of itself: its equations, and the rules it learns by."""

from typing import Any

import numpy as np

from neurosim.networks.learning_rules import Rule, rule_text
from neurosim.networks.spiking.circuit import Population, SpikingDesign

__all__ = ["Told"]


class Told:
    """Base of spiking networks, which have a `SpikingDesign`."""

    @property
    def equations(self) -> str:
        """The Brian2 equations of every population, as text with units."""
        return "\n".join(
            f"# {p.name}: fires when {p.threshold}, then {p.reset}\n{p.equations.strip()}\n"
            for p in self._populations()
        )

    @property
    def learning_rules(self) -> str:
        """The rules by which weights and thresholds change after every batch, as the engine takes them.

        A heading says of each rule what learns, and what it keeps to.
        """
        design = self._described()
        weights = [
            Rule(f"{each.name}, from {each.source} to {each.target}", each.rule, each.constraints)
            for each in design.connections
            if each.rule is not None
        ]
        stages = [stage.told for stage in design.stages if hasattr(stage, "told")]
        return rule_text([*weights, *stages])

    def _populations(self) -> tuple[Population, ...]:
        return self._described().populations

    def _described(self: Any) -> SpikingDesign:
        n_pixels, dtype = getattr(self, "n_features_in_", 1), np.dtype(float)
        design: SpikingDesign = self._design(n_pixels, dtype=dtype, backend="numpy", n_replicas=1, capacity=1)
        return design
