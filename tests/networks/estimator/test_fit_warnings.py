"""What is said of a fit whose code is not what the model promises."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.estimator.training_history import warn_if_dense, warn_if_mostly_unused


def test_more_than_half_silent_is_warned_of_with_the_number_and_the_remedy():
    usage = np.array([0.0, 0.0, 0.0, 0.2, 0.1])
    with pytest.warns(ConvergenceWarning, match=r"3 of 5 neurons stayed silent .* lower threshold=3\.0"):
        warn_if_mostly_unused(
            usage > 0, what="stayed silent through the whole fit", remedy="lower threshold=3.0"
        )


def test_half_silent_is_not_warned_of():
    warn_if_mostly_unused(
        np.array([0.0, 0.0, 0.2, 0.1]) > 0,
        what="stayed silent through the whole fit",
        remedy="lower threshold=3.0",
    )


def test_a_dense_code_is_warned_of_with_its_share_and_the_remedy():
    with pytest.warns(ConvergenceWarning, match=r"dense: 55% .* raise threshold=0\.1"):
        warn_if_dense(0.55, remedy="raise threshold=0.1")


def test_two_fifths_active_is_not_warned_of():
    warn_if_dense(0.4, remedy="raise threshold=0.1")


def test_the_warning_points_at_the_caller_of_fit():
    def fit():
        warn_if_dense(1.0, remedy="raise it")

    with pytest.warns(ConvergenceWarning) as caught:
        fit()
    assert caught[0].filename == __file__
