"""WLSC as recipes know it."""

from typing import Literal

from pydantic import Field

from neurosim.networks.lca.model import LATERAL, SettlingSection, lateral_weights
from neurosim.registry.model import Model
from neurosim.registry.parameter_types import InitialDictionary


class WLSCSection(SettlingSection):
    """Parameters of `neurosim.networks.WLSC`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["wlsc"] = "wlsc"
    """Which network."""
    locality: float = Field(default=0.1, ge=0)
    """Weight of the squared distance between a stimulus and the field of a neuron that answers it."""
    threshold: float = Field(default=0.0, ge=0)
    """A plain threshold besides, in the unit of the patches times that of the fields."""
    code: Literal["nonnegative", "signed", "simplex"] = "nonnegative"
    """Activity of at least zero, of both signs, or of at least zero and one in sum."""
    norm: Literal["free", "unit"] = "free"
    """Whether learning keeps fields at unit norm."""
    locality_ramp: float = Field(default=0.3, ge=0)
    """Share of learning over which `locality` grows from zero to its value."""
    initial_dictionary: InitialDictionary = "stimuli"
    """Fields learning starts from: randomly chosen patches, or random directions."""


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
