"""The course of learning, one row per batch."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["HISTORY_COLUMNS", "extended_history"]

HISTORY_COLUMNS = ("objective", "active_fraction", "learning_rate", "duration", "unsettled")


def extended_history(history: pd.DataFrame | None, rows: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Return a history with more rows, batches counted on.

    Examples
    --------
    >>> row = {"objective": 1.0, "active_fraction": 0.1, "learning_rate": 0.5, "duration": 0.1, "unsettled": 0}
    >>> list(extended_history(extended_history(None, [row]), [row, row])["batch"])
    [0, 1, 2]
    """
    new = pd.DataFrame(list(rows), columns=list(rows[0] if rows else HISTORY_COLUMNS), dtype=float)
    whole = new
    if history is not None and len(history):
        whole = pd.concat([history.drop(columns="batch"), new], ignore_index=True)
    whole.insert(0, "batch", np.arange(len(whole)))
    return whole
