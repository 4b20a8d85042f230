"""What a population does in time: membranes, spikes as rasters, and rates."""

from collections.abc import Sequence
from math import ceil
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas, figure_of, one_panel, require_one
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.analysis.spikes.spike_input import SpikeTable, checked_spikes

__all__ = ["plot_membranes", "plot_raster", "plot_rates"]

_MOST_PANELS = 12
_ROW_OF_PANELS = 4
_PANEL_HEIGHT = 3.6  # inches
_MOST_LINES = 8
# Told apart in grey as well.
_SHADES, _DASHES = (COLOURS["data"], COLOURS["model"]), ("-", "--", "-.", ":")


def plot_membranes(traces: pd.DataFrame, *, unit: str = "", ax: Axes | None = None) -> Figure:
    """Draw membrane potentials over time, a line for each neuron.

    Parameters
    ----------
    traces : DataFrame
        Potentials, one row per moment (the index: seconds since the onset) and one column per neuron, at most 8.
    unit : str
        Of the potentials, in words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        Time in milliseconds; lines differ by colour and dashes.

    Raises
    ------
    ValueError
        If there is nothing to draw, there are more than 8 neurons, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> traces = pd.DataFrame({4: [0.0, 0.5], 9: [0.0, -0.2]}, index=[0.0, 0.01])
    >>> [line.get_label() for line in plot_membranes(traces).axes[0].lines]
    ['neuron 4', 'neuron 9']
    """
    values = finite_array("traces", traces.to_numpy(), ndim=2)
    if not 0 < values.shape[1] <= _MOST_LINES:
        raise ValueError(f"expected 1 to {_MOST_LINES} neurons to draw, got {values.shape[1]}")
    with house_style():
        axes = one_panel(ax, width=7.5, height=3.2)
        milliseconds = 1e3 * np.asarray(traces.index, dtype=np.float64)
        for number, (neuron, potential) in enumerate(zip(traces.columns, values.T, strict=True)):
            shade, dashes = _SHADES[number // len(_DASHES)], _DASHES[number % len(_DASHES)]
            axes.plot(milliseconds, potential, color=shade, linestyle=dashes, label=f"neuron {neuron}")
        axes.set(xlabel="time since onset (ms)", ylabel=f"membrane potential\n{unit}".rstrip())
        axes.margins(x=0.01)
        axes.set_title("Membranes while a stimulus is shown")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure_of(axes)


def plot_raster(spikes: xr.Dataset, *, stimulus: int | Sequence[int] = 0, ax: Axes | None = None) -> Figure:
    """Draw when each neuron fires, one panel per stimulus.

    Parameters
    ----------
    spikes : xarray.Dataset
        ``time`` (seconds since the onset of its stimulus), ``stimulus`` and ``neuron`` (int) along ``spike``,
        sorted by time; attributes ``n_stimuli``, ``n_neurons`` and ``duration`` (seconds).
    stimulus : int or sequence of int
        Which stimuli to draw, from 0, in this order; at most 12.
    ax : matplotlib.axes.Axes, optional
        Where to draw a single stimulus; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        Time in milliseconds over the whole presentation, neurons from the bottom up, silent ones as empty rows.

    Raises
    ------
    TypeError, ValueError
        If `spikes` is no such table, a stimulus was not shown, there are none or too many to draw, or more than
        one on `ax`.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.01, 0.02, 0.05], "stimulus": [1, 0, 1], "neuron": [2, 0, 2]}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}
    >>> spikes = xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs)
    >>> plot_raster(spikes, stimulus=1).axes[0].get_title(loc="left")
    'Stimulus 1: 2 spikes,\\n1 of 3 neurons'
    """
    table = checked_spikes(spikes)
    shown = _checked_stimuli(stimulus, table.n_stimuli)
    if ax is not None:
        return _one_raster(require_one(len(shown), "stimuli", ax), table, shown[0])
    columns = min(len(shown), _ROW_OF_PANELS)
    rows = ceil(len(shown) / columns)
    with house_style():
        width = 5.6 if columns == 1 else 2.5 * columns + 0.6
        figure = canvas(width=width, height=_PANEL_HEIGHT * rows)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes, number in zip(panels, shown, strict=False):
            _raster(axes, table, number)
            # Panels above a gap in the last row carry the times themselves.
            axes.tick_params(labelbottom=True)
        for axes in panels[len(shown) :]:
            axes.remove()
        figure.supxlabel("time since onset (ms)", fontsize=10)
        figure.supylabel("neuron", fontsize=10)
    return figure


def plot_rates(counts: ArrayLike, *, duration: float | None = None, ax: Axes | None = None) -> Figure:
    """Draw how the mean rates of the neurons are distributed, with the population's mean marked.

    Parameters
    ----------
    counts : array_like, shape (n_stimuli, n_neurons)
        Spikes per stimulus, 0 or more, as from `spike_counts`.
    duration : float, optional
        Seconds each stimulus was shown. Rates are in Hz if given, in spikes per stimulus if not.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        A histogram of all neurons, the silent ones in its lowest bin; their number is written.

    Raises
    ------
    ValueError
        If the counts are no finite matrix of values of 0 or more, or the duration is not above 0.

    Examples
    --------
    >>> plot_rates([[1, 0, 3], [1, 0, 1]], duration=0.1).axes[0].get_xlabel()
    'mean rate (Hz)'
    """
    rates = _checked_rates(counts, duration)
    with house_style():
        axes = one_panel(ax, width=5.6, height=3.6)
        # Silent neurons at 0 stay in view, so that a population on target and a dying one look different.
        axes.hist(rates, bins=np.linspace(0, rates.max() or 1.0, 41).tolist(), color=COLOURS["data"])
        axes.set_xlim(left=0)
        axes.yaxis.set_major_locator(_whole_numbers())
        unit = "spikes per stimulus" if duration is None else "Hz"
        _mark_mean(axes, float(rates.mean()), unit)
        axes.set(xlabel=f"mean rate ({unit})", ylabel="neurons")
        # Above the words over the line.
        axes.set_title(f"Rates of {len(rates)} neurons: {_silent_in_words(rates)}", pad=20)
    return figure_of(axes)


def _one_raster(axes: Axes, table: SpikeTable, stimulus: int) -> Figure:
    with house_style():
        _raster(axes, table, stimulus)
        axes.set(xlabel="time since onset (ms)", ylabel="neuron")
    return figure_of(axes)


def _raster(axes: Axes, table: SpikeTable, stimulus: int) -> None:
    own = table.stimulus == stimulus
    neurons = table.neuron[own]
    # A mark as high as its row, as long as that can be seen; 54 points of an inch's 72 make the axes.
    points = min(max(54 * _PANEL_HEIGHT / table.n_neurons, 4.5), 14.0)
    milliseconds = 1e3 * table.time[own]
    axes.plot(milliseconds, neurons, "|", color=COLOURS["data"], markersize=points, markeredgewidth=1.2)
    # A spike at onset would hide behind the axis.
    end = 1e3 * table.duration
    axes.set(xlim=(-0.015 * end, 1.015 * end), ylim=(-0.5, table.n_neurons - 0.5))
    axes.yaxis.set_major_locator(_whole_numbers())
    axes.set_title(
        f"Stimulus {stimulus}: {neurons.size} spike{'' if neurons.size == 1 else 's'},\n"
        f"{np.unique(neurons).size} of {table.n_neurons} neurons"
    )


def _whole_numbers() -> MaxNLocator:
    return MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True)


def _mark_mean(axes: Axes, mean: float, unit: str) -> None:
    """Draw a line at the mean and write it above the line, where no bar can be."""
    axes.axvline(mean, color=COLOURS["model"], linewidth=1.2)
    axes.annotate(
        f"mean {mean:.3g} {unit}", (mean, 1), (0, 3), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="center", va="bottom", color=COLOURS["model"], fontsize=9,
    )  # fmt: skip


def _silent_in_words(rates: NDArray[np.float64]) -> str:
    n_silent = int((rates == 0).sum())
    return f"{n_silent} silent" if n_silent else "no silent neuron"


def _checked_stimuli(stimulus: int | Sequence[int], n_stimuli: int) -> list[int]:
    numbers = np.atleast_1d(np.asarray(stimulus))
    if numbers.ndim != 1 or not 0 < numbers.size <= _MOST_PANELS:
        raise ValueError(
            f"expected 1 to {_MOST_PANELS} stimuli to draw, got {numbers.size}: pass their numbers, such as "
            "stimulus=[0, 1]"
        )
    if not np.issubdtype(numbers.dtype, np.integer):
        raise TypeError(f"expected stimuli as integers, got {numbers.dtype}: pass their numbers, from 0")
    unknown = numbers[(numbers < 0) | (numbers >= n_stimuli)]
    if unknown.size:
        raise ValueError(
            f"expected stimuli from 0 to {n_stimuli - 1}, got {unknown[0]}: that one was not shown"
        )
    return cast(list[int], numbers.tolist())


def _checked_rates(counts: ArrayLike, duration: float | None) -> NDArray[np.float64]:
    """Return each neuron's mean over stimuli, per second if there is a duration."""
    counts = finite_array("counts", counts, ndim=2)
    if (counts < 0).any():
        raise ValueError(
            f"expected counts of 0 or more, got {counts.min():g}: pass the spikes of each neuron, not a signed code"
        )
    if duration is not None and not 0 < duration < np.inf:
        raise ValueError(f"expected a finite duration above 0 s, got {duration}: seconds per stimulus")
    return np.asarray(counts.mean(axis=0) / (1.0 if duration is None else duration))
