"""WLSC as recipes know it."""

from neurosim.networks.lca.model import LATERAL, lateral_weights
from neurosim.networks.wlsc.parameters import WLSCParameters
from neurosim.registry.model import Model
from neurosim.registry.network_section import section_of

WLSCSection = section_of(WLSCParameters, model="wlsc")

MODELS = (
    Model(
        section=WLSCSection,
        estimator="neurosim.networks.wlsc.wlsc:WLSC",
        title="WLSC: thresholds by the distance of stimulus and field",
        citation="Huml, Tasissa & Ba 2023, arXiv:2402.10213",
        capabilities=frozenset({"settles", "merges"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
    ),
)
