"""What a film would be without its motion."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.films.motion import wandering
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["stilled"]


def stilled(clips: ArrayLike, *, flicker: float = 0.5, rng: Randomness) -> NDArray[np.floating]:
    """Return clips in which nothing moves: the middle frame of each, whose contrast wanders.

    Parameters
    ----------
    clips : array_like (n_clips, frames, height, width)
        Of a film.
    flicker : float
        Standard deviation of the step from frame to frame of the logarithm of contrast; 0 for none.
    rng : numpy.random.Generator or int
        Source of the steps, or its seed.

    Returns
    -------
    ndarray, the same shape
        In float32 where the clips are, else in float64. Each is a picture times a course in time: separable.

    Raises
    ------
    ValueError
        If the array has other axes.

    Examples
    --------
    >>> still = stilled(np.random.default_rng(0).random((2, 8, 4, 4)), flicker=0, rng=1)
    >>> float(np.ptp(still, axis=1).max())
    0.0
    """
    source = generator(rng)
    values = unmasked(clips, "clips")
    values = values if values.dtype == np.float32 else values.astype(np.float64, copy=False)
    if values.ndim != 4:
        raise ValueError(f"expected clips of shape (n_clips, frames, height, width), got {values.shape}")
    n_clips, n_frames = values.shape[:2]
    middle = values[:, n_frames // 2, None]
    mean = middle.mean(axis=(2, 3), keepdims=True)
    contrast = np.exp(wandering(n_clips, n_frames, sd=flicker, rng=source))[..., None, None]
    return np.asarray(mean + contrast.astype(values.dtype) * (middle - mean))
