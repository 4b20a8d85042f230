"""Threshold functions and the costs they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_lca import threshold as plain_threshold

from neurosim.networks.lca.model import THRESHOLD_KINDS
from neurosim.networks.lca.rate_model import Threshold

LEVEL, UPPER = 0.7, 1.9
POTENTIALS = arrays(np.float64, 8, elements=st.floats(-5, 5))


def function(kind, *, nonnegative=False):
    return Threshold(kind, level=LEVEL, upper=UPPER, nonnegative=nonnegative)


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("kind", THRESHOLD_KINDS)
@given(u=POTENTIALS)
def test_activity_agrees_with_the_plain_definition(kind, nonnegative, u):
    expected = [plain_threshold(v, level=LEVEL, kind=kind, upper=UPPER, nonnegative=nonnegative) for v in u]
    np.testing.assert_allclose(function(kind, nonnegative=nonnegative).activity(u), expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["soft", "firm"])
@pytest.mark.parametrize("nonnegative", [False, True])
def test_the_slope_of_the_cost_is_what_the_membrane_holds_back(kind, nonnegative):
    # Away from zero and from the corner of the firm cost.
    u = np.concatenate([np.linspace(0.75, 1.85, 23), np.linspace(1.95, 4, 23)])
    u = u if nonnegative else np.concatenate([-u, u])
    rule, h = function(kind, nonnegative=nonnegative), 1e-6
    a = rule.activity(u)
    slope = (rule.cost(a + h) - rule.cost(a - h)) / (2 * h)
    np.testing.assert_allclose(slope, u - a, atol=1e-8)


def test_the_hard_cost_is_flat_where_active_and_the_area_held_back_below():
    rule, h = function("hard"), 1e-6
    a = rule.activity(np.linspace(0.75, 4, 23))
    np.testing.assert_array_equal(rule.cost(a + h), rule.cost(a - h))
    # The step at zero is the integral of u - a = u over the silent range.
    np.testing.assert_allclose(rule.cost(a), LEVEL**2 / 2)
    assert rule.cost(np.zeros(1)) == 0


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("kind", THRESHOLD_KINDS)
def test_the_activity_minimises_half_the_squared_distance_plus_the_cost(kind, nonnegative):
    rule = function(kind, nonnegative=nonnegative)
    candidates = np.linspace(0 if nonnegative else -6, 6, 12_001)
    for u in np.linspace(-4, 4, 41):
        if abs(abs(u) - LEVEL) < 1e-9:
            continue
        total = (u - candidates) ** 2 / 2 + rule.cost(candidates)
        chosen = rule.activity(np.array([u]))
        at_choice = (u - chosen) ** 2 / 2 + rule.cost(chosen)
        assert at_choice[0] <= total.min() + 1e-9


@pytest.mark.parametrize("kind", THRESHOLD_KINDS)
@given(a=POTENTIALS)
def test_a_cost_is_even_non_negative_and_zero_at_rest(kind, a):
    cost = function(kind).cost(a)
    assert (cost >= 0).all()
    np.testing.assert_array_equal(cost, function(kind).cost(-a))
    np.testing.assert_array_equal(function(kind).cost(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("kind", THRESHOLD_KINDS)
@given(u=POTENTIALS)
def test_a_one_sided_function_is_the_positive_part_of_the_signed_one(kind, u):
    signed, one_sided = function(kind).activity(u), function(kind, nonnegative=True).activity(u)
    np.testing.assert_allclose(one_sided, np.maximum(signed, 0), atol=1e-12)


def test_a_firm_function_lies_between_the_soft_and_the_hard_one():
    u = np.linspace(0, 4, 401)
    soft, firm, hard = (function(kind).activity(u) for kind in ("soft", "firm", "hard"))
    assert (soft <= firm + 1e-12).all()
    assert (firm <= hard + 1e-12).all()
    np.testing.assert_array_equal(firm[u >= UPPER], u[u >= UPPER])
    assert np.abs(np.diff(firm)).max() < 0.02 < np.abs(np.diff(hard)).max()


@pytest.mark.parametrize("nonnegative", [False, True])
def test_an_adapted_neuron_holds_back_the_threshold_and_a_share_of_its_activity(nonnegative):
    rule = Threshold("soft", level=LEVEL, upper=UPPER, nonnegative=nonnegative, adaptation=0.8)
    plain, u, h = function("soft", nonnegative=nonnegative), np.linspace(0.75, 4, 23), 1e-6
    a = rule.activity(u)
    np.testing.assert_allclose(a, plain.activity(u) / 1.8)
    np.testing.assert_allclose((rule.cost(a + h) - rule.cost(a - h)) / (2 * h), u - a, atol=1e-8)
