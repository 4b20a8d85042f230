"""The LCA, its parameters stated once, and those that all networks have whose membranes settle."""

from collections.abc import Callable
from typing import Annotated, Any

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.parameters import CircuitParameters
from neurosim.registry.model import Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Flag, Number, OneOf, Time, parameters

THRESHOLD_KINDS = ("soft", "hard", "firm")


@parameters()
class RateParameters(CircuitParameters):
    """What all networks have whose membranes settle."""

    presentation: Annotated[
        Any,
        Time(),
        "How long each stimulus is shown at most. By default 1,000 τ, of which a stimulus that has settled takes a "
        "small part; 20 τ in recordings, with terms of your own, and wherever else presentations do not end early.",
    ] = None
    dt: Annotated[
        Any,
        Time(),
        "Fixed time step. By default every stimulus has steps of its own: they start at τ/10, grow up to τ/2 while the "
        "population moves on, and shrink when it swings back, to .9 of 2τ/λ_max(ΦΦᵀ) if need be.",
    ] = None
    epsilon: Annotated[
        float | None,
        Number(or_zero=True),
        "A neuron tells the others only changes of its activity larger than this, in the unit of the stimuli; by "
        "default .015 of `threshold`, divided by the largest squared norm of the fields (the mean, where activities "
        "are divided by them). 0 sends every change.",
    ] = None
    tolerance: Annotated[
        float | None,
        Number(or_zero=True),
        "End a stimulus's presentation once no activity would still move further than this, and let the membranes go "
        "where they are heading; by default `epsilon`, when no neuron would ever send again, and for fields longer "
        "than 1, whose own activity moves them by its squared norm, so many times that. 0 shows all to the end.",
    ] = None
    learning_rate: Annotated[
        float,
        "Step of the Hebbian rule, a pure number: it is divided by the mean square of the pixel values that the first "
        "`fit` is given, so that learning does not depend on their unit.",
    ] = 0.5
    learning_rate_schedule: str = "linear"
    learning: Annotated[bool, Flag(), "False freezes the dictionary: `fit` only measures."] = True
    reseed_dead: Annotated[
        bool,
        Flag(),
        "Give neurons that were silent for all batches of an epoch, at most 40, the residual of a badly explained "
        "stimulus.",
    ] = False
    membrane_terms: Annotated[
        str,
        'Added inside the bracket of the membrane equation, for example ``"- g"`` or ``"+ sigma*sqrt(tau)*xi"``. With '
        "such terms presentations do not end early; random ones are simulated step by step, with every activity sent.",
    ] = ""


@parameters()
class CarriedParameters(RateParameters):
    """Of networks that can follow a film."""

    carry_over: Annotated[
        bool,
        Flag(),
        "Start from the membranes of the batch before, for films of shape (n_films, n_frames, n_pixels), as many as a "
        "batch holds; rows have to be in that order, stimulus k of a batch continuing stimulus k of the one before. "
        "`fit` keeps it.",
    ] = False


def require_upper(level: float, upper: float) -> None:
    """Raise unless the upper threshold of the firm function is above the threshold."""
    if not upper > level:
        raise ValueError(f"upper_threshold: expected more than the threshold of {level:g}, got {upper:g}")


def _the_upper_threshold_is_above(values: Any, seconds: Callable[[str], Any]) -> None:
    if values.threshold_kind == "firm" and not isinstance(values.threshold, str):
        require_upper(values.threshold, values.upper_threshold)


def require_soft(kind: str) -> None:
    """Raise unless neurons that adapt have the soft threshold."""
    if kind != "soft":
        raise ValueError(
            f'adaptation: goes with threshold_kind = "soft", got {kind!r}; set adaptation to 0, or use the soft '
            "threshold"
        )


@parameters(upper_threshold=_the_upper_threshold_is_above)
class LCAParameters(CarriedParameters):
    """Of the LCA: one threshold for all neurons and stimuli."""

    threshold: Annotated[
        float | str,
        Number(or_zero=True, automatic=True),
        "λ, the membrane threshold, which is the sparsity penalty, in the unit of the stimuli. By default one standard "
        "deviation of the pixel values that the first `fit` is given.",
    ] = "auto"
    threshold_kind: Annotated[str, OneOf(THRESHOLD_KINDS), "Shape of the threshold."] = "soft"
    upper_threshold: Annotated[
        float | None,
        Number(),
        "Where the firm threshold joins the identity; twice `threshold` by default.",
    ] = None
    nonnegative: Annotated[
        bool,
        Flag(),
        "One-sided neurons, as real ones are; else each stands for a pair of opposite sign.",
    ] = False
    adaptation: Annotated[
        float,
        Number(or_zero=True),
        "Spike-frequency adaptation: how far a neuron's threshold rises with its own activity, potential per activity, "
        "a pure number. The membranes then settle where the cost has c/2 ‖a‖² more (the elastic net): more neurons "
        "share a stimulus, each is less active and more broadly tuned. Goes with the soft threshold.",
    ] = 0.0
    form: Annotated[
        str,
        OneOf(("lateral", "residual")),
        "Inhibition through lateral weights ΦΦᵀ − I, or through input neurons that hold the residual. Same result; "
        "learning is strictly local in the second, the first is faster.",
    ] = "lateral"


def _only_a_firm_threshold_has_an_upper_one(values: Any, seconds: Callable[[str], Any]) -> None:
    # A search may switch kinds on an estimator; a recipe that says both would say what is not done.
    if values.threshold_kind != "firm":
        raise ValueError(
            f'upper_threshold: goes with threshold_kind = "firm", got {values.threshold_kind!r}; leave it out'
        )


def _only_the_soft_threshold_adapts(values: Any, seconds: Callable[[str], Any]) -> None:
    if values.adaptation > 0:
        require_soft(values.threshold_kind)


def graded_section(statement: type, *, model: str) -> type[Any]:
    """Return the section of an LCA, or of a network with its thresholds."""
    return section_of(
        statement,
        model=model,
        narrower={"threshold": Number(automatic=True)},  # without one the code is not sparse
        checks={
            "upper_threshold": _only_a_firm_threshold_has_an_upper_one,
            "adaptation": _only_the_soft_threshold_adapts,
        },
    )


LCASection = graded_section(LCAParameters, model="lca")


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
        untiled="",
    ),
)
