"""Learning does not depend on the unit that stimuli come in: every argument of that unit scaled with them."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from neurosim.networks import (
    LCA,
    WLSC,
    ConvolutionalLCA,
    ConvolutionalLinkedLCA,
    LinkedLCA,
    OrdinalLinkedLCA,
    ParallelLCA,
    TopographicLCA,
)

# What is in the unit of the stimuli, by its power, with a value that makes a difference.
_LCA = {"threshold": 0.5, "epsilon": 0.004, "tolerance": 0.004}
_CASES: dict[str, tuple[type, dict[str, float], dict[str, Any]]] = {
    "lca": (LCA, _LCA, {}),
    "lca-defaults": (LCA, {}, {}),
    "lca-firm": (LCA, _LCA | {"upper_threshold": 0.9}, {"threshold_kind": "firm", "initial_dictionary": "stimuli"}),
    "lca-hard": (LCA, _LCA, {"threshold_kind": "hard"}),
    # Neurons that keep small changes to themselves hunt for their place in this form, and rounding tells when.
    "lca-residual": (LCA, _LCA, {"form": "residual", "epsilon": 0}),
    "lca-revived": (LCA, {"threshold": 1.5}, {"reseed_dead": True, "n_epochs": 3}),
    "parallel": (
        ParallelLCA,
        {},
        {"streams": ((8, 3), (4, 1)), "reseed_dead": True, "n_epochs": 2, "initial_dictionary": "stimuli"},
    ),
    "convolutional": (
        ConvolutionalLCA,
        _LCA,
        {"field": 3, "stride": 1, "reseed_dead": True, "n_epochs": 2, "initial_dictionary": "stimuli"},
    ),
    "convolutional-defaults": (ConvolutionalLCA, {}, {"field": 2, "stride": 2}),
    "topographic": (TopographicLCA, {"threshold": 1.0, "softening": 0.1}, {"n_neurons": 16}),
    "topographic-defaults": (TopographicLCA, {}, {"n_neurons": 16}),
    "topographic-excited": (
        TopographicLCA,
        {"threshold": 1.0, "softening": 0.1},
        {"n_neurons": 16, "lateral_excitation": 0.05},
    ),
    "wlsc-unit": (WLSC, {"threshold": 0.5}, {"norm": "unit", "locality": 0.0}),
}  # fmt: skip
_FACTORS = (2.0**-10, 1 / 255, 255.0, 2.0**10)


def _stimuli(n: int = 120, n_pixels: int = 16, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.laplace(size=(n, 8)) @ rng.standard_normal((8, n_pixels))


def _assert_same(got: NDArray[Any], expected: NDArray[Any], factor: float) -> None:
    if np.log2(factor).is_integer():
        assert_array_equal(got, expected)
    else:
        assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def _fitted(kind: type, factor: float, *, scaled: dict[str, float], others: dict[str, Any]) -> Any:
    parameters = {"n_neurons": 12, "batch_size": 20, "backend": "numpy", "random_state": 0} | others
    parameters = {name: factor * value for name, value in scaled.items()} | parameters
    return kind(**parameters).fit(factor * _stimuli())


# A dozen fields of stimuli with eight causes are dense, and some settle slowly: in every unit alike.
pytestmark = [
    pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.* not settled:sklearn.exceptions.ConvergenceWarning"),
]


@pytest.mark.parametrize("factor", _FACTORS)
@pytest.mark.parametrize("case", _CASES)
def test_the_same_fields_are_learned_in_every_unit(case: str, factor: float) -> None:
    kind, scaled, others = _CASES[case]
    one, other = (_fitted(kind, c, scaled=scaled, others=others) for c in (1.0, factor))
    _assert_same(other.dictionary_, one.dictionary_, factor)
    _assert_same(other.usage_, one.usage_, factor)
    _assert_same(other.history_["objective"] / factor**2, one.history_["objective"], factor)
    _assert_same(other.transform(factor * _stimuli(20)) / factor, one.transform(_stimuli(20)), factor)


@pytest.mark.parametrize("factor", _FACTORS)
@pytest.mark.parametrize("others", [{}, {"initial_dictionary": "noise"}, {"reseed_dead": True}])
def test_fields_of_free_norm_have_the_unit_of_the_stimuli(others: dict[str, Any], factor: float) -> None:
    one, other = (_fitted(WLSC, c, scaled={}, others=others) for c in (1.0, factor))
    _assert_same(other.dictionary_ / factor, one.dictionary_, factor)
    _assert_same(other.transform(factor * _stimuli(20)), one.transform(_stimuli(20)), factor)


@pytest.mark.parametrize("factor", _FACTORS)
@pytest.mark.parametrize("norm", ["each", "joint"])
@pytest.mark.parametrize("given", [{}, {"threshold": 0.7}])
def test_linked_fields_are_the_same_in_every_unit(given: dict[str, float], norm: str, factor: float) -> None:
    shown = {"seen": _stimuli(seed=1), "heard": _stimuli(n_pixels=9, seed=2)}

    def fitted(c: float) -> LinkedLCA:
        scaled = {name: c * value for name, value in given.items()}
        net = LinkedLCA(12, norm=norm, batch_size=20, backend="numpy", random_state=0, **scaled)
        return net.fit({name: c * values for name, values in shown.items()})

    _assert_same(fitted(factor).dictionary_, fitted(1.0).dictionary_, factor)


@pytest.mark.parametrize("factor", _FACTORS)
@pytest.mark.parametrize("given", [{}, {"threshold": 0.7}])
def test_fields_in_several_pictures_are_the_same_in_every_unit(
    given: dict[str, float], factor: float
) -> None:
    shown = {"seen": _stimuli(seed=1), "heard": _stimuli(n_pixels=9, seed=2)}

    def fitted(c: float) -> ConvolutionalLinkedLCA:
        scaled = {name: c * value for name, value in given.items()}
        net = ConvolutionalLinkedLCA(
            12,
            field=2,
            stride={"seen": 2, "heard": 1},
            batch_size=20,
            backend="numpy",
            random_state=0,
            **scaled,
        )
        return net.fit({name: c * values for name, values in shown.items()})

    _assert_same(fitted(factor).dictionary_, fitted(1.0).dictionary_, factor)


@pytest.mark.parametrize("factor", _FACTORS)
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"threshold": 0.7, "current": 1.1},
        {"threshold": 0.7, "initial_threshold": 1.4, "current": 1.1, "final_current": 0.2},
    ],
)
def test_driven_fields_are_the_same_in_every_unit(given: dict[str, float], factor: float) -> None:
    shown, labels = _stimuli(), np.arange(120) % 3

    def fitted(c: float) -> OrdinalLinkedLCA:
        scaled = {name: c * value for name, value in given.items()}
        net = OrdinalLinkedLCA(12, batch_size=20, backend="numpy", random_state=0, **scaled)
        return net.fit({"seen": c * shown}, labels)

    _assert_same(fitted(factor).dictionary_, fitted(1.0).dictionary_, factor)


def test_learning_in_parts_keeps_the_unit_of_the_first_part() -> None:
    quiet = 0.1 * _stimuli(seed=3)
    net = LCA(12, threshold=0.5, batch_size=20, backend="numpy", random_state=0).fit(_stimuli())
    unit = net.mean_square_
    assert net.partial_fit(quiet).mean_square_ == unit
    assert net.fit(quiet).mean_square_ == pytest.approx(np.mean(quiet**2))


def test_a_threshold_by_default_is_the_deviation_of_the_stimuli() -> None:
    stimuli = 3 + _stimuli()
    net = LCA(12, batch_size=20, backend="numpy", random_state=0).fit(stimuli)
    assert net.threshold_ == pytest.approx(stimuli.std())
    assert net.threshold == "auto"


def test_a_threshold_that_nothing_measured_is_asked_for() -> None:
    net = LCA.from_dictionary(np.eye(3), backend="numpy").set_params(threshold="auto")
    del net.threshold_
    with pytest.raises(ValueError, match="expected a number in the unit of the stimuli, got 'auto'"):
        net.transform(np.eye(3))
