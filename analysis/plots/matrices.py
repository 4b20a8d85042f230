"""Matrices as pictures: activity by block against class, and weights from cells to cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas, figure_of, one_panel
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import house_style

__all__ = ["plot_block_activity", "plot_weights"]

# Share of the weights beyond the ends of the colours: a few large ones would leave all others pale.
_BEYOND = 0.002
# Of colour: as many as one tells apart, and files stay small.
_STEPS = 21


def plot_block_activity(
    activity: pd.DataFrame, *, title: str = "Activity by block", ax: Axes | None = None
) -> Figure:
    """Draw the mean activity of each block of neurons to each class of stimuli, as shares of a class.

    Parameters
    ----------
    activity : DataFrame
        From `neurosim.analysis.codes.blocks.block_activity`: rows are classes, columns blocks.
    title : str
        What is shown.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        A heat map, one row per class, its entries in percent of the row's sum; a class that leaves every
        block silent has a row of zeros and is said to be silent.

    Raises
    ------
    ValueError
        If an entry is negative or not finite.

    Examples
    --------
    >>> activity = pd.DataFrame([[3.0, 1.0], [0.0, 2.0]], index=[0, 1], columns=[0, 1])
    >>> [text.get_text() for text in plot_block_activity(activity).axes[0].texts]
    ['75', '25', '0', '100']
    """
    means = finite_array("activity", activity.to_numpy(), ndim=2)
    if (means < 0).any():
        raise ValueError(
            "`activity` must be 0 or more, got negative entries: pass what `block_activity` returns"
        )
    total = means.sum(axis=1, keepdims=True)
    percent = 100 * np.divide(means, total, out=np.zeros_like(means), where=total > 0)
    with house_style():
        side = 0.42 * max(means.shape)
        axes = one_panel(ax, width=max(3.2, side + 1.6), height=max(2.6, side + 1.0))
        image = axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
        for (row, column), value in np.ndenumerate(percent):
            colour = "white" if value > 55 else "black"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour, fontsize=8)
        silent = (total[:, 0] == 0).tolist()
        names = [
            f"{name} (silent)" if dead else f"{name}"
            for name, dead in zip(activity.index, silent, strict=True)
        ]
        axes.set_xticks(range(means.shape[1]), [str(name) for name in activity.columns])
        axes.set_yticks(range(means.shape[0]), names)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set(title=title, xlabel="block", ylabel="class of the stimulus")
        figure_of(axes).colorbar(image, ax=axes, shrink=0.8).set_label("share of the class's activity (%)")
    return figure_of(axes)


def plot_weights(weights: Mapping[str, ArrayLike], *, order: str = "") -> Figure:
    """Draw matrices of weights, one panel each.

    Parameters
    ----------
    weights : mapping of str to array (n_target, n_source)
        By what each is called; rows are the cells that are acted on. Any unit; cells in the order in which they are to
        stand.
    order : str
        What that order is, for the title.

    Returns
    -------
    matplotlib.figure.Figure
        Grey from zero to the largest where no weight is negative, else blue to red about zero. Weights beyond the ends
        of the colour bar, at most .2 % of them, have the colour of its ends, which are pointed then.

    Raises
    ------
    ValueError
        If there are none, or one is no finite matrix.

    Examples
    --------
    >>> figure = plot_weights({"lateral": [[0.0, 0.5], [0.5, 0.0]]}, order="by orientation")
    >>> figure.axes[0].get_xlabel()
    'from cell'
    """
    matrices = {name: finite_array(name, values, ndim=2) for name, values in weights.items()}
    if not matrices:
        raise ValueError("expected weights to draw, got none: pass at least one matrix by its name")
    with house_style():
        across = min(2, len(matrices))
        down = -(-len(matrices) // across)
        figure = canvas(width=4.6 * across, height=4.0 * down)
        for place, (name, matrix) in enumerate(matrices.items(), start=1):
            _weights(figure.add_subplot(down, across, place), matrix, name=name)
        if order:
            figure.supxlabel(f"cells {order}", fontsize=9)
    return figure


def _weights(axes: Axes, matrix: NDArray[np.float64], *, name: str) -> None:
    size = np.abs(matrix)
    end = float(np.quantile(size, 1 - _BEYOND)) or float(size.max()) or 1.0
    signed = bool((matrix < 0).any())
    shades = colormaps["RdBu_r" if signed else "Greys"].resampled(_STEPS)
    image = axes.imshow(
        matrix, cmap=shades, vmin=-end if signed else 0, vmax=end, interpolation="nearest",
        aspect="auto" if matrix.shape[0] != matrix.shape[1] else "equal",
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, integer=True))
    axes.spines[:].set_visible(True)
    axes.set(xlabel="from cell", ylabel="onto cell")
    axes.set_title(name, fontsize=9)
    above, below = bool((matrix > end).any()), signed and bool((matrix < -end).any())
    ends = "both" if above and below else "max" if above else "min" if below else "neither"
    figure_of(axes).colorbar(image, ax=axes, shrink=0.8, extend=ends).set_label("weight")
