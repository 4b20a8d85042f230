"""Draw the figures of a network whose neurons sit on a sheet."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.plots import plot_fields_on_sheet, plot_orientation_map, plot_similarity_distance

__all__ = ["sheet_figures"]


def sheet_figures(
    sheet: Sheet,
    fields: ArrayLike,
    *,
    vectors: ArrayLike | None = None,
    pinwheels: pd.DataFrame | None = None,
    similarity: Mapping[str, pd.DataFrame] | None = None,
) -> Iterator[tuple[str, Figure]]:
    """Yield name and figure of what a sheet shows.

    Parameters
    ----------
    sheet : Sheet
        Where the neurons are.
    fields : array_like, shape (n_neurons, height, width)
        In the order of the sheet.
    vectors : array_like of complex, shape (n_neurons,), optional
        Orientation and selectivity of every neuron; without them there is no map.
    pinwheels : DataFrame, optional
        Of the map, smoothed.
    similarity : mapping of str to DataFrame, optional
        Tables of `neurosim.analysis.maps.sheet_correlation.similarity_with_distance`.

    Yields
    ------
    str, Figure
        ``sheet_fields``, ``orientation_map`` and ``sheet_similarity``.
    """
    yield "sheet_fields", plot_fields_on_sheet(fields, sheet)
    if vectors is not None:
        yield "orientation_map", plot_orientation_map(vectors, sheet, pinwheels=pinwheels)
    if similarity:
        yield "sheet_similarity", plot_similarity_distance(similarity)
