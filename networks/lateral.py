"""Lateral weights, which models of several families declare as what they learn."""

from typing import Any

from neurosim.registry.model import Learned

__all__ = ["LATERAL", "lateral_weights"]

LATERAL = Learned(
    "lateral_",
    "lateral",
    ("neuron", "from_neuron"),
    "lateral inhibition: what the activity or a spike of from_neuron takes from neuron",
)
"""Of all rate networks, and of spiking networks with lateral weights of their own."""


def lateral_weights(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    """Count the lateral weights, which every pair of neurons has."""
    return {"lateral weights": ("n_neurons", section.n_neurons**2)}
