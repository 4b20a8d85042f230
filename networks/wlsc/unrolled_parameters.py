"""Parameters of weighted ℓ1 coding, its unrolled encoder, and the model it is compared with: none needs a circuit."""

from typing import TYPE_CHECKING, Annotated

from neurosim.networks.parameters import LearnedParameters, PopulationParameters
from neurosim.registry.parameters import Documented, Number, OneOf, Whole, parameters

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["CODES", "LocalLowDimensionalityParameters", "PenaltyParameters", "UnrolledWLSCParameters"]

CODES = ("nonnegative", "signed", "simplex")


@parameters()
class PenaltyParameters(Documented):
    """What a code costs, and which codes and fields are allowed."""

    locality: Annotated[
        float,
        Number(or_zero=True),
        "λ, the weight of the squared distance between a stimulus and the field of a neuron that responds to it, "
        "without unit. 0 with a `threshold` and fields of unit norm is classical ℓ1 coding.",
    ] = 0.1
    threshold: Annotated[
        float,
        Number(or_zero=True),
        "A plain ℓ1 threshold besides, in the unit of the stimuli times that of the fields: the square of the "
        "stimuli's with free norms.",
    ] = 0.0
    code: Annotated[
        str,
        OneOf(CODES),
        "Activities of at least zero; of both signs, each neuron standing for a pair; or of at least zero and one in "
        "sum (K-Deep Simplex).",
    ] = "nonnegative"
    norm: Annotated[
        str,
        OneOf(("free", "unit")),
        "Whether learning keeps fields at unit norm. With unit norms and a non-negative code, locality is plain ℓ1 "
        "rescaled.",
    ] = "free"


@parameters()
class UnrolledWLSCParameters(PenaltyParameters, LearnedParameters):
    """Of weighted ℓ1 coding by back-propagation."""

    n_layers: Annotated[int, Whole(), "Accelerated steps of the encoder, in training and in `transform`."] = (
        15
    )
    n_epochs: int = 10
    learning_rate: Annotated[
        float,
        "Of Adam: about how far a weight moves per batch, over the stimuli's root mean square if norms are free. So it "
        "is a pure number.",
    ] = 1e-3
    initial_dictionary: Annotated[
        "str | ArrayLike",
        "Fields that learning starts from. With free norms, named starts have the root mean square norm of the stimuli "
        "and an array is used as it is.",
    ] = "stimuli"


@parameters()
class LocalLowDimensionalityParameters(PopulationParameters):
    """Of fields whose responses to neighbouring stimuli span few dimensions."""

    global_weight: Annotated[
        float, Number(or_zero=True), "Of many dimensions overall against few within windows."
    ] = 1.0
    n_epochs: int = 30
    batch_size: Annotated[int, "Windows, together with several times as many patches as neurons."] = 100
    learning_rate: Annotated[
        float,
        "Of Adam; falls linearly. Fields have unit norm and windows are brought to a root mean square of one, so it is "
        "a pure number: windows in another unit give the same fields.",
    ] = 0.02
