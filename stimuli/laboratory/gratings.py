"""Gratings, static and drifting, in discs, annuli and rectangles; plaids and surrounds of two of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.apertures import disc, rectangle
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.table import Impossible, columns_of, marked, read_table
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["GRATING_COLUMNS", "drifting_gratings", "gratings", "plaids"]

Floats = NDArray[np.float64]
_COMPONENT: dict[str, float | None] = {
    "orientation_rad": None,
    "frequency_cpd": None,
    "phase_rad": 0.0,
    "contrast": 1.0,
    "x_deg": 0.0,
    "y_deg": 0.0,
    "diameter_deg": np.inf,
    "inner_diameter_deg": 0.0,
    "length_deg": np.inf,
    "width_deg": np.inf,
}
GRATING_COLUMNS = tuple(_COMPONENT)
_SECOND = "second_"
_BOTH = {**_COMPONENT, **{f"{_SECOND}{name}": default for name, default in _COMPONENT.items()}}


def gratings(
    table: pd.DataFrame | Mapping[str, Any], *, field: VisualField, impossible: Impossible = "refuse"
) -> ImageSeries:
    r"""Return sinusoidal gratings on a grey field.

    With :math:`\bar L` the field's mean luminance, :math:`w` the aperture (1 inside, 0 outside, edges of one pixel)
    and :math:`s` the distance in degrees from the place, at right angles to the bars,

    .. math:: L = \bar L\,[1 + w\, c \cos(2\pi f s + \varphi)] .

    The contrast :math:`c` is Michelson's, (max − min)/(max + min). Orientation is that of the *bars*: 0 is horizontal,
    :math:`\pi/4` rises to the right. :math:`s` grows in the direction orientation + :math:`\pi/2`.

    Parameters
    ----------
    table : DataFrame or mapping of str to array_like
        One row per image; single numbers hold for all. ``orientation_rad`` and ``frequency_cpd`` (cycles/degree) have
        to be there. Else: ``phase_rad`` (0: a crest at the place), ``contrast`` (1), ``x_deg`` and ``y_deg`` (the
        place, from the field's centre, y upwards), ``diameter_deg`` (infinite: the whole field),
        ``inner_diameter_deg`` (0: no hole), ``length_deg`` along the bars and ``width_deg`` across them (infinite). A
        second grating is added if there are columns with ``second_`` before these names.
    field : VisualField
        What an image covers.
    impossible : {"refuse", "mark"}
        What is done with frequencies above Nyquist's and with stimuli beyond the field: refused with a message, or
        marked in the columns ``aliased`` and ``beyond_field`` of the result's table.

    Returns
    -------
    ImageSeries

    Raises
    ------
    ValueError
        If a column is missing, unknown or impossible, or a stimulus cannot be shown.

    Examples
    --------
    >>> field = VisualField(height=32, width=32, pixels_per_degree=16)
    >>> shown = gratings({"orientation_rad": [0, np.pi / 2], "frequency_cpd": 2, "diameter_deg": 1.5}, field=field)
    >>> shown.images().shape, shown.table["diameter_deg"].tolist()
    ((2, 32, 32), [1.5, 1.5])
    """
    two = any(name.startswith(_SECOND) for name in columns_of(table))
    read = read_table(table, _BOTH if two else _COMPONENT)
    _refuse_contrast(read, two=two)
    parts = [_component(read, prefix) for prefix in ("", _SECOND)[: 1 + two]]
    reaches = [_reach(part) for part in parts]
    checked = marked(
        read,
        field=field,
        frequency_cpd=np.max([part["frequency_cpd"] for part in parts], axis=0),
        reach_deg=(
            np.max([reach[0] for reach in reaches], axis=0),
            np.max([reach[1] for reach in reaches], axis=0),
        ),
        impossible=impossible,
    )
    return ImageSeries(checked, field, _drawn)


def drifting_gratings(
    table: pd.DataFrame | Mapping[str, Any],
    *,
    field: VisualField,
    n_frames: int,
    frame_rate_hz: float,
    impossible: Impossible = "refuse",
) -> ImageSeries:
    """Return the frames of drifting gratings, those of one row after the other.

    Parameters
    ----------
    table : DataFrame or mapping of str to array_like
        As for `gratings`, one row per grating, but with ``direction_rad`` (0: to the right, pi/2: upwards; the bars
        are at right angles) in place of ``orientation_rad``, and ``temporal_frequency_hz``.
    field : VisualField
        What an image covers.
    n_frames : int
        Frames of each.
    frame_rate_hz : float
        Frames per second.
    impossible : {"refuse", "mark"}
        As for `gratings`.

    Returns
    -------
    ImageSeries
        ``n_frames`` rows for each one given; ``direction_rad``, ``temporal_frequency_hz``, ``grating`` (the row) and
        ``time_s`` are columns of its table.

    Raises
    ------
    ValueError
        As for `gratings`; and if a temporal frequency is above half the frame rate.

    Examples
    --------
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> film = drifting_gratings(
    ...     {"direction_rad": 0.0, "frequency_cpd": 1.0, "temporal_frequency_hz": 2.0},
    ...     field=field, n_frames=8, frame_rate_hz=16,
    ... )
    >>> film.table["time_s"].tolist()[:3]
    [0.0, 0.0625, 0.125]
    """
    moving = {"direction_rad": None, "temporal_frequency_hz": None}
    still = {name: default for name, default in _COMPONENT.items() if name != "orientation_rad"}
    read = read_table(table, {**moving, **still})
    rate = read["temporal_frequency_hz"].to_numpy()
    if n_frames < 1 or not 0 < frame_rate_hz < np.inf:
        raise ValueError(f"expected 1 frame or more at a rate above 0, got {n_frames} at {frame_rate_hz} Hz")
    if (np.abs(rate) > frame_rate_hz / 2).any():
        raise ValueError(
            f"temporal_frequency_hz: expected at most {frame_rate_hz / 2:.6g} Hz, half the frame rate, got "
            f"{np.abs(rate).max():.6g}: it would seem to drift the other way; show more frames per second"
        )
    frames = read.loc[read.index.repeat(n_frames)].reset_index(names="grating")
    time = np.tile(np.arange(n_frames) / frame_rate_hz, len(read))
    frames["phase_rad"] = np.mod(
        frames["phase_rad"] - 2 * np.pi * frames["temporal_frequency_hz"] * time, 2 * np.pi
    )
    frames["orientation_rad"] = np.mod(frames["direction_rad"] - np.pi / 2, 2 * np.pi)
    extra = frames[["grating", *moving]].assign(time_s=time)
    shown = gratings(frames[list(_COMPONENT)], field=field, impossible=impossible)
    return ImageSeries(pd.concat([extra, shown.table], axis=1), field, _drawn)


def plaids(
    table: pd.DataFrame | Mapping[str, Any],
    *,
    field: VisualField,
    angle_rad: float = np.pi / 2,
    impossible: Impossible = "refuse",
) -> ImageSeries:
    """Return sums of two gratings that differ in orientation.

    Parameters
    ----------
    table : DataFrame or mapping of str to array_like
        As for `gratings`. What is not said of the second grating (``second_contrast``, …) is as in the first.
    field : VisualField
        What an image covers.
    angle_rad : float
        Counter-clockwise from the first grating's bars to the second's, unless ``second_orientation_rad`` is there.
    impossible : {"refuse", "mark"}
        As for `gratings`.

    Returns
    -------
    ImageSeries

    Raises
    ------
    ValueError
        As for `gratings`; and if the two contrasts add up to more than 1 where the gratings overlap.

    Examples
    --------
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> plaid = plaids({"orientation_rad": 0.0, "frequency_cpd": 2.0, "contrast": 0.5}, field=field)
    >>> round(float(plaid.table["second_orientation_rad"].iloc[0]), 4)
    1.5708
    """
    columns = columns_of(table)
    first = {name: values for name, values in columns.items() if not name.startswith(_SECOND)}
    second = {f"{_SECOND}{name}": value for name, value in first.items() if name in _COMPONENT}
    if "orientation_rad" in first:
        turned = np.asarray(first["orientation_rad"], dtype=np.float64) + angle_rad
        second[f"{_SECOND}orientation_rad"] = np.mod(turned, np.pi)
    return gratings({**first, **second, **columns}, field=field, impossible=impossible)


def _component(table: pd.DataFrame, prefix: str) -> dict[str, Floats]:
    return {name: table[f"{prefix}{name}"].to_numpy(dtype=np.float64) for name in _COMPONENT}


def _refuse_contrast(table: pd.DataFrame, *, two: bool) -> None:
    for name in ("contrast", f"{_SECOND}contrast")[: 1 + two]:
        outside = (table[name] < 0) | (table[name] > 1)
        if outside.any():
            raise ValueError(
                f"{name}: expected a contrast in [0, 1], got {table[name][outside].iloc[0]:.6g}; shift the phase by pi "
                "for the opposite sign, and divide percent by 100"
            )
    if two:
        first, second = _component(table, ""), _component(table, _SECOND)
        here = (first["x_deg"] == second["x_deg"]) & (first["y_deg"] == second["y_deg"])
        apart = here & (
            (second["inner_diameter_deg"] >= first["diameter_deg"])
            | (first["inner_diameter_deg"] >= second["diameter_deg"])
        )
        total = np.where(apart, 0.0, first["contrast"] + second["contrast"])
        if (total > 1 + 1e-9).any():
            raise ValueError(
                f"expected contrasts that add up to 1 at most where gratings overlap, got {total.max():.6g} in row "
                f"{total.argmax()}; lower contrast or second_contrast"
            )


def _reach(part: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return how far an aperture goes from the field's centre, to the side and up or down; infinite without an edge."""
    cos, sin = np.abs(np.cos(part["orientation_rad"])), np.abs(np.sin(part["orientation_rad"]))
    length, width = part["length_deg"], part["width_deg"]
    bounded = np.isfinite(length) & np.isfinite(width)
    long, wide = np.where(bounded, length, 0.0), np.where(bounded, width, 0.0)
    half = part["diameter_deg"] / 2
    sideways = np.minimum(half, np.where(bounded, (long * cos + wide * sin) / 2, np.inf))
    upwards = np.minimum(half, np.where(bounded, (long * sin + wide * cos) / 2, np.inf))
    return np.abs(part["x_deg"]) + sideways, np.abs(part["y_deg"]) + upwards


def _drawn(table: pd.DataFrame, field: VisualField) -> Floats:
    parts = [""] + [_SECOND] * (f"{_SECOND}orientation_rad" in table)
    waves = sum(_wave(_component(table, prefix), field) for prefix in parts)
    return np.asarray(field.mean_luminance * (1 + waves))


def _wave(part: Mapping[str, Floats], field: VisualField) -> Floats:
    """Return contrast times grating times aperture, (n, height, width)."""
    shape = [name for name in _COMPONENT if name not in ("phase_rad", "contrast")]
    # Images that differ in phase and contrast alone, as most do, are mixed from two pictures.
    rows, which = np.unique(np.stack([part[name] for name in shape], axis=1), axis=0, return_inverse=True)
    even, odd = _quadrature(dict(zip(shape, rows.T, strict=True)), field)
    contrast, phase = part["contrast"][:, None, None], part["phase_rad"][:, None, None]
    mixed = even[which.reshape(-1)]
    mixed *= contrast * np.cos(phase)
    mixed -= odd[which.reshape(-1)] * (contrast * np.sin(phase))
    return mixed


def _quadrature(shape: Mapping[str, Floats], field: VisualField) -> tuple[Floats, Floats]:
    """Return gratings of contrast 1 in their apertures: cosine and sine, each (n, height, width)."""
    column = {name: values[:, None, None] for name, values in shape.items()}
    x_deg, y_deg = field.grid()
    x, y = x_deg - column["x_deg"], y_deg - column["y_deg"]
    cos, sin = np.cos(column["orientation_rad"]), np.sin(column["orientation_rad"])
    along, across = x * cos + y * sin, y * cos - x * sin
    ppd = field.pixels_per_degree
    outer, inner = (
        disc(x * ppd, y * ppd, diameter=column[name] * ppd) for name in ("diameter_deg", "inner_diameter_deg")
    )
    window = rectangle(
        along * ppd, across * ppd, length=column["length_deg"] * ppd, width=column["width_deg"] * ppd
    )
    aperture = np.clip(outer - inner, 0.0, 1.0) * window
    angle = 2 * np.pi * column["frequency_cpd"] * across
    return np.asarray(np.cos(angle) * aperture), np.asarray(np.sin(angle) * aperture)
