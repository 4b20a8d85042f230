"""Rounds in turn and their statistics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pairs import interleaved, ratios, spread

seconds = st.floats(1e-6, 1e3)


def test_contestants_take_turns_and_every_other_round_goes_backwards() -> None:
    calls: list[str] = []

    def timed(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    collected = interleaved({name: lambda name=name: timed(name) for name in "abc"}, rounds=3)
    assert "".join(calls) == "abc" + "cba" + "abc"
    assert collected == {"a": [1.0, 6.0, 7.0], "b": [2.0, 5.0, 8.0], "c": [3.0, 4.0, 9.0]}


def test_every_result_is_heard() -> None:
    heard: list[tuple[str, float]] = []
    interleaved({"a": lambda: 2.0}, rounds=2, heard=lambda name, value: heard.append((name, value)))
    assert heard == [("a", 2.0), ("a", 2.0)]


def test_no_round_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one round"):
        interleaved({}, rounds=0)


@given(st.lists(seconds, min_size=1, max_size=9))
def test_the_spread_is_median_and_extremes(values: list[float]) -> None:
    summary = spread(values)
    assert (summary.median, summary.low, summary.high, summary.n) == (
        pytest.approx(np.median(values)),
        min(values),
        max(values),
        len(values),
    )


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one measurement"):
        spread([])


@given(st.lists(seconds, min_size=1, max_size=9), seconds)
def test_a_machine_that_slows_both_down_leaves_the_ratio(values: list[float], ratio: float) -> None:
    summary = ratios([ratio * value for value in values], values)
    np.testing.assert_allclose([summary.median, summary.low, summary.high], ratio, rtol=1e-9)


def test_the_ratio_of_medians_would_be_another_figure() -> None:
    ours, theirs = [1.0, 10.0, 2.0], [2.0, 40.0, 6.0]
    assert ratios(theirs, ours).median == 3.0
    assert spread(theirs).median / spread(ours).median == 3.0
    assert ratios([2.0, 9.0, 30.0], [2.0, 1.0, 10.0]).median == 3.0
    assert spread([2.0, 9.0, 30.0]).median / spread([2.0, 1.0, 10.0]).median == 4.5


def test_rounds_that_lack_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0, 2.0], [1.0])
