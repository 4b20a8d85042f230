"""Gratings centred on every unit's own field; units of one place and preference share their images."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.laboratory.showing import Respond, answered_chunks, checked_answer
from neurosim.laboratory.units import Units, columns_of_units, described, groups_of_units, unit_table
from neurosim.stimuli.laboratory.gratings import GRATING_COLUMNS, gratings
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.table import MARKS, Impossible, every_combination
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["grating_responses"]

Floats = NDArray[np.float64]
PLACE = ("x_deg", "y_deg")


@dataclass(frozen=True)
class _Relative:
    """An axis that is relative to a unit's preference: which column it becomes, of which it is made, and how."""

    becomes: str
    needs: str
    of: Callable[[Floats, Floats], Floats]


def _turned(preferred: Floats, offset: Floats) -> Floats:
    return np.mod(preferred + offset, 2 * np.pi)


_RELATIVE = {
    "orientation_offset_rad": _Relative("orientation_rad", "orientation_rad", _turned),
    "frequency_octaves": _Relative(
        "frequency_cpd", "frequency_cpd", lambda best, octaves: best * 2.0**octaves
    ),
    "diameter_cycles": _Relative("diameter_deg", "frequency_cpd", lambda f, cycles: cycles / f),
    "length_cycles": _Relative("length_deg", "frequency_cpd", lambda f, cycles: cycles / f),
    "width_cycles": _Relative("width_deg", "frequency_cpd", lambda f, cycles: cycles / f),
    "second_offset_rad": _Relative("second_orientation_rad", "orientation_rad", _turned),
}
_REQUIRED = ("orientation_rad", "frequency_cpd")
_OPTIONAL = tuple(name for name in GRATING_COLUMNS if name not in PLACE + _REQUIRED)
_SECOND = "second_"


def grating_responses(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    axes: Mapping[str, ArrayLike],
    impossible: Impossible = "refuse",
) -> xr.Dataset:
    """Show gratings of all combinations of some values, centred on each unit's field, and arrange the responses.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        One row per unit, in the order of the responses: ``x_deg``, ``y_deg`` (y upwards), and what is not an axis of
        ``orientation_rad`` (of the bars), ``frequency_cpd``; also ``contrast``, ``phase_rad``, ``diameter_deg``,
        ``inner_diameter_deg``, ``length_deg`` and ``width_deg`` if gratings are to have another than that of
        `neurosim.stimuli.gratings`. A unit with NaN among them is not shown anything: its responses are NaN, and
        ``n_unplaced`` counts it. `snapped` makes units share images.
    field : VisualField
        What an image covers.
    axes : mapping of str to array_like
        What is varied, under the names of columns of `neurosim.stimuli.gratings`, ``second_`` ones included (a second
        grating has the unit's place, and whatever else is not an axis as the first has it); or relative to the unit:
        ``orientation_offset_rad``, ``frequency_octaves``, ``diameter_cycles``, ``length_cycles``, ``width_cycles``,
        ``second_offset_rad``.
    impossible : {"refuse", "mark"}
        What is done with frequencies above Nyquist's and gratings beyond the field: refused, or their responses are NaN
        and ``n_impossible`` counts them.

    Returns
    -------
    Dataset
        ``response`` (unit, axes in their order) and ``blank`` (unit), to the grey field, in the unit of the responses;
        ``silent`` (unit): whether all responses are 0. Coordinates: the axes' values, and the units' columns as
        ``unit_…``. Attributes: ``n_images``, ``n_groups`` of units that share images, ``n_silent``, ``n_unplaced``,
        ``n_impossible``, ``pixels_per_degree``, ``mean_luminance``.

    Raises
    ------
    ValueError
        If a column is missing or unknown, a stimulus cannot be shown, or responses do not match units and images.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": [0.0, 0.0], "y_deg": [0.0, 0.5], "frequency_cpd": 2.0, "diameter_deg": 1.0}
    >>> found = grating_responses(
    ...     feed_forward(np.ones((2, 16, 16)), background=0.5), units, field=field,
    ...     axes={"orientation_rad": [0.0, np.pi / 2], "phase_rad": np.arange(4) * np.pi / 2},
    ... )
    >>> dict(found.response.sizes), found.attrs["n_images"], found.attrs["n_groups"]
    ({'unit': 2, 'orientation_rad': 2, 'phase_rad': 4}, 16, 2)
    """
    values = {name: np.atleast_1d(np.asarray(axis, dtype=np.float64)) for name, axis in axes.items()}
    used = _columns_in_use(list(columns_of_units(units)), list(values))
    table = unit_table(units, used)
    rows, group = groups_of_units(table, list(used))
    combined = every_combination(**values)
    shape = tuple(len(axis) for axis in values.values())
    answered, shown = np.full((len(table), len(combined)), np.nan), None
    blank = checked_answer(
        respond(np.full((1, field.height, field.width), field.mean_luminance)), n_images=1, n_units=len(table)
    )
    if len(rows):
        shown = gratings(
            _shown_table(pd.DataFrame(rows, columns=list(used)), combined), field=field, impossible=impossible
        )
        _collect(answered, respond, shown, group)
    silent = ~np.nan_to_num(answered).any(axis=1) & ~blank[0].any() & (group >= 0)
    return xr.Dataset(
        {
            "response": (("unit", *values), answered.reshape(len(table), *shape)),
            "blank": ("unit", blank[0]),
            "silent": ("unit", silent),
        },
        coords={**described(table), **values},
        attrs={
            "n_images": 0 if shown is None else len(shown),
            "n_groups": len(rows),
            "n_silent": int(silent.sum()),
            "n_unplaced": int((group < 0).sum()),
            "n_impossible": 0 if shown is None else int(_impossible(shown).sum()),
            "pixels_per_degree": field.pixels_per_degree,
            "mean_luminance": field.mean_luminance,
        },
    )


def _columns_in_use(given: list[str], axes: list[str]) -> tuple[str, ...]:
    """Return the units' columns that stimuli depend on."""
    relative = [_RELATIVE[axis] for axis in axes if axis in _RELATIVE]
    made = {axis for axis in axes if axis not in _RELATIVE} | {each.becomes for each in relative}
    second = [f"{_SECOND}{name}" for name in GRATING_COLUMNS]
    unknown = [axis for axis in axes if axis not in {*GRATING_COLUMNS, *second, *_RELATIVE}]
    if unknown or len(made) < len(axes):
        raise ValueError(
            f"expected axes among {', '.join([*GRATING_COLUMNS, *_RELATIVE])} and the former with {_SECOND} "
            f"before them, each column set once, got {', '.join(axes)}"
        )
    required = [name for name in (*PLACE, *_REQUIRED) if name not in made]
    optional = [name for name in (*_OPTIONAL, *second) if name in given and name not in made]
    return tuple(
        dict.fromkeys([*required, *optional, *(each.needs for each in relative if each.needs not in axes)])
    )


def _shown_table(rows: pd.DataFrame, combined: pd.DataFrame) -> pd.DataFrame:
    """Return one row per image: every combination for the first group of units, then for the next."""
    base = rows.loc[rows.index.repeat(len(combined))].reset_index(drop=True)
    varied = pd.concat([combined] * len(rows), ignore_index=True)
    table = base.copy()
    for axis in varied:
        relative = _RELATIVE.get(str(axis))
        if relative is None:
            table[axis] = varied[axis]
        else:
            # Relative to the axis where what it is made of is one, else to the unit.
            of = varied[relative.needs] if relative.needs in varied else base[relative.needs]
            table[relative.becomes] = relative.of(of.to_numpy(), varied[axis].to_numpy())
    if any(str(name).startswith(_SECOND) for name in table):
        for name in [str(name) for name in table if not str(name).startswith(_SECOND)]:
            table[f"{_SECOND}{name}"] = table.get(f"{_SECOND}{name}", table[name])
    return table


def _collect(answered: Floats, respond: Respond, shown: ImageSeries, group: NDArray[np.int64]) -> None:
    """Write each unit's responses to the images of its group; NaN where an image cannot be shown."""
    n_combinations = answered.shape[1]
    impossible = _impossible(shown)
    for at, found in answered_chunks(respond, shown, n_units=len(answered)):
        number = np.arange(at.start, at.stop)
        for which in np.unique(number // n_combinations):
            mine = number // n_combinations == which
            members = np.flatnonzero(group == which)
            values = np.where(impossible[number[mine], None], np.nan, found[mine][:, members])
            answered[np.ix_(members, number[mine] % n_combinations)] = values.T


def _impossible(shown: ImageSeries) -> NDArray[np.bool_]:
    return np.asarray(shown.table[list(MARKS)].to_numpy(dtype=bool).any(axis=1))
