"""How what is filmed moves: paths of a window over a photograph."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["MOTIONS", "Motion", "Path", "motion_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How scenes move: some translate, some jump once, all of them drift, zoom and change their contrast.

    Parameters
    ----------
    translating : float
        Share of the scenes, 0 to 1, that move steadily, each in a direction and at a speed of its own.
    speed : (float, float)
        Slowest and fastest of those, pixels per frame; logarithms are drawn evenly.
    jumping : float
        Share of the scenes that do not translate and jump once, as gaze does.
    jump : (float, float)
        Shortest and longest jump, pixels.
    drift : float
        Standard deviation of the step from frame to frame, in each direction, of a random walk; pixels.
    zoom : float
        Standard deviation between scenes of the logarithm by which one frame is larger than the one before.
    flicker : float
        Standard deviation of the step from frame to frame of the logarithm of contrast.

    Raises
    ------
    ValueError
        If a share is not in [0, 1], together above 1, a range does not rise or is not above 0, or a number is negative.

    Examples
    --------
    >>> path = Motion(translating=1.0, speed=(2.0, 2.0)).paths(1, 4, rng=np.random.default_rng(0))
    >>> np.linalg.norm(np.diff(path.offsets[0], axis=0), axis=1).round(6).tolist()
    [2.0, 2.0, 2.0]
    """

    translating: float = 0.0
    speed: tuple[float, float] = (0.2, 3.0)
    jumping: float = 0.0
    jump: tuple[float, float] = (3.0, 12.0)
    drift: float = 0.0
    zoom: float = 0.0
    flicker: float = 0.0

    def __post_init__(self) -> None:
        for name in ("translating", "jumping", "drift", "zoom", "flicker"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name}: expected 0 or more, got {getattr(self, name)!r}")
        if self.translating + self.jumping > 1:
            raise ValueError(
                f"translating, jumping: expected shares of the scenes, together 1 at most, got {self.translating} and "
                f"{self.jumping}"
            )
        for name in ("speed", "jump"):
            low, high = getattr(self, name)
            if not 0 < low <= high < np.inf:
                raise ValueError(f"{name}: expected pixels above 0, lowest and highest, got {(low, high)}")

    def paths(self, n_scenes: int, n_frames: int, *, rng: Randomness) -> "Path":
        """Return where the window goes, how large it is, and its contrast, frame by frame."""
        source = generator(rng)
        offsets = np.cumsum(self._steps(n_scenes, n_frames, source), axis=1)
        time = np.arange(n_frames)
        size = np.exp(-self.zoom * source.standard_normal((n_scenes, 1)) * time)
        contrast = np.exp(wandering(n_scenes, n_frames, sd=self.flicker, rng=source))
        return Path(offsets, size, contrast)

    def _steps(self, n_scenes: int, n_frames: int, rng: np.random.Generator) -> Floats:
        """Return steps (n_scenes, n_frames, 2) in pixels, rows and columns; the first is none."""
        steps = self.drift * rng.standard_normal((n_scenes, n_frames, 2))
        angle = rng.uniform(0, 2 * np.pi, n_scenes)
        ahead = np.stack([np.sin(angle), np.cos(angle)], axis=-1)[:, None]
        kind = rng.random(n_scenes)
        low, high = np.log(self.speed)
        speed = np.exp(rng.uniform(low, high, n_scenes)) * (kind < self.translating)
        steps += speed[:, None, None] * ahead
        jumps = (kind >= self.translating) & (kind < self.translating + self.jumping)
        length = rng.uniform(*self.jump, n_scenes) * jumps
        when = rng.integers(1, n_frames, n_scenes)
        steps[np.arange(n_scenes), when] += length[:, None] * ahead[:, 0]
        steps[:, 0] = 0
        return steps

    def in_words(self) -> str:
        """Return the numbers that differ from standing still, to be written down."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        used = {"speed": "translating", "jump": "jumping"}
        return ", ".join(f"{name} {value}" for name, value in given.items() if given[used.get(name, name)])


class Path(NamedTuple):
    """Where a window goes.

    Attributes
    ----------
    offsets : ndarray (n_scenes, n_frames, 2)
        From where it starts, rows and columns, pixels.
    size : ndarray (n_scenes, n_frames)
        Of the window, over that of the first frame; smaller shows things larger.
    contrast : ndarray (n_scenes, n_frames)
        Factor, 1 on average over the frames' logarithms.
    """

    offsets: Floats
    size: Floats
    contrast: Floats


MOTIONS: Mapping[str, Motion] = {
    "eye": Motion(translating=0.5, jumping=0.1, drift=0.15),
    "move": Motion(translating=1.0, drift=0.15, zoom=0.01),
    "still": Motion(flicker=0.5),
}
"""By name: an eye that drifts, follows and jumps; a steady motion of everything; none, but contrast wanders."""


def motion_of(motion: str | Motion) -> Motion:
    """Return a motion, given or by the name of one of `MOTIONS`."""
    if isinstance(motion, Motion):
        return motion
    if motion not in MOTIONS:
        raise ValueError(f"motion: expected a Motion or one of {', '.join(MOTIONS)}, got {motion!r}")
    return MOTIONS[motion]


def wandering(n_scenes: int, n_frames: int, *, sd: float, rng: np.random.Generator) -> Floats:
    """Return random walks (n_scenes, n_frames) of that step, each about zero."""
    walk = np.cumsum(sd * rng.standard_normal((n_scenes, n_frames)), axis=1)
    return np.asarray(walk - walk.mean(axis=1, keepdims=True))
