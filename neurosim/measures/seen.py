"""Speak to a network in modalities, whether it links several or sees a single one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.models import declared
from neurosim.stimuli.kinds.stimuli import Arrays, only


def shown_to(network: Any, stimuli: Mapping[str, NDArray[np.floating]]) -> Any:
    """Return stimuli as a network takes them: by modality if it links them, else the only array."""
    return dict(stimuli) if _links(network) else only(stimuli)


def dictionaries(network: Any, names: Sequence[str]) -> Arrays:
    """Return a fitted network's fields (n_neurons, n_features) by modality; one that does not link has one.

    Of neurons that stand at every position of a picture those at the middle.
    """
    if declared(network).has("positions"):
        fields = network.middle_fields_
        return dict(fields) if _links(network) else {names[0]: fields}
    return dict(network.dictionaries_) if _links(network) else {names[0]: network.dictionary_}


def rebuilt(
    network: Any, code: NDArray[np.floating], names: Sequence[str], *, present: Sequence[str]
) -> Arrays:
    """Return what codes (n_stimuli, n_neurons) stand for in the modalities present, and what they recall in others."""
    if _links(network) and declared(network).has("positions"):
        pictures = network.reconstruct(code)
        return {name: pictures[name] for name in names}
    if _links(network):
        fields = network.recall_dictionaries_ | {name: network.dictionaries_[name] for name in present}
        return {name: code @ fields[name] for name in names}
    return {names[0]: network.inverse_transform(code)}


def in_the_middle(network: Any, code: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return codes (n_stimuli, n_neurons): of neurons that stand at every position of a picture those at the middle."""
    found: NDArray[np.floating] = network.middle(code) if declared(network).has("positions") else code
    return found


def side_by_side(stimuli: Mapping[str, NDArray[np.floating]], names: Sequence[str]) -> NDArray[np.floating]:
    """Return some modalities, in this order, as one array (n_stimuli, sum of features)."""
    return np.concatenate([stimuli[name] for name in names], axis=1)


def _links(network: Any) -> bool:
    return declared(network).has("modalities")
