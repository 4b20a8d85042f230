"""Parameters that networks of several families have."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any

from neurosim.registry.parameters import Documented, Flag, Number, OneOf, Other, Time, Whole, parameters

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "BACKENDS",
    "SCHEDULES",
    "STARTS",
    "CircuitParameters",
    "LearnedParameters",
    "PopulationParameters",
]

SCHEDULES = ("constant", "linear", "cosine", "late", "two_step")
STARTS = ("noise", "stimuli")
BACKENDS = ("auto", "numpy", "cython", "cpp_standalone")


@parameters()
class PopulationParameters(Documented):
    """A population that learns from batches of stimuli."""

    n_neurons: Annotated[int, Whole(), "Size of the population."] = field(default=256, kw_only=False)
    n_epochs: Annotated[int, Whole(), "How often `fit` goes through the stimuli."] = 1
    batch_size: Annotated[int, Whole(), "Stimuli that one update of learning averages over."] = 100
    learning_rate: Annotated[float, Number(or_zero=True), "Step of learning."] = 0.5
    random_state: Annotated[Any, Other("int, RandomState or None"), "Seed of all that is drawn."] = None


@parameters()
class LearnedParameters(PopulationParameters):
    """Fields that are learned at a rate that may fall, from a start of one's choice."""

    learning_rate_schedule: Annotated[
        str, OneOf(SCHEDULES), "How the rate falls in the course of a `fit`, or of one call of `partial_fit`."
    ] = "constant"
    initial_dictionary: Annotated[
        "str | ArrayLike",
        OneOf(STARTS, or_else="array, shape (n_neurons, n_pixels)"),
        "Fields that learning starts from: random directions, randomly chosen stimuli, or rows of your own; scaled to "
        "unit norm.",
    ] = "noise"
    warm_start: Annotated[
        bool,
        Flag(),
        "A further `fit` goes on from what was learned, with the parameters as they are then, instead of starting "
        "afresh. The unit of the stimuli is measured again, and the schedule of the rate begins again.",
    ] = False


@parameters()
class CircuitParameters(LearnedParameters):
    """What every network has that Brian2 simulates."""

    tau: Annotated[Any, Time(), "Membrane time constant."] = "10 ms"
    batch_size: Annotated[
        int,
        "Replicas of the population, each with a stimulus of its own; learning averages over them.",
    ] = 100
    membrane_terms: Annotated[
        str,
        Other("str"),
        'Added inside the bracket of the membrane equation, for example ``"- g"``.',
    ] = ""
    extra_equations: Annotated[
        str, Other("str"), "More Brian2 equations, for the variables those terms use."
    ] = ""
    namespace: Annotated[Mapping[str, Any] | None, Other("dict"), "Values of other names in them."] = None
    backend: Annotated[
        str,
        OneOf(BACKENDS),
        'Code-generation target of Brian2. ``"auto"`` is Cython where the circuit is compiled already, or where it '
        'would take the numpy target longer than compiling it; else, and without a compiler, it is ``"numpy"``.',
    ] = "auto"
