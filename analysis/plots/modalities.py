"""Linked dictionaries: a neuron's field in every modality, and what one modality recalls of another."""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas, figure_of, one_panel
from neurosim.analysis.plots.checks import finite_array, finite_fields
from neurosim.analysis.plots.style import house_style

__all__ = ["FieldScale", "plot_linked_fields", "plot_recall"]

FieldScale = Literal["neuron", "field"]


def plot_linked_fields(
    dictionaries: Mapping[str, ArrayLike],
    *,
    neurons: ArrayLike | None = None,
    scale: FieldScale = "neuron",
) -> Figure:
    """Draw the fields of the same neurons in each modality, the same neuron in the same place.

    Parameters
    ----------
    dictionaries : mapping of str to array_like, shape (n_neurons, height, width)
        Modality and its fields, any unit; modalities may differ in size, not in the number of neurons.
    neurons : array_like of int, optional
        Which neurons, in reading order. Default all of them.
    scale : {"neuron", "field"}
        What is black or white: the largest magnitude of a neuron in any modality, so that a neuron that lives
        in one modality is grey in the other; or that of each field by itself. Mid-grey is zero.

    Returns
    -------
    matplotlib.figure.Figure
        One panel per modality.

    Raises
    ------
    ValueError
        If there is no modality, the numbers of neurons differ, a pixel is not finite, a neuron is unknown or
        the scale is.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> fields = {"written": rng.normal(size=(12, 8, 8)), "printed": rng.normal(size=(12, 6, 6))}
    >>> [axes.get_title(loc="left") for axes in plot_linked_fields(fields, neurons=[3, 1]).axes]
    ['written', 'printed']
    """
    if scale not in get_args(FieldScale):
        raise ValueError(f"`scale` must be one of {', '.join(get_args(FieldScale))}, got {scale!r}")
    fields = {name: finite_array(name, values, ndim=3) for name, values in dictionaries.items()}
    counts = {name: len(values) for name, values in fields.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"expected modalities of the same neurons, got {counts or 'no modality'}")
    chosen = _chosen(neurons, next(iter(counts.values())))
    peaks = {name: np.abs(values[chosen]).max(axis=(1, 2)) for name, values in fields.items()}
    if scale == "neuron":
        peaks = dict.fromkeys(peaks, np.max(list(peaks.values()), axis=0))
    columns = int(np.ceil(np.sqrt(len(chosen))))
    with house_style():
        figure = canvas(width=3.4 * len(fields), height=3.3 * -(-len(chosen) // columns) / columns + 0.35)
        panels = figure.subplots(1, len(fields), squeeze=False)[0]
        for axes, (name, values) in zip(panels, fields.items(), strict=True):
            tiles = _scaled(values[chosen], peaks[name])
            axes.imshow(_mosaic(tiles, columns), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
            axes.set_axis_off()
            axes.set_title(name)
    return figure


def plot_recall(
    given: ArrayLike,
    recalled: ArrayLike,
    wanted: ArrayLike,
    *,
    rebuilt: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    n_examples: int = 10,
    ax: Axes | None = None,
) -> Figure:
    """Draw what was shown, what its code makes of it, and what the code recalls in the other modality.

    Parameters
    ----------
    given : array_like, shape (n_stimuli, height, width) or (n_stimuli, size * size)
        Stimuli of the modality that was shown, any unit.
    recalled, wanted : array_like, shape (n_stimuli, height, width) or (n_stimuli, size * size)
        The other modality: what the code makes of it, and what belongs to the stimulus. Same unit.
    rebuilt : array_like, shape of `given`, optional
        What the code makes of the modality that was shown.
    labels : array_like, shape (n_stimuli,), optional
        Written above the columns.
    n_examples : int
        Columns: the first so many stimuli. Put those to be seen first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        Rows: given, rebuilt (if passed), recalled, wanted. In a column the two rows of one modality share a
        grey scale, symmetric about zero, so that a weak recall looks weak.

    Raises
    ------
    ValueError
        If numbers of stimuli or sizes differ, an entry is not finite, or `n_examples` is not positive.

    Examples
    --------
    >>> images = np.random.default_rng(0).normal(size=(5, 8, 8))
    >>> figure = plot_recall(images, 0.5 * images, images, labels=range(5), n_examples=3)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['given', 'recalled', 'wanted']
    """
    if n_examples < 1:
        raise ValueError(f"`n_examples` must be 1 or more, got {n_examples}")
    shown = {"given": given} | ({} if rebuilt is None else {"rebuilt": rebuilt})
    other = {"recalled": recalled, "wanted": wanted}
    rows = [*_rows(shown, n_examples), *_rows(other, n_examples)]
    n_stimuli = len(rows[0])
    if len(rows[-1]) != n_stimuli or (labels is not None and np.shape(labels) != np.shape(given)[:1]):
        raise ValueError(
            f"expected as many stimuli recalled and labels as given, {len(np.asarray(given))}, got "
            f"{len(np.asarray(recalled))} and {'none' if labels is None else np.shape(labels)}"
        )
    size = max(row.shape[1] for row in rows), max(row.shape[2] for row in rows)
    image = np.concatenate([_mosaic(_centred(row, size), n_stimuli) for row in rows])
    height, width = image.shape
    with house_style():
        axes = one_panel(ax, width=7.5, height=6.8 * height / width + 0.3)
        axes.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        names = (
            [str(label) for label in np.asarray(labels)[:n_stimuli]]
            if labels is not None
            else [""] * n_stimuli
        )
        axes.set_xticks((np.arange(n_stimuli) + 0.5) * width / n_stimuli, names)
        axes.set_yticks((np.arange(len(rows)) + 0.5) * height / len(rows), [*shown, *other])
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
    return figure_of(axes)


def _chosen(neurons: ArrayLike | None, n_neurons: int) -> NDArray[np.intp]:
    if neurons is None:
        return np.arange(n_neurons)
    chosen = np.asarray(neurons)
    if chosen.ndim != 1 or chosen.size == 0 or not np.issubdtype(chosen.dtype, np.integer):
        raise ValueError(f"`neurons` must be a list of whole numbers, got {neurons!r}")
    if (chosen < 0).any() or (chosen >= n_neurons).any():
        raise ValueError(f"`neurons` must be from 0 to {n_neurons - 1}, got {chosen.min()} to {chosen.max()}")
    return chosen.astype(np.intp)


def _rows(images: Mapping[str, ArrayLike], n_examples: int) -> list[NDArray[np.float64]]:
    """Return the first examples of images of one modality, on one scale per stimulus."""
    rows = [finite_fields(name, values) for name, values in images.items()]
    if len({row.shape for row in rows}) > 1:
        raise ValueError(f"expected {' and '.join(images)} of one shape, got {[row.shape for row in rows]}")
    peak = np.max([np.abs(row[:n_examples]).max(axis=(1, 2)) for row in rows], axis=0)
    return [_scaled(row[:n_examples], peak) for row in rows]


def _scaled(tiles: NDArray[np.float64], peak: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(tiles / np.where(peak > 0, peak, 1.0)[:, None, None])


def _centred(tiles: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Put tiles in the middle of larger ones, NaN around."""
    spare = [side - have for side, have in zip(size, tiles.shape[1:], strict=True)]
    margins = [(extra // 2, extra - extra // 2) for extra in spare]
    return np.pad(tiles, ((0, 0), *margins), constant_values=np.nan)


def _mosaic(tiles: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return tiles row by row, NaN between them and where the last row is not full."""
    gap = max(1, round(0.08 * tiles.shape[2]))
    n_rows = -(-len(tiles) // columns)
    missing = n_rows * columns - len(tiles)
    padded = np.pad(tiles, ((0, missing), (0, gap), (0, gap)), constant_values=np.nan)
    padded[len(tiles) :] = np.nan
    grid = padded.reshape(n_rows, columns, *padded.shape[1:])
    return np.concatenate([np.concatenate(list(row), axis=1) for row in grid])
