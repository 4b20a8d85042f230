"""Learning rates over training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.networks.estimator.training_history import learning_rate_factors
from neurosim.networks.parameters import SCHEDULES


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(n_batches=st.integers(1, 500))
def test_a_schedule_starts_at_one_stays_above_zero_and_never_rises(schedule, n_batches):
    factors = learning_rate_factors(schedule, n_batches)
    assert factors.shape == (n_batches,)
    assert factors[0] == 1
    assert (factors > 0).all()
    assert (np.diff(factors) <= 0).all()


def test_schedules_pass_through_their_known_values():
    np.testing.assert_array_equal(learning_rate_factors("constant", 3), [1, 1, 1])
    np.testing.assert_allclose(learning_rate_factors("linear", 4), [1, 0.75, 0.5, 0.25])
    np.testing.assert_allclose(learning_rate_factors("cosine", 4)[2], 0.5)
    np.testing.assert_array_equal(learning_rate_factors("two_step", 6), [1, 1, 1, 1, 0.2, 0.2])
    late = learning_rate_factors("late", 100)
    np.testing.assert_array_equal(late[:71], 1)
    np.testing.assert_allclose(late[85], 0.1)
    assert 0.01 < late[-1] < 0.012


@pytest.mark.parametrize("n_batches", [1, 2, 3, 100, 3 * 10_007])
def test_two_steps_part_at_two_thirds_to_the_batch(n_batches):
    factors = learning_rate_factors("two_step", n_batches)
    assert (factors == 1).sum() == -(-2 * n_batches // 3)
    assert set(factors) <= {1.0, 0.2}


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match=r"learning-rate schedule out of constant.*got 'cosin'"):
        learning_rate_factors("cosin", 3)
