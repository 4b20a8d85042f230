"""An objective that rises is told of, one that falls or jitters is not; nor is a population that is mostly used."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.estimator.gradient_warnings import warn_if_risen
from neurosim.networks.estimator.training_history import warn_if_mostly_unused

JITTER = np.random.default_rng(0).standard_normal((200, 100))


def silent(call, *arguments, **named):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call(*arguments, **named)
    return not seen


def test_an_objective_that_ends_higher_is_told_of_with_both_values_and_the_remedy():
    with pytest.warns(ConvergenceWarning, match=r"ends at 8\..*, above the [45]\..* began with: lower x=3"):
        warn_if_risen(np.linspace(5, 9, 50) - 0.03, remedy="lower x=3")
    assert silent(warn_if_risen, np.linspace(9, 5, 50), remedy="")
    assert silent(warn_if_risen, np.ones(50), remedy="")


def test_an_objective_that_leaps_in_the_first_batches_and_stays_there_is_told_of():
    leapt = np.r_[5.0, np.full(99, 1e5)] + np.random.default_rng(1).standard_normal(100)
    with pytest.warns(ConvergenceWarning, match=r"above the [45]\.\d+ it began with"):
        warn_if_risen(leapt, remedy="")
    assert silent(warn_if_risen, 1e5 + 5 - leapt, remedy="")


def test_chance_alone_is_hardly_ever_told_of_and_a_rise_of_two_deviations_nearly_always():
    told = np.mean([not silent(warn_if_risen, 100 + row, remedy="") for row in JITTER])
    assert told <= 0.02
    risen = JITTER + np.linspace(0, 2, 100)
    assert np.mean([not silent(warn_if_risen, row, remedy="") for row in risen]) > 0.9


def test_training_that_breaks_down_on_its_way_is_told_of_with_where_it_had_been():
    falls = 100 * np.exp(-np.arange(400) / 50)
    broken = np.r_[falls[:200], 60 * np.exp(-np.arange(200) / 100) + 5] + JITTER[:4].ravel()
    with pytest.warns(
        ConvergenceWarning, match=r"ends at 1\d\.\d+, above the 2\.\d+ that it had come to after 200 of 400"
    ):
        warn_if_risen(broken, remedy="")
    # One that comes back is not, nor one that loses less than single batches differ by.
    back = np.r_[falls[:200], np.full(20, 80.0), falls[220:]] + JITTER[:4].ravel()
    assert silent(warn_if_risen, back, remedy="")
    assert silent(warn_if_risen, np.r_[falls[:200], np.full(200, 3.5)] + JITTER[:4].ravel(), remedy="")


def test_training_that_converges_is_hardly_ever_said_to_have_broken_down():
    falls = 10 * np.exp(-np.arange(2000) / 100)
    long = np.random.default_rng(2).standard_normal((200, 2000))
    assert np.mean([not silent(warn_if_risen, falls + row, remedy="") for row in long]) <= 0.01


def test_too_few_batches_are_not_judged():
    assert silent(warn_if_risen, np.arange(19.0), remedy="")
    assert not silent(warn_if_risen, np.arange(20.0), remedy="")


def test_a_population_of_which_more_than_half_is_unused_is_told_of():
    with pytest.warns(ConvergenceWarning, match="3 of 5 neurons slept: wake them"):
        warn_if_mostly_unused(np.array([1, 1, 0, 0, 0], dtype=bool), what="slept", remedy="wake them")
    assert silent(warn_if_mostly_unused, np.array([True, False]), what="", remedy="")
