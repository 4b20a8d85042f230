"""Topographic coding as recipes know it."""

from math import isqrt
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from neurosim.networks.lca.model import LATERAL, SettlingSection, lateral_weights
from neurosim.registry.model import Model
from neurosim.registry.parameter_types import AutomaticOrNotNegative, AutomaticOrPositive


class TopographicLCASection(SettlingSection):
    """Parameters of `neurosim.networks.TopographicLCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["topographic-lca"] = "topographic-lca"
    """Which network."""
    sheet: list[Annotated[int, Field(ge=1)]] | None = Field(default=None, validate_default=True)
    """Height and width in neurons; left out, a square."""
    torus: bool = True
    """Whether opposite edges of the sheet meet."""
    pooling: int = Field(default=3, ge=1, validate_default=True)
    """Side of the square of neighbours that lower each other's thresholds, odd."""
    threshold: AutomaticOrNotNegative = "auto"
    """Threshold of a neuron that is active alone, in the unit of the patches; "auto" is four deviations of theirs."""
    softening: AutomaticOrPositive = "auto"
    """Activity below which thresholds give way, in the unit of the patches; "auto" is a tenth of the threshold."""
    nonnegative: bool = False
    """Allow only positive activity."""
    lateral_excitation: float = Field(default=0.0, ge=0)
    """Strength of further excitation between neighbours."""
    excitation_reach: float = Field(default=1.0, gt=0)
    """Standard deviation of that excitation, in neurons."""
    carry_over: bool = False
    """Start each batch from the membranes of the one before."""

    @field_validator("sheet")
    @classmethod
    def _the_sheet_holds_the_neurons(cls, sheet: list[int] | None, info: ValidationInfo) -> list[int] | None:
        n_neurons = info.data.get("n_neurons")
        if n_neurons is None:  # refused itself
            return sheet
        if sheet is None and isqrt(n_neurons) ** 2 != n_neurons:
            raise ValueError(
                f"expected n_neurons to fill a square, got {n_neurons}; give the sheet's [height, width]"
            )
        if sheet is not None and (len(sheet) != 2 or sheet[0] * sheet[1] != n_neurons):
            raise ValueError(f"expected two sides whose product is n_neurons = {n_neurons}, got {sheet}")
        return sheet

    @field_validator("pooling")
    @classmethod
    def _pools_have_a_middle_and_fit_on_the_sheet(cls, pooling: int, info: ValidationInfo) -> int:
        if pooling % 2 == 0:
            raise ValueError(f"expected an odd number, got {pooling}")
        if "sheet" not in info.data or "n_neurons" not in info.data:  # refused themselves
            return pooling
        shorter = min(info.data["sheet"] or [isqrt(info.data["n_neurons"])])
        if pooling > shorter:
            raise ValueError(f"expected at most the sheet's shorter side, {shorter} neurons, got {pooling}")
        return pooling


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
    ),
)
