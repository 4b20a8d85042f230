"""The course of learning, one row per batch."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks.encoding import Shown

__all__ = ["Cost", "batch_rows", "extended_history", "warn_if_worse_than_silence"]

Cost = Callable[[NDArray[Any]], NDArray[Any]]
_COLUMNS = ("objective", "active_fraction", "learning_rate", "duration", "unsettled")


def batch_rows(
    shown: Shown, active: NDArray[np.bool_], *, cost: Cost, batch_size: int, rates: NDArray[Any]
) -> list[dict[str, float]]:
    """Return what each batch of a run that measured came to.

    Parameters
    ----------
    shown : Shown
        With energies.
    active : bool array, shape (n_stimuli, n_neurons)
        Which neurons were not silent.
    cost : callable
        From a code to what it costs per stimulus beyond the energies.
    batch_size : int
    rates : array, shape (n_batches,)
        Learning rate of each batch.

    Returns
    -------
    list of dict
        ``objective`` and ``active_fraction`` as means over the batch, ``learning_rate``, ``duration`` in seconds, and
        ``unsettled``, how many stimuli were still on their way when their time was up, NaN where nobody can tell.

    Raises
    ------
    ValueError
        If the run did not measure.
    """
    if shown.energy is None:
        raise ValueError("expected a run that measured (measure=True), got one without energies")
    rows = []
    for k, rate in enumerate(rates):
        part = slice(k * batch_size, (k + 1) * batch_size)
        # One batch at a time stays in the cache.
        objective = shown.energy[part].mean() + cost(shown.code[part]).mean()
        unsettled = np.nan if shown.late is None else shown.late[part].sum()
        values = (objective, active[part].mean(), rate, shown.durations[k], unsettled)
        rows.append({name: float(value) for name, value in zip(_COLUMNS, values, strict=True)})
    return rows


def warn_if_worse_than_silence(objective: float, stimuli: NDArray[Any]) -> None:
    """Warn when a population's mean objective is above that of no activity at all, half the stimuli's mean energy."""
    silence = float((stimuli**2).sum(axis=1).mean() / 2)
    if objective > 1.01 * silence > 0:
        warnings.warn(
            f"the population explains less than silence would (objective {objective:.3g} against {silence:.3g}): "
            "it had not settled, or its fields grow faster than it can follow; use a smaller learning_rate, a longer "
            "presentation or a smaller dt",
            stacklevel=4,
        )


def extended_history(history: pd.DataFrame | None, rows: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Return a history with more rows, batches counted on.

    Examples
    --------
    >>> row = {"objective": 1.0, "active_fraction": 0.1, "learning_rate": 0.5, "duration": 0.1, "unsettled": 0}
    >>> list(extended_history(extended_history(None, [row]), [row, row])["batch"])
    [0, 1, 2]
    """
    new = pd.DataFrame(list(rows), columns=list(rows[0] if rows else _COLUMNS), dtype=float)
    whole = new
    if history is not None and len(history):
        whole = pd.concat([history.drop(columns="batch"), new], ignore_index=True)
    whole.insert(0, "batch", np.arange(len(whole)))
    return whole
