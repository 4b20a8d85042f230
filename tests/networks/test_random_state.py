"""A random state that is none is refused by its name, at every door that takes one."""

import numpy as np
import pytest

from neurosim import networks
from neurosim.networks.estimator.training_data import generator

STIMULI = np.random.default_rng(0).normal(size=(12, 9))
OPTIONS = {
    "ConvolutionalLCA": {"field": 2, "stride": 1},
    "ConvolutionalLinkedLCA": {"field": 2, "stride": 1},
    "EINet": {"n_inhibitory": 2},
    "OrdinalLinkedLCA": {"neurons_per_class": 2},
}


def _fitted(name: str, random_state: object) -> object:
    kind = getattr(networks, name)
    options = {"random_state": random_state, **OPTIONS.get(name, {})}
    if name not in ("LocalLowDimensionality", "OrdinalLinkedLCA"):
        options["n_neurons"] = 9 if name == "TopographicLCA" else 4
    stimuli: object = {"a": STIMULI, "b": STIMULI} if "Linked" in name else STIMULI
    if name == "LocalLowDimensionality":
        stimuli = np.stack([STIMULI, STIMULI + 1], axis=1)  # windows, shifted
    if name == "ComplexCells":
        stimuli = np.abs(np.stack([STIMULI, STIMULI + 1], axis=1))  # one code after the other
    labels = (np.arange(12) % 2,) if name == "OrdinalLinkedLCA" else ()
    return kind(**options).fit(stimuli, *labels)


@pytest.mark.parametrize("name", [name for name in networks.__all__ if name[0].isupper()])
@pytest.mark.parametrize("random_state", [-1, 2**32, 0.5, "zero"])
def test_every_network_names_its_random_state(name: str, random_state: object) -> None:
    with pytest.raises(
        ValueError, match=r"^random_state: expected a whole number from 0 to 4294967295, .* got "
    ):
        _fitted(name, random_state)


def test_so_does_the_score_of_hidden_pixels() -> None:
    net = networks.LCA.from_dictionary(np.eye(9), threshold=0.1, backend="numpy")
    with pytest.raises(ValueError, match=r"^random_state: expected"):
        networks.hidden_pixel_score(net, STIMULI, random_state=-1)


@pytest.mark.parametrize("random_state", [0, np.int64(3), None, np.random.RandomState(0)])
def test_what_scikit_learn_takes_is_taken(random_state: object) -> None:
    assert isinstance(generator(random_state), np.random.Generator)


def test_a_generator_is_passed_on() -> None:
    rng = np.random.default_rng(0)
    assert generator(rng) is rng
