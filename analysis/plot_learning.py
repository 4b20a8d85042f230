"""The learning curve: objective, share of active neurons and learning rate, batch by batch."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.plot_input import finite_array, table_with
from neurosim.analysis.plot_style import COLOURS, canvas, house_style

__all__ = ["learning_curve"]

_PANELS = {
    "objective": "objective\nper stimulus",
    "active_fraction": "active neurons\n(% of all)",
    "learning_rate": "learning rate",
}


def learning_curve(history: pd.DataFrame) -> Figure:
    """Draw how training went.

    Parameters
    ----------
    history : DataFrame
        One row per batch: ``batch`` (number), ``objective`` (mean per stimulus, the stimuli's squared unit),
        ``active_fraction`` (in [0, 1]) and ``learning_rate``.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels over one batch axis; the thin line is every batch, the thick one a running median.

    Raises
    ------
    ValueError
        If a column is missing, there are no rows, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"batch": [1, 2, 3], "objective": [3.0, 2.0, 1.5],
    ...                         "active_fraction": [0.2, 0.1, 0.1], "learning_rate": [0.5, 0.5, 0.4]})
    >>> [axes.get_ylabel() for axes in learning_curve(history).axes][2]
    'learning rate'
    """
    table_with("history", history, ("batch", *_PANELS))
    finite_array("history", history[["batch", *_PANELS]].to_numpy(), ndim=2)
    with house_style():
        figure = canvas(width=7.5, height=5.6)
        panels = figure.subplots(3, 1, sharex=True, height_ratios=[2, 1.3, 1])
        for axes, (column, label) in zip(panels, _PANELS.items(), strict=True):
            scale = 100.0 if column == "active_fraction" else 1.0
            _curve(axes, history["batch"], history[column] * scale, smooth=column != "learning_rate")
            axes.set_ylabel(label)
        if len(panels[0].lines) > 1:
            panels[0].legend(loc="upper right")
        panels[0].set_title(f"Learning: {len(history)} batches")
        panels[2].set_ylim(bottom=0)
        panels[2].set_xlabel("batch")
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
    if smooth and values.max() > 3 * tail.max():
        axes.set_ylim(top=1.1 * tail.max())
        axes.annotate(
            f"first batch: {values.iloc[0]:.3g}",
            (0.03, 0.97),
            xycoords="axes fraction",
            va="top",
            color=COLOURS["muted"],
        )
