"""The LCA as recipes know it, and the parameters that all rate networks share."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from neurosim.registry.model import Learned, Model
from neurosim.registry.parameter_types import (
    AutomaticOrPositive,
    Backend,
    Duration,
    InitialDictionary,
    Schedule,
)
from neurosim.registry.section import Section


class SettlingSection(Section):
    """What all networks have whose membranes settle."""

    model: str
    """Which network."""
    n_neurons: int = Field(default=256, ge=1)
    """Size of the population."""
    tau: Duration = "10 ms"
    """Membrane time constant."""
    presentation: Duration | None = None
    """How long each stimulus is shown at most; left out, until it has settled, and no longer than 1000 tau."""
    dt: Duration | None = None
    """Fixed time step; left out, each stimulus has steps that adapt."""
    epsilon: float | None = Field(default=None, ge=0)
    """Neurons send only changes of activity larger than this; left out, .015 of the threshold."""
    tolerance: float | None = Field(default=None, ge=0)
    """End a stimulus once no activity would still move further; left out, `epsilon`; 0 never."""
    n_epochs: int = Field(default=1, ge=1)
    """How often the training patches are gone through."""
    batch_size: int = Field(default=100, ge=1)
    """Stimuli that are shown at once and that one update averages over."""
    learning_rate: float = Field(default=0.5, gt=0)
    """Step of the Hebbian rule, a pure number: relative to the mean square of the training patches."""
    learning_rate_schedule: Schedule = "linear"
    """How the rate falls in the course of training."""
    reseed_dead: bool = False
    """Give neurons that stayed silent the residual of a badly explained stimulus."""
    initial_dictionary: InitialDictionary = "noise"
    """Fields learning starts from: random directions, or randomly chosen patches."""
    backend: Backend = "auto"
    """What Brian2 generates: nothing, Cython, a C++ program, or whichever of the first two pays."""


class GradedSection(SettlingSection):
    """What all networks have whose threshold is the same for all neurons and stimuli."""

    threshold: AutomaticOrPositive = "auto"
    """Membrane threshold, which is the sparsity penalty, in the unit of the patches; "auto" is their deviation."""
    threshold_kind: Literal["soft", "hard", "firm"] = "soft"
    """Shape of the threshold."""
    upper_threshold: float | None = Field(default=None, gt=0)
    """Where the firm threshold joins the identity; left out, twice the threshold."""
    nonnegative: bool = False
    """Allow only positive activity."""
    form: Literal["lateral", "residual"] = "lateral"
    """Lateral inhibition by the overlaps, or a second layer that holds the residual."""
    carry_over: bool = False
    """Start each batch from the membranes of the one before."""

    @model_validator(mode="after")
    def _the_upper_threshold_is_above(self) -> Self:
        level = 0.0 if isinstance(self.threshold, str) else self.threshold
        if self.upper_threshold is not None and self.upper_threshold <= level:
            raise ValueError(
                f"expected upper_threshold above threshold = {self.threshold}, got {self.upper_threshold}"
            )
        if self.upper_threshold is not None and self.threshold_kind != "firm":
            raise ValueError(
                f'upper_threshold goes with threshold_kind = "firm", got {self.threshold_kind!r}; '
                "leave it out"
            )
        return self


class LCASection(GradedSection):
    """Parameters of `neurosim.networks.LCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["lca"] = "lca"
    """Which network."""


LATERAL = Learned(
    "lateral_",
    "lateral",
    ("neuron", "from_neuron"),
    "lateral inhibition: what the activity or a spike of from_neuron takes from neuron",
)
"""Of all rate networks, and of spiking networks with lateral weights of their own."""


def lateral_weights(section: Any, n_pixels: int) -> dict[str, tuple[str, int]]:
    """Count the lateral weights, which every pair of neurons has."""
    return {"lateral weights": ("n_neurons", section.n_neurons**2)}


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
    ),
)
