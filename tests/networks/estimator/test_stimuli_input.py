"""Stimuli at the door: finite, and of a size that can be squared."""

import numpy as np
import pytest

from neurosim.networks import LCA, WLSC, ConvolutionalLCA, LinkedLCA, ParallelLCA, TopographicLCA
from neurosim.networks.estimator.parameters import positive

STIMULI = np.random.default_rng(0).standard_normal((20, 9))


@pytest.mark.parametrize(
    "estimator",
    [
        LCA(4),
        TopographicLCA(4),
        WLSC(4),
        LinkedLCA(4),
        ParallelLCA(4),
        ConvolutionalLCA(4, field=2, stride=1),
    ],
)
@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_stimuli_whose_squares_are_no_numbers_are_refused_at_the_door(estimator: LCA, factor: float) -> None:
    with pytest.raises(ValueError, match="expected pixels whose squares can be added up in float64"):
        estimator.fit(factor * STIMULI)


def test_single_precision_has_a_narrower_door() -> None:
    with pytest.raises(ValueError, match=r"in float32, .* use another unit, or float64"):
        LCA(4).fit((1e16 * STIMULI).astype(np.float32))


@pytest.mark.parametrize("name", ["threshold", "learning_rate", "epsilon"])
def test_an_absurd_parameter_names_itself(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: expected at most 1e[+]100"):
        LCA(4, **{name: 1e200}).fit(STIMULI)


def test_the_largest_number_allowed_is_allowed() -> None:
    positive("threshold", 1e100)
