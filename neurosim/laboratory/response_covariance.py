"""Response-weighted covariance: the stimulus dimensions of units that the average cannot show."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.progress import counted
from neurosim.laboratory.noise_sums import matched_responses, neighbour_correlation
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["response_covariance"]

Floats = NDArray[np.float64]
_WHITE = 0.1  # correlation of neighbours


def response_covariance(
    stimuli: ImageSeries,
    responses: ArrayLike,
    *,
    rng: Randomness,
    n_filters: int = 2,
    n_permutations: int = 19,
    window: tuple[slice, slice] | None = None,
) -> xr.Dataset:
    r"""Find the dimensions along which large responses go with more, or less, variance of white noise.

    With :math:`r` a unit's responses, 0 or more, and stimuli without their average and in units of their standard
    deviation, the matrix is :math:`\sum r\, s s^\top / \sum r` minus the same of equal weights. The response-weighted
    average is projected out first. Large eigenvalues belong to dimensions that excite with both signs, as the two
    fields of an energy unit do; negative ones to dimensions that suppress.

    Parameters
    ----------
    stimuli : ImageSeries
        White noise.
    responses : array_like (n_stimuli, n_units), 0 or more
        From `answers`, or recorded. Units are taken one by one: time grows with their number.
    rng : numpy.random.Generator or int
        For the permutations.
    n_filters : int
        Of each sign.
    n_permutations : int
        Permutations of the responses, of which the largest and smallest eigenvalues set the bounds.
    window : (slice, slice), optional
        Rows and columns to look at; the whole field by default. The pixels in it are kept in memory, single precision,
        and time grows with the square of their number: 16 × 16 are quick.

    Returns
    -------
    Dataset
        ``eigenvalue`` (unit, filter): first the ``n_filters`` largest, falling, then the smallest, rising; ``filter``
        (unit, filter, row, column), of unit length; ``upper`` and ``lower`` (unit): the most extreme eigenvalues of
        permuted responses; ``significant`` (unit, filter). NaN, and False, for a unit that is silent or never varies.

    Raises
    ------
    ValueError
        If responses do not match or are negative, the stimuli are not white, or a number is below 1.

    References
    ----------
    Schwartz, Pillow, Rust & Simoncelli 2006, J Vision 6(4):13, doi:10.1167/6.4.13.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> from neurosim.laboratory.showing import answers
    >>> from neurosim.stimuli import VisualField, white_noise
    >>> noise = white_noise(3000, field=VisualField(4, 4, pixels_per_degree=8), rms=0.1, rng=0)
    >>> drive = answers(feed_forward(np.eye(16).reshape(16, 4, 4)[:1], background=0.5), noise)
    >>> found = response_covariance(noise, drive**2, rng=0)
    >>> found.significant.values[0].tolist(), bool(abs(found.filter.values[0, 0, 0, 0]) > 0.9)
    ([True, False, False, False], True)
    """
    answered = matched_responses(stimuli, responses)
    if (answered < 0).any():
        raise ValueError(
            f"expected responses of 0 or more, got {(answered < 0).sum()} negative ones: rectify or square them"
        )
    rows, shape = _white_rows(stimuli, window)
    n_pixels = rows.shape[1]
    if not 1 <= n_filters <= n_pixels // 2 or n_permutations < 1:
        raise ValueError(
            f"expected 1 to {n_pixels // 2} filters and 1 permutation or more, got {n_filters} and {n_permutations}"
        )
    random = generator(rng)
    n_units = answered.shape[1]
    values = np.full((n_units, 2 * n_filters), np.nan)
    filters = np.full((n_units, 2 * n_filters, n_pixels), np.nan)
    bounds = np.full((n_units, 2), np.nan)
    chosen = np.r_[np.arange(-1, -n_filters - 1, -1), np.arange(n_filters)]
    for unit in counted(range(n_units), "covariance of stimuli"):
        weights = answered[:, unit]
        if np.ptp(weights) <= 1e-12 * weights.max():
            continue
        found, axes = _spectrum(rows, weights)
        chance = [_spectrum(rows, random.permutation(weights))[0] for _ in range(n_permutations)]
        values[unit], filters[unit] = found[chosen], axes[:, chosen].T
        bounds[unit] = max(each[-1] for each in chance), min(each[0] for each in chance)
    upper, lower = bounds[:, 0], bounds[:, 1]
    return xr.Dataset(
        {
            "eigenvalue": (("unit", "filter"), values),
            "filter": (("unit", "filter", "row", "column"), filters.reshape(n_units, -1, *shape)),
            "upper": ("unit", upper),
            "lower": ("unit", lower),
            "significant": (("unit", "filter"), (values > upper[:, None]) | (values < lower[:, None])),
        },
        attrs={"n_permutations": n_permutations},
    )


def _white_rows(
    stimuli: ImageSeries, window: tuple[slice, slice] | None
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return the window's pixels, (n_stimuli, n_pixels), without mean and in standard deviations; its size."""
    cut = (slice(None), slice(None)) if window is None else window
    parts = [images[:, cut[0], cut[1]].astype(np.float32) for images in stimuli.chunks()]
    pixels = np.concatenate(parts)
    height, width = pixels.shape[1:]
    rows = pixels.reshape(len(pixels), -1)
    rows = rows - rows.mean(axis=0)
    spread = float(rows.std())
    if height * width < 2 or not spread > 0:
        raise ValueError(f"expected a window of 2 varying pixels or more, got {height} × {width}")
    covariance = (rows.T @ rows / len(rows)).astype(np.float64)
    alike = neighbour_correlation(covariance, height=height, width=width)
    if abs(alike) > _WHITE:
        raise ValueError(
            f"expected white noise, got stimuli whose neighbouring pixels are correlated by {alike:.2f}: their own "
            "covariance would be taken for the unit's; show white_noise with check_pixels=1"
        )
    return rows / spread, (height, width)


def _spectrum(rows: NDArray[np.float32], weights: Floats) -> tuple[Floats, Floats]:
    """Return eigenvalues, rising, and eigenvectors of the covariance by weights minus that by equal ones."""
    share = weights / weights.sum()
    average = share @ rows - rows.mean(axis=0)
    length = float(np.linalg.norm(average))
    seen = rows if length == 0 else rows - np.outer(rows @ (average / length), average / length)
    excess = (share - 1 / len(rows)).astype(np.float32)
    matrix = (seen * excess[:, None]).T @ seen
    values, axes = np.linalg.eigh(matrix.astype(np.float64))
    return values, axes
