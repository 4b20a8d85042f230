"""Tuning curves of the cells of a page, from what the laboratory stored of their responses to gratings."""

from typing import Any

import numpy as np
import pandas as pd

from neurosim.results.run_folder import RunFolder

__all__ = ["TABLES", "measured_in_laboratory", "tuning_of"]

TABLES = ("tuning_curves", "properties")
"""Files of the laboratory that pages take curves and properties of single cells from."""

_AXES = {
    "orientation": ("orientation of the bars (degrees)", False),
    "frequency": ("spatial frequency (cycles/degree)", True),
    "size": ("diameter (degrees)", True),
}
"""Words of each axis, and whether its steps are octaves."""

_PROPERTIES = {
    "modulation_ratio": "F1/F0 (laboratory)",
    "preferred_orientation": "preferred orientation of bars (degrees, laboratory)",
    "circular_variance": "circular variance (laboratory)",
    "orientation_half_width": "half-width of orientation tuning (degrees, laboratory)",
    "peak_frequency": "preferred frequency (cycles/degree, laboratory)",
    "frequency_bandwidth_octaves": "bandwidth of frequency tuning (octaves, laboratory)",
    "surround_suppression_index": "surround suppression (laboratory)",
}


def _is_of_neurons(run: RunFolder) -> bool:
    """Say whether the laboratory's first units are the network's neurons: not where fields were tiled."""
    return run.section("laboratory").get("tile") in (None, "off")


def measured_in_laboratory(run: RunFolder, *, n_cells: int) -> dict[str, pd.Series]:
    """Return properties of the network's neurons by what they are called, or nothing where there are none."""
    table = run.tables.get("properties")
    if table is None or not _is_of_neurons(run):
        return {}
    own = table[table["unit"] < n_cells].set_index("unit").reindex(range(n_cells))
    return {words: own[name] for name, words in _PROPERTIES.items() if name in own}


def tuning_of(run: RunFolder, *, n_cells: int) -> list[dict[str, Any]] | None:
    """Return one entry per curve, with a row of responses for each cell, or None where there are none.

    Parameters
    ----------
    run : RunFolder
        With the table ``tuning_curves``, if its laboratory wrote one.
    n_cells : int
        Neurons of the network. Units beyond them are pools and rectified copies; where fields were tiled, units are
        not the neurons, and there are no curves.
    """
    table = run.tables.get("tuning_curves")
    if table is None or not _is_of_neurons(run):
        return None
    curves = []
    for name, (words, octaves) in _AXES.items():
        own = table[(table["curve"] == name) & (table["unit"] < n_cells)]
        if own.empty:
            continue
        rates = own.pivot_table(index="unit", columns="x", values="rate", dropna=False)
        rates = rates.reindex(range(n_cells))
        rows = np.round(rates.to_numpy(dtype=np.float64), 2)
        values = [[None if np.isnan(rate) else float(rate) for rate in row] for row in rows]
        x = [float(f"{each:.3g}") for each in rates.columns]
        curves.append({"words": words, "octaves": octaves, "x": x, "rates": values})
    return curves or None
