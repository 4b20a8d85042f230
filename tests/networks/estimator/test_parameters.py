"""Checks at the public door."""

import numpy as np
import pytest
from brian2 import ms, mV, second, us
from hypothesis import given
from hypothesis import strategies as st

from neurosim.networks.estimator.parameters import flag, one_of, positive, seconds, whole


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10 ms", 0.01),
        ("10ms", 0.01),
        (" 1.5 s ", 1.5),
        ("2e3 us", 0.002),
        ("1 second", 1.0),
        (10 * ms, 0.01),
        (3 * second, 3.0),
        (20 * us, 2e-5),
    ],
)
def test_times_become_seconds(value, expected):
    assert seconds("tau", value) == pytest.approx(expected, rel=1e-15)


@given(st.floats(1e-3, 1e6))
def test_text_and_quantity_agree(value):
    assert seconds("tau", f"{value!r} ms") == pytest.approx(seconds("tau", value * ms), rel=1e-12)


@pytest.mark.parametrize(
    "value", [10, 0.01, "10", "ms", "ten ms", "10 mV", "1.2.3 ms", 10 * mV, np.array([1.0, 2.0]) * ms, None]
)
def test_what_is_no_time_is_told_what_one_looks_like(value):
    with pytest.raises(
        ValueError, match=r"tau: expected a time with its unit, such as '10 ms' or 10\*ms, got"
    ):
        seconds("tau", value)


@pytest.mark.parametrize("value", ["0 ms", "-1 ms", -1 * ms, 0 * ms, "inf ms", float("inf") * second])
def test_times_are_finite_and_above_zero(value):
    with pytest.raises(ValueError, match="tau: expected a time"):
        seconds("tau", value)


@pytest.mark.parametrize("value", [1, 7, np.int64(3)])
def test_whole_numbers_pass(value):
    whole("n", value, at_least=1)


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", True, None])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(ValueError, match="n: expected a whole number of at least 1, got"):
        whole("n", value, at_least=1)


def test_numbers_are_finite_and_above_zero_unless_zero_is_allowed():
    positive("x", 1e-9)
    positive("x", 0, or_zero=True)
    for value in (0, -1.0, np.nan, np.inf, "1", True, None):
        with pytest.raises(ValueError, match="x: expected a finite number above zero, got"):
            positive("x", value)
    with pytest.raises(ValueError, match="x: expected a finite number of at least zero, got -1"):
        positive("x", -1, or_zero=True)


def test_an_unknown_name_is_told_all_and_the_near_one():
    one_of("form", "lateral", ("lateral", "residual"))
    with pytest.raises(
        ValueError, match="form: expected one of 'lateral', 'residual', got 'residul'; did you mean"
    ):
        one_of("form", "residul", ("lateral", "residual"))
    with pytest.raises(ValueError, match=r"got 'xyz'$"):
        one_of("form", "xyz", ("lateral", "residual"))


def test_only_truth_values_are_flags():
    flag("learning", True)
    flag("learning", np.bool_(False))
    for value in ("no", 0, None):
        with pytest.raises(ValueError, match="learning: expected True or False, got"):
            flag("learning", value)
