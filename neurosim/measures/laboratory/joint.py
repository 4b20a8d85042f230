"""Joint structure: what a population's properties have to do with each other, beside single cells and the controls."""

import warnings

import numpy as np
import pandas as pd

from neurosim.analysis.v1.joint_structure import joint_structure
from neurosim.datasets.orientation_cells import orientation_cells
from neurosim.measures.context import Context
from neurosim.measures.laboratory.populations import CONTROL, MAIN, SIMPLE, WITHOUT, Shown
from neurosim.measures.laboratory.scores import DRAWN, FEW

JOINT, JOINT_CONTROLS = "joint_structure", "joint_structure_controls"
"""Tables: the network beside the cells, with the value of each control; and all that is known of the controls."""

_CONTROLS = (SIMPLE, WITHOUT, CONTROL, "random_pools", "shuffled", DRAWN)
_WITHOUT_POOLS = (SIMPLE, DRAWN)  # complex cells are those with F1/F0 < 1, as among the cells
_MAIN_COLUMNS = [
    "component", "n_units", "n_missing", "value", "value_low", "value_high", "cells", "cells_low", "cells_high",
    "ceiling", "ceiled", "ceiled_corrected", "low", "high",
]  # fmt: skip
_CONTROL_COLUMNS = ["component", "n_units", "n_missing", "value", "value_low", "value_high", "ceiled"]


def joint_tables(
    context: Context, shown: Shown, properties: dict[str, pd.DataFrame], *, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return the tables of joint structure, none without the cells, of which the page then tells."""
    cells = _cells(context)
    if cells is None:
        return {}
    context.say(f"joint structure beside {len(cells)} single cells")
    of_main = _structure(MAIN, shown, properties, cells, rng=rng)
    table, rows = of_main[_MAIN_COLUMNS].copy(), []
    for name in (each for each in _CONTROLS if each in properties):
        found = _structure(name, shown, properties, cells, rng=rng, n_bootstrap=FEW)
        table[name] = found["value"]
        rows.append(found[_CONTROL_COLUMNS].assign(population=name))
    if not rows:
        return {JOINT: table}
    return {JOINT: table, JOINT_CONTROLS: pd.concat(rows, ignore_index=True)}


def _cells(context: Context) -> pd.DataFrame | None:
    """Return the cells, or None where there is no table: a run of hours does not end for that."""
    try:
        return orientation_cells()
    except FileNotFoundError as error:
        context.say(f"joint structure is left out: {error}")
    except (OSError, ValueError) as error:
        warnings.warn(f"joint structure is left out: {error}", stacklevel=2)
    return None


def _structure(
    name: str,
    shown: Shown,
    properties: dict[str, pd.DataFrame],
    cells: pd.DataFrame,
    *,
    rng: np.random.Generator,
    n_bootstrap: int = 200,
) -> pd.DataFrame:
    pools = shown.is_pool if shown.is_pool.any() and name not in _WITHOUT_POOLS else None
    return joint_structure(properties[name], cells, rng=rng, pools=pools, n_bootstrap=n_bootstrap)
