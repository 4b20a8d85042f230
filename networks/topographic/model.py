"""Topographic coding as recipes know it."""

from neurosim.networks.lca.model import LATERAL, lateral_weights
from neurosim.networks.topographic.parameters import TopographicLCAParameters
from neurosim.registry.model import Model
from neurosim.registry.network_section import section_of

TopographicLCASection = section_of(TopographicLCAParameters, model="topographic-lca")

MODELS = (
    Model(
        section=TopographicLCASection,
        estimator="neurosim.networks.topographic.topographic_lca:TopographicLCA",
        title="topographic LCA: neighbours on a sheet lower each other's thresholds",
        citation="Hyvärinen & Hoyer 2001, doi:10.1016/S0042-6989(01)00114-6; Rozell et al. 2008",
        capabilities=frozenset({"settles", "softened", "sheet"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
    ),
)
