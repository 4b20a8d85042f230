"""Where units look and what they prefer: the table that experiments centre their stimuli by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.laboratory.visual_field import VisualField, bar_orientation

__all__ = ["Units", "columns_of_units", "groups_of_units", "snapped", "unit_table", "units_of_fits"]

Floats = NDArray[np.float64]
Units = pd.DataFrame | Mapping[str, ArrayLike]
"""One row per unit, in the order of the responses; single numbers hold for all."""


def units_of_fits(
    fits: pd.DataFrame, *, field: VisualField, corner: tuple[float, float] = (0, 0)
) -> pd.DataFrame:
    """Return places and preferences, in degrees, from Gabor functions fitted to fields.

    Parameters
    ----------
    fits : DataFrame
        From `neurosim.analysis.fit_gabors` of fields in image space: pixels, cycles/pixel, orientation of the wave
        vector.
    field : VisualField
        What the laboratory's images cover.
    corner : (row, column)
        Where in the laboratory's images the fields' first pixel lies: not at (0, 0) when fields are smaller than
        images, and at minus the margin when they are larger.

    Returns
    -------
    DataFrame
        ``x_deg``, ``y_deg`` (upwards), ``orientation_rad`` (of the bars, 0 horizontal, counter-clockwise) and
        ``frequency_cpd``, one row per unit; NaN where the fit has none.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> fits = pd.DataFrame({"x0": [3.5], "y0": [1.5], "orientation": [0.0], "frequency": [0.25]})
    >>> units_of_fits(fits, field=VisualField(height=8, width=8, pixels_per_degree=8)).iloc[0].round(3).tolist()
    [0.0, 0.25, 1.571, 2.0]
    """
    missing = [name for name in ("x0", "y0", "orientation", "frequency") if name not in fits]
    if missing:
        raise ValueError(
            f"expected fits with the columns x0, y0, orientation and frequency, got none of {missing}"
        )
    x, y = field.degrees(fits["y0"].to_numpy() + corner[0], fits["x0"].to_numpy() + corner[1])
    return pd.DataFrame(
        {
            "x_deg": x,
            "y_deg": y,
            "orientation_rad": bar_orientation(fits["orientation"].to_numpy()),
            "frequency_cpd": fits["frequency"].to_numpy() * field.pixels_per_degree,
        }
    )


def snapped(units: pd.DataFrame, **steps: float) -> pd.DataFrame:
    """Return units whose places and preferences are rounded, so that more of them share one set of images.

    Parameters
    ----------
    units : DataFrame
        One row per unit.
    **steps : float
        For each column that is rounded, to multiples of what: ``x_deg=0.1, y_deg=0.1``. The published protocol takes
        units within .15 degrees of the stimulus. ``frequency_cpd`` is rounded in octaves, ``orientation_rad`` round the
        half turn.

    Raises
    ------
    ValueError
        If a column is missing or a step is not above 0.

    Examples
    --------
    >>> snapped(pd.DataFrame({"x_deg": [0.11, 0.08], "frequency_cpd": [2.1, 1.9]}), x_deg=0.1, frequency_cpd=0.5)
       x_deg  frequency_cpd
    0    0.1            2.0
    1    0.1            2.0
    """
    rounded = units.copy()
    for name, step in steps.items():
        if name not in units or not 0 < step < np.inf:
            raise ValueError(
                f"expected steps above 0 for columns among {', '.join(columns_of_units(units))}, got {name}={step}"
            )
        values = units[name].to_numpy(dtype=np.float64)
        if name == "frequency_cpd":
            rounded[name] = 2.0 ** (np.round(np.log2(values) / step) * step)
        else:
            nearest = np.round(values / step) * step
            rounded[name] = np.mod(nearest, np.pi) if name == "orientation_rad" else nearest
    return rounded


def columns_of_units(units: Units) -> dict[str, NDArray[np.generic]]:
    """Return the columns by name, of a DataFrame or whatever maps names to columns."""
    return {str(name): np.asarray(values) for name, values in units.items()}


def unit_table(units: Units, needed: tuple[str, ...]) -> pd.DataFrame:
    """Return the columns an experiment needs of a table of units, or say what is missing.

    Parameters
    ----------
    units : DataFrame or mapping of str to array_like
        As `Units`.
    needed : tuple of str
        Columns that have to be there.

    Raises
    ------
    ValueError
        If one is not, or there is no unit.

    Examples
    --------
    >>> unit_table({"x_deg": [0.0], "y_deg": [0.0]}, ("x_deg", "y_deg")).shape
    (1, 2)
    """
    given = {name: np.atleast_1d(values) for name, values in columns_of_units(units).items()}
    lengths = {name: len(values) for name, values in given.items() if len(values) != 1}
    missing = [name for name in needed if name not in given]
    if missing or len(set(lengths.values())) > 1 or 0 in lengths.values():
        raise ValueError(
            f"expected a table of units with the columns {', '.join(needed)}, of one length, got "
            f"{', '.join(f'{name} ({len(values)})' for name, values in given.items()) or 'none'}; units_of_fits makes "
            "one from fit_gabors"
        )
    n = max(lengths.values(), default=1)
    return pd.DataFrame({name: np.broadcast_to(given[name].astype(np.float64), n) for name in needed})


def groups_of_units(units: pd.DataFrame, used: list[str]) -> tuple[Floats, NDArray[np.int64]]:
    """Return the different rows of the columns in use, and which of them each unit has: -1 where one is NaN.

    Parameters
    ----------
    units : DataFrame
        One row per unit.
    used : list of str
        Columns that stimuli depend on.
    """
    values = units[used].to_numpy(dtype=np.float64)
    known = np.isfinite(values) | np.isposinf(values)
    placed = known.all(axis=1)
    rows, which = np.unique(values[placed], axis=0, return_inverse=True)
    group = np.full(len(units), -1, dtype=np.int64)
    group[placed] = which.reshape(-1)
    return rows, group


def described(units: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as coordinates of the dimension ``unit``."""
    return {
        "unit": np.arange(len(units)),
        **{f"unit_{name}": ("unit", units[name].to_numpy()) for name in units},
    }
