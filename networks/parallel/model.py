"""Parallel streams in one population, their parameters stated once."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.lca.model import LCAParameters, graded_section
from neurosim.registry.model import Model
from neurosim.registry.parameters import Other, parameters

_PAIR = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=2)]
_STREAMS = Annotated[list[_PAIR], Field(min_length=1)]


def _the_streams_hold_all_neurons(values: Any, seconds: Callable[[str], Any]) -> None:
    from neurosim.networks.parallel.streams import checked_streams

    checked_streams(values.streams, n_neurons=values.n_neurons)


@parameters(streams=_the_streams_hold_all_neurons)
class ParallelLCAParameters(LCAParameters):
    """Of an LCA whose neurons see parts of the stimulus."""

    streams: Annotated[
        tuple[tuple[int, int], ...] | None,
        Other("sequence of pairs of int", in_recipes=_STREAMS),
        "One pair for each stream, the number of its neurons and of the channels that it sees; neurons add up to "
        "`n_neurons`. A stimulus is channels of equal size side by side, in the order of the streams: with "
        "((512, 2), (256, 2)) and 1,024 values, 512 neurons see the first 512 values and 256 the others, and with "
        "((512, 512), (256, 512)), counted in values, as well. One stream that sees everything by default.",
    ] = None
    nonnegative: bool = True


ParallelLCASection = graded_section(ParallelLCAParameters, model="parallel-lca")

MODELS = (
    Model(
        section=ParallelLCASection,
        estimator="neurosim.networks.parallel.parallel_lca:ParallelLCA",
        title="parallel LCA: streams of membranes in one population, each sees channels of its own",
        citation="Hubel & Wiesel 1972, doi:10.1002/cne.901460402, and Blasdel & Fitzpatrick 1984 (layers 4Cα, 4Cβ); "
        "Rozell et al. 2008, doi:10.1162/neco.2008.03-07-486",
        capabilities=frozenset({"settles", "streams"}),
        learned=(LATERAL,),
        threshold="threshold_",
        weights=lateral_weights,
        untiled="",
    ),
)
