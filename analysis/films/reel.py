"""Fields in space and time as a film: frames side by side for paper, one after the other on a page."""

import numpy as np
from matplotlib import rcParams
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.films.motion import checked_clips
from neurosim.analysis.plots.canvas import NotebookFigure, canvas
from neurosim.analysis.plots.style import house_style

__all__ = ["film_reel"]

_DOTS = 2  # of the saved picture, along and across every pixel: whole ones, so that all are alike
_SQUARE = 1.5  # columns for every row, about


def film_reel(fields: ArrayLike) -> NotebookFigure:
    """Draw all fields in a grid, once for each frame, from left to right: what a page plays.

    The frames are equally wide and fill the figure. Saved as a PNG file of a run, it says how many there are, and the
    page of the run plays them where a reader wants it; on paper they are still pictures.

    Parameters
    ----------
    fields : array_like, shape (n_fields, n_frames, height, width)
        Any unit. Mid-grey is zero, and each field has its own scale, the same in all its frames.

    Returns
    -------
    matplotlib.figure.Figure
        Its attribute ``frames`` is how many there are.

    Raises
    ------
    ValueError
        If the array has other axes, fewer than two frames, or values that are not finite.

    Examples
    --------
    >>> figure = film_reel(np.random.default_rng(0).normal(size=(12, 8, 6, 6)))
    >>> figure.frames, figure.axes[0].images[0].get_array().shape
    (8, (22, 232))
    """
    array = checked_clips(fields)
    image = _reel(array)
    height, width = image.shape
    with house_style():
        inch = float(rcParams["figure.dpi"]) / _DOTS
        figure = canvas(width=width / inch, height=height / inch)
        figure.frames = array.shape[1]
        figure.set_layout_engine("none")  # it would leave a rim
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest", aspect="auto")
        axes.set_axis_off()
    return figure


def _reel(fields: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frames of a mosaic side by side; NaN around every field."""
    n_fields, n_frames, height, width = fields.shape
    down = max(1, round((n_fields / _SQUARE) ** 0.5))
    across = -(-n_fields // down)
    peak = np.abs(fields).max(axis=(1, 2, 3), keepdims=True)
    tiles = np.full((down * across, n_frames, height + 1, width + 1), np.nan)
    tiles[:n_fields, :, :height, :width] = np.divide(fields, peak, out=np.zeros_like(fields), where=peak > 0)
    grid = tiles.reshape(down, across, n_frames, height + 1, width + 1).transpose(0, 3, 2, 1, 4)
    reel = grid.reshape(down, height + 1, n_frames, across * (width + 1))
    margin = np.full((down, height + 1, n_frames, 1), np.nan)
    framed = np.concatenate([reel, margin], axis=3).reshape(down * (height + 1), -1)
    return np.asarray(np.concatenate([np.full((1, framed.shape[1]), np.nan), framed]))
