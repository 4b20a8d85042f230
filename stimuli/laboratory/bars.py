"""Bars of light and dark."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.apertures import rectangle
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.table import Impossible, marked, read_table
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["bars"]

_COLUMNS = {
    "orientation_rad": None,
    "length_deg": None,
    "width_deg": None,
    "contrast": 1.0,
    "x_deg": 0.0,
    "y_deg": 0.0,
}


def bars(
    table: pd.DataFrame | Mapping[str, Any], *, field: VisualField, impossible: Impossible = "refuse"
) -> ImageSeries:
    """Return single bars on a grey field.

    Parameters
    ----------
    table : DataFrame or mapping of str to array_like
        One row per image; single numbers hold for all. ``orientation_rad`` (0 is horizontal, pi/4 rises to the right),
        ``length_deg`` and ``width_deg`` have to be there. Else: ``contrast`` (Weber's, -1 is black, 1 is twice the
        background; 1 by default), ``x_deg`` and ``y_deg`` (the bar's centre, from the field's, y upwards).
    field : VisualField
        What an image covers.
    impossible : {"refuse", "mark"}
        What is done with bars beyond the field, or thinner than a pixel, which counts as aliased.

    Returns
    -------
    ImageSeries

    Raises
    ------
    ValueError
        If a column is missing, unknown or impossible, or a bar cannot be shown.

    Examples
    --------
    >>> field = VisualField(height=5, width=5, pixels_per_degree=1)
    >>> bars({"orientation_rad": 0.0, "length_deg": 3, "width_deg": 1, "y_deg": 1}, field=field).images()[0]
    array([[0.5, 0.5, 0.5, 0.5, 0.5],
           [0.5, 1. , 1. , 1. , 0.5],
           [0.5, 0.5, 0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5, 0.5, 0.5]])
    """
    read = read_table(table, _COLUMNS)
    if (read["contrast"].abs() > 1).any():
        raise ValueError(
            f"contrast: expected -1 (black) to 1 (twice the background), got {read['contrast'].abs().max():.6g}; "
            "divide percent by 100"
        )
    length, width = (read[name].to_numpy() for name in ("length_deg", "width_deg"))
    cos, sin = np.abs(np.cos(read["orientation_rad"])), np.abs(np.sin(read["orientation_rad"]))
    # What has no end reaches as far as the field does, without being beyond it.
    long, wide = (np.where(np.isinf(side), 0.0, side) for side in (length, width))
    with np.errstate(divide="ignore"):
        finest = 0.5 / np.minimum(length, width)  # cycles/degree: one bar is half a cycle
    checked = marked(
        read,
        field=field,
        frequency_cpd=finest,
        reach_deg=(
            np.abs(read["x_deg"].to_numpy()) + ((long * cos + wide * sin) / 2).to_numpy(),
            np.abs(read["y_deg"].to_numpy()) + ((long * sin + wide * cos) / 2).to_numpy(),
        ),
        impossible=impossible,
    )
    return ImageSeries(checked, field, _drawn)


def _drawn(table: pd.DataFrame, field: VisualField) -> NDArray[np.float64]:
    column = {name: table[name].to_numpy(dtype=np.float64)[:, None, None] for name in _COLUMNS}
    x_deg, y_deg = field.grid()
    x, y = x_deg - column["x_deg"], y_deg - column["y_deg"]
    cos, sin = np.cos(column["orientation_rad"]), np.sin(column["orientation_rad"])
    ppd = field.pixels_per_degree
    covered = rectangle(
        (x * cos + y * sin) * ppd,
        (y * cos - x * sin) * ppd,
        length=column["length_deg"] * ppd,
        width=column["width_deg"] * ppd,
    )
    return np.asarray(field.mean_luminance * (1 + column["contrast"] * covered))
