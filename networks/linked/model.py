"""Linked dictionaries as recipes know them."""

from neurosim.networks.lca.model import LATERAL, graded_section, lateral_weights
from neurosim.networks.linked.parameters import LinkedLCAParameters, OrdinalLinkedLCAParameters
from neurosim.registry.model import Model

LinkedLCASection = graded_section(LinkedLCAParameters, model="linked-lca")
OrdinalLinkedLCASection = graded_section(OrdinalLinkedLCAParameters, model="ordinal-linked-lca")

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
