"""Motion that is too fast for the frames is told: by more than half a cycle per frame it seems to go the other way."""

import warnings

import numpy as np
import pytest

from neurosim.stimuli import Film, Motion
from neurosim.stimuli.films.aliasing import aliased_share, steady_steps

RNG = np.random.default_rng(0)


def bars(frequency: float, side: int = 120) -> np.ndarray:
    return 0.5 + 0.4 * np.cos(2 * np.pi * frequency * np.arange(side)) * np.ones((side, 1))


def film(picture: np.ndarray, speed: float, **more: float) -> Film:
    motion = Motion(translating=1.0, speed=(speed, speed), **more)
    return Film.from_photographs(
        [picture], shape=(200, 4, 16, 16), motion=motion, rng=np.random.default_rng(1)
    )


def test_bars_alias_in_the_directions_in_which_they_move_by_more_than_half_a_cycle() -> None:
    # Across the bars, a window that moves by v px at an angle moves them by v |cos|: beyond half of 4 px in
    # 2/pi arccos(2/v) of all directions.
    with pytest.warns(
        UserWarning, match=r"of the film's contrast .* 4 pixels per frame, all above 0.12 cycles"
    ):
        made = film(bars(0.25), 4.0)
    assert made.aliased == pytest.approx(2 / np.pi * np.arccos(0.5), abs=0.08)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slow = film(bars(0.25), 1.5)
    assert slow.aliased is not None
    assert slow.aliased < 0.02


def test_jumps_and_shaking_do_not_count_as_motion_that_goes_on() -> None:
    noise = RNG.random((150, 150))
    jumping = Motion(jumping=1.0, jump=(12.0, 12.0))
    made = Film.from_photographs([noise], shape=(50, 8, 12, 12), motion=jumping, rng=np.random.default_rng(1))
    assert made.aliased == 0
    steps = steady_steps(jumping.paths(5, 8, rng=np.random.default_rng(0)))
    np.testing.assert_array_equal(steps, np.zeros((5, 2)))


def test_white_noise_aliases_as_far_as_its_spectrum_reaches_beyond_half_a_cycle() -> None:
    frames = RNG.standard_normal((4000, 2, 16, 16))
    # Along one axis the spectrum is even up to .5: of it, 1 - .25/.5 lies beyond 1/(2 * 2).
    assert aliased_share(frames, np.tile([2.0, 0.0], (4000, 1))) == pytest.approx(0.5, abs=0.06)
    assert aliased_share(frames, np.zeros((4000, 2))) == 0
    assert aliased_share(0 * frames, np.ones((4000, 2))) == 0


def test_a_given_film_does_not_say_and_parts_keep_what_is_known() -> None:
    assert Film.from_array(RNG.random((4, 8, 8)), rate_hz=25).aliased is None
    made = film(bars(0.1), 1.0)
    assert made.during(0.0, 0.5).aliased == made.aliased


def test_every_scene_has_its_step() -> None:
    with pytest.raises(ValueError, match=r"a step .* for each scene"):
        aliased_share(np.zeros((3, 2, 4, 4)), np.zeros((2, 2)))
