"""One picture of the cost curves and the roofline, for the documentation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["draw_curves", "speed_curves"]

_MICRO = 1e6
_WHO = {"ours": ("neurosim", COLOURS["model"], "o"), "SPAMS": ("SPAMS lasso", COLOURS["data"], "s")}
_DASHES = ("-", "--")
_LEVELS = {
    "second-level cache": ("--", "weights from L2"),
    "third-level cache": ("-.", "weights from L3"),
    "main memory": (":", "weights from memory"),
}
_CONDITIONS = {"neurons": ("-", "same threshold"), "neurons_fixed_active": ("--", "same number active")}
_SMALL: Any = {"legend.fontsize": 7.5, "lines.markersize": 4.5, "legend.handlelength": 3.6}
# Every multiply-add of a send reads one float32 weight.
_BYTES = 4


def speed_curves(curves: Mapping[str, Any]) -> Figure:
    """Draw cost against neurons, active fraction and batch size, and the roofline; panels without points stay out.

    Parameters
    ----------
    curves : mapping
        ``curves`` of a benchmark's record.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are no points at all.
    """
    panels = [(name, draw) for name, draw in _PANELS.items() if curves.get(name)]
    if not panels:
        raise ValueError(f"expected points of at least one of {', '.join(_PANELS)}, got {sorted(curves)}")
    with house_style(), mpl.rc_context(_SMALL):
        columns = 2 if len(panels) > 1 else 1
        rows = -(-len(panels) // columns)
        figure = canvas(width=4.6 * columns, height=3.5 * rows)
        for k, (_, draw) in enumerate(panels):
            axes = figure.add_subplot(rows, columns, k + 1)
            draw(axes, curves)
        return figure


def draw_curves(curves: Mapping[str, Any], path: Path) -> None:
    """Write the picture as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with house_style():
        speed_curves(curves).savefig(path, dpi=150)


def _neurons(axes: Axes, curves: Mapping[str, Any]) -> None:
    for name, (dashes, label) in _CONDITIONS.items():
        for who, points in curves.get(name, {}).items():
            title, colour, marker = _WHO[who]
            n, seconds, low, high = (_column(points, key) for key in ("n_neurons", "seconds", "low", "high"))
            axes.plot(n, _MICRO * seconds, dashes, marker=marker, color=colour, label=f"{title}, {label}")
            axes.vlines(n, _MICRO * low, _MICRO * high, color=colour, lw=1)
    _linear_growth(axes, curves["neurons"]["ours"])
    _logarithmic(axes, "neurons", "cost per patch (µs)", "Cost against number of neurons")
    _whole_ticks(axes, _column(curves["neurons"]["ours"], "n_neurons"))
    axes.legend(loc="upper left")


def _linear_growth(axes: Axes, points: Sequence[Mapping[str, float]]) -> None:
    n = _column(points, "n_neurons")
    line = 0.45 * _MICRO * points[0]["seconds"] * n / n[0]
    axes.plot(n, line, color=COLOURS["muted"], lw=1, ls=":")
    axes.annotate(
        "linear",
        (n[-1], line[-1]),
        xytext=(0, -20),
        textcoords="offset points",
        ha="right",
        color=COLOURS["muted"],
        fontsize=8,
    )


def _active_fraction(axes: Axes, curves: Mapping[str, Any]) -> None:
    for dashes, (n_neurons, points) in zip(_DASHES, curves["active_fraction"].items(), strict=False):
        for who, (title, colour, marker) in _WHO.items():
            axes.plot(
                100 * _column(points, "active_fraction"),
                _MICRO * _column(points, who),
                dashes,
                marker=marker,
                color=colour,
                label=f"{title}, N = {n_neurons}",
            )
    _logarithmic(axes, "active neurons (%)", "cost per patch (µs)", "Cost against active fraction")
    axes.legend()


def _batch_size(axes: Axes, curves: Mapping[str, Any]) -> None:
    for dashes, (n_neurons, points) in zip(_DASHES, curves["batch_size"].items(), strict=False):
        axes.plot(
            _column(points, "batch_size"),
            _MICRO * _column(points, "seconds"),
            dashes,
            marker="o",
            color=COLOURS["model"],
            label=f"neurosim, N = {n_neurons}",
        )
    _logarithmic(axes, "batch size (replicas)", "cost per patch (µs)", "Cost against batch size")
    _whole_ticks(axes, _column(points, "batch_size"))
    axes.legend()


def _roofline(axes: Axes, curves: Mapping[str, Any]) -> None:
    peaks, achieved = curves["roofline"]["peaks"], curves["roofline"]["achieved"]
    n = _column(achieved, "n_neurons")
    for name, colour, label in (
        ("multiply-adds in registers", "black", "peak, registers"),
        ("matrix product", COLOURS["second"], "peak, BLAS product"),
    ):
        axes.axhline(peaks[name], color=colour, lw=1.2, label=label)
    for name, (dashes, label) in _LEVELS.items():
        axes.axhline(peaks[name] / _BYTES, color=COLOURS["muted"], lw=1.2, ls=dashes, label=label)
    axes.plot(n, _column(achieved, "rows"), "s-", color=COLOURS["data"], label="adding rows alone")
    if np.isfinite(_column(achieved, "encoding")).any():
        axes.plot(n, _column(achieved, "encoding"), "o-", color=COLOURS["model"], label="neurosim")
    _logarithmic(axes, "neurons", "10⁹ multiply-adds/s", "Roofline, two threads")
    _whole_ticks(axes, n)
    # Room for the legend below the curves.
    low, high = axes.get_ylim()
    axes.set_ylim(low * (low / high) ** 0.6, 1.3 * high)
    axes.legend(loc="lower center", ncols=2, handlelength=2.4, columnspacing=1)


def _logarithmic(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
    axes.set(xlabel=x, ylabel=y, title=title)
    axes.grid(which="major", color=COLOURS["faint"], lw=0.5)
    axes.set_axisbelow(True)


def _whole_ticks(axes: Axes, values: Any) -> None:
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.xaxis.set_minor_locator(NullLocator())


def _column(points: Sequence[Mapping[str, Any]], key: str) -> Any:
    # JSON has null for what was not counted.
    return np.array([np.nan if point[key] is None else point[key] for point in points], dtype=float)


_PANELS = {
    "neurons": _neurons,
    "active_fraction": _active_fraction,
    "batch_size": _batch_size,
    "roofline": _roofline,
}
