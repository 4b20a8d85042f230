"""The longest stable time step, checked against the simulation it is for."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reference_lca import encode, random_dictionary
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks import LCA
from neurosim.networks.lca.encoding import warn_lost
from neurosim.networks.lca.rate_model import Threshold, dearer_than_zero_code
from neurosim.networks.lca.run_settings import largest_overlap, steps_of, warn_if_unstable


@given(n_neurons=st.integers(1, 12), n_pixels=st.integers(1, 12))
def test_the_largest_overlap_is_the_squared_spectral_norm(n_neurons, n_pixels):
    dictionary = random_dictionary(n_neurons, n_pixels, np.random.default_rng(n_neurons * 100 + n_pixels))
    assert largest_overlap(dictionary) == pytest.approx(np.linalg.norm(dictionary, ord=2) ** 2)
    assert 1 - 1e-9 <= largest_overlap(dictionary) <= n_neurons + 1e-9


@given(n_equal=st.integers(1, 30), presentation=st.floats(1e-3, 1))
@example(n_equal=30, presentation=0.999)  # one step fewer is as long as the bound, but for rounding
def test_the_default_step_divides_the_presentation_and_keeps_below_every_bound(n_equal, presentation):
    dt, n_steps = steps_of(np.ones((n_equal, 1)), tau=0.01, presentation=presentation, dt=None)
    assert dt * n_steps == pytest.approx(presentation)
    assert dt <= 0.9 * min(2 * 0.01 / n_equal, 0.01) * (1 + 1e-12)
    # As long as it may be: one step fewer would exceed it.
    longest = 0.9 * min(2 * 0.01 / n_equal, 0.01)
    assert n_steps == 1 or presentation / (n_steps - 1) > longest * (1 - 1e-12)


def test_a_given_step_is_kept_and_one_beyond_the_presentation_refused():
    assert steps_of(np.eye(2), tau=0.01, presentation=0.1, dt=0.002) == (0.002, 50)
    with pytest.raises(ValueError, match="dt: expected at most the presentation"):
        steps_of(np.eye(2), tau=0.01, presentation=0.1, dt=0.2)


def test_the_bound_separates_steps_that_settle_from_steps_that_do_not():
    # Three equal fields: the bound is 2 tau / 3.
    dictionary, bound = np.ones((3, 1)), 2 * 0.01 / 3
    codes = {
        share: encode(np.ones((1, 1)), dictionary, level=0.1, tau=0.01, dt=share * bound, n_steps=400)
        for share in (0.95, 1.05)
    }
    assert codes[0.95].sum() == pytest.approx(0.9)
    assert abs(codes[1.05].sum() - 0.9) > 0.1


def test_only_a_step_above_the_bound_warns_and_it_names_the_bound(recwarn):
    warn_if_unstable(np.ones((4, 1)), tau=0.01, dt=0.0049)
    assert not recwarn
    with pytest.warns(
        UserWarning, match=r"dt = 0.0051 s exceeds the stability bound 2\*tau/lambda_max = 0.005 s"
    ):
        warn_if_unstable(np.ones((4, 1)), tau=0.01, dt=0.0051)


# Stimuli of norm 1: the zero code costs 1/2, and with a threshold of 0.2 no settled activity exceeds 2.5 in sum.
CODES = np.array([[2.4, 0.0], [1.3, -1.3], [0.0, 2.6]])


def test_codes_that_cost_more_than_the_zero_code_are_counted():
    assert dearer_than_zero_code(CODES, np.eye(3), cost=0.2 * np.abs(CODES).sum(axis=1)) == 2


def test_a_threshold_with_jumps_may_settle_above_the_zero_code_and_is_not_looked_at():
    for kind, n_lost in (("soft", 2), ("hard", 0)):
        net = LCA.from_dictionary(np.eye(2), threshold=0.2, threshold_kind=kind)
        assert net._objective().n_lost(CODES, np.tile([1.0, 0.0], (3, 1))) == n_lost


@pytest.mark.parametrize("kind", ["soft", "firm"])
def test_codes_that_settled_cost_no_more_than_the_zero_code(kind):
    rng = np.random.default_rng(0)
    dictionary, stimuli = random_dictionary(12, 8, rng), rng.standard_normal((20, 8))
    net = LCA.from_dictionary(dictionary, threshold=0.3, threshold_kind=kind, backend="numpy")
    threshold = Threshold(kind, 0.3, upper=0.6, nonnegative=False)
    code = net.transform(stimuli)
    assert dearer_than_zero_code(code, stimuli, cost=threshold.cost(code).sum(axis=1)) == 0


def test_a_warning_tells_how_many_codes_are_wrong():
    warn_lost(0, 5)
    with pytest.warns(ConvergenceWarning, match="2 of 5 codes are wrong: they cost more than the zero code"):
        warn_lost(2, 5)
