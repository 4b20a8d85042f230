"""Conditions, ``[[arms]]``: networks that learn from the same patches, each with its difference from ``[network]``."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from neurosim.networks.models import MODELS, Network
from neurosim.recipes.file_names import FileName
from neurosim.registry.section import Section

# What a condition takes over from [network] even if it is another model: how large it is, and how it is trained.
_OF_ANY_MODEL = ("n_neurons", "n_epochs", "batch_size", "backend")
_MODEL = MODELS[0].name


class ConditionSection(Section):
    """One network of several that are compared."""

    name: FileName
    """Letters, digits, underscore, dot and dash; ends the names of its numbers and files."""
    normalise: Literal["none", "std", "norm"] = "none"
    """What is done for it to each of the patches: nothing, unit standard deviation, or unit norm."""
    network: Network
    """Keys that differ from ``[network]``; another model has its own defaults but for size and training."""


def with_whole_networks(conditions: object, *, network: object) -> object:
    """Return ``[[arms]]`` as read, with the keys they share with ``[network]`` laid under their own.

    What is no list of tables is returned as it is: validation tells.

    Examples
    --------
    >>> base = {"model": "wlsc", "n_neurons": 64, "locality": 0.1}
    >>> conditions = [{"name": "a", "network": {"locality": 0.3}}, {"name": "b", "network": {"model": "sailnet"}}]
    >>> for condition in with_whole_networks(conditions, network=base):
    ...     print(condition["network"])
    {'model': 'wlsc', 'n_neurons': 64, 'locality': 0.3}
    {'n_neurons': 64, 'model': 'sailnet'}
    """
    if not isinstance(conditions, Sequence) or not isinstance(network, Mapping):
        return conditions
    return [_whole(each, dict(network)) if isinstance(each, Mapping) else each for each in conditions]


def _whole(condition: Mapping[str, Any], network: dict[str, Any]) -> dict[str, Any]:
    own = condition.get("network", {})
    if not isinstance(own, Mapping):
        return dict(condition)
    base = {"model": _MODEL} | network
    if "model" in own and own["model"] != base["model"]:
        known = next(
            (model.parameters for model in MODELS if model.name == own["model"]), frozenset(_OF_ANY_MODEL)
        )
        base = {key: base[key] for key in _OF_ANY_MODEL if key in base and key in known}
    return {**condition, "network": base | dict(own)}
