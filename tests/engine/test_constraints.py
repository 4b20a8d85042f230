from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.constraints import CONSTRAINTS, constraint_cpp, constraint_numpy, dale_signs

# Rows are source neurons. Halves, so that no norm underflows.
matrices = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.integers(-8, 8).map(lambda k: k / 2),
)
layouts = st.booleans()


def _constrained(names: Any, weights: Any, *, tied: bool, signs: Any = None) -> Any:
    """Constrain weights given as (n_source, n_target), stored in either layout."""
    stored = np.array(weights.T if tied else weights)
    signs = np.ones(len(weights)) if signs is None else signs
    constraint_numpy(names, stored, signs, rows_are_post=tied)
    return stored.T if tied else stored


@given(matrices, layouts)
def test_unit_norm_gives_every_postsynaptic_neuron_a_unit_vector(weights: Any, tied: bool) -> None:
    norms = np.linalg.norm(_constrained(["unit_norm"], weights, tied=tied), axis=0)
    assert_allclose(norms, (weights != 0).any(axis=0).astype(float), rtol=1e-12)


@given(matrices, layouts)
def test_unit_norm_keeps_directions(weights: Any, tied: bool) -> None:
    scaled = _constrained(["unit_norm"], weights, tied=tied)
    assert_allclose(scaled * np.linalg.norm(weights, axis=0), weights, rtol=1e-12)


@given(matrices, layouts)
def test_signs_are_kept_by_clipping_at_zero(weights: Any, tied: bool) -> None:
    assert_array_equal(_constrained(["non_negative"], weights, tied=tied), np.maximum(weights, 0))
    assert_array_equal(_constrained(["non_positive"], weights, tied=tied), np.minimum(weights, 0))


@given(matrices, layouts)
def test_dale_keeps_the_sign_of_every_presynaptic_neuron(weights: Any, tied: bool) -> None:
    signs = np.where(np.arange(len(weights)) % 2, -1.0, 1.0)
    kept = _constrained(["dale"], weights, tied=tied, signs=signs)
    agrees = weights * signs[:, np.newaxis] > 0
    assert_array_equal(kept, np.where(agrees, weights, 0))


@given(st.integers(1, 6), layouts)
def test_no_self_connection_clears_the_diagonal_only(n: int, tied: bool) -> None:
    weights = 1.0 + np.arange(n * n).reshape(n, n)
    kept = _constrained(["no_self_connection"], weights, tied=tied)
    assert_array_equal(kept, weights - np.diag(np.diag(weights)))


@given(matrices, layouts, st.sampled_from([c for c in CONSTRAINTS if c != "dale"]))
def test_a_constraint_applied_twice_is_the_constraint(weights: Any, tied: bool, name: str) -> None:
    once = _constrained([name], weights, tied=tied)
    assert_allclose(_constrained([name], once, tied=tied), once, rtol=1e-12, atol=0)


@given(matrices, layouts)
def test_constraints_are_applied_in_their_order(weights: Any, tied: bool) -> None:
    both = _constrained(["non_negative", "unit_norm"], weights, tied=tied)
    norms = np.linalg.norm(both, axis=0)
    assert both.min() >= 0
    assert_allclose(norms, (weights > 0).any(axis=0).astype(float), rtol=1e-12)


def test_the_order_matters() -> None:
    weights = np.array([[3.0], [-4.0]])
    other_order = _constrained(["unit_norm", "non_negative"], weights, tied=False)
    assert_allclose(other_order, [[0.6], [0.0]])


def test_signs_are_those_of_the_initial_weights() -> None:
    assert_array_equal(dale_signs(np.array([[0.0, 2.0], [-1.0, -3.0]])), [1, -1])


@pytest.mark.parametrize(
    ("weights", "problem"),
    [([[1.0], [0.0]], "neuron 1 .* only zeros"), ([[1.0, -1.0]], "neuron 0 .* both signs")],
)
def test_a_neuron_without_a_sign_of_its_own_is_refused(weights: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"Dale's law needs initial weights of one sign .*{problem}"):
        dale_signs(np.array(weights))


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_constraint_exists_in_both_languages(name: str) -> None:
    weights = np.array([[1.0, -2.0], [3.0, 4.0]])
    assert "weights" in constraint_cpp([name], rows_are_post=False)
    assert (_constrained([name], weights, tied=False, signs=np.array([-1.0, -1.0])) != weights).any()
