"""Where neurons sit, for networks that have a sheet."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim.networks.models import declared

if TYPE_CHECKING:
    from neurosim.analysis.maps.sheet import Sheet


def sheet_of(network: Any) -> "Sheet | None":
    """Return the sheet a network's neurons sit on, row by row, or None.

    Parameters
    ----------
    network : estimator
        Its `positions_` are read, and whether it is a `torus`.
    """
    from neurosim.analysis.maps.sheet import Sheet

    if not declared(network).has("sheet"):
        return None
    height, width = np.asarray(network.positions_).max(axis=0) + 1
    return Sheet(int(height), int(width), torus=bool(network.torus))


def placed(table: pd.DataFrame, network: Any) -> pd.DataFrame:
    """Return a table of neurons with the ``row`` and ``column`` of each, as it was if the network has no sheet.

    Parameters
    ----------
    table : DataFrame
        One row per neuron, in the network's order, its number first.
    network : estimator
        Whose `positions_` are read.
    """
    if not declared(network).has("sheet"):
        return table
    rows, columns = np.asarray(network.positions_).T
    first = table.columns[:1]
    return pd.concat(
        [table[first], pd.DataFrame({"row": rows, "column": columns}), table.drop(columns=first)], axis=1
    )
