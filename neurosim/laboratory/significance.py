"""Whether a mapped field is more than chance, and how large it is."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.progress import counted
from neurosim.laboratory.noise_sums import matched_responses
from neurosim.laboratory.showing import CHUNK
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["field_significance"]

Floats = NDArray[np.float64]


def field_significance(
    stimuli: ImageSeries, responses: ArrayLike, *, rng: Randomness, n_permutations: int = 49
) -> xr.Dataset:
    r"""Compare each pixel's correlation with the response with those of permuted responses.

    The statistic is the largest :math:`|z| = \sqrt n\,|\mathrm{corr}(s_p, r)|` over pixels, so that looking at many
    pixels is paid for. Permuting responses over stimuli makes them independent, whatever the correlations among pixels.

    Parameters
    ----------
    stimuli : ImageSeries
        What was shown, drawn again a chunk at a time.
    responses : array_like (n_stimuli, n_units)
        From `answers`, or recorded.
    rng : numpy.random.Generator or int
        For the permutations, which are the same for all units.
    n_permutations : int
        The smallest p-value is 1/(n_permutations + 1). Time grows with it.

    Returns
    -------
    Dataset
        ``z`` (unit, row, column); ``p_value`` (unit); ``threshold`` (unit): 95 % of the largest ``|z|`` of
        permutations lie below it; ``area_deg2`` (unit), of the pixels beyond it, and ``diameter_deg`` of the disc of
        that area; ``x_deg``, ``y_deg`` (unit): their centre, weighted by z². NaN beside a response that never varies,
        and the last two where no pixel is beyond.

    Raises
    ------
    ValueError
        If responses do not match the stimuli, or there is no permutation.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> from neurosim.laboratory.showing import answers
    >>> from neurosim.stimuli import VisualField, white_noise
    >>> noise = white_noise(1000, field=VisualField(8, 8, pixels_per_degree=8), rms=0.1, rng=0)
    >>> spot = np.zeros((1, 8, 8))
    >>> spot[0, 2:4, 2:4] = 1.0
    >>> found = field_significance(noise, answers(feed_forward(spot), noise), rng=0)
    >>> float(found.p_value[0]), float(found.area_deg2[0]), found.x_deg.values.round(1).tolist()
    (0.02, 0.0625, [-0.1])
    """
    if n_permutations < 1:
        raise ValueError(f"expected 1 permutation or more, got {n_permutations}")
    answered = matched_responses(stimuli, responses)
    spread = answered.std(axis=0)
    varies = spread > 1e-10 * np.abs(answered).max(axis=0)
    scaled = (answered - answered.mean(axis=0)) / np.where(varies, spread, 1.0) * varies
    random = generator(rng)
    orders = [np.arange(len(scaled)), *(random.permutation(len(scaled)) for _ in range(n_permutations))]
    z = _correlations(stimuli, scaled, orders)
    largest = np.abs(z).max(axis=1)  # (1 + n_permutations, n_units)
    p_value = (1 + (largest[1:] >= largest[0]).sum(axis=0)) / (1 + n_permutations)
    threshold = np.quantile(largest[1:], 0.95, axis=0)
    field = stimuli.field
    beyond = (np.abs(z[0]) > threshold) & varies
    pixels = beyond.sum(axis=0)
    area = pixels / field.pixels_per_degree**2
    weight = np.where(beyond, z[0] ** 2, 0.0) / np.where(pixels > 0, (z[0] ** 2 * beyond).sum(axis=0), 1.0)
    x, y = (np.where(pixels > 0, axis.ravel() @ weight, np.nan) for axis in field.grid())
    return xr.Dataset(
        {
            "z": (("unit", "row", "column"), z[0].T.reshape(-1, field.height, field.width)),
            "p_value": ("unit", np.where(varies, p_value, np.nan)),
            "threshold": ("unit", np.where(varies, threshold, np.nan)),
            "area_deg2": ("unit", np.where(varies, area, np.nan)),
            "diameter_deg": ("unit", np.where(varies, 2 * np.sqrt(area / np.pi), np.nan)),
            "x_deg": ("unit", x),
            "y_deg": ("unit", y),
        },
        attrs={"n_permutations": n_permutations, "pixels_per_degree": field.pixels_per_degree},
    )


def _correlations(stimuli: ImageSeries, scaled: Floats, orders: list[NDArray[np.int64]]) -> Floats:
    """Return √n times the correlation of pixels with responses in each order: (n_orders, n_pixels, n_units)."""
    n_pixels, n_units = stimuli.field.height * stimuli.field.width, scaled.shape[1]
    products = np.zeros((n_pixels, len(orders) * n_units))
    sums, squares = np.zeros(n_pixels), np.zeros(n_pixels)
    firsts = range(0, len(stimuli), CHUNK)
    for first, images in zip(counted(firsts, "permuting responses"), stimuli.chunks(CHUNK), strict=True):
        rows = images.reshape(len(images), -1) - stimuli.field.mean_luminance
        beside = np.concatenate([scaled[order[first : first + len(rows)]] for order in orders], axis=1)
        products += rows.T @ beside
        sums, squares = sums + rows.sum(axis=0), squares + (rows**2).sum(axis=0)
    n = len(stimuli)
    # Scaled responses add up to 0, so the stimuli's mean drops out.
    spread = np.sqrt(np.maximum(squares / n - (sums / n) ** 2, 0.0))
    z = np.divide(
        products, np.sqrt(n) * spread[:, None], out=np.zeros_like(products), where=spread[:, None] > 0
    )
    return np.asarray(z.reshape(n_pixels, len(orders), n_units).transpose(1, 0, 2))
