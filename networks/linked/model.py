"""Linked dictionaries as recipes know them."""

from typing import Annotated, Literal

from pydantic import Field

from neurosim.networks.lca.model import LATERAL, GradedSection, lateral_weights
from neurosim.registry.model import Model
from neurosim.registry.parameter_types import AutomaticOrNotNegative, InitialDictionary


class ModalitiesSection(GradedSection):
    """What all networks of several modalities have."""

    nonnegative: bool = True
    """Allow only positive activity."""
    initial_dictionary: InitialDictionary = "stimuli"
    """Fields learning starts from: randomly chosen stimuli, or random directions."""
    weights: dict[str, Annotated[float, Field(gt=0)]] | None = None
    """How much each modality counts, by its name; left out, all the same."""
    norm: Literal["each", "joint"] = "each"
    """Fields of unit norm in each modality, or in all of them together."""


class LinkedLCASection(ModalitiesSection):
    """Parameters of `neurosim.networks.LinkedLCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["linked-lca"] = "linked-lca"
    """Which network."""


class OrdinalLinkedLCASection(ModalitiesSection):
    """Parameters of `neurosim.networks.OrdinalLinkedLCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["ordinal-linked-lca"] = "ordinal-linked-lca"
    """Which network."""
    current: AutomaticOrNotNegative = "auto"
    """Injected into the neurons of the right class while learning, in the unit of the patches; "auto": three
    quarters of the threshold."""
    neurons_per_class: int | None = Field(default=None, ge=1)
    """Neurons that belong to each class; left out, as many as all classes can have alike."""


MODELS = (
    Model(
        section=LinkedLCASection,
        estimator="neurosim.networks.linked.linked_lca:LinkedLCA",
        title="linked LCA: one code shared by several modalities",
        citation="Barari & Kim, linking sparse-coding dictionaries by one shared code",
        capabilities=frozenset({"settles", "modalities"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
    ),
    Model(
        section=OrdinalLinkedLCASection,
        estimator="neurosim.networks.linked.ordinal_linked_lca:OrdinalLinkedLCA",
        title="ordinal linked LCA: modalities, and neurons that a class drives while they learn",
        citation="Barari & Kim, linking sparse-coding dictionaries by one shared code",
        capabilities=frozenset({"settles", "modalities", "labels"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
    ),
)
