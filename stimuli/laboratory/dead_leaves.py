"""Dead leaves: discs that hide each other, with edges and the spectrum of natural scenes."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.noise import seeded_frames
from neurosim.stimuli.laboratory.visual_field import VisualField
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["dead_leaves"]

_OVERSAMPLING = 2  # per pixel and direction, so that the leaves' edges are not stairs
_AT_ONCE = 500  # leaves
_LAST = 0.05  # open share of the field below which pixels look for leaves, and not leaves for pixels
_TRIED = 400_000  # open pixels times leaves at once

Floats = NDArray[np.float64]


def dead_leaves(
    n_images: int,
    *,
    field: VisualField,
    rng: Randomness,
    smallest_deg: float,
    largest_deg: float,
    contrast: float = 1.0,
) -> ImageSeries:
    r"""Return discs of random place, size and grey, the first in front of the later, until the field is covered.

    The density of radii is in proportion to :math:`r^{-3}` between the two bounds, with which the images look alike at
    all scales between them.

    Parameters
    ----------
    n_images : int
        Frames.
    field : VisualField
        What an image covers.
    rng : numpy.random.Generator or int
        Where the frames' seeds come from.
    smallest_deg, largest_deg : float
        Diameters in degrees; the smallest is at least one pixel.
    contrast : float, in (0, 1]
        Greys are uniform between background · (1 ± contrast).

    Returns
    -------
    ImageSeries
        Its table has the column ``seed``.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    Lee, Mumford & Huang 2001, Int J Comput Vis 41:35, doi:10.1023/A:1011109015675.

    Examples
    --------
    >>> field = VisualField(height=24, width=24, pixels_per_degree=12)
    >>> dead_leaves(2, field=field, rng=0, smallest_deg=0.2, largest_deg=2.0).images().shape
    (2, 24, 24)
    """
    rng = generator(rng)
    pixel = 1 / field.pixels_per_degree
    if not pixel * (1 - 1e-9) <= smallest_deg < largest_deg < np.inf:
        raise ValueError(
            f"expected {pixel:.4g} (one pixel) <= smallest_deg < largest_deg, got {smallest_deg} and {largest_deg}"
        )
    if not 0 < contrast <= 1:
        raise ValueError(f"expected a contrast in (0, 1], got {contrast}")
    ppd = field.pixels_per_degree
    radii = smallest_deg * ppd / 2, largest_deg * ppd / 2
    return seeded_frames(
        n_images, field=field, rng=rng, frame=partial(_leaves, radii=radii, contrast=contrast)
    )


def _leaves(
    rng: np.random.Generator, field: VisualField, *, radii: tuple[float, float], contrast: float
) -> Floats:
    shape = field.height * _OVERSAMPLING, field.width * _OVERSAMPLING
    fine = np.full(shape, np.nan)
    while (n_open := int(np.isnan(fine).sum())) > _LAST * fine.size:
        for leaf in _fallen(rng, _AT_ONCE, shape=shape, radii=radii).T:
            _lay(fine, *leaf)
    while n_open:
        n_leaves = int(np.clip(_TRIED / n_open, _AT_ONCE, 20 * _AT_ONCE))
        n_open = _fill_gaps(fine, _fallen(rng, n_leaves, shape=shape, radii=radii))
    pixels = fine.reshape(field.height, _OVERSAMPLING, field.width, _OVERSAMPLING).mean(axis=(1, 3))
    return np.asarray(field.mean_luminance * (1 + contrast * pixels))


def _fallen(
    rng: np.random.Generator, n: int, *, shape: tuple[int, int], radii: tuple[float, float]
) -> Floats:
    """Return row, column, radius (fine pixels) and shade (-1 to 1) of those of n leaves that may touch the field."""
    smallest, largest = (radius * _OVERSAMPLING for radius in radii)
    down, across, size, shade = rng.random((4, n))
    radius = 1 / np.sqrt(1 / smallest**2 + size * (1 / largest**2 - 1 / smallest**2))
    row, column = (
        at * (side + 2 * largest) - largest for at, side in zip((down, across), shape, strict=True)
    )
    touching = (np.abs(row - shape[0] / 2) < shape[0] / 2 + radius) & (
        np.abs(column - shape[1] / 2) < shape[1] / 2 + radius
    )
    return np.stack([row, column, radius, 2 * shade - 1])[:, touching]


def _lay(fine: Floats, row: float, column: float, radius: float, shade: float) -> None:
    """Give one leaf's shade to what nothing covers yet."""
    top, left = max(0, int(np.ceil(row - radius))), max(0, int(np.ceil(column - radius)))
    box = fine[top : max(top, int(row + radius) + 1), left : max(left, int(column + radius) + 1)]
    y, x = np.ogrid[top : top + box.shape[0], left : left + box.shape[1]]
    box[np.isnan(box) & ((y - row) ** 2 + (x - column) ** 2 <= radius**2)] = shade


def _fill_gaps(fine: Floats, leaves: Floats) -> int:
    """Give the open pixels the shade of the first leaf that covers them; return how many stay open."""
    y, x = np.nonzero(np.isnan(fine))
    row, column, radius, shade = leaves
    covers = (y[:, None] - row) ** 2 + (x[:, None] - column) ** 2 <= radius**2
    covered = covers.any(axis=1)
    if covered.any():
        fine[y[covered], x[covered]] = shade[covers[covered].argmax(axis=1)]
    return int((~covered).sum())
