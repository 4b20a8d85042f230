"""Windows that move over photographs, by parts of a pixel."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter

from neurosim.stimuli.films.motion import Path
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["moving_windows"]

Floats = NDArray[np.float64]
# Pixels next to an edge that no window sees: splines ring there, by .27 to the power of the distance.
_RIM = 4
# Coordinates worked out at once.
_POINTS = 4_000_000


def moving_windows(
    images: Mapping[str, Floats], paths: Path, *, window: tuple[int, int], rng: Randomness
) -> NDArray[np.float32]:
    """Return what windows see that start anywhere in any image from where their path stays inside.

    Parameters
    ----------
    images : mapping of str to ndarray (height, width)
    paths : Path
        Of n_scenes windows over n_frames.
    window : (height, width)
        Pixels.
    rng : numpy.random.Generator or int

    Returns
    -------
    ndarray (n_scenes, n_frames, height, width), float32

    Raises
    ------
    ValueError
        If an image is too small for a path; it is named.
    """
    source = generator(rng)
    n_scenes, n_frames = paths.size.shape
    frames = np.empty((n_scenes, n_frames, *window), dtype=np.float32)
    chosen = source.integers(len(images), size=n_scenes)
    for number, (name, image) in enumerate(images.items()):
        scenes = np.flatnonzero(chosen == number)
        smooth = spline_filter(image, order=3, mode="mirror")
        at_once = max(1, _POINTS // (n_frames * window[0] * window[1]))
        for first in range(0, len(scenes), at_once):
            part = scenes[first : first + at_once]
            rows, columns = _coordinates(Path(*(each[part] for each in paths)), window)
            start = _start(rows, columns, image.shape, source, name=name)
            coordinates = rows + start[0], columns + start[1]
            seen = map_coordinates(smooth, coordinates, order=3, mode="mirror", prefilter=False)
            frames[part] = _faded(seen, paths.contrast[part])
    return frames


def _coordinates(paths: Path, window: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return rows and columns (n, n_frames, height, width) of every pixel, from the window's first corner."""
    both = []
    for axis, side in enumerate(window):
        from_middle = np.arange(side) - (side - 1) / 2
        along = paths.offsets[..., axis, None] + paths.size[..., None] * from_middle
        both.append(along[..., :, None] if axis == 0 else along[..., None, :])
    shape = (*paths.size.shape, *window)
    return np.broadcast_to(both[0], shape), np.broadcast_to(both[1], shape)


def _start(
    rows: Floats, columns: Floats, shape: tuple[int, ...], rng: np.random.Generator, *, name: str
) -> list[Floats]:
    """Return what puts each scene at random where all of it is inside an image of that shape."""
    starts = []
    for along, side, which in zip((rows, columns), shape, ("rows", "columns"), strict=True):
        low, high = _RIM - along.min(axis=(1, 2, 3)), side - 1 - _RIM - along.max(axis=(1, 2, 3))
        if (high < low).any():
            needed = int(np.ceil((low - high).max())) + side
            raise ValueError(
                f"image {name!r}: expected {needed} {which} or more for the window and its path, got {side}; use "
                "larger images, fewer frames, or slower motion"
            )
        starts.append(rng.uniform(low, high)[:, None, None, None])
    return starts


def _faded(seen: Floats, contrast: Floats) -> Floats:
    """Return frames (n, n_frames, height, width) whose contrast about their mean is changed by factors."""
    if (contrast == 1).all():
        return seen
    mean = seen.mean(axis=(2, 3), keepdims=True)
    return np.asarray(mean + contrast[..., None, None] * (seen - mean))
