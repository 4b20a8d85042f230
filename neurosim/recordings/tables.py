"""From a table with our names to responses, spikes or properties."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recordings.columns import (
    CONDITIONS,
    KNOWN,
    PROPERTIES,
    found_and_how_to_map,
    looks_like_radians,
)
from neurosim.recordings.recording import Responses

__all__ = ["NamedUnits", "long_responses", "properties_of", "response_matrix", "spikes_of", "wide_responses"]

Floats = NDArray[np.float64]

# Degrees: where the range of each ends.
_TURNS = {"preferred_orientation": 180.0, "preferred_direction": 360.0, "orientation_half_width": 90.0}


class NamedUnits(NamedTuple):
    """Units by row."""

    row: NDArray[np.int64]
    """Row of each entry's unit."""
    names: pd.DataFrame
    """One row per unit: ``neuron``."""


def units_of(column: pd.Series, *, file: str, sort: bool = False) -> NamedUnits:
    """Return units in the order in which they come first, or in that of their names."""
    if column.isna().any():
        raise ValueError(f"{file}: {int(column.isna().sum())} rows name no unit; fill them in or remove them")
    row, names = pd.factorize(column, sort=sort)
    return NamedUnits(row.astype(np.int64), pd.DataFrame({"neuron": np.asarray(names)}))


def long_responses(table: pd.DataFrame, *, file: str) -> tuple[Responses, pd.DataFrame]:
    """Return responses of a table with one row per response, and the units.

    Parameters
    ----------
    table : DataFrame
        ``unit``; ``response`` (spikes/s), or ``count`` (spikes) with ``duration_s`` where it is known; conditions.
    file : str
        For messages.

    Raises
    ------
    ValueError
        If there is no unit or no condition, a response is no number, some are missing, or a duration is not above 0.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": ["a", "a"], "count": [1, 3], "duration_s": 0.5, "orientation_deg": [0, 90]})
    >>> long_responses(table, file="a.csv")[0].rate.tolist()
    [2.0, 6.0]
    """
    _require(table, ("unit",), file)
    conditions = _conditions(table, file)
    what = "response" if "response" in table else "count"
    rate = _finite(table, what, file)
    if what == "count" and "duration_s" in table:
        rate = rate / _durations(table, file)
    units = units_of(table["unit"], file=file)
    stimulus = np.asarray(table.groupby(list(conditions), dropna=False).ngroup(), dtype=np.int64)
    first = pd.Series(np.arange(len(table))).groupby(stimulus).first().to_numpy()
    stimuli = conditions.iloc[first].reset_index(drop=True)
    return Responses(stimuli, units.row, stimulus, rate, len(units.names)), units.names


def wide_responses(table: pd.DataFrame, *, file: str) -> tuple[Responses, pd.DataFrame]:
    """Return responses of a table with one row per stimulus and one column per unit.

    Examples
    --------
    >>> table = pd.DataFrame({"orientation_deg": [0.0, 90.0], "a": [1.0, 3.0], "b": [2.0, 0.0]})
    >>> responses, units = wide_responses(table, file="a.csv")
    >>> units["neuron"].tolist(), responses.means.mean.tolist()
    (['a', 'b'], [[1.0, 2.0], [3.0, 0.0]])
    """
    stimuli = _conditions(table, file)
    columns = [name for name in table if name not in KNOWN]
    bad = [str(name) for name in columns if not pd.api.types.is_numeric_dtype(table[name])]
    if bad or not columns:
        raise ValueError(
            f"{file}: beside conditions, expected one column of numbers for each unit, or unit and response; "
            + (f"no numbers are in {', '.join(bad)}; " if bad else "")
            + found_and_how_to_map(table.columns, ("unit", "response"))
        )
    responses = response_matrix(table[columns].to_numpy(dtype=np.float64), stimuli, file=file)
    return responses, pd.DataFrame({"neuron": list(map(str, columns))})


def response_matrix(
    matrix: Floats, stimuli: pd.DataFrame, *, rows: NDArray[np.bool_] | None = None, file: str
) -> Responses:
    """Return responses (n_stimuli, n_units) to the rows of a table.

    Parameters
    ----------
    matrix : ndarray, shape (n_stimuli, n_units)
    stimuli : DataFrame
        One row per stimulus, or per stimulus that is kept.
    rows : ndarray of bool, shape (n_stimuli,), optional
        Which are kept; all by default.
    file : str
        For messages.

    Raises
    ------
    ValueError
        If they do not match the table, or are not finite.
    """
    conditions = _conditions(stimuli, file)
    n_shown = len(stimuli) if rows is None else len(rows)
    if matrix.ndim != 2 or len(matrix) != n_shown:
        turned = matrix.ndim == 2 and matrix.shape[1] == n_shown
        raise ValueError(
            f"{file}: responses do not match the table of stimuli: expected shape ({n_shown}, n_units), one row for "
            f"each of its {n_shown} rows, got {matrix.shape}" + ("; transpose them" if turned else "")
        )
    matrix = matrix if rows is None else matrix[rows]
    if not np.isfinite(matrix).all():
        raise ValueError(
            f"{file}: expected finite responses, got {(~np.isfinite(matrix)).sum()} that are not"
        )
    n_stimuli, n_units = matrix.shape
    return Responses(
        conditions.reset_index(drop=True),
        np.tile(np.arange(n_units), n_stimuli),
        np.repeat(np.arange(n_stimuli), n_units),
        matrix.ravel(),
        n_units,
    )


def spikes_of(table: pd.DataFrame, *, file: str) -> tuple[Floats, NamedUnits]:
    """Return spike times (seconds) and who fired, of a table with one row per spike."""
    _require(table, ("spike_time_s", "unit"), file)
    return _finite(table, "spike_time_s", file), units_of(table["unit"], file=file, sort=True)


def properties_of(table: pd.DataFrame, *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table of units that were measured already: the properties we know, and the units' names.

    Orientation of bars follows from the direction of motion where only that is there.

    Examples
    --------
    >>> properties, units = properties_of(pd.DataFrame({"circular_variance": [0.5], "depth": [3]}), file="a.csv")
    >>> list(properties), units["neuron"].tolist()
    (['circular_variance'], [0])
    """
    found = [name for name in PROPERTIES if name in table]
    numbers = pd.DataFrame({name: _number(table, name, file) for name in found})
    for name, low, high in (
        ("circular_variance", 0, 1),
        ("modulation_ratio", 0, 2),
        ("orientation_half_width", 0, 90),
    ):
        if name in numbers and not numbers[name].dropna().between(low, high + 1e-6).all():
            raise ValueError(
                f"{file}: expected {name} from {low} to {high} (empty where there is none), got "
                f"{numbers[name].min():g} to {numbers[name].max():g}; look at what the column holds"
            )
    _require_degrees(numbers, file)
    if "preferred_direction" in numbers and "preferred_orientation" not in numbers:
        # Bars lie at right angles to the direction they move in.
        numbers["preferred_orientation"] = (numbers["preferred_direction"] + 90.0) % 180.0
    names = table["unit"] if "unit" in table else pd.RangeIndex(len(table))
    return numbers, pd.DataFrame({"neuron": np.asarray(names)})


def _require_degrees(properties: pd.DataFrame, file: str) -> None:
    for name in (name for name in _TURNS if name in properties):
        angles = properties[name].dropna()
        if looks_like_radians(angles, turn=np.deg2rad(_TURNS[name])):
            raise ValueError(
                f"{file}: {name} from {angles.min():.3g} to {angles.max():.3g} looks like radians; turn it into "
                "degrees (numpy.rad2deg)"
            )


def _durations(table: pd.DataFrame, file: str) -> Floats:
    seconds = _finite(table, "duration_s", file)
    if (seconds <= 0).any():
        raise ValueError(
            f"{file}: expected duration_s above 0 (seconds), got {(seconds <= 0).sum()} of {len(seconds)} that are "
            "not; remove rows that were not measured"
        )
    return seconds


def _conditions(table: pd.DataFrame, file: str) -> pd.DataFrame:
    axes = [name for name in CONDITIONS if name in table]
    if not axes:
        raise ValueError(
            f"{file}: expected a column that says what was shown, one of {', '.join(CONDITIONS)}; "
            + found_and_how_to_map(table.columns, ("orientation_deg",))
        )
    return table[axes]


def _require(table: pd.DataFrame, names: tuple[str, ...], file: str) -> None:
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(
            f"{file}: expected the columns {', '.join(names)}, missing {', '.join(missing)}; "
            + found_and_how_to_map(table.columns, missing)
        )


def _number(table: pd.DataFrame, name: str, file: str) -> Floats:
    try:
        return np.asarray(pd.to_numeric(table[name]), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{file}: expected numbers in {name}, got {error}") from None


def _finite(table: pd.DataFrame, name: str, file: str) -> Floats:
    values = _number(table, name, file)
    if not np.isfinite(values).all():
        raise ValueError(
            f"{file}: expected finite numbers in {name}, {(~np.isfinite(values)).sum()} of {len(values)} are not; "
            f"remove "
            "rows that were not measured"
        )
    return values
