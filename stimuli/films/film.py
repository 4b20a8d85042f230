"""A film: scenes with a time axis of their own, and where they are from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import require_unmasked, unmasked
from neurosim.stimuli.films.aliasing import aliased_share, steady_steps, warn_if_aliased
from neurosim.stimuli.films.motion import Motion, motion_of
from neurosim.stimuli.films.moving import moving_windows
from neurosim.stimuli.films.reading import frames_in_folder
from neurosim.stimuli.films.video import frames_of_video
from neurosim.stimuli.images.image_set import image_set
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Film"]

# Frames so many times higher than wide, of three or four pixels, are colour channels in the wrong place.
_NO_STRIP = 2


@dataclass(frozen=True, eq=False)
class Film:
    """Scenes of the same size and length. Time runs along an axis of its own.

    Parameters
    ----------
    frames : ndarray (n_scenes, n_frames, height, width)
        Grey values, any unit. Frames of one scene follow each other; scenes have nothing to do with each other.
    rate_hz : float
        Frames per second.
    made : str
        How it was made, for a film that no camera took; empty for one that is given.
    aliased : float or None
        Share of the contrast's energy, 0 to 1, that moves by more than half a cycle per frame and so seems to move the
        other way; None for a film that is given, whose motion is not known.

    Raises
    ------
    ValueError
        If the array has other axes, or channels of colour, scenes have less than two frames, a value is not finite, or
        the rate is not above 0.

    Examples
    --------
    >>> film = Film(np.zeros((3, 10, 16, 24)), rate_hz=25.0)
    >>> film.clips(5, frames=8, size=12, rng=np.random.default_rng(0)).shape
    (5, 8, 12, 12)
    """

    frames: NDArray[np.floating]
    rate_hz: float
    made: str = ""
    aliased: float | None = None

    def __post_init__(self) -> None:
        require_unmasked(self.frames, "frames")
        shape = np.shape(self.frames)
        if len(shape) != 4 or 0 in shape:
            raise ValueError(
                f"expected frames of shape (n_scenes, n_frames, height, width), got {shape}; Film.from_array takes one "
                "scene, (n_frames, height, width), too"
            )
        if shape[3] in (3, 4) and shape[2] > _NO_STRIP * shape[3]:
            raise ValueError(
                f"expected grey frames, got shape {shape}, which looks like {shape[0]} frames of {shape[1]} × "
                f"{shape[2]} pixels with {shape[3]} colour channels; weight the channels first: "
                "frames[..., :3] @ [.2125, .7154, .0721]"
            )
        if shape[1] < 2:
            raise ValueError(
                f"expected scenes of 2 frames or more, got {shape[1]}: nothing can move in one frame; if the first "
                "axis is time, pass frames[None], of shape (1, n_frames, height, width)"
            )
        if not np.isfinite(self.frames).all():
            raise ValueError("expected finite frames, got NaN or infinite values; leave those scenes out")
        if not 0 < self.rate_hz < np.inf:
            raise ValueError(f"rate_hz: expected frames per second above 0, got {self.rate_hz!r}")

    @classmethod
    def from_array(cls, frames: ArrayLike, *, rate_hz: float) -> Self:
        """Return a film that is there already, one scene (n_frames, height, width) or several with an axis before.

        Examples
        --------
        >>> Film.from_array(np.zeros((10, 16, 24)), rate_hz=25.0).frames.shape
        (1, 10, 16, 24)
        """
        values = unmasked(frames, "frames")
        values = values if values.dtype == np.float32 else values.astype(np.float64)
        return cls(values[None] if values.ndim == 3 else values, rate_hz)

    @classmethod
    def from_photographs(
        cls,
        images: Mapping[str, ArrayLike] | Sequence[ArrayLike],
        *,
        shape: tuple[int, int, int, int],
        motion: str | Motion = "eye",
        rate_hz: float = 25.0,
        rng: Randomness,
    ) -> Self:
        """Make a film of photographs: a window moves over them, by parts of a pixel, and everything in it with it.

        No camera took it: nothing moves against anything else, covers it or comes nearer. The window sees each frame
        for no time, so what moves by v pixels per frame and has more than 1/(2 v) cycles per pixel seems to move the
        other way, as under a stroboscope.

        Parameters
        ----------
        images : mapping of str to ndarray (height, width), or sequence of them
            Grey photographs.
        shape : (n_scenes, n_frames, height, width)
            Of the film.
        motion : Motion, or name of one of `neurosim.stimuli.films.motion.MOTIONS`
            ``"eye"``, ``"move"`` or ``"still"``.
        rate_hz : float
            Frames per second, which is a choice: speeds are in pixels per frame.
        rng : numpy.random.Generator or int
            Which photograph, where, and how it moves.

        Returns
        -------
        Film
            In float32, in the photographs' unit.

        Raises
        ------
        ValueError
            If an image is not finite, the window's path does not fit into it, or there are less than two frames.

        Warns
        -----
        UserWarning
            If more than a quarter of the contrast's energy aliases (`aliased`): at that rate the motion is too fast.

        Notes
        -----
        Between pixels, cubic splines are read (`scipy.ndimage.map_coordinates`).

        Examples
        --------
        >>> picture = np.random.default_rng(0).random((64, 64))
        >>> film = Film.from_photographs([picture], shape=(2, 8, 12, 12), rng=np.random.default_rng(1))
        >>> film.frames.shape, film.made.split(":")[0]
        ((2, 8, 12, 12), 'made from 1 photograph')
        """
        if len(shape) != 4 or min(shape) < 1 or shape[1] < 2:
            raise ValueError(
                f"shape: expected (n_scenes, n_frames, height, width) with 2 frames or more, got {tuple(shape)}"
            )
        source = generator(rng)
        known, how = image_set(images), motion_of(motion)
        n_scenes, n_frames, height, width = shape
        paths = how.paths(n_scenes, n_frames, rng=source)
        frames = moving_windows(known, paths, window=(height, width), rng=source)
        several = "" if len(known) == 1 else "s"
        made = f"made from {len(known)} photograph{several}: {how.in_words() or 'nothing moves'}"
        steps = steady_steps(paths)
        aliased = aliased_share(frames, steps)
        warn_if_aliased(aliased, steps, stacklevel=3)
        return cls(frames, rate_hz, made, aliased)

    @classmethod
    def from_folder(cls, folder: str | PathLike[str], *, rate_hz: float) -> Self:
        """Return the image files of a folder as one scene, in the order of the numbers that end their names.

        Raises
        ------
        ValueError
            If a name has no number, two have the same, a number is missing, or sizes differ.
        """
        return cls(frames_in_folder(folder)[None], rate_hz)

    @classmethod
    def from_video(cls, path: str | PathLike[str]) -> Self:
        """Return a video file as one scene, upright, in grey at its own rate; needs the extra ``video``.

        Raises
        ------
        ImportError
            Without PyAV.
        ValueError
            If the file is no video that can be read, has pixels that are not square, or is turned by another angle than
            quarters of a turn.

        Warns
        -----
        UserWarning
            If its frames are not evenly spaced in time.
        """
        frames, rate_hz = frames_of_video(path)
        return cls(frames[None], rate_hz)

    def during(self, first: float, last: float) -> Self:
        """Return a part of every scene, from one share of its frames to another, 0 to 1.

        Examples
        --------
        >>> Film(np.zeros((1, 10, 4, 4)), rate_hz=25.0).during(0.8, 1.0).frames.shape
        (1, 2, 4, 4)
        """
        n_frames = self.frames.shape[1]
        part = self.frames[:, round(first * n_frames) : round(last * n_frames)]
        return replace(self, frames=part)

    def clips(self, n_clips: int, *, frames: int, size: int, rng: Randomness) -> NDArray[np.floating]:
        """Cut clips at random times and places.

        Parameters
        ----------
        n_clips : int
        frames : int
            Of a clip.
        size : int
            Side of its square frames, pixels.
        rng : numpy.random.Generator or int

        Returns
        -------
        ndarray (n_clips, frames, size, size)
            In the film's unit and type.

        Raises
        ------
        ValueError
            If a clip is longer or larger than a scene, or has less than two frames.
        """
        n_frames, height, width = self.frames.shape[1:]
        if n_clips < 1 or not 2 <= frames <= n_frames:
            raise ValueError(
                f"expected 1 clip or more of 2 to {n_frames} frames, as long as a scene at most, got {n_clips} of "
                f"{frames}; ask for shorter clips, or give a longer film"
            )
        if not 1 <= size <= min(height, width):
            raise ValueError(
                f"expected clips of 1 to {min(height, width)} pixels, as large as a frame at most, got {size}"
            )
        # A view: nothing is copied but what is drawn.
        windows = np.lib.stride_tricks.sliding_window_view(self.frames, (1, frames, size, size))[
            :, :, :, :, 0
        ]
        source = generator(rng)
        places = (source.integers(n, size=n_clips) for n in windows.shape[:4])
        cut: NDArray[np.floating] = windows[tuple(places)]
        return cut
