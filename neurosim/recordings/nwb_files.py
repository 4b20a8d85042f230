"""Neurodata Without Borders: spike times of units, and a table of presentations."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["NwbSpikes", "read_nwb"]


class NwbSpikes(NamedTuple):
    """Spikes of one file."""

    times: NDArray[np.float64]
    """Seconds, shape (n_spikes,)."""
    units: NDArray[np.int64]
    """Row of the unit that fired, shape (n_spikes,)."""
    names: pd.DataFrame
    """One row per unit: ``neuron``, its id."""
    presentations: pd.DataFrame
    """The table, with ``start_s`` and ``stop_s``."""
    table: str
    """Its name."""


def read_nwb(path: str | os.PathLike[str], *, table: str | None = None) -> NwbSpikes:
    """Read the units and one table of presentations of an NWB file, whoever wrote it.

    Parameters
    ----------
    path : str or Path
        An NWB file (HDF5).
    table : str, optional
        Which table of intervals holds the presentations: ``"trials"``, ``"epochs"`` or a laboratory's own; needed if
        there are several.

    Returns
    -------
    NwbSpikes
        Spike times as the file has them (seconds, on the clock of the presentations), unit by unit; units with their
        ids, presentations with ``start_s``, ``stop_s`` and the table's other columns.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        Without the extra ``nwb``; or if the file cannot be read, has no units or spike times, no such table, or several
        and none was named.

    Notes
    -----
    `neurosim.recordings.read_recording` reads the same and counts spikes by conditions, for measures.

    References
    ----------
    Rübel et al. 2022, eLife 11:e78362, doi:10.7554/eLife.78362.

    Examples
    --------
    >>> read_nwb("no-such-file.nwb")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no-such-file.nwb: expected an NWB file, found none; correct the path
    """
    path = Path(path).expanduser()
    if not path.is_file():
        found = "a folder" if path.is_dir() else "none"
        raise FileNotFoundError(f"{path}: expected an NWB file, found {found}; correct the path")
    try:
        import pynwb
    except ImportError as error:
        raise ValueError(
            f"{path}: reading NWB needs pynwb, which is not installed: "
            'pip install -e ".[nwb]" in the clone of neurosim'
        ) from error
    try:
        with pynwb.NWBHDF5IO(str(path), mode="r", load_namespaces=True) as file:
            return _read(file.read(), path, table)
    # What h5py and pynwb raise for a damaged file is many things.
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: expected an NWB file ({type(error).__name__}: {error})") from error


def _read(file: Any, path: Path, table: str | None) -> NwbSpikes:
    if file.units is None or "spike_times" not in file.units.colnames:
        columns = "no units" if file.units is None else f"units with {', '.join(file.units.colnames)}"
        raise ValueError(f"{path}: expected units with spike_times, found {columns}")
    intervals = _tables(file)
    if table is None and len(intervals) == 1:
        table = next(iter(intervals))
    if table not in intervals:
        named = "several tables, and none was named" if table is None else f"no table {table!r}"
        raise ValueError(
            f"{path}: {named if intervals else 'no table of presentations'}; found "
            f"{_described(intervals) or 'no intervals'}; name one by table=NAME, or --stimuli NAME"
        )
    shown = intervals[table].to_dataframe().reset_index(drop=True)
    trains = [np.asarray(times, dtype=np.float64) for times in file.units["spike_times"][:]]
    return NwbSpikes(
        np.concatenate([*trains, np.empty(0)]),
        np.repeat(np.arange(len(trains)), [len(train) for train in trains]),
        pd.DataFrame({"neuron": np.asarray(file.units.id[:])}),
        shown.rename(columns={"start_time": "start_s", "stop_time": "stop_s"}),
        table,
    )


def _tables(file: Any) -> dict[str, Any]:
    found = dict(file.intervals or {})
    if file.trials is not None:
        found["trials"] = file.trials
    return found


def _described(intervals: dict[str, Any]) -> str:
    return "; ".join(f"{name} ({', '.join(table.colnames)})" for name, table in intervals.items())
