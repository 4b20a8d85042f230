"""Draw the figures of a network that guesses activities densely."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from neurosim.analysis.plots import plot_filters

__all__ = ["filter_figures", "guesses"]


def guesses(fields: pd.DataFrame | None) -> bool:
    """Return whether a table of neurons is of a network that guesses: all neurons answer every stimulus.

    Parameters
    ----------
    fields : DataFrame or None
        One row per neuron.
    """
    return fields is not None and "fall_nats" in fields.columns


def filter_figures(fields: pd.DataFrame | None) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of what a table of neurons tells of filters in use, if it does.

    Parameters
    ----------
    fields : DataFrame or None
        One row per neuron; with the columns that `neurosim.analysis.plots.filters.plot_filters` takes.

    Yields
    ------
    str, Figure
        ``filters``.
    """
    if fields is not None and guesses(fields):
        yield "filters", plot_filters(fields)
