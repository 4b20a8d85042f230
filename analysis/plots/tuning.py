"""Orientation and spatial frequency of the fitted fields."""

from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.projections.polar import PolarAxes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.gabor import LEAST_R2
from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["orientation_frequency"]


def orientation_frequency(fits: pd.DataFrame, *, usage: ArrayLike | None = None) -> Figure:
    """Draw the fitted fields in the frequency plane, with the distributions of orientation and frequency.

    Parameters
    ----------
    fits : DataFrame
        One row per neuron: ``orientation`` (radians, [0, pi), of the carrier's wave vector), ``frequency``
        (cycles per pixel), ``r2`` and ``gabor_like`` (bool). Only the Gabor-like fields are drawn.
    usage : array_like, shape (n_neurons,), optional
        Share of stimuli a neuron answers, in [0, 1]: the area of a point is in proportion to it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing or `usage` has another length than the table.

    Examples
    --------
    >>> import pandas as pd
    >>> fits = pd.DataFrame({"orientation": [0.1, 1.2], "frequency": [0.1, 0.2], "r2": [0.9, 0.3],
    ...                      "gabor_like": [True, False]})
    >>> figure = orientation_frequency(fits)
    >>> figure.axes[0].get_title(loc="left")
    '1 of 2 fields Gabor-like; radius: cycles/pixel'
    """
    table_with("fits", fits, ("orientation", "frequency", "r2", "gabor_like"))
    area = _point_area(usage, len(fits))
    kept = fits["gabor_like"].to_numpy(dtype=bool)
    orientation, frequency, r2 = fits.loc[kept, ["orientation", "frequency", "r2"]].to_numpy(dtype=float).T
    with house_style():
        figure = canvas(width=7.5, height=4.6)
        grid = figure.add_gridspec(2, 2, width_ratios=[1.35, 1])
        polar = cast(PolarAxes, figure.add_subplot(grid[:, 0], projection="polar"))
        points = _frequency_plane(polar, orientation, frequency, r2, area[kept])
        polar.set_title(f"{kept.sum()} of {len(fits)} fields Gabor-like; radius: cycles/pixel")
        bar = figure.colorbar(points, ax=polar, orientation="horizontal", shrink=0.6, aspect=30)
        bar.set_label("R² of the fit" + ("; area: usage" if usage is not None else ""))
        _orientations(figure.add_subplot(grid[0, 1]), orientation)
        _frequencies(figure.add_subplot(grid[1, 1]), frequency)
    return figure


def _point_area(usage: ArrayLike | None, n_neurons: int) -> NDArray[np.float64]:
    """Return marker areas in points², 25 on average."""
    if usage is None:
        return np.full(n_neurons, 25.0)
    shares = finite_array("usage", usage, ndim=1)
    if len(shares) != n_neurons:
        raise ValueError(f"`usage` must hold one number per row of `fits`, {n_neurons}, got {len(shares)}")
    return 25.0 * shares / (shares.mean() or 1.0)


def _frequency_plane(
    axes: PolarAxes,
    orientation: NDArray[np.float64],
    frequency: NDArray[np.float64],
    r2: NDArray[np.float64],
    area: NDArray[np.float64],
) -> PathCollection:
    # A wave vector and its opposite are the same wave: both are drawn, so that the plane has no seam.
    points = axes.scatter(
        np.concatenate([orientation, orientation + np.pi]),
        np.tile(frequency, 2),
        s=np.tile(area, 2),
        c=np.tile(r2, 2),
        cmap="viridis",
        vmin=LEAST_R2,
        vmax=1.0,
        alpha=0.85,
        linewidths=0,
    )
    # Rows of an image run downwards: with this the plane is seen as the field is.
    axes.set_theta_direction(-1)
    axes.set_rlim(0, 1.05 * frequency.max() if frequency.size else 0.5)
    axes.set_thetagrids(range(0, 360, 45), ["0°", "45°", "90°", "135°"] * 2)
    axes.set_rlabel_position(22.5)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.grid(color=COLOURS["faint"])
    for label in axes.get_yticklabels():
        label.set(path_effects=[withStroke(linewidth=2.5, foreground="white")], zorder=5)
    return points


def _orientations(axes: Axes, orientation: NDArray[np.float64]) -> None:
    axes.hist(np.degrees(orientation), bins=list(range(0, 181, 15)), color=COLOURS["data"], rwidth=0.92)
    axes.axhline(len(orientation) / 12, color=COLOURS["muted"], linestyle="--", linewidth=1, label="even")
    axes.set(
        xlabel="orientation of the wave vector (°)",
        ylabel="fields",
        xticks=np.arange(0, 181, 45),
        xlim=(0, 180),
    )
    axes.legend(loc="lower right", framealpha=0.85, frameon=True, edgecolor="none")


def _frequencies(axes: Axes, frequency: NDArray[np.float64]) -> None:
    axes.set(xlabel="frequency (cycles/pixel)", ylabel="fields")
    if not frequency.size:
        return
    low, high = np.log2(frequency.min()), np.log2(frequency.max())
    edges = 2.0 ** np.arange(np.floor(4 * low) / 4, np.ceil(4 * high) / 4 + 0.26, 0.25)
    axes.hist(frequency, bins=edges.tolist(), color=COLOURS["data"], rwidth=0.92)
    axes.set_xscale("log", base=2)
    ticks = 2.0 ** np.arange(np.floor(np.log2(edges[0])), np.ceil(np.log2(edges[-1])) + 1)
    axes.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    axes.set_xlim(edges[0] / 1.05, edges[-1] * 1.05)
    axes.axvline(float(np.median(frequency)), color=COLOURS["model"], linewidth=1.2)
    axes.set_title(f"median {np.median(frequency):.3f}", fontsize=9, loc="right", color=COLOURS["model"])
