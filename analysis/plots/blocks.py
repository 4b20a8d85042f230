"""Activity by block against class: a diagonal if each class finds its own neurons."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.plots.canvas import figure_of, one_panel
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import house_style

__all__ = ["plot_block_activity"]


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
