"""The mosaic of receptive fields, sorted by usage, spatial frequency or orientation."""

from typing import Literal, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.window import field_window
from neurosim.analysis.plots.canvas import figure_of, one_panel
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["SortKey", "dictionary_mosaic", "mosaic_order", "spectral_peak"]

SortKey = Literal["usage", "frequency", "orientation"]


def dictionary_mosaic(
    fields: ArrayLike,
    *,
    sort_by: SortKey = "usage",
    usage: ArrayLike | None = None,
    title: str | None = None,
    diverging: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Draw every field in a grid, each scaled symmetrically about zero.

    Where fields are in a third of their pictures or less, only the part that holds them is drawn.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)
        Receptive fields in any unit; mid-grey is zero and each field's largest magnitude is black or white.
    sort_by : {"usage", "frequency", "orientation"}
        Reading order: falling usage, rising frequency or rising orientation of the spectrum's peak.
    usage : array_like, shape (n_neurons,), optional
        Share of stimuli a neuron responds to, in [0, 1]. Needed for ``sort_by="usage"``. Neurons with usage zero
        are dead and get a red frame, whatever the order.
    title : str, optional
        What the fields are, e.g. ``"Fields in image space"``. Default ``"Receptive fields"``.
    diverging : bool
        Draw in a red-blue map, white at zero, in place of grey.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `sort_by` is unknown, needs a `usage` that was not given, or an array has a wrong shape.

    Examples
    --------
    >>> import numpy as np
    >>> fields = np.random.default_rng(0).normal(size=(12, 8, 8))
    >>> figure = dictionary_mosaic(fields, sort_by="frequency")
    >>> figure.axes[0].get_title(loc="left")
    'Receptive fields: 12, by rising spatial frequency'
    """
    fields = finite_array("fields", fields, ndim=3)
    order = mosaic_order(fields, sort_by=sort_by, usage=usage)
    dead = np.zeros(len(fields), dtype=bool) if usage is None else np.asarray(usage) == 0
    rows, columns = field_window(fields)
    shown = fields[order][:, rows, columns]
    image, corners = _tiled(shown)
    height, width = image.shape
    with house_style():
        inches = 7.5
        axes = one_panel(ax, width=inches, height=inches * height / width + 0.25)
        axes.imshow(image, cmap="RdBu_r" if diverging else "gray", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        heading = {"usage": "falling usage", "frequency": "rising spatial frequency"}.get(
            sort_by, "orientation"
        )
        text = f"{title or 'Receptive fields'}: {len(fields)}, by {heading}"
        axes.set_title(text + (f"; {int(dead.sum())} dead (red frame)" if dead.any() else ""))
        for top, left in corners[dead[order]]:
            _frame(axes, top, left, shown.shape[1:])
    return figure_of(axes)


def mosaic_order(
    fields: ArrayLike, *, sort_by: SortKey = "usage", usage: ArrayLike | None = None
) -> NDArray[np.intp]:
    """Return the order in which the mosaic shows the fields.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)
        Receptive fields.
    sort_by : {"usage", "frequency", "orientation"}
        What to sort by.
    usage : array_like, shape (n_neurons,), optional
        Share of stimuli a neuron responds to; needed for ``"usage"``.

    Returns
    -------
    ndarray of int, shape (n_neurons,)
        Row indices; ties keep their order.

    Raises
    ------
    ValueError
        If `sort_by` is unknown, or `usage` is missing or of a wrong length.

    Examples
    --------
    >>> import numpy as np
    >>> mosaic_order(np.ones((3, 4, 4)), sort_by="usage", usage=[0.1, 0.3, 0.2]).tolist()
    [1, 2, 0]
    """
    fields = finite_array("fields", fields, ndim=3)
    if sort_by not in get_args(SortKey):
        raise ValueError(f"`sort_by` must be one of {', '.join(get_args(SortKey))}, got {sort_by!r}")
    if usage is not None and np.shape(usage) != (len(fields),):
        raise ValueError(
            f"`usage` must hold one number per field, {len(fields)}, got shape {np.shape(usage)}: "
            "pass the share of stimuli each neuron responds to"
        )
    if sort_by == "usage":
        if usage is None:
            raise ValueError(
                "sorting by usage needs `usage`: pass it, or sort_by='frequency' or 'orientation'"
            )
        return np.argsort(-finite_array("usage", usage, ndim=1), kind="stable")
    frequency, orientation = spectral_peak(fields)
    return np.argsort(frequency if sort_by == "frequency" else orientation, kind="stable")


def spectral_peak(fields: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the peak of each field's amplitude spectrum; no fit is needed.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)
        Receptive fields.

    Returns
    -------
    frequency : ndarray, shape (n_neurons,)
        Cycles per pixel; the grid has 64 points per axis or more.
    orientation : ndarray, shape (n_neurons,)
        Direction of the wave vector in radians, [0, pi), from the columns' axis towards higher row numbers.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.cos(2 * np.pi * 0.25 * np.arange(16)) * np.ones((16, 1))
    >>> frequency, orientation = spectral_peak(wave[None])
    >>> float(frequency[0]), float(orientation[0])
    (0.25, 0.0)
    """
    fields = finite_array("fields", fields, ndim=3)
    points = max(64, *fields.shape[1:])
    centred = fields - fields.mean(axis=(1, 2), keepdims=True)
    amplitude = np.abs(np.fft.rfft2(centred, s=(points, points), axes=(1, 2)))
    rows, columns = np.unravel_index(amplitude.reshape(len(fields), -1).argmax(axis=1), amplitude.shape[1:])
    frequency_y = np.fft.fftfreq(points)[rows]
    frequency_x = np.fft.rfftfreq(points)[columns]
    return np.hypot(frequency_y, frequency_x), np.arctan2(frequency_y, frequency_x) % np.pi


def _tiled(fields: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the fields side by side, NaN between them, and each tile's top-left corner."""
    n_fields, height, width = fields.shape
    columns = int(np.ceil(np.sqrt(n_fields * 1.3)))
    rows = -(-n_fields // columns)
    gap = max(1, round(0.08 * width))
    image = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap), np.nan)
    peak = np.abs(fields).max(axis=(1, 2), keepdims=True)
    scaled = np.divide(fields, peak, out=np.zeros_like(fields), where=peak > 0)
    corners = np.array(
        [
            (gap + row * (height + gap), gap + column * (width + gap))
            for row in range(rows)
            for column in range(columns)
        ]
    )[:n_fields]
    for tile, (top, left) in zip(scaled, corners, strict=True):
        image[top : top + height, left : left + width] = tile
    return image, corners


def _frame(axes: Axes, top: int, left: int, shape: tuple[int, ...]) -> None:
    """Frame one tile in the colour of the dead."""
    axes.add_patch(
        Rectangle(
            (left - 1, top - 1),
            shape[1] + 1,
            shape[0] + 1,
            fill=False,
            edgecolor=COLOURS["dead"],
            linewidth=1.5,
        )
    )
