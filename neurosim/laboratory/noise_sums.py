"""Sums over stimuli and responses, from which fields are estimated without the stimuli being kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.analysis.progress import counted
from neurosim.laboratory.showing import CHUNK, checked_answer
from neurosim.stimuli.laboratory.image_series import ImageSeries

__all__ = ["Sums", "matched_responses", "neighbour_correlation", "summed"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Sums over n stimuli s, as rows of pixels, and responses r."""

    n: int
    stimuli: Floats
    """Σ s, (n_pixels,)."""
    squares: Floats
    """Σ s sᵀ, (n_pixels, n_pixels)."""
    responses: Floats
    """Σ r, (n_units,)."""
    response_squares: Floats
    """Σ r², (n_units,)."""
    products: Floats
    """Σ s r, (n_pixels, n_units)."""

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.n + other.n,
            self.stimuli + other.stimuli,
            self.squares + other.squares,
            self.responses + other.responses,
            self.response_squares + other.response_squares,
            self.products + other.products,
        )

    @property
    def covariance(self) -> Floats:
        """Of the pixels, (n_pixels, n_pixels)."""
        mean = self.stimuli / self.n
        return np.asarray(self.squares / self.n - np.outer(mean, mean))

    @property
    def cross(self) -> Floats:
        """Covariance of pixels and responses, (n_pixels, n_units)."""
        return np.asarray(self.products / self.n - np.outer(self.stimuli / self.n, self.responses / self.n))

    @property
    def variance(self) -> Floats:
        """Of the responses, (n_units,)."""
        return np.asarray(np.maximum(self.response_squares / self.n - (self.responses / self.n) ** 2, 0.0))


def matched_responses(stimuli: ImageSeries, responses: ArrayLike) -> Floats:
    """Return responses (n_stimuli, n_units) as floats, or say how they do not fit the stimuli.

    Parameters
    ----------
    stimuli : ImageSeries
        What was shown.
    responses : array_like (n_stimuli, n_units)
        From `answers`, or recorded.

    Raises
    ------
    ValueError
        If their number differs, or a response is not finite.
    """
    array = unmasked(responses, "responses").astype(np.float64, copy=False)
    if array.ndim != 2 or len(array) != len(stimuli):
        raise ValueError(
            f"expected responses of shape (n_stimuli, n_units) with one row for each of the {len(stimuli)} stimuli of "
            f"the table, got shape {array.shape}"
        )
    return checked_answer(array, n_images=len(stimuli), n_units=None)


def summed(stimuli: ImageSeries, responses: Floats, *, parts: int) -> list[Sums]:
    """Return the sums over every ``parts``-th stimulus, from the first, from the second, and so on.

    Parameters
    ----------
    stimuli : ImageSeries
        Drawn a chunk at a time.
    responses : ndarray (n_stimuli, n_units)
        To them.
    parts : int
        So many sums, of stimuli that have none in common.
    """
    n_pixels, n_units = stimuli.field.height * stimuli.field.width, responses.shape[1]
    sums = [
        Sums(
            0,
            np.zeros(n_pixels),
            np.zeros((n_pixels, n_pixels)),
            np.zeros(n_units),
            np.zeros(n_units),
            np.zeros((n_pixels, n_units)),
        )
        for _ in range(parts)
    ]
    firsts = range(0, len(stimuli), CHUNK)
    for first, images in zip(counted(firsts, "summing stimuli"), stimuli.chunks(CHUNK), strict=True):
        # Around the background, so that little is lost in differences of large sums.
        rows = images.reshape(len(images), -1) - stimuli.field.mean_luminance
        answered = responses[first : first + len(rows)]
        part = np.arange(first, first + len(rows)) % parts
        for which in range(parts):
            s, r = rows[part == which], answered[part == which]
            sums[which] += Sums(len(s), s.sum(axis=0), s.T @ s, r.sum(axis=0), (r**2).sum(axis=0), s.T @ r)
    return sums


def neighbour_correlation(covariance: Floats, *, height: int, width: int) -> float:
    """Return the mean correlation of pixels with those to the right and below: 0 for white noise, .9 in nature.

    Parameters
    ----------
    covariance : ndarray (n_pixels, n_pixels)
        Of images, row by row.
    height, width : int
        Pixels.

    Examples
    --------
    >>> neighbour_correlation(np.eye(6), height=2, width=3)
    0.0
    """
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    index = np.arange(height * width).reshape(height, width)
    first = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    second = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    scale = spread[first] * spread[second]
    there = scale > 0
    return float(np.mean(covariance[first, second][there] / scale[there])) if there.any() else 0.0
