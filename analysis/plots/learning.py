"""The learning curve: objective and its parts, share of active neurons and learning rate, batch by batch."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["learning_curve"]

_PANELS = {
    "objective": "objective\nper stimulus",
    "log_likelihood": "log likelihood\n(nats)",
    "divergence": "divergence\n(nats)",
    "active_fraction": "active neurons\n(% of all)",
    "learning_rate": "learning rate",
}
_INCHES = dict.fromkeys(_PANELS, 1.7) | {"objective": 2.6, "learning_rate": 1.3}
_OPTIONAL = {"log_likelihood", "divergence", "active_fraction"}


def learning_curve(history: pd.DataFrame, *, held_out: float | None = None) -> Figure:
    """Draw how training went.

    Parameters
    ----------
    history : DataFrame
        One row per batch: ``batch`` (number), ``objective`` (mean per stimulus, the stimuli's squared unit, or nats)
        and ``learning_rate``; and what there is of ``active_fraction`` (in [0, 1]), ``log_likelihood`` and
        ``divergence`` (nats), the parts of a bound.
    held_out : float, optional
        Objective of held-out stimuli after learning, in the unit of the objective: a dashed line.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each over one batch axis; the thin line is every batch, the thick one a running median.

    Raises
    ------
    ValueError
        If a column is missing, there are no rows, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"batch": [1, 2, 3], "objective": [3.0, 2.0, 1.5],
    ...                         "active_fraction": [0.2, 0.1, 0.1], "learning_rate": [0.5, 0.5, 0.4]})
    >>> [axes.get_ylabel() for axes in learning_curve(history, held_out=1.6).axes][2]
    'learning rate'
    """
    drawn = [column for column in _PANELS if column not in _OPTIONAL or column in history.columns]
    table_with("history", history, ("batch", *drawn))
    finite_array("history", history[["batch", *drawn]].to_numpy(), ndim=2)
    heights = [_INCHES[column] for column in drawn]
    with house_style():
        figure = canvas(width=7.5, height=sum(heights))
        panels = figure.subplots(len(drawn), 1, sharex=True, height_ratios=heights)
        for axes, column in zip(panels, drawn, strict=True):
            scale = 100.0 if column == "active_fraction" else 1.0
            _curve(axes, history["batch"], history[column] * scale, smooth=column != "learning_rate")
            axes.set_ylabel(_PANELS[column])
        if "divergence" in drawn:
            panels[0].set_ylabel("minus the bound\n(nats)")
        if held_out is not None:
            label = f"held-out, at the end: {held_out:.4g}"
            panels[0].axhline(held_out, color=COLOURS["model"], linestyle="--", linewidth=1.2, label=label)
        if len(panels[0].lines) > 1:
            panels[0].legend(loc="upper right")
        panels[0].set_title(f"Learning: {len(history)} batches")
        panels[-1].set_ylim(bottom=0)
        panels[-1].set_xlabel("batch")
        figure.align_ylabels(list(panels))
    return figure


def _curve(axes: Axes, batch: pd.Series, values: pd.Series, *, smooth: bool) -> None:
    """Draw every batch thinly and, over it, the running median that the eye should follow."""
    window = max(1, len(values) // 40)
    if not smooth or window < 3:
        axes.plot(batch, values, color=COLOURS["data"])
    else:
        axes.plot(batch, values, color=COLOURS["data"], alpha=0.35, linewidth=0.7, label="each batch")
        median = values.rolling(window, center=True, min_periods=1).median()
        axes.plot(batch, median, color=COLOURS["data"], label=f"median of {window} batches")
    axes.grid(axis="y", color=COLOURS["faint"], linewidth=0.6)
    axes.margins(x=0.01)
    # The first batches start from noise and would flatten everything that follows them.
    tail = np.asarray(values[len(values) // 50 :])
    above = 0 < 3 * tail.max() < values.max()
    below = 0 > 3 * tail.min() > values.min()
    if smooth and (above or below):
        axes.set_ylim(**({"top": 1.1 * tail.max()} if above else {"bottom": 1.1 * tail.min()}))
        axes.annotate(
            f"first batch: {values.iloc[0]:.3g}",
            (0.03, 0.97),
            xycoords="axes fraction",
            va="top",
            color=COLOURS["muted"],
        )
