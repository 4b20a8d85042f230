"""The laboratory's figures: published histograms of macaque V1 behind those of a population."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import table_with
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.analysis.v1.properties import V1_PROPERTIES, V1Property

__all__ = ["plot_v1_properties"]

_COLUMNS = 4
_LINES = (COLOURS["model"], COLOURS["second"], "#CC79A7", "#E69F00")


def plot_v1_properties(
    populations: pd.DataFrame | Mapping[str, pd.DataFrame], *, scores: pd.DataFrame | None = None
) -> Figure:
    """Draw each property's published histogram and, over it, that of one or several populations.

    Parameters
    ----------
    populations : DataFrame or mapping of str to DataFrame
        One row per unit with the columns that `v1_scoreboard` takes; by name to draw several, at most four. Units that
        do not respond and those without a value are not drawn; their numbers are in the scoreboard.
    scores : DataFrame, optional
        `Scoreboard.table` of the first population: its ceiled scores are written over the panels.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each of `V1_PROPERTIES`. Values beyond the bins are counted in the outer ones, as in the scores.

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
    for name, table in named.items():
        columns = dict.fromkeys(name for each in V1_PROPERTIES for name in (each.name, each.responsive))
        table_with(name, table, tuple(columns))
    if scores is not None:
        table_with("scores", scores, ("property", "ceiled", "zero_because"))
    with house_style():
        figure = canvas(width=10.5, height=9.4)
        rows = -(-len(V1_PROPERTIES) // _COLUMNS)
        grid = figure.add_gridspec(rows, _COLUMNS)
        for place, each in enumerate(V1_PROPERTIES):
            axes = figure.add_subplot(grid[divmod(place, _COLUMNS)])
            _panel(axes, each, named)
            if scores is not None:
                axes.set_title(_score(scores, each.name), fontsize=9, color=_LINES[0])
            if place % _COLUMNS == 0:
                axes.set_ylabel("share of cells, units")
        _legend(figure, named)
    return figure


def _panel(axes: Axes, each: V1Property, populations: Mapping[str, pd.DataFrame]) -> None:
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


def _legend(figure: Figure, populations: Mapping[str, pd.DataFrame]) -> None:
    handles = [Patch(facecolor=COLOURS["faint"], label="macaque V1, published")]
    handles += [
        Patch(facecolor="none", edgecolor=colour, label=f"{name}, {len(table)} units")
        for (name, table), colour in zip(populations.items(), _LINES, strict=False)
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
