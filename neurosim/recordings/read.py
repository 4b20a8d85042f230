"""Read a recording: which kind of file it is, and what is in it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recordings import tables
from neurosim.recordings.columns import (
    CONDITIONS,
    PROPERTIES,
    found_and_how_to_map,
    kept,
    mapped,
    require_columns,
    rows_kept,
)
from neurosim.recordings.field_arrays import Order, fields_of
from neurosim.recordings.recording import Recording, Responses
from neurosim.recordings.spike_counts import responses_of_spikes

__all__ = ["read_recording"]

_SUFFIXES = (".npy", ".npz", ".csv", ".mat", ".nwb")
Arrays = dict[str, NDArray[np.generic]]


def read_recording(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    order: Order = "numpy",
    stimuli: str | Path | None = None,
) -> Recording:
    """Read receptive fields, responses to a table of stimuli, spikes, or a table of properties.

    Parameters
    ----------
    path : str or Path
        ``.npy``, ``.npz``, ``.csv``, ``.mat`` or, with the extra ``nwb``, ``.nwb``. Without `stimuli`, arrays are
        receptive fields; tables are told apart by their columns.
    columns : mapping of str to str, optional
        Columns or arrays of the file, and of the table of stimuli, by our names (`neurosim.recordings.columns.KNOWN`).
    where : mapping of str to str, optional
        Rows that are kept: values by columns of the file, of the table of stimuli, or of both. Of an NWB file, rows of
        its table of presentations.
    order : {"numpy", "matlab"}
        Of fields: (n, height, width), or (height, width, n).
    stimuli : str or Path, optional
        A ``.csv`` with one row per stimulus or presentation; of an NWB file, the name of its table.

    Returns
    -------
    Recording

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If it cannot be read, holds none of these, or does not match the table of stimuli.

    Examples
    --------
    >>> np.save("fields.npy", np.random.default_rng(0).normal(size=(5, 8, 8)))
    >>> read_recording("fields.npy").words
    'receptive fields of 5 units, 8 × 8 pixels'
    """
    file, columns, where = Path(path).expanduser(), columns or {}, where or {}
    suffix = file.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(f"{file}: expected a file that ends in {', '.join(_SUFFIXES)}")
    digests = {file.name: _digest(file)}
    if suffix == ".nwb":
        found = _of_nwb(file, columns, where, None if stimuli is None else str(stimuli))
        return replace(found, files=digests)
    content = _content(file)
    named, shown, rows = list(content) if isinstance(content, pd.DataFrame) else [], None, None
    if stimuli is not None:
        table = Path(stimuli).expanduser()
        digests[table.name] = _digest(table)
        raw = _csv(table)
        _require_named(columns, [*content, *raw.columns], f"{file} and {table}")
        rows = rows_kept(raw, _those(where, raw), file=str(table))
        shown = mapped(raw[rows].reset_index(drop=True), _there(columns, raw.columns), file=str(table))
        named += list(raw)
    require_columns(where, named, file=str(file))
    if isinstance(content, pd.DataFrame):
        theirs = columns if shown is None else _there(columns, content.columns)
        chosen = kept(content, _those(where, content), file=str(file))
        found = _of_table(mapped(chosen, theirs, file=str(file)), shown, file)
    else:
        found = _of_arrays(content, columns, shown, rows, order=order, file=file)
    return replace(found, files=digests)


def _require_named(columns: Mapping[str, str], names: Sequence[str], files: str) -> None:
    lost = [theirs for theirs in columns.values() if theirs not in names]
    if lost:
        raise ValueError(f"{files}: --map names {', '.join(lost)}, found {', '.join(map(str, names[:40]))}")


def _those(where: Mapping[str, str], table: pd.DataFrame) -> dict[str, str]:
    """Return what rows of this table are kept by: two files share one choice."""
    return {column: value for column, value in where.items() if column in table}


def _there(columns: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return what of the map speaks of these columns: two files share one map."""
    return {ours: theirs for ours, theirs in columns.items() if theirs in set(names)}


def _digest(file: Path) -> str:
    if not file.is_file():
        raise FileNotFoundError(
            f"{file}: expected a file, found {'a folder' if file.is_dir() else 'none'}; correct the path"
        )
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _content(file: Path) -> Arrays | pd.DataFrame:
    suffix = file.suffix.lower()
    if suffix == ".csv":
        return _csv(file)
    if suffix == ".mat":
        from neurosim.recordings.mat_files import read_mat

        return read_mat(file)
    if suffix == ".npz":
        from neurosim.stimuli.npz import read_npz

        return read_npz(file)
    try:
        return {"": np.load(file, allow_pickle=False)}
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{file}: expected a .npy file of plain numbers ({error})") from error


def _csv(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, low_memory=False)
    except ValueError as error:
        raise ValueError(
            f"{file}: expected a table with a line of names, separated by commas ({error})"
        ) from error
    if table.empty:
        raise ValueError(f"{file}: expected rows, found none below the names")
    # Row numbers that pandas and R write without a name.
    return table.loc[:, [name for name in table if not str(name).startswith("Unnamed: 0")]]


def _of_table(table: pd.DataFrame, shown: pd.DataFrame | None, file: Path) -> Recording:
    if shown is not None:
        times, units = tables.spikes_of(table, file=str(file))
        return _of_spikes(times, units, shown, file)
    if "response" in table or "count" in table:
        return _of_responses(*tables.long_responses(table, file=str(file)))
    if "spike_time_s" in table:
        raise ValueError(f"{file}: spikes need the table of presentations: --stimuli TABLE.csv")
    if any(name in table for name in PROPERTIES):
        properties, units_table = tables.properties_of(table, file=str(file))
        words = f"properties of {len(units_table)} units, measured already: {', '.join(map(str, properties))}"
        return Recording(units=units_table, properties=properties, words=words)
    if any(name in table for name in CONDITIONS):
        found = _of_responses(*tables.wide_responses(table, file=str(file)))
        names = found.units["neuron"]
        return replace(
            found, words=f"{found.words}; units are the columns {names.iloc[0]} to {names.iloc[-1]}"
        )
    raise ValueError(
        f"{file}: expected responses (unit, response and a condition such as orientation_deg), spikes (spike_time_s, "
        "unit) or properties (such as circular_variance); "
        + found_and_how_to_map(table.columns, ("unit", "response", "orientation_deg"))
    )


def _of_arrays(
    arrays: Arrays,
    columns: Mapping[str, str],
    shown: pd.DataFrame | None,
    rows: NDArray[np.bool_] | None,
    *,
    order: Order,
    file: Path,
) -> Recording:
    times, units = (columns.get(name, name) for name in ("spike_time_s", "unit"))
    if shown is None:
        fields = fields_of(_only(arrays, None, file), order=order, file=str(file))
        n_units, height, width = fields.shape
        words = f"receptive fields of {n_units} units, {height} × {width} pixels"
        return Recording(units=pd.DataFrame({"neuron": np.arange(n_units)}), fields=fields, words=words)
    if times in arrays and units in arrays:
        spikes = {"spike_time_s": arrays[times].ravel(), "unit": arrays[units].ravel()}
        if len(set(map(len, spikes.values()))) > 1:
            raise ValueError(
                f"{file}: expected one unit for each spike time, got {[len(each) for each in spikes.values()]}"
            )
        return _of_spikes(*tables.spikes_of(pd.DataFrame(spikes), file=str(file)), shown, file)
    matrix = _only(arrays, columns.get("response"), file)
    responses = tables.response_matrix(np.asarray(matrix, dtype=np.float64), shown, rows=rows, file=str(file))
    return _of_responses(responses, pd.DataFrame({"neuron": np.arange(responses.n_units)}))


def _only(arrays: Arrays, name: str | None, file: Path) -> NDArray[np.generic]:
    """Return the array that is meant: the one named, or the only one that is more than a list or a number."""
    if name in arrays:
        return arrays[name]
    large = {key: value for key, value in arrays.items() if sum(side > 1 for side in value.shape) >= 2}
    candidates = large if len(arrays) > 1 else arrays
    if name is None and len(candidates) == 1:
        return next(iter(candidates.values()))
    described = ", ".join(f"{key} {value.shape}" for key, value in arrays.items())
    raise ValueError(
        f"{file}: expected one array of fields, or of responses with --stimuli, found {described or 'none'}; leave "
        f"one in "
        "the file, or name spikes by --map spike_time_s=ARRAY,unit=ARRAY"
    )


def _of_spikes(
    times: NDArray[np.float64], units: tables.NamedUnits, shown: pd.DataFrame, file: Path
) -> Recording:
    n_units = len(units.names)
    responses = responses_of_spikes(times, units.row, n_units=n_units, presentations=shown, file=str(file))
    return _of_responses(responses, units.names, spikes=f"{len(times):,} spikes of ")


def _of_nwb(file: Path, columns: Mapping[str, str], where: Mapping[str, str], table: str | None) -> Recording:
    from neurosim.recordings.nwb_files import read_nwb

    found = read_nwb(file, table=table)
    name = f"{file}, {found.table}"
    shown = mapped(kept(found.presentations, where, file=name), columns, file=name)
    units = tables.NamedUnits(found.units, found.names)
    return _of_spikes(found.times, units, shown, Path(name))


def _of_responses(responses: Responses, units: pd.DataFrame, *, spikes: str = "") -> Recording:
    if responses.silent.all():
        raise ValueError(
            f"none of the {len(units)} units ever responds to a stimulus of the table; look at the columns and "
            f"their units"
        )
    axes = [name for name in CONDITIONS if name in responses.stimuli]
    return Recording(
        units=units,
        responses=responses,
        words=f"{spikes or 'responses of '}{len(units)} units to {', '.join(axes)}",
    )
