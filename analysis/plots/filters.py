"""Which fields of a generative network are in use: what the bound loses without each, and how long they are."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["filter_usage", "plot_filters"]

_COLUMNS = ("fall_nats", "divergence_nats", "norm", "active")


def plot_filters(filters: pd.DataFrame, *, least_fall: float = 0.05) -> Figure:
    """Draw the ELBO drop without each filter, in falling order, and the norms below it.

    Parameters
    ----------
    filters : DataFrame
        One row per neuron: ``fall_nats`` (what the bound loses without the field), ``divergence_nats`` (what the
        posterior costs), both in nats per stimulus, ``norm`` and ``active`` (bool).
    least_fall : float
        Drop above which a filter is active, in nats.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels over the same ranks. Drops of at most zero, which a logarithmic axis has no place for, are crosses at
        its lower end.

    Raises
    ------
    ValueError
        If a column is missing, there are no rows, or a value is not finite.

    Examples
    --------
    >>> filters = pd.DataFrame({"fall_nats": [2.0, 0.01], "divergence_nats": [1.0, 0.0], "norm": 1.0,
    ...                         "active": [True, False]})
    >>> plot_filters(filters).axes[0].get_title(loc="left")
    '1 of 2 filters active'
    """
    table_with("filters", filters, _COLUMNS)
    finite_array("filters", filters[[*_COLUMNS]].to_numpy(dtype=float), ndim=2)
    ordered = filters.sort_values("fall_nats", ascending=False, kind="stable")
    rank = np.arange(1, len(ordered) + 1)
    active = ordered["active"].to_numpy(dtype=bool)
    with house_style():
        figure = canvas(width=7.5, height=5.0)
        drops, norms = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
        _drops(drops, rank, ordered, least_fall=least_fall)
        drops.set_title(f"{active.sum()} of {len(ordered)} filters active")
        norm = ordered["norm"].to_numpy(dtype=float)
        for chosen, colour in ((active, "data"), (~active, "dead")):
            norms.plot(rank[chosen], norm[chosen], ".", color=COLOURS[colour], markersize=4)
        norms.axhline(norm.max() / 2, color=COLOURS["muted"], linestyle="--", linewidth=1)
        norms.set(ylabel="norm", xlabel="filter, in falling order", ylim=(0, 1.08 * norm.max() or 1))
        figure.align_ylabels([drops, norms])
    return figure


def filter_usage(filters: pd.DataFrame) -> NDArray[np.float64]:
    """Return the usage of neurons that all respond to every stimulus: their ELBO drop, zero if not active.

    Parameters
    ----------
    filters : DataFrame
        One row per neuron: ``fall_nats`` and ``active``.

    Examples
    --------
    >>> filter_usage(pd.DataFrame({"fall_nats": [0.01, 2.0], "active": [False, True]}))
    array([0., 2.])
    """
    table_with("filters", filters, ("fall_nats", "active"))
    return np.where(filters["active"], filters["fall_nats"], 0.0)


def _drops(axes: Axes, rank: ArrayLike, ordered: pd.DataFrame, *, least_fall: float) -> None:
    ranks, drop = np.asarray(rank), ordered["fall_nats"].to_numpy(dtype=float)
    cost = ordered["divergence_nats"].to_numpy(dtype=float)
    active = ordered["active"].to_numpy(dtype=bool)
    axes.set(yscale="log", ylabel="nats per stimulus")
    costly, drawn = cost > 0, drop > 0
    axes.plot(
        ranks[costly], cost[costly], ".", color=COLOURS["muted"], markersize=3, label="cost of the posterior"
    )
    for chosen, colour, words in ((active, "data", "drop without it"), (~active, "dead", "drop, not active")):
        if (chosen & drawn).any():
            axes.plot(
                ranks[chosen & drawn],
                drop[chosen & drawn],
                ".",
                color=COLOURS[colour],
                label=words,
            )
    axes.axhline(
        least_fall, color=COLOURS["muted"], linestyle="--", linewidth=1, label=f"{least_fall:g} nats"
    )
    if not drawn.all():
        # Only where there are some: the layout makes room for an unclipped line without points, at log 0.
        floor = axes.get_ylim()[0]
        lost = ranks[~drawn]
        axes.plot(
            lost,
            np.full(len(lost), floor),
            "x",
            color=COLOURS["dead"],
            clip_on=False,
            label="drop of at most zero",
        )
        axes.set_ylim(bottom=floor)
    low, high = axes.get_ylim()
    if high < 100 * low:  # hardly a power of ten to write beside the axis
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.legend(loc="best")
