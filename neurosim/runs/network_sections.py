"""The networks a recipe can name: their parameters with ranges, and the estimator that takes them."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from neurosim.runs.parameter_types import Backend, Duration, InitialDictionary, Schedule
from neurosim.runs.section import Section
from neurosim.runs.spiking_sections import EINetSection, SAILnetSection, SpikingLCASection


class LCASection(Section):
    """Parameters of `neurosim.networks.LCA`; the recipe's seed takes the place of ``random_state``."""

    model: Literal["lca"] = "lca"
    """Which network."""
    n_neurons: int = Field(default=256, ge=1)
    """Size of the population."""
    threshold: float = Field(default=0.1, gt=0)
    """Membrane threshold, which is the sparsity penalty, in the unit of the patches."""
    threshold_kind: Literal["soft", "hard", "firm"] = "soft"
    """Shape of the threshold."""
    upper_threshold: float | None = Field(default=None, gt=0)
    """Where the firm threshold joins the identity; left out, twice the threshold."""
    nonnegative: bool = False
    """Allow only positive activity."""
    form: Literal["lateral", "residual"] = "lateral"
    """Lateral inhibition by the overlaps, or a second layer that holds the residual."""
    tau: Duration = "10 ms"
    """Membrane time constant."""
    presentation: Duration = "200 ms"
    """How long each stimulus is shown at most."""
    dt: Duration | None = None
    """Fixed time step; left out, each stimulus has steps that adapt."""
    epsilon: float | None = Field(default=None, ge=0)
    """Neurons send only changes of activity larger than this; left out, .02 of the threshold."""
    tolerance: float | None = Field(default=None, ge=0)
    """End a stimulus once no activity would still move further; left out, `epsilon`; 0 never."""
    n_epochs: int = Field(default=1, ge=1)
    """How often the training patches are gone through."""
    batch_size: int = Field(default=100, ge=1)
    """Stimuli that are shown at once and that one update averages over."""
    learning_rate: float = Field(default=0.5, gt=0)
    """Step of the Hebbian rule."""
    learning_rate_schedule: Schedule = "constant"
    """How the rate falls in the course of training."""
    reseed_dead: bool = False
    """Give neurons that stayed silent the residual of a badly explained stimulus."""
    initial_dictionary: InitialDictionary = "noise"
    """Fields learning starts from: random directions, or randomly chosen patches."""
    carry_over: bool = False
    """Start each batch from the membranes of the one before."""
    backend: Backend = "auto"
    """What Brian2 generates: nothing, Cython, a C++ program, or whichever of the first two pays."""

    @model_validator(mode="after")
    def _the_upper_threshold_is_above(self) -> "LCASection":
        if self.upper_threshold is not None and self.upper_threshold <= self.threshold:
            raise ValueError(
                f"expected upper_threshold above threshold = {self.threshold}, got {self.upper_threshold}"
            )
        if self.upper_threshold is not None and self.threshold_kind != "firm":
            raise ValueError(
                f'upper_threshold goes with threshold_kind = "firm", got {self.threshold_kind!r}; '
                "leave it out"
            )
        return self


Network = Annotated[
    LCASection | SpikingLCASection | SAILnetSection | EINetSection, Field(discriminator="model")
]
"""``[network]`` of a recipe."""

# model -> module and class of the estimator, imported when a run needs it, because that imports Brian2.
_ESTIMATORS = {
    "lca": ("neurosim.networks.lca", "LCA"),
    "spiking-lca": ("neurosim.networks.spiking_lca", "SpikingLCA"),
    "sailnet": ("neurosim.networks.sailnet", "SAILnet"),
    "einet": ("neurosim.networks.einet", "EINet"),
}


def estimator(section: Network, *, random_state: int) -> Any:
    """Return the unfitted network that a recipe's section describes.

    Parameters
    ----------
    section : LCASection, SpikingLCASection, SAILnetSection or EINetSection
        ``[network]`` of a recipe.
    random_state : int
        Seed of the network's own stream.

    Raises
    ------
    BackendError
        If the backend needs a compiler that is not here.
    """
    from neurosim.engine.backend import require_backend

    if section.backend != "auto":
        require_backend(section.backend)
    module, name = _ESTIMATORS[section.model]
    kind: Callable[..., Any] = getattr(import_module(module), name)
    return kind(**section.model_dump(exclude={"model"}), random_state=random_state)
