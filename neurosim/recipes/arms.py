"""Arms: several networks that learn from the same patches, each named with what sets it off from ``[network]``."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import field_validator

from neurosim.networks.models import MODELS, Network
from neurosim.registry.section import Section

# What an arm takes over from [network] even if it is another model: how large it is, and how it is trained.
_OF_ANY_MODEL = ("n_neurons", "n_epochs", "batch_size", "backend")
_MODEL = MODELS[0].name


class ArmSection(Section):
    """One network of several that are compared."""

    name: str
    """Letters, digits, underscore, dot and dash; ends the names of the arm's numbers and files."""
    normalise: Literal["none", "std", "norm"] = "none"
    """What is done for this arm to each of the patches: nothing, unit standard deviation, or unit norm."""
    network: Network
    """Keys that differ from ``[network]``; another model has its own defaults but for size and training."""

    @field_validator("name")
    @classmethod
    def _ends_the_name_of_a_file(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise ValueError(f"expected letters, digits, dots, dashes and underscores, got {name!r}")
        return name


def with_whole_networks(arms: object, *, network: object) -> object:
    """Return the arms of a recipe's table with the keys they share with ``[network]`` laid under their own.

    Parameters
    ----------
    arms : object
        ``[[arms]]`` as read; returned as it is if it is no list of tables, which validation tells.
    network : object
        ``[network]`` as read.

    Examples
    --------
    >>> base = {"model": "wlsc", "n_neurons": 64, "locality": 0.1}
    >>> arms = [{"name": "a", "network": {"locality": 0.3}}, {"name": "b", "network": {"model": "sailnet"}}]
    >>> for arm in with_whole_networks(arms, network=base):
    ...     print(arm["network"])
    {'model': 'wlsc', 'n_neurons': 64, 'locality': 0.3}
    {'n_neurons': 64, 'model': 'sailnet'}
    """
    if not isinstance(arms, Sequence) or not isinstance(network, Mapping):
        return arms
    return [_whole(arm, dict(network)) if isinstance(arm, Mapping) else arm for arm in arms]


def _whole(arm: Mapping[str, Any], network: dict[str, Any]) -> dict[str, Any]:
    own = arm.get("network", {})
    if not isinstance(own, Mapping):
        return dict(arm)
    base = {"model": _MODEL} | network
    if "model" in own and own["model"] != base["model"]:
        known = next(
            (model.parameters for model in MODELS if model.name == own["model"]), frozenset(_OF_ANY_MODEL)
        )
        base = {key: base[key] for key in _OF_ANY_MODEL if key in base and key in known}
    return {**arm, "network": base | dict(own)}
