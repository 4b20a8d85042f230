"""Tables of stimuli at the door: which columns, in which units, and what cannot be shown."""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import product
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["Impossible", "columns_of", "every_combination", "marked", "read_table"]

Impossible = Literal["refuse", "mark"]
"""What is done with stimuli that pixels or field cannot show."""

MARKS = ("aliased", "beyond_field")
_ROUNDING = 1e-9  # relative: a disc as wide as the field fits


def every_combination(**axes: ArrayLike) -> pd.DataFrame:
    """Return a table with one row for every combination of values; the last axis runs fastest.

    Parameters
    ----------
    **axes : array_like
        Values under the names of columns.

    Examples
    --------
    >>> every_combination(orientation_rad=[0.0, 1.0], phase_rad=[0.0, 2.0, 4.0]).shape
    (6, 2)
    """
    values = [np.atleast_1d(np.asarray(axis)) for axis in axes.values()]
    return pd.DataFrame(list(product(*values)), columns=list(axes))


def columns_of(table: pd.DataFrame | Mapping[str, Any]) -> dict[str, Any]:
    """Return columns by name, of a DataFrame or whatever maps names to columns."""
    return {str(name): values for name, values in table.items()}


def read_table(table: pd.DataFrame | Mapping[str, Any], defaults: Mapping[str, float | None]) -> pd.DataFrame:
    """Return a table with all columns of a kind of stimulus, as finite numbers.

    Parameters
    ----------
    table : DataFrame or mapping of str to array_like
        One row per image; single numbers hold for all.
    defaults : mapping of str to float or None
        The kind's columns; ``None`` for those that have to be there.

    Returns
    -------
    DataFrame
        The columns in the order of `defaults`; marks of an earlier reading are dropped.

    Raises
    ------
    ValueError
        If a column is missing, unknown, or holds NaN, or an angle is beyond a turn, so probably in degrees.
    """
    given = {name: values for name, values in columns_of(table).items() if name not in MARKS}
    _refuse_unknown(list(given), defaults)
    missing = [name for name, default in defaults.items() if default is None and name not in given]
    if missing:
        raise ValueError(
            f"expected the columns {', '.join(missing)}, got {', '.join(map(str, given)) or 'none'}"
        )
    filled = {name: given.get(name, default) for name, default in defaults.items()}
    columns = {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in filled.items()}
    lengths = {
        name: len(column) for name, column in columns.items() if name in given and np.ndim(given[name])
    }
    n = max(lengths.values(), default=1)
    if any(length != n for length in lengths.values()) or n == 0:
        raise ValueError(f"expected columns of one length, 1 or more, got {lengths}")
    read = pd.DataFrame({name: np.broadcast_to(column, n) for name, column in columns.items()})
    for name in read:
        _refuse_values(str(name), read[name].to_numpy())
    return read


def _refuse_unknown(given: list[str], defaults: Mapping[str, float | None]) -> None:
    for name in given:
        if name in defaults:
            continue
        stem = str(name).rsplit("_", 1)[0]
        same = [known for known in defaults if known.rsplit("_", 1)[0] == stem]
        near = same or get_close_matches(str(name), defaults, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        if same and same[0].endswith("_rad") and str(name).endswith("_deg"):
            hint = f"; angles are in radians: {same[0]}=np.deg2rad(…)"
        raise ValueError(
            f"unknown column {name!r}{hint} Known are {', '.join(defaults)}; keep labels of your own in another table"
        )


def _refuse_values(name: str, values: NDArray[np.float64]) -> None:
    unbounded = name.endswith(("diameter_deg", "length_deg", "width_deg"))
    broken = np.isnan(values) | (np.isinf(values) & (not unbounded))
    if broken.any():
        raise ValueError(
            f"{name}: expected finite numbers, got {values[broken][0]} in row {np.flatnonzero(broken)[0]}"
        )
    if name.endswith("_rad") and (np.abs(values) > 2 * np.pi * (1 + _ROUNDING)).any():
        worst = values[np.abs(values).argmax()]
        raise ValueError(
            f"{name}: expected radians within one turn (±6.283), got {worst:.6g}; if that is in degrees, pass "
            "np.deg2rad of it, else take it modulo 2π"
        )
    if (unbounded or name.endswith("_cpd")) and (values < 0).any():
        raise ValueError(f"{name}: expected 0 or more, got {values.min():.6g} in row {values.argmin()}")


def marked(
    table: pd.DataFrame,
    *,
    field: VisualField,
    frequency_cpd: NDArray[np.float64],
    reach_deg: tuple[NDArray[np.float64], NDArray[np.float64]],
    impossible: Impossible,
) -> pd.DataFrame:
    """Return the table with the columns ``aliased`` and ``beyond_field``, or refuse it.

    Parameters
    ----------
    table : DataFrame
        One row per image.
    field : VisualField
        What is shown.
    frequency_cpd : ndarray (n_images,)
        Highest frequency of each.
    reach_deg : two ndarrays (n_images,)
        How far each reaches from the field's centre, to the sides and up or down; infinite for what covers the field.
    impossible : {"refuse", "mark"}
        Raise, or mark and go on: marked images are drawn as far as they go.

    Raises
    ------
    ValueError
        If something cannot be shown and is to be refused.
    """
    if impossible not in get_args(Impossible):
        raise ValueError(f"expected impossible to be 'refuse' or 'mark', got {impossible!r}")
    aliased = frequency_cpd > field.nyquist_cpd * (1 + _ROUNDING)
    across, along = (np.where(np.isinf(reach), 0.0, reach) for reach in reach_deg)
    beyond = (across > field.width_deg / 2 * (1 + _ROUNDING)) | (
        along > field.height_deg / 2 * (1 + _ROUNDING)
    )
    if impossible == "refuse":
        _refuse_aliased(frequency_cpd, aliased, field)
        _refuse_beyond(across, along, beyond, field)
    return table.assign(aliased=aliased, beyond_field=beyond)


def _refuse_aliased(frequency: NDArray[np.float64], aliased: NDArray[np.bool_], field: VisualField) -> None:
    if aliased.any():
        raise ValueError(
            f"frequency_cpd: expected at most {field.nyquist_cpd:.6g} cycles/degree, half of "
            f"{field.pixels_per_degree:.6g} pixels/degree, got {frequency.max():.6g} (aliased: {aliased.sum()} of "
            f"{len(aliased)} stimuli); show lower frequencies, more pixels per degree, or pass impossible='mark'"
        )


def _refuse_beyond(
    across: NDArray[np.float64], along: NDArray[np.float64], beyond: NDArray[np.bool_], field: VisualField
) -> None:
    if beyond.any():
        first = int(np.flatnonzero(beyond)[0])
        raise ValueError(
            f"expected stimuli within the field of {field.width_deg:.4g} × {field.height_deg:.4g} degrees, got "
            f"{beyond.sum()} of {len(beyond)} beyond it, first in row {first}, which reaches {across[first]:.4g} "
            f"degrees to the side and {along[first]:.4g} up or down from the centre; show smaller ones, a larger "
            "field, or pass impossible='mark' (a diameter of infinity covers the field)"
        )
