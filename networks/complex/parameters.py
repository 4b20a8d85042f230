"""The parameters of complex cells, stated once. They learn from simple cells and not from images: no recipe's model."""

from dataclasses import field
from typing import Annotated, Any

from neurosim.networks.parameters import BACKENDS
from neurosim.registry.parameters import Documented, Number, OneOf, Other, Time, Whole, parameters

__all__ = ["ComplexCellParameters"]


@parameters()
class ComplexCellParameters(Documented):
    """Of a population that adds up the energies of simple cells."""

    n_neurons: Annotated[
        int | None,
        Whole(),
        "Complex cells, anchored to simple cells drawn at random; by default one to every simple cell that answers.",
    ] = field(default=None, kw_only=False)
    size: Annotated[
        int,
        Whole(),
        "Simple cells in a pool: the one that the complex cell is anchored to, and those with the largest weights. "
        "The synapses of all others are withdrawn once learning is over.",
    ] = 12
    strength: Annotated[
        str,
        OneOf(("alike", "learned")),
        'How strong the remaining synapses are: all 1, or ``"learned"``, the weights over the largest of another cell '
        "than the anchor, whose own is 1; negative ones are then withdrawn too.",
    ] = "alike"
    tau: Annotated[Any, Time(), "Membrane time constant."] = "10 ms"
    tau_trace: Annotated[Any, Time(), "Time constant with which traces of past activity decay."] = "400 ms"
    presentation: Annotated[
        Any,
        Time(),
        "How long every code lasts; by default a short fixation, 20 time constants of the membrane.",
    ] = "200 ms"
    batch_size: Annotated[int, Whole(), "Sequences that one update of learning averages over."] = 100
    learning_rate: Annotated[
        float | None,
        Number(),
        "Share of a weight that one update replaces. By default as many as it averages over, of all transitions seen "
        "so far: weights are then means over them all, and no order of sequences counts more.",
    ] = None
    random_state: Annotated[Any, Other("int, RandomState or None"), "Seed of the draw of anchors."] = None
    backend: Annotated[
        str, OneOf(BACKENDS), 'Code-generation target of Brian2; ``"auto"`` as for `neurosim.networks.LCA`.'
    ] = "auto"
