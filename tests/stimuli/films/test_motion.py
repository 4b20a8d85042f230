"""How windows move: speeds, jumps, drift."""

from typing import Any

import numpy as np
import pytest

from neurosim.stimuli import Motion
from neurosim.stimuli.films.motion import MOTIONS, motion_of

N_SCENES, N_FRAMES = 2000, 9


def test_steady_motion_has_speeds_in_its_range_and_all_directions() -> None:
    paths = Motion(translating=1.0, speed=(0.2, 3.0)).paths(N_SCENES, N_FRAMES, rng=np.random.default_rng(0))
    steps = np.diff(paths.offsets, axis=1)
    assert np.ptp(steps, axis=1).max() < 1e-12
    speeds = np.hypot(*steps[:, 0].T)
    assert 0.2 <= speeds.min() < speeds.max() <= 3.0
    assert np.median(speeds) == pytest.approx(np.sqrt(0.2 * 3.0), rel=0.1)  # logarithms are drawn evenly
    assert np.abs(np.exp(1j * np.arctan2(*steps[:, 0].T)).mean()) < 0.1


def test_jumps_happen_once_and_drift_is_a_random_walk() -> None:
    jumping = Motion(jumping=0.3, jump=(3.0, 12.0)).paths(N_SCENES, N_FRAMES, rng=np.random.default_rng(0))
    lengths = np.hypot(*np.moveaxis(np.diff(jumping.offsets, axis=1), -1, 0))
    assert set((lengths > 0).sum(axis=1)) == {0, 1}
    assert (lengths > 0).any(axis=1).mean() == pytest.approx(0.3, abs=0.03)
    assert 3 <= lengths[lengths > 0].min() < lengths.max() <= 12
    drift = Motion(drift=0.2).paths(N_SCENES, N_FRAMES, rng=np.random.default_rng(0)).offsets
    assert np.var(drift[:, -1]) == pytest.approx(0.2**2 * (N_FRAMES - 1), rel=0.1)


def test_the_same_seed_moves_alike_and_another_one_does_not() -> None:
    first, again, other = (
        MOTIONS["eye"].paths(5, 8, rng=np.random.default_rng(seed)).offsets for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"translating": 0.7, "jumping": 0.4}, "together 1 at most"),
        ({"drift": -1.0}, "drift: expected 0 or more"),
        ({"speed": (3.0, 1.0)}, "speed: expected pixels above 0"),
        ({"jump": (0.0, 1.0)}, "jump: expected pixels above 0"),
    ],
)
def test_impossible_motion_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Motion(**given)
    with pytest.raises(ValueError, match="one of eye, move, still, got 'rest'"):
        motion_of("rest")
