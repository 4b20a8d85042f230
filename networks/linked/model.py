"""Linked dictionaries, their parameters stated once."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.lca.model import LCAParameters, graded_section
from neurosim.registry.model import Model
from neurosim.registry.parameters import Number, OneOf, Other, Whole, parameters

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


_NUMBERS = dict[str, Annotated[float, Field(gt=0)]]


def _only_the_soft_threshold_adapts_at_recall(values: Any, seconds: Callable[[str], Any]) -> None:
    if values.recall_adaptation > 0 and values.threshold_kind != "soft":
        raise ValueError(
            f'recall_adaptation: goes with threshold_kind = "soft", got {values.threshold_kind!r}; set it to 0, or use '
            "the soft threshold"
        )


@parameters(recall_adaptation=_only_the_soft_threshold_adapts_at_recall)
class ModalitiesParameters(LCAParameters):
    """Of an LCA that sees several modalities, of whatever shape."""

    weights: Annotated[
        Mapping[str, float] | None,
        Other("mapping of str to float", in_recipes=_NUMBERS),
        "Weight g of each modality, by its name, one where not given: the gain of its input neurons. While that of the "
        "largest weight is absent, the gains of the others rise together, until the largest of them is as large.",
    ] = None
    recall_adaptation: Annotated[
        float | None,
        Number(or_zero=True),
        "`adaptation` of the neurons while they recall an absent modality through their fields: those that share it "
        "out, as many do whose print is the same, recall together what each has seen. By default as otherwise.",
    ] = None
    norm: Annotated[
        str,
        OneOf(("each", "joint")),
        "Learning keeps the norm of each neuron's field in each modality, or only that of all together (weighted, so "
        "that neurons may prefer one modality, as cells prefer one eye).",
    ] = "each"
    nonnegative: bool = True
    initial_dictionary: Annotated[
        "str | ArrayLike",
        "Fields that learning starts from: randomly chosen stimuli, random directions, or rows of your own, with the "
        "features of all modalities side by side.",
    ] = "stimuli"


@parameters()
class LinkedLCAParameters(ModalitiesParameters):
    """Of an LCA of several modalities."""

    completion: Annotated[
        Mapping[str, float] | None,
        Other("mapping of str to float", in_recipes=_NUMBERS),
        "Modalities of few patterns, such as prints, that are recalled through weights of their own; by name, with a "
        "sharpness β. `fit` learns those weights last, from codes that were found without what is recalled. Their "
        "residual is between what was seen and the recall *completed* to the patterns that it is nearest to: mixed by "
        "a softmax of β times its overlaps with them, in units of their mean squared norm. They are recalled from the "
        "codes that their weights have learned from, without `recall_adaptation`. By default what a neuron recalls is "
        "its field.",
    ] = None


def _a_higher_threshold_is_a_current(values: Any, seconds: Callable[[str], Any]) -> None:
    if not (values.nonnegative and values.threshold_kind == "soft"):
        raise ValueError(
            'initial_threshold: goes with nonnegative = true and threshold_kind = "soft", got nonnegative = '
            f"{values.nonnegative} and {values.threshold_kind!r}; leave it out, or change those"
        )


def _blocks_inhibit_by_lateral_weights(values: Any, seconds: Callable[[str], Any]) -> None:
    if values.block_inhibition > 0 and not (values.nonnegative and values.form == "lateral"):
        raise ValueError(
            'block_inhibition: goes with nonnegative = true and form = "lateral", got nonnegative = '
            f"{values.nonnegative} and {values.form!r}; set it to 0, or change those"
        )


@parameters(
    initial_threshold=_a_higher_threshold_is_a_current,
    block_inhibition=_blocks_inhibit_by_lateral_weights,
)
class OrdinalLinkedLCAParameters(LinkedLCAParameters):
    """Of linked dictionaries that classes drive while they learn."""

    current: Annotated[
        float | str,
        Number(or_zero=True, automatic=True),
        "Injected into each neuron of the right class's block while learning, in the unit of the stimuli; by default "
        "three quarters of the threshold that learning begins with.",
    ] = "auto"
    final_current: Annotated[
        float | None,
        Number(or_zero=True),
        "What the current has come to when learning ends, in the unit of the stimuli; it changes by the same amount "
        "from batch to batch of a `fit`. By default it stays.",
    ] = None
    initial_threshold: Annotated[
        float | None,
        Number(),
        "λ while learning begins, in the unit of the stimuli; it moves on to `threshold` by the same amount from batch "
        "to batch of a `fit`. An inhibitory current into all neurons makes it higher, which goes with one-sided "
        "neurons and the soft threshold. By default λ stays.",
    ] = None
    block_inhibition: Annotated[
        float,
        Number(or_zero=True),
        "κ, by which neurons of different blocks inhibit each other more than the overlap of their fields says, while "
        "codes settle and not while the network learns: potential per activity, a pure number. No label takes part. "
        "Goes with one-sided neurons and the lateral form.",
    ] = 0.0
    neurons_per_class: Annotated[
        int | None,
        Whole(),
        "Size of a block; block c starts at neuron c times this size. By default as many as fit into `n_neurons`; the "
        "neurons left over belong to no class.",
    ] = None
    blocks: Annotated[
        "ArrayLike | None",
        Other("array, shape (n_classes, n_neurons)"),
        "Any other map: the current into each neuron for each class, in units of `current` (0 or 1 for plain blocks; "
        "negative values inhibit). Rows are the classes in sorted order.",
    ] = None
    initial_dictionary: Annotated[
        "str | ArrayLike",
        "Fields that learning starts from: randomly chosen stimuli of the neuron's own class, random directions, or "
        "rows of your own, with the features of all modalities side by side.",
    ] = "stimuli"


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
        untiled="its stimuli are several modalities side by side, not an image",
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
        untiled="its stimuli are several modalities side by side, not an image",
    ),
)
