"""The LCA as recipes know it."""

from collections.abc import Callable
from typing import Any

from neurosim.networks.lca.parameters import LCAParameters
from neurosim.registry.model import Learned, Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Number


def _only_a_firm_threshold_has_an_upper_one(values: Any, seconds: Callable[[str], Any]) -> None:
    # A search may switch kinds on an estimator; a recipe that says both would say what is not done.
    if values.upper_threshold is not None and values.threshold_kind != "firm":
        raise ValueError(
            f'upper_threshold: goes with threshold_kind = "firm", got {values.threshold_kind!r}; leave it out'
        )


def graded_section(statement: type, *, model: str) -> type[Any]:
    """Return the section of an LCA, or of a network with its thresholds."""
    return section_of(
        statement,
        model=model,
        narrower={"threshold": Number(automatic=True)},  # without one the code is not sparse
        checks=(_only_a_firm_threshold_has_an_upper_one,),
    )


LCASection = graded_section(LCAParameters, model="lca")


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


MODELS = (
    Model(
        section=LCASection,
        estimator="neurosim.networks.lca.lca:LCA",
        title="LCA: sparse coding by membranes that inhibit each other by the overlap of their fields",
        citation="Rozell, Johnson, Baraniuk & Olshausen 2008, doi:10.1162/neco.2008.03-07-486",
        capabilities=frozenset({"settles"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
    ),
)
