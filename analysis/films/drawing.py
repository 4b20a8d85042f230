"""Figures of motion selectivity: several groups of fields side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.films.motion import INSEPARABLE, SEPARABLE
from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.style import house_style

__all__ = ["motion_selectivity"]

_BINS = np.linspace(0, 1, 21)


def motion_selectivity(groups: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw separability against direction selectivity, and the distributions of selectivity, frequency and speed.

    Parameters
    ----------
    groups : mapping of str to DataFrame
        Of `motion_properties`, by what is said of the group; a column ``response_direction_selectivity`` is drawn where
        there is one.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from neurosim.analysis.films.motion import motion_properties
    >>> noise = motion_properties(np.random.default_rng(0).normal(size=(9, 8, 6, 6)))
    >>> len(motion_selectivity({"noise": noise}).axes)
    4
    """
    with house_style():
        figure = canvas(width=9.0, height=6.5)
        panels = figure.subplots(2, 2).ravel()
        for number, (name, table) in enumerate(groups.items()):
            colour = f"C{number}"
            panels[0].plot(
                table["separability"],
                table["direction_selectivity"],
                ".",
                ms=3,
                alpha=0.5,
                color=colour,
                label=name,
            )
            _outline(panels[1], table, "direction_selectivity", colour, "-")
            if "response_direction_selectivity" in table:
                _outline(panels[1], table, "response_direction_selectivity", colour, ":")
            moving = table[table["temporal_frequency"] > 0]
            panels[2].plot(
                moving["spatial_frequency"], moving["temporal_frequency"], ".", ms=3, alpha=0.5, color=colour
            )
            panels[3].hist(
                moving["speed"], bins=np.linspace(0, 4, 33).tolist(), histtype="step", color=colour
            )
        for limit in (SEPARABLE, INSEPARABLE):
            panels[0].axvline(limit, color="0.7", lw=0.8)
        panels[0].set(xlabel="separability", ylabel="direction selectivity of the field", xlim=(0, 1.02))
        panels[0].legend(loc="lower left")
        panels[1].set(xlabel="direction selectivity (dotted: of responses)", ylabel="share of neurons")
        panels[2].set(xlabel="spatial frequency (cycles/pixel)", ylabel="temporal frequency (cycles/frame)")
        panels[3].set(xlabel="preferred speed (pixels/frame), of those that move", ylabel="neurons")
    return figure


def _outline(panel: Axes, table: pd.DataFrame, column: str, colour: str, line: str) -> None:
    values = table[column].dropna()
    weights = np.full(len(values), 1 / max(len(values), 1))
    panel.hist(values, bins=_BINS.tolist(), weights=weights, histtype="step", color=colour, ls=line)
