"""How much of a film moves too fast for its frames: by more than half a cycle from one to the next."""

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.films.motion import Path

__all__ = ["MUCH", "aliased_share", "steady_steps", "warn_if_aliased"]

Floats = NDArray[np.float64]

MUCH = 0.25
"""Share of the contrast's energy that may alias before a film that is made says so in a warning."""

_SCENES = 2000  # whose spectra are in memory at once


def aliased_share(frames: ArrayLike, steps: ArrayLike) -> float:
    """Return the share of the contrast's energy that moves by more than half a cycle from frame to frame.

    Parameters
    ----------
    frames : array_like, shape (n_scenes, n_frames, height, width)
        Any unit. The spectrum is that of each scene's first frame, about its mean, in a Hann window.
    steps : array_like, shape (n_scenes, 2)
        How far each scene moves per frame, rows and columns, pixels.

    Returns
    -------
    float
        0 to 1; 0 for a film without contrast.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> bars = np.cos(2 * np.pi * 0.25 * np.arange(16)) * np.ones((1, 2, 16, 1))
    >>> [round(aliased_share(bars, [[0.0, speed]]), 2) for speed in (1.5, 3.0)]  # 2 is half a cycle
    [0.0, 1.0]
    """
    pictures = np.asarray(frames)
    moves = np.asarray(steps, dtype=np.float64)
    if pictures.ndim != 4 or moves.shape != (len(pictures), 2):
        raise ValueError(
            f"expected frames (n_scenes, n_frames, height, width) and a step (2,) for each scene, got "
            f"{pictures.shape} and {moves.shape}"
        )
    height, width = pictures.shape[2:]
    window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    twice = np.where((columns == 0) | (columns == 0.5), 1, 2)  # what the other half of the spectrum has
    total = aliased = 0.0
    for first in range(0, len(pictures), _SCENES):
        part, step = pictures[first : first + _SCENES, 0], moves[first : first + _SCENES, :, None, None]
        power = twice * np.abs(np.fft.rfft2((part - part.mean(axis=(1, 2), keepdims=True)) * window)) ** 2
        power[:, 0, 0] = 0
        cycles = np.abs(step[:, 0] * rows + step[:, 1] * columns)
        total += float(power.sum())
        aliased += float(power[cycles > 0.5].sum())
    return aliased / total if total else 0.0


def steady_steps(paths: Path) -> Floats:
    """Return how far each window moves per frame, (n_scenes, 2); a jump, which has no direction to mistake, apart."""
    # What a photograph shows moves against the window; that changes no share.
    return np.asarray(np.median(np.diff(paths.offsets, axis=1), axis=1))


def warn_if_aliased(share: float, steps: NDArray[np.floating], *, stacklevel: int) -> None:
    """Warn of a film of which much aliases, with the speed and the frequency from which on."""
    if share > MUCH:
        fastest = float(np.hypot(*steps.T).max())
        warnings.warn(
            f"{share:.0%} of the film's contrast moves by more than half a cycle per frame and seems to move the other "
            f"way: at its fastest, {fastest:.3g} pixels per frame, all above {1 / (2 * fastest):.2g} cycles per pixel; "
            "use slower motion (more frames per second), or smooth the photographs",
            stacklevel=stacklevel,
        )
