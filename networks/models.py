"""All models that recipes can name, one line per family."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Union

from pydantic import Field

from neurosim.networks.convolutional import model as convolutional
from neurosim.networks.lca import model as lca
from neurosim.networks.linked import model as linked
from neurosim.networks.parallel import model as parallel
from neurosim.networks.spiking import model as spiking
from neurosim.networks.svae import model as svae
from neurosim.networks.topographic import model as topographic
from neurosim.networks.wlsc import model as wlsc
from neurosim.registry.model import Capability, Model

__all__ = ["MODELS", "Network", "built", "declared", "model_of", "models_with"]

MODELS: tuple[Model, ...] = (
    *lca.MODELS,
    *spiking.MODELS,
    *linked.MODELS,
    *wlsc.MODELS,
    *topographic.MODELS,
    *parallel.MODELS,
    *convolutional.MODELS,
    *svae.MODELS,
)

if TYPE_CHECKING:

    class Network(Protocol):
        """``[network]`` of a recipe: the section of one of the models."""

        @property
        def model(self) -> str: ...
        @property
        def n_neurons(self) -> int: ...
        @property
        def batch_size(self) -> int: ...
        def model_dump(self, *, exclude: Any = None) -> dict[str, Any]: ...

else:
    Network = Annotated[
        Union[tuple(model.section for model in MODELS)],  # noqa: UP007, made of a tuple
        Field(discriminator="model"),
    ]


def model_of(section: Network) -> Model:
    """Return the model whose section it is.

    Examples
    --------
    >>> from neurosim.networks.lca.model import LCASection
    >>> model_of(LCASection()).title[:3]
    'LCA'
    """
    (found,) = (model for model in MODELS if model.name == section.model)
    return found


def declared(network: Any) -> Model:
    """Return the model that an estimator is, or derives from.

    Parameters
    ----------
    network : estimator

    Raises
    ------
    ValueError
        If it is none of `MODELS`.

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> declared(LCA()).name
    'lca'
    """
    by_class = {model.estimator: model for model in MODELS}
    for kind in type(network).__mro__:
        if found := by_class.get(f"{kind.__module__}:{kind.__qualname__}"):
            return found
    raise ValueError(f"expected one of the models {', '.join(by_class)}, got {type(network).__name__}")


def models_with(capability: Capability) -> Iterator[str]:
    """Yield the names of models that have a capability.

    Examples
    --------
    >>> list(models_with("labels"))
    ['ordinal-linked-lca']
    """
    return (model.name for model in MODELS if model.has(capability))


def built(section: Network, *, random_state: int) -> Any:
    """Return the unfitted network that a recipe's section describes.

    Parameters
    ----------
    section : section of a model
        ``[network]`` of a recipe.
    random_state : int
        Seed of the network's own stream.

    Raises
    ------
    BackendError
        If the backend needs a compiler that is not here.
    ImportError
        If what the network needs beside the package is not here.
    """
    model = model_of(section)
    model.require()
    backend = getattr(section, "backend", "auto")
    if backend != "auto":
        from neurosim.engine.backend import require_backend

        require_backend(backend)
    return model.estimator_class()(**section.model_dump(exclude={"model"}), random_state=random_state)
