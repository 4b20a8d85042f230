"""How sparse a code is: its values, its neurons and its stimuli, in four panels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.sparsity import lifetime_sparseness
from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["sparsity_overview"]

# Up to so many, whole numbers have a bar each.
_MOST_COUNTS = 60


def sparsity_overview(code: ArrayLike, *, unit: str = "stimulus unit", silence: float = 0.0) -> Figure:
    """Draw the values of a code, its lifetime sparseness, active neurons per stimulus and usage per neuron.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity in the stimuli's unit, any sign, or spike counts.
    unit : str
        What the activity is counted in, for the axis: ``"spikes"`` for counts.
    silence : float
        A neuron is active where its activity is larger than this, either sign.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels. Neurons that never respond are dead: they are counted and drawn as red marks.

    Raises
    ------
    ValueError
        If `code` is not a finite matrix.

    References
    ----------
    Vinje & Gallant 2000, Science 287:1273, doi:10.1126/science.287.5456.1273 (sparseness S).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> code = rng.laplace(size=(200, 20)) * (rng.random((200, 20)) < 0.1)
    >>> len(sparsity_overview(code).axes)
    4
    """
    code = finite_array("code", code, ndim=2)
    with house_style():
        figure = canvas(width=7.5, height=6.0)
        panels = figure.subplots(2, 2)
        active = np.abs(code) > silence
        _values(panels[0, 0], code[active], unit)
        silent = "exactly zero" if silence == 0 else f"at most {silence:.2g}"
        _note(panels[0, 0], f"{1 - active.mean():.1%} {silent}\n(not drawn)", right=True)
        _lifetime(panels[0, 1], code[:, active.any(axis=0)])
        _active_per_stimulus(panels[1, 0], active)
        _usage(panels[1, 1], active.mean(axis=0))
    return figure


def _values(axes: Axes, active: NDArray[np.float64], unit: str) -> None:
    axes.set(title="Activity", xlabel=f"activity ({unit})", ylabel="responses", yscale="log")
    if active.size:
        whole = np.ptp(active) <= _MOST_COUNTS and (active == np.round(active)).all()
        edges = np.arange(active.min() - 0.5, active.max() + 1).tolist() if whole else 60
        axes.hist(active, bins=edges, color=COLOURS["data"])
        if whole:
            axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def _lifetime(axes: Axes, alive: NDArray[np.float64]) -> None:
    axes.set(
        title="Lifetime sparseness", xlabel="S (0 dense, 1 one stimulus only)", ylabel="neurons", xlim=(0, 1)
    )
    if alive.size and len(alive) > 1:
        sparseness = lifetime_sparseness(alive)
        axes.hist(sparseness, bins=np.linspace(0, 1, 51).tolist(), color=COLOURS["data"])
        _median(axes, sparseness, ".2f")


def _active_per_stimulus(axes: Axes, active: NDArray[np.bool_]) -> None:
    counts = active.sum(axis=1)
    width = max(1, round((counts.max() - counts.min()) / 40))
    edges = np.arange(counts.min(), counts.max() + width + 1, width) - 0.5
    axes.hist(counts, bins=edges.tolist(), color=COLOURS["data"])
    axes.set(
        title="Active neurons per stimulus", xlabel=f"active neurons of {active.shape[1]}", ylabel="stimuli"
    )
    _median(axes, counts, ".0f")


def _usage(axes: Axes, usage: NDArray[np.float64]) -> None:
    ranked = np.sort(usage)[::-1] * 100
    rank = np.arange(1, len(ranked) + 1)
    alive = ranked > 0
    axes.plot(rank[alive], ranked[alive], color=COLOURS["data"])
    axes.set(
        title="Usage", xlabel="neuron, sorted by usage", ylabel="stimuli that activate it (%)", yscale="log"
    )
    if not alive.any():
        axes.set_ylim(0.01, 100)
    dead = rank[~alive]
    if len(dead):
        # Only where there are some: the layout makes room for an unclipped line without points, at log 0.
        floor = axes.get_ylim()[0]
        axes.plot(dead, np.full(len(dead), floor), "x", color=COLOURS["dead"], clip_on=False)
    _note(axes, f"{len(dead)} dead" if len(dead) else "no dead neuron", right=True)
    low, high = axes.get_ylim()
    if high < 10 * low:  # perhaps no power of ten to write beside the axis
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")


def _median(axes: Axes, values: NDArray[np.float64], form: str) -> None:
    """Mark the median; its number goes to the emptier side."""
    median = float(np.median(values))
    axes.axvline(median, color=COLOURS["model"], linewidth=1.2)
    low, high = axes.get_xlim()
    _note(axes, f"median {median:{form}}", right=median < (low + high) / 2, colour=COLOURS["model"])


def _note(axes: Axes, text: str, *, right: bool, colour: str = COLOURS["muted"]) -> None:
    axes.annotate(
        text, (0.97 if right else 0.03, 0.96), xycoords="axes fraction", va="top",
        ha="right" if right else "left", color=colour, fontsize=9,
    )  # fmt: skip
