"""Tuning of a population: orientation and frequency of its fields, and its properties beside those of macaque V1."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.projections.polar import PolarAxes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.gabor import LEAST_R2
from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.analysis.v1.properties import V1_PROPERTIES, V1Property

__all__ = ["orientation_frequency", "plot_unit_properties", "plot_v1_properties"]

_PANELS_ACROSS = 4
_LINES = (COLOURS["model"], COLOURS["second"], "#CC79A7", "#E69F00")


def orientation_frequency(fits: pd.DataFrame, *, usage: ArrayLike | None = None) -> Figure:
    """Draw the fitted fields in the frequency plane, with the distributions of orientation and frequency.

    Parameters
    ----------
    fits : DataFrame
        One row per neuron: ``orientation`` (radians, [0, pi), of the carrier's wave vector), ``frequency``
        (cycles per pixel), ``r2`` and ``gabor_like`` (bool). Only the Gabor-like fields are drawn.
    usage : array_like, shape (n_neurons,), optional
        Share of stimuli a neuron responds to, in [0, 1]: the area of a point is in proportion to it.

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


def plot_v1_properties(
    populations: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    scores: pd.DataFrame | None = None,
    names: Sequence[str] | None = None,
) -> Figure:
    """Draw each property's published histogram and, over it, that of one or several populations.

    Parameters
    ----------
    populations : DataFrame or mapping of str to DataFrame
        One row per unit with the columns that `v1_scoreboard` takes; by name to draw several, at most four. Units that
        do not respond and those without a value are not drawn; their numbers are in the scoreboard.
    scores : DataFrame, optional
        `Scoreboard.table` of the first population: its ceiled scores are written over the panels.
    names : sequence of str, optional
        Which of `V1_PROPERTIES` are drawn, where a recording does not have all.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each of `V1_PROPERTIES`, or of those named. Values beyond the bins are counted in the outer ones,
        as in the scores.

    Raises
    ------
    ValueError
        If a column is missing, a table is empty, or there are no populations or more than four.

    Examples
    --------
    >>> units = pd.DataFrame({each.name: each.edges[:3] for each in V1_PROPERTIES})
    >>> units = units.assign(**{each.responsive: True for each in V1_PROPERTIES})
    >>> figure = plot_v1_properties(units)
    >>> len(figure.axes), figure.axes[2].get_xlabel()
    (14, 'circular variance')
    """
    named = {"model": populations} if isinstance(populations, pd.DataFrame) else dict(populations)
    if not 1 <= len(named) <= len(_LINES):
        raise ValueError(f"`populations` must be one to {len(_LINES)}, got {len(named)}")
    drawn = [each for each in V1_PROPERTIES if names is None or each.name in names]
    for name, table in named.items():
        columns = dict.fromkeys(name for each in drawn for name in (each.name, each.responsive))
        table_with(name, table, tuple(columns))
    if scores is not None:
        table_with("scores", scores, ("property", "ceiled", "zero_because"))
    with house_style():
        rows, across = -(-len(drawn) // _PANELS_ACROSS), min(len(drawn), _PANELS_ACROSS)
        figure = canvas(width=max(2.6 * across, 5.2) + 0.1, height=2.25 * rows + 0.4)
        grid = figure.add_gridspec(rows, across)
        for place, each in enumerate(drawn):
            axes = figure.add_subplot(grid[divmod(place, _PANELS_ACROSS)])
            _property_panel(axes, each, named)
            if scores is not None:
                axes.set_title(_score(scores, each.name), fontsize=9, color=_LINES[0])
            if place % _PANELS_ACROSS == 0:
                axes.set_ylabel("share of cells, units")
        _name_populations(figure, named)
    return figure


def _property_panel(axes: Axes, each: V1Property, populations: Mapping[str, pd.DataFrame]) -> None:
    places, edges = np.arange(len(each.counts)), each.edges
    # Bins of equal width on the page: the published ones are even on an axis of their own, or nearly so.
    axes.bar(places + 0.5, each.counts / each.counts.sum(), width=1.0, color=COLOURS["faint"])
    tallest = float((each.counts / each.counts.sum()).max())
    for (_, table), colour in zip(populations.items(), _LINES, strict=False):
        responsive = table[each.responsive].to_numpy(dtype=bool)
        shares = _shares(each, table.loc[responsive, each.name])
        axes.stairs(shares, np.arange(len(shares) + 1), color=colour, linewidth=1.4)
        tallest = max(tallest, float(np.nan_to_num(shares).max()))
    axes.set(xlim=(0, len(places)), ylim=(0, 1.08 * tallest))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    axes.xaxis.set_minor_locator(NullLocator())
    _ticks(axes, each, edges)
    axes.set_xlabel(each.title + (f" ({each.unit})" if each.unit else ""), fontsize=9)


def _shares(each: V1Property, values: ArrayLike) -> NDArray[np.float64]:
    bins = each.bins(values)
    counts = np.bincount(bins[bins >= 0], minlength=len(each.counts))
    return np.asarray(counts / counts.sum() if counts.any() else np.full(len(counts), np.nan))


def _ticks(axes: Axes, each: V1Property, edges: NDArray[np.float64]) -> None:
    """Name the bins: yes and no, the middles of the four orientations, or a few of the edges."""
    if len(edges) == 3:
        axes.set_xticks([0.5, 1.5], ["no", "yes"])
    elif each.period:
        middles = (edges[:-1] + edges[1:]) / 2
        axes.set_xticks(np.arange(len(middles)) + 0.5, [f"{middle:g}" for middle in middles])
    else:
        ticks = _decades(edges) if each.logarithmic else MaxNLocator(4).tick_values(edges[0], edges[-1])
        ticks = ticks[(ticks >= edges[0]) & (ticks <= edges[-1])]
        scale = np.log if each.logarithmic else np.positive
        axes.set_xticks(
            np.interp(scale(ticks), scale(edges), np.arange(len(edges))), [f"{t:g}" for t in ticks]
        )


def _decades(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return powers of ten, or of four where the bins span little more than two decades."""
    base = 10.0 if np.log10(edges[-1] / edges[0]) > 2.5 else 4.0
    low, high = (np.log(edge) / np.log(base) for edge in (edges[0], edges[-1]))
    return np.asarray(base ** np.arange(np.ceil(low - 1e-6), np.floor(high + 1e-6) + 1))


def _score(scores: pd.DataFrame, name: str) -> str:
    row = scores.loc[scores["property"] == name].iloc[0]
    return f"0: {row['zero_because'].split(', ')[0]}" if row["zero_because"] else f"score {row['ceiled']:.2f}"


def _name_populations(figure: Figure, populations: Mapping[str, pd.DataFrame]) -> None:
    handles = [Patch(facecolor=COLOURS["faint"], label="macaque V1, published")]
    handles += [
        Patch(facecolor="none", edgecolor=colour, label=f"{name}, {len(table)} units")
        for (name, table), colour in zip(populations.items(), _LINES, strict=False)
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))


def plot_unit_properties(properties: "Mapping[str, pd.Series[float]]") -> Figure:
    """Draw a histogram of each property over units.

    Parameters
    ----------
    properties : mapping of str to Series
        One value for each unit, NaN where it has none, by what stands below the axis.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = plot_unit_properties({"direction selectivity index": pd.Series([0.1, 0.4, np.nan])})
    >>> figure.axes[0].get_title()
    '2 of 3 units'
    """
    with house_style():
        rows, across = -(-len(properties) // _PANELS_ACROSS), min(len(properties), _PANELS_ACROSS)
        figure = canvas(width=max(2.6 * across, 4.0), height=2.4 * rows)
        for place, (words, values) in enumerate(properties.items(), start=1):
            known = values.dropna()
            axes = figure.add_subplot(rows, across, place)
            axes.hist(known, bins=24, range=_from_zero(known), color=COLOURS["model"])
            axes.set_title(f"{len(known)} of {len(values)} units", loc="center", fontsize=9)
            axes.set_xlabel(words, fontsize=9)
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.set_ylabel("units" if (place - 1) % _PANELS_ACROSS == 0 else "")
    return figure


def _from_zero(values: "pd.Series[float]") -> tuple[float, float]:
    """Return the ends of an axis: 0 and 1 for an index, else from 0 or the smallest value to the largest."""
    if values.empty:
        return 0.0, 1.0
    low, high = min(0.0, float(values.min())), float(values.max())
    return (low, 1.0) if high <= 1 else (low, high)
