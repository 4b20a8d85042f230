"""Topographic coding, its parameters stated once."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from neurosim.networks.lateral import LATERAL, lateral_weights
from neurosim.networks.lca.model import CarriedParameters
from neurosim.registry.model import Model
from neurosim.registry.network_section import section_of
from neurosim.registry.parameters import Flag, Number, Other, Whole, parameters

_SIDES = list[Annotated[int, Field(ge=1)]]


def _the_sheet_holds_neurons_and_pools(values: Any, seconds: Callable[[str], Any]) -> None:
    from neurosim.networks.topographic.neighbours import require_sheet, sheet_sides

    height, width = sheet_sides(values.n_neurons, values.sheet)
    require_sheet(height, width, side=values.pooling, excited=values.lateral_excitation > 0)


@parameters(pooling=_the_sheet_holds_neurons_and_pools)
class TopographicLCAParameters(CarriedParameters):
    """Of membranes on a sheet that lower their neighbours' thresholds."""

    sheet: Annotated[
        tuple[int, int] | None,
        Other("tuple of int", in_recipes=_SIDES),
        "Height and width in neurons, row by row; a square by default.",
    ] = None
    torus: Annotated[bool, Flag(), "Whether opposite edges of the sheet meet."] = True
    pooling: Annotated[
        int,
        Whole(),
        "Side √n of the square pools, odd. A neuron that is active alone has the threshold λ, one in the midst of "
        "others as active as itself λ/`pooling`. In the smaller pools at the edge of a grid the lone threshold is the "
        "same, because neurons count the more the fewer pools they are in.",
    ] = 3
    threshold: Annotated[
        float | str,
        Number(or_zero=True, automatic=True),
        "λ, in the unit of the stimuli. By default four standard deviations of the pixel values that the first `fit` "
        "is given.",
    ] = "auto"
    softening: Annotated[
        float | str,
        Number(automatic=True),
        "σ, in the unit of the stimuli, by default .1 of the threshold: activity below λ does not quite vanish, but "
        "stays near or below σ. A small share of λ is near a threshold, and settles slowly: a neuron that joins late "
        "grows from about σ.",
    ] = "auto"
    nonnegative: Annotated[
        bool, Flag(), "One-sided neurons; else each stands for a pair of opposite sign."
    ] = False
    lateral_excitation: Annotated[
        float,
        Number(or_zero=True),
        "Strength of further excitation between neighbours, a current of so much times their Gaussian mean activity. "
        "It is no part of the objective, and presentations then run to their end.",
    ] = 0.0
    excitation_reach: Annotated[float, Number(), "Standard deviation of that Gaussian in neurons."] = 1.0


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
        untiled="",
    ),
)
