"""The columns that recordings are read by, and how the names of a file are mapped to them."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.v1.properties import V1_PROPERTIES
from neurosim.registry.names import near_name

__all__ = [
    "CONDITIONS",
    "KNOWN",
    "PROPERTIES",
    "found_and_how_to_map",
    "kept",
    "looks_like_radians",
    "mapped",
    "parsed_map",
    "parsed_where",
    "require_columns",
    "rows_kept",
]

_ANGLES = {"orientation_deg": 180.0, "direction_deg": 360.0, "phase_deg": 360.0}
_RADIANS = {name.replace("_deg", "_rad"): name for name in _ANGLES}

CONDITIONS = (*_ANGLES, "frequency_cpd", "diameter_deg", "contrast", "temporal_frequency_hz", "disparity_deg")
"""What a stimulus can differ in. Orientation is that of bars, 0 horizontal, counter-clockwise."""

PROPERTIES = (
    *(each.name for each in V1_PROPERTIES),
    "preferred_direction",
    "direction_selectivity_index",
    "orientation_selectivity_index",
    "frequency_bandwidth_octaves",
    "spontaneous_rate",
)
"""What a table of units, already measured, can tell of them."""

_MEASURED = ("unit", "response", "count", "duration_s", "spike_time_s", "start_s", "stop_s")
KNOWN = (*CONDITIONS, *_RADIANS, *_MEASURED, *PROPERTIES)
"""Every name that `--map` knows on its left."""


def parsed_map(assignments: Iterable[str]) -> dict[str, str]:
    """Return what `--map` says, by our names.

    Parameters
    ----------
    assignments : iterable of str
        ``"orientation_deg=ori,unit=cell"``: our name, an equals sign, the file's; several behind commas.

    Raises
    ------
    ValueError
        If a part is no assignment, or our name is unknown.

    Examples
    --------
    >>> parsed_map(["orientation_deg=ori,unit=cell", "response=rate (Hz)"])
    {'orientation_deg': 'ori', 'unit': 'cell', 'response': 'rate (Hz)'}
    """
    columns: dict[str, str] = {}
    for part in (part for each in assignments for part in each.split(",")):
        ours, equals, theirs = part.partition("=")
        if not equals or not theirs.strip():
            raise ValueError(
                f"expected --map OURS=THEIRS, such as --map orientation_deg=ori,unit=cell, got {part!r}"
            )
        if ours.strip() not in KNOWN:
            near = near_name(ours.strip(), [name for name in KNOWN if name not in _RADIANS])
            hint = f" (did you mean {near}?)" if near else ""
            raise ValueError(f"--map does not know {ours.strip()!r}{hint}; known are {', '.join(KNOWN)}")
        if (before := columns.setdefault(ours.strip(), theirs.strip())) != theirs.strip():
            raise ValueError(f"--map names {ours.strip()} twice, as {before!r} and {theirs.strip()!r}")
    return columns


def parsed_where(assignments: Iterable[str]) -> dict[str, str]:
    """Return what `--where` says: values by columns of the file.

    Examples
    --------
    >>> parsed_where(["area=V1"])
    {'area': 'V1'}
    """
    kept_values: dict[str, str] = {}
    for part in assignments:
        column, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"expected --where COLUMN=VALUE, such as --where area=V1, got {part!r}")
        if (before := kept_values.setdefault(column.strip(), value.strip())) != value.strip():
            raise ValueError(
                f"--where names {column.strip()!r} twice, for {before!r} and {value.strip()!r}, and a row has one "
                "value; ask for one after the other"
            )
    return kept_values


def kept(table: pd.DataFrame, where: Mapping[str, str], *, file: str) -> pd.DataFrame:
    """Return the rows of a file in which columns, by their names in the file, have these values.

    Examples
    --------
    >>> kept(pd.DataFrame({"area": ["V1", "V2"], "rate": [1, 2]}), {"area": "V2"}, file="a.csv")["rate"].tolist()
    [2]
    """
    rows = rows_kept(table, where, file=file)
    return table[rows].reset_index(drop=True)


def rows_kept(table: pd.DataFrame, where: Mapping[str, str], *, file: str) -> NDArray[np.bool_]:
    """Return which rows those are, shape (n_rows,)."""
    require_columns(where, list(table.columns), file=file)
    rows = np.ones(len(table), dtype=bool)
    for column, value in where.items():
        same = rows & _equal(table[column], value, file)
        if not same.any():
            examples = ", ".join(map(str, table[column][rows].unique()[:6]))
            raise ValueError(f"{file}: no row has {column}={value}; there are {examples}")
        rows = same
    return rows


def _equal(column: pd.Series, value: str, file: str) -> NDArray[np.bool_]:
    """Return where a column has a value that was written as text."""
    if pd.api.types.is_bool_dtype(column):
        written = {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
        return np.asarray(column == written)
    if pd.api.types.is_numeric_dtype(column):
        try:
            return np.asarray(column == float(value))
        except ValueError:
            raise ValueError(f"{file}: {column.name!r} holds numbers, --where asks for {value!r}") from None
    return np.asarray(column.astype(str) == value)


def mapped(table: pd.DataFrame, columns: Mapping[str, str], *, file: str) -> pd.DataFrame:
    """Return a table with our names, conditions as numbers, and angles in degrees.

    Parameters
    ----------
    table : DataFrame
        As in the file.
    columns : mapping of str to str
        The file's names by ours.
    file : str
        For messages.

    Raises
    ------
    ValueError
        If the file has no such column, a condition is no number, or an angle looks like radians or is beyond a turn.

    Examples
    --------
    >>> table = pd.DataFrame({"ori": [0.0, 1.5707963267948966], "r": [1, 2]})
    >>> mapped(table, {"orientation_rad": "ori"}, file="a.csv")["orientation_deg"].tolist()
    [0.0, 90.0]
    """
    for theirs in columns.values():
        if theirs not in table:
            near = near_name(theirs, list(map(str, table.columns)))
            hint = f"; did you mean {near!r}?" if near else ""
            raise ValueError(
                f"{file}: --map names {theirs!r}, which is not there{hint}; {_found(table.columns)}"
            )
    named = table.rename(columns={theirs: ours for ours, theirs in columns.items()})
    for name in named.columns[named.columns.duplicated()]:
        raise ValueError(f"{file}: two columns are {name!r} after --map; map one of them to another name")
    for radians, degrees in _RADIANS.items():
        if radians in named:
            named = named.assign(**{degrees: np.rad2deg(_numbers(named, radians, file))}).drop(
                columns=radians
            )
    for name in (name for name in CONDITIONS if name in named):
        named = named.assign(**{name: _condition(_numbers(named, name, file), name, file)})
    return named


def looks_like_radians(values: ArrayLike, *, turn: float) -> bool:
    """Whether angles (three or more that differ, finite) lie within a turn (radians) and are no whole numbers.

    Examples
    --------
    >>> looks_like_radians([0.0, 0.79, 1.57], turn=np.pi), looks_like_radians([0.0, 45.0, 90.0], turn=np.pi)
    (True, False)
    """
    known = np.unique(np.asarray(values, dtype=np.float64))
    within = len(known) > 2 and np.abs(known).max() <= turn + 1e-6
    return bool(within and not np.allclose(known, np.round(known)))


def require_columns(where: Mapping[str, str], names: Sequence[object], *, file: str) -> None:
    """Raise unless each column that rows are kept by is among these."""
    for column in (column for column in where if column not in names):
        raise ValueError(f"{file}: --where names {column!r}; {_found(names)}")


def found_and_how_to_map(names: Iterable[object], wanted: Sequence[str]) -> str:
    """Say which columns there are and how to name those that are needed."""
    examples = ",".join(f"{name}=COLUMN" for name in wanted)
    return f"{_found(names)}; map them by --map {examples}"


def _found(names: Iterable[object]) -> str:
    listed = list(map(str, names))
    more = f" and {len(listed) - 30} more" if len(listed) > 30 else ""
    return f"found {', '.join(listed[:30])}{more}" if listed else "found no columns"


def _numbers(table: pd.DataFrame, name: str, file: str) -> pd.Series:
    try:
        # Some laboratories write "null" for what a blank does not have.
        given = (
            table[name] if pd.api.types.is_numeric_dtype(table[name]) else table[name].replace("null", np.nan)
        )
        numbers: pd.Series = pd.to_numeric(given).astype(float)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{file}: expected numbers in {name} (empty for a blank), got {error}") from None
    return numbers


def _condition(values: pd.Series, name: str, file: str) -> pd.Series:
    """Return a condition; an angle within its turn, or say that it is in radians or another angle."""
    known = np.unique(values[np.isfinite(values)])
    if name not in _ANGLES or not known.size:
        return values
    if looks_like_radians(known, turn=2 * np.pi):
        raise ValueError(
            f"{file}: {name} from {known.min():.3g} to {known.max():.3g} looks like radians; map it as "
            f"{name.replace('_deg', '_rad')}"
        )
    turn = _ANGLES[name]
    if np.ptp(known) >= turn * (1 + 1e-9):
        what = (
            "directions of motion go there: map it as direction_deg"
            if name == "orientation_deg"
            else "leave codes of blanks empty"
        )
        raise ValueError(
            f"{file}: {name} goes from {known.min():g} to {known.max():g}, beyond {turn:g}°; {what}"
        )
    return values % turn
