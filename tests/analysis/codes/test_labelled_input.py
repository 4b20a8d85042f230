"""Labelled stimuli: what is refused, and subsets that keep every class's share."""

import numpy as np
import pytest

from neurosim.analysis.codes.labelled_input import (
    checked_labels,
    finite_matrix,
    labelled_rows,
    stratified_subset,
)


def test_single_precision_stays_and_whole_numbers_become_double():
    assert finite_matrix("code", np.ones((2, 2), dtype=np.float32)).dtype == np.float32
    assert finite_matrix("code", np.ones((2, 2), dtype=np.uint8)).dtype == np.float64


@pytest.mark.parametrize("values", [np.ones(3), np.ones((2, 0)), np.ones((2, 2, 2))])
def test_what_is_no_matrix_is_refused(values):
    with pytest.raises(ValueError, match="two axes"):
        finite_matrix("code", values)


def test_values_that_are_not_finite_are_counted():
    with pytest.raises(ValueError, match="2 NaN or infinite values of 4"):
        finite_matrix("code", [[1.0, np.nan], [np.inf, 0.0]])


def test_labels_of_another_length_or_type_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        checked_labels("labels", [0, 1], n=3)
    with pytest.raises(TypeError, match="whole numbers"):
        checked_labels("labels", [0.0, 1.0], n=2)


def test_one_class_only_is_refused():
    with pytest.raises(ValueError, match="got 7 for all 2"):
        labelled_rows([[1.0], [2.0]], [7, 7])


def test_a_subset_keeps_shares_and_holds_no_stimulus_twice():
    labels = np.repeat([4, 0, 9], [600, 300, 100])
    chosen = stratified_subset(labels, size=100, rng=np.random.default_rng(0))
    assert len(np.unique(chosen)) == len(chosen) == 100
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(np.unique(labels[chosen], return_counts=True)[1], [30, 60, 10])


def test_a_rare_class_is_never_left_out():
    labels = np.repeat([0, 1], [1000, 2])
    chosen = stratified_subset(labels, size=20, rng=np.random.default_rng(0), least=2)
    assert (labels[chosen] == 1).sum() == 2


def test_another_seed_draws_others_and_the_same_seed_the_same():
    labels = np.arange(100) % 2
    first, again, other = (
        stratified_subset(labels, size=10, rng=np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_subset_too_small_for_all_classes_is_refused():
    with pytest.raises(ValueError, match="2 of each of 3 classes"):
        stratified_subset(np.arange(9) % 3, size=5, rng=np.random.default_rng(0), least=2)
