"""A number of the runs over the swept keys, with intervals over seeds."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.style import house_style
from neurosim.sweeps.table import SEED, over_seeds

__all__ = ["sweep_figure"]

# Okabe & Ito's palette; as many lines as a reader tells apart.
_LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKS = "osD^vP"
_GREY = "#6E6E6E"
_WIDTH, _HEIGHT, _IN_A_ROW = 4.0, 3.4, 3
# From such a ratio on, positive values are spread on a logarithmic axis.
_FAR = 20.0


def sweep_figure(table: pd.DataFrame, metric: str, *, level: float = 0.95) -> Figure:
    """Draw a number over each swept key: mean over seeds with its interval, a line for each setting of the other keys.

    Parameters
    ----------
    table : DataFrame
        Of `sweep_table`.
    metric : str
        A column of it.
    level : float, default=0.95
        Of the intervals; see `over_seeds`.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each swept key; of seeds alone, one with the runs. Where the other keys have more than six
        settings, or were drawn at random, points are grey and without lines.

    Raises
    ------
    SweepError
        If the table has no such number.

    Examples
    --------
    >>> runs = pd.DataFrame({"network.threshold": [1.0, 1.0, 2.0], "run.seed": [0, 1, 0], "objective": [1.0, 3.0, 4.0]})
    >>> runs.attrs["swept"] = ["network.threshold"]
    >>> len(sweep_figure(runs, "objective").axes)
    1
    """
    means = over_seeds(table, metric, level=level)
    swept = [key for key in table.attrs.get("swept", []) if len(set(means[key].map(repr))) > 1]
    n_columns = min(max(len(swept), 1), _IN_A_ROW)
    n_rows = -(-max(len(swept), 1) // n_columns)
    with house_style():
        figure = canvas(width=_WIDTH * n_columns + 0.5, height=_HEIGHT * n_rows)
        panels = figure.subplots(n_rows, n_columns, squeeze=False, sharey=True).ravel()
        for panel in panels[max(len(swept), 1) :]:
            panel.remove()
        for panel, key in zip(panels, swept, strict=False):
            _over_key(panel, means, key, others=[other for other in swept if other != key])
        if not swept:
            _over_runs(panels[0], table, metric)
        figure.supylabel(_name(metric))
        if (means["n"] > 1).any():
            figure.suptitle(
                f"mean over seeds, bars: {level:.0%} interval", x=0.01, ha="left", fontsize=9, color=_GREY
            )
    return figure


def _name(metric: str) -> str:
    from neurosim.measures import metric_of

    known = metric_of(metric)
    unit = "" if known is None or not known.unit else f" ({known.unit})"
    return f"{metric}{unit}"


def _over_key(panel: Axes, means: pd.DataFrame, key: str, *, others: Sequence[str]) -> None:
    places, words = _places(means[key])
    lines = list(_lines(means, others))
    told_apart = len(lines) <= len(_LINES)
    for number, (label, rows) in enumerate(lines):
        order = np.argsort(places[rows], kind="stable")
        style: dict[str, Any] = {"color": _GREY, "marker": "o", "linestyle": "none"}
        if told_apart:
            style = {"color": _LINES[number], "marker": _MARKS[number], "label": label}
        _draw(panel, places[rows][order], means.iloc[rows[order]], style=style)
    if words is not None:
        panel.set_xticks(range(len(words)), words, rotation=20 if max(map(len, words)) > 8 else 0)
        panel.margins(x=0.1)
    elif places.min() > 0 and places.max() / places.min() >= _FAR:
        panel.set_xscale("log")
    panel.set_xlabel(key)
    if others and told_apart:
        panel.legend(title=", ".join(others), title_fontsize=8, fontsize=8)


def _draw(panel: Axes, places: np.ndarray, rows: pd.DataFrame, *, style: dict[str, Any]) -> None:
    mean = rows["mean"].to_numpy(dtype=float)
    reach = np.abs(np.stack([mean - rows["low"], rows["high"] - mean]).astype(float))
    panel.plot(places, mean, markersize=4, **style)
    known = np.isfinite(reach).all(axis=0)
    if known.any():
        bars = {"yerr": reach[:, known], "fmt": "none", "ecolor": style["color"], "capsize": 2}
        panel.errorbar(places[known], mean[known], **bars)


def _lines(means: pd.DataFrame, others: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield settings of the other keys in words with their rows."""
    labels = np.array(
        [", ".join(_short(means[key].iloc[row]) for key in others) for row in range(len(means))]
    )
    for label in dict.fromkeys(labels):
        yield str(label), np.flatnonzero(labels == label)


def _places(values: pd.Series) -> tuple[np.ndarray, list[str] | None]:
    """Return where values lie on the axis; with their words if they are no numbers."""
    plain = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(plain) == len(values) and np.isfinite(plain).all():
        return np.array(plain, dtype=float), None
    words = [_short(value) for value in values]
    order = list(dict.fromkeys(words))
    return np.array([order.index(word) for word in words], dtype=float), order


def _over_runs(panel: Axes, table: pd.DataFrame, metric: str) -> None:
    known = table[pd.to_numeric(table[metric], errors="coerce").notna()]
    panel.plot(known[SEED], known[metric].astype(float), "o", color=_LINES[0])
    panel.set_xlabel(SEED)


def _short(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
