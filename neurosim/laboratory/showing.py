"""Images are shown, and what comes back is checked: the one contract of the laboratory."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.progress import counted
from neurosim.stimuli.laboratory.image_series import ImageSeries

__all__ = ["Respond", "answers", "checked_answer"]

Floats = NDArray[np.float64]

Respond = Callable[[Floats], ArrayLike]
"""From images (n_images, height, width), grey values, to responses (n_images, n_units), any unit: settled activity,
spike counts, one trial or the mean of several."""

CHUNK = 500  # images shown at once


def answers(respond: Respond, stimuli: ImageSeries, *, chunk: int = CHUNK) -> Floats:
    """Return the responses to a set of stimuli, which are drawn and shown a chunk at a time.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    stimuli : ImageSeries
        Any.
    chunk : int
        Images shown at once.

    Returns
    -------
    ndarray (n_stimuli, n_units), float64

    Raises
    ------
    ValueError
        If the responses are not finite, or not one row for each image.

    Examples
    --------
    >>> from neurosim.stimuli import VisualField, white_noise
    >>> field = VisualField(height=8, width=8, pixels_per_degree=8)
    >>> noise = white_noise(20, field=field, rms=0.1, rng=0)
    >>> answers(lambda images: images.reshape(len(images), -1)[:, :3], noise).shape
    (20, 3)
    """
    return np.concatenate([found for _, found in answered_chunks(respond, stimuli, chunk=chunk)])


def answered_chunks(
    respond: Respond, stimuli: ImageSeries, *, chunk: int = CHUNK, n_units: int | None = None
) -> Iterator[tuple[slice, Floats]]:
    """Yield which rows of the table were shown, and the responses to them.

    Parameters
    ----------
    respond, stimuli, chunk
        As for `answers`.
    n_units : int, optional
        Units there have to be.
    """
    firsts = range(0, len(stimuli), chunk)
    for first, images in zip(counted(firsts, "showing stimuli"), stimuli.chunks(chunk), strict=True):
        found = checked_answer(respond(images), n_images=len(images), n_units=n_units)
        n_units = found.shape[1]
        yield slice(first, first + len(images)), found


def checked_answer(found: ArrayLike, *, n_images: int, n_units: int | None) -> Floats:
    """Return responses as (n_images, n_units), or say what is wrong with them.

    Parameters
    ----------
    found : array_like
        What ``respond`` gave back.
    n_images : int
        Images it was shown.
    n_units : int or None
        Units it has, if that is known.

    Raises
    ------
    ValueError
        If the shape does not fit, or a response is not finite.

    Examples
    --------
    >>> checked_answer([[1, 2]], n_images=1, n_units=None)
    array([[1., 2.]])
    """
    array = np.asarray(found, dtype=np.float64)
    if array.ndim != 2 or len(array) != n_images or array.shape[1] == 0:
        raise ValueError(
            f"expected respond(images) to return (n_images, n_units) with one row for each of {n_images} images, got "
            f"shape {array.shape}"
        )
    if n_units is not None and array.shape[1] != n_units:
        raise ValueError(
            f"expected responses of {n_units} units, got {array.shape[1]}: units need one row each"
        )
    if not np.isfinite(array).all():
        broken = int(np.flatnonzero(~np.isfinite(array).all(axis=0))[0])
        raise ValueError(
            f"expected finite responses, got {(~np.isfinite(array)).sum()} NaN or infinite ones, first of unit "
            f"{broken}; look at the network's step and at the strength of the stimuli"
        )
    return array
