"""WLSC, its parameters stated once."""

from typing import TYPE_CHECKING, Annotated

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.lca.model import RateParameters
from neurosim.networks.wlsc.unrolled_parameters import PenaltyParameters
from neurosim.registry.model import Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Number, parameters

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@parameters()
class WLSCParameters(PenaltyParameters, RateParameters):
    """Of membranes with thresholds by the distance of stimulus and field."""

    locality_ramp: Annotated[
        float,
        Number(or_zero=True),
        "Share of learning over which `locality` grows from zero to its value; later calls of `partial_fit` keep the "
        "value.",
    ] = 0.3
    learning_rate: Annotated[
        float,
        "In units of what brings a lone neuron's field to its best: every field's step is divided by a running "
        "⟨x² + 2λ|x|⟩ of its neuron, and all by the number of active neurons where that exceeds eight.",
    ] = 0.5
    initial_dictionary: Annotated[
        "str | ArrayLike",
        "Fields that learning starts from. Free fields start as stimuli of their own length, as noise of that length, "
        "or as the array's rows; else they are scaled to unit norm.",
    ] = "stimuli"


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
        untiled=(
            "its thresholds are distances between a field and the whole stimulus, so that they would grow with all "
            "that lies around"
        ),
    ),
)
