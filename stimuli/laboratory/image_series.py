"""Images that are drawn when they are asked for, from a table with one row each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["ImageSeries", "images_as_stimuli"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImageSeries:
    """A table of stimuli and how to draw its rows. The whole set is never in memory.

    Parameters
    ----------
    table : DataFrame
        One row per image; the names of its columns end in their units.
    field : VisualField
        What an image covers.
    draw : callable
        From rows of the table and the field to images (n_rows, height, width) in grey values. A row's image does not
        depend on the rows it is drawn with.

    Examples
    --------
    >>> from neurosim.stimuli.laboratory.gratings import gratings
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> shown = gratings({"orientation_rad": np.zeros(10), "frequency_cpd": 2.0}, field=field)
    >>> len(shown), [len(images) for images in shown.chunks(4)]
    (10, [4, 4, 2])
    """

    table: pd.DataFrame
    field: VisualField
    draw: Callable[[pd.DataFrame, VisualField], Floats]

    def __len__(self) -> int:
        return len(self.table)

    def chunks(self, size: int = 500) -> Iterator[Floats]:
        """Yield images (n_chunk, height, width), at most ``size`` at once, in the order of the table.

        Raises
        ------
        ValueError
            If ``size`` is below 1.
        """
        if size < 1:
            raise ValueError(f"expected chunks of at least 1 image, got size={size}")
        for first in range(0, len(self.table), size):
            yield self.draw(self.table.iloc[first : first + size], self.field)

    def images(self, rows: ArrayLike | slice = slice(None)) -> Floats:
        """Return the images of some rows, by number; all of a small set by default."""
        return self.draw(
            self.table.iloc[rows if isinstance(rows, slice) else np.atleast_1d(rows)], self.field
        )


def images_as_stimuli(images: ArrayLike, *, pixels_per_degree: float) -> ImageSeries:
    """Return images that are there already, natural ones for example, as stimuli.

    Parameters
    ----------
    images : array_like (n_images, height, width)
        Grey values.
    pixels_per_degree : float
        Stated scale.

    Returns
    -------
    ImageSeries
        Its table has the column ``image``, the number; the field's mean luminance is that of the images.

    Raises
    ------
    ValueError
        If the array is not three-dimensional and finite.

    Examples
    --------
    >>> len(images_as_stimuli(np.ones((3, 8, 8)), pixels_per_degree=8))
    3
    """
    pictures = unmasked(images, "images").astype(np.float64, copy=False)
    if pictures.ndim != 3 or pictures.size == 0 or not np.isfinite(pictures).all():
        raise ValueError(
            f"expected finite images of shape (n_images, height, width), got shape {pictures.shape}; reshape rows with "
            "rows.reshape(-1, height, width)"
        )
    n, height, width = pictures.shape
    luminance = float(pictures.mean())
    # Whitened patches have a mean of 0 or so, which is no luminance.
    field = VisualField(
        height, width, pixels_per_degree, **({"mean_luminance": luminance} if luminance > 0 else {})
    )

    def draw(table: pd.DataFrame, field: VisualField) -> Floats:
        return np.asarray(pictures[table["image"].to_numpy()])

    return ImageSeries(pd.DataFrame({"image": np.arange(n)}), field, draw)
