"""Gain control: an inhibitory pool that divides all units by what those nearby answer."""

import numpy as np
import pytest

from neurosim.front_end import FrontEnd
from neurosim.laboratory.populations.gain_control import GainControl
from neurosim.laboratory.v1_protocol.subject import subject_of
from neurosim.networks import LCA

ACTIVITY = np.random.default_rng(0).exponential(size=(6, 4))


def control(strength=0.3, nearness=(1.0, 1.0, 0.5, 0.0), natural=2.0):
    return GainControl(strength, np.array(nearness), natural)


def test_responses_are_where_shunted_membranes_come_to_rest():
    found, own = control().divided(ACTIVITY), control()
    pool = (ACTIVITY * own.nearness).sum(axis=1) / own.natural
    response = np.zeros_like(ACTIVITY)
    for _ in range(4000):  # τ dr/dt = a − (1 + w g) r
        response += 0.01 * (ACTIVITY - (1 + own.strength * pool[:, None]) * response)
    np.testing.assert_allclose(found, response, atol=1e-9)


def test_all_units_are_divided_alike_so_that_which_answers_most_stays():
    ratio = control().divided(ACTIVITY) / ACTIVITY
    np.testing.assert_allclose(ratio, ratio[:, :1] * np.ones(4))
    assert (ratio < 1).all()


def test_images_as_strong_as_natural_ones_are_divided_by_one_and_the_strength():
    natural = ACTIVITY.sum(axis=1).mean()
    even = np.full((1, 4), natural / 4)
    np.testing.assert_allclose(control(nearness=np.ones(4), natural=natural).divided(even), even / 1.3)


def test_units_that_the_pool_does_not_hear_change_nothing():
    louder = ACTIVITY * [1, 1, 1, 100]
    np.testing.assert_allclose(control().divided(louder)[:, :3], control().divided(ACTIVITY)[:, :3])


def test_signed_units_count_by_their_size():
    np.testing.assert_allclose(control().divided(-ACTIVITY), -control().divided(ACTIVITY))


def test_tiles_far_from_the_middle_are_heard_less():
    network = LCA.from_dictionary(np.eye(4), threshold=0.1, backend="numpy")
    tiled = subject_of(network, front_end=FrontEnd(), margin=0, tiled=(1, 4))
    # Nine tiles of four units; the one in the middle, those beside it, those at its corners.
    by_tile = tiled.nearness.reshape(9, 4)[:, 0]
    np.testing.assert_allclose(by_tile[4], 1)
    np.testing.assert_allclose(by_tile[[1, 3, 5, 7]], np.exp(-0.5))
    np.testing.assert_allclose(by_tile[[0, 2, 6, 8]], np.exp(-1))
    assert (subject_of(network, front_end=FrontEnd(), margin=0).nearness == 1).all()


@pytest.mark.parametrize(("strength", "natural"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (1.0, np.nan)])
def test_impossible_strengths_and_silent_populations_are_refused(strength, natural):
    with pytest.raises(ValueError, match="expected"):
        control(strength=strength, natural=natural)
