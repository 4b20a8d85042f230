"""The networks a recipe can name, and the estimator that takes their parameters."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

from pydantic import Field

from neurosim.runs.graded_sections import LCASection, LinkedLCASection, OrdinalLinkedLCASection
from neurosim.runs.settling_sections import TopographicLCASection, WLSCSection
from neurosim.runs.spiking_sections import EINetSection, SAILnetSection, SpikingLCASection
from neurosim.runs.svae_section import SVAESection

Network = Annotated[
    LCASection
    | SpikingLCASection
    | SAILnetSection
    | EINetSection
    | LinkedLCASection
    | OrdinalLinkedLCASection
    | WLSCSection
    | TopographicLCASection
    | SVAESection,
    Field(discriminator="model"),
]
"""``[network]`` of a recipe."""

# model -> module and class of the estimator, imported when a run needs it, because that imports Brian2.
_ESTIMATORS = {
    "lca": ("neurosim.networks.lca.lca", "LCA"),
    "spiking-lca": ("neurosim.networks.spiking.spiking_lca", "SpikingLCA"),
    "sailnet": ("neurosim.networks.spiking.sailnet", "SAILnet"),
    "einet": ("neurosim.networks.spiking.einet", "EINet"),
    "linked-lca": ("neurosim.networks.linked.linked_lca", "LinkedLCA"),
    "ordinal-linked-lca": ("neurosim.networks.linked.ordinal_linked_lca", "OrdinalLinkedLCA"),
    "wlsc": ("neurosim.networks.wlsc.wlsc", "WLSC"),
    "topographic-lca": ("neurosim.networks.topographic.topographic_lca", "TopographicLCA"),
    "svae": ("neurosim.networks.svae.svae", "SVAE"),
}


def estimator(section: Network, *, random_state: int) -> Any:
    """Return the unfitted network that a recipe's section describes.

    Parameters
    ----------
    section : LCASection or another of the union
        ``[network]`` of a recipe.
    random_state : int
        Seed of the network's own stream.

    Raises
    ------
    BackendError
        If the backend needs a compiler that is not here.
    ImportError
        If the network learns by back-propagation and jax or optax is not here.
    """
    _require_means(section)
    module, name = _ESTIMATORS[section.model]
    kind: Callable[..., Any] = getattr(import_module(module), name)
    return kind(**section.model_dump(exclude={"model"}), random_state=random_state)


def _require_means(section: Network) -> None:
    """Raise unless what the network learns by is installed: jax, or a compiler for its backend."""
    if isinstance(section, SVAESection):
        from neurosim.networks.estimator.jax_arrays import jax_and_optax

        jax_and_optax("svae")
    elif section.backend != "auto":
        from neurosim.engine.backend import require_backend

        require_backend(section.backend)
