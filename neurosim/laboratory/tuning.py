"""Orientation, frequency, phase, contrast and place: gratings at each unit's own field."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.laboratory.centred import grating_responses
from neurosim.laboratory.showing import Respond
from neurosim.laboratory.units import Units
from neurosim.stimuli.laboratory.table import Impossible
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = [
    "contrast_response",
    "frequency_tuning",
    "orientation_tuning",
    "phase_response",
    "phases",
    "place_map",
]


def phases(n: int) -> NDArray[np.float64]:
    """Return n phases, in radians, evenly round the circle.

    Parameters
    ----------
    n : int
        3 or more: with fewer, mean and modulation cannot be told apart.

    Examples
    --------
    >>> np.rad2deg(phases(4)).tolist()
    [0.0, 90.0, 180.0, 270.0]
    """
    if n < 3:
        raise ValueError(
            f"expected 3 phases or more, with fewer mean and modulation cannot be told apart, got {n}"
        )
    return np.arange(n) * 2 * np.pi / n


def orientation_tuning(
    respond: Respond, units: Units, *, field: VisualField, n_orientations: int = 12, n_phases: int = 8
) -> xr.Dataset:
    """Show gratings of all orientations at each unit's place and frequency.

    Shows how selective a unit is for the orientation of bars, and which one it prefers.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``frequency_cpd``; ``diameter_deg`` and ``contrast`` if they
        are not to be the whole field and 1.
    field : VisualField
        What an image covers.
    n_orientations : int
        Over half a turn. 12, steps of 15°, are the published protocol, whose smoothing gives half-widths of 10° at
        least: take 36 to see narrower ones.
    n_phases : int
        Of each grating.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, orientation_rad, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> upright = np.tile(np.cos(np.pi * np.arange(16) / 2), (16, 1))[None]
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "frequency_cpd": 2.0}
    >>> found = orientation_tuning(feed_forward(upright, background=0.5), units, field=field)
    >>> int(found.response.max("phase_rad").values[0].argmax())  # bars at 6 · 15° = 90°
    6
    """
    if n_orientations < 2:
        raise ValueError(f"expected 2 orientations or more, got {n_orientations}")
    orientations = np.arange(n_orientations) * np.pi / n_orientations
    axes = {"orientation_rad": orientations, "phase_rad": phases(n_phases)}
    return grating_responses(respond, units, field=field, axes=axes)


def frequency_tuning(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    frequencies_cpd: ArrayLike,
    n_phases: int = 8,
    impossible: Impossible = "refuse",
) -> xr.Dataset:
    """Show gratings of several spatial frequencies at each unit's place and orientation.

    Shows which frequency a unit prefers, and how wide a band it answers to.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad`` (of the bars).
    field : VisualField
        What an image covers.
    frequencies_cpd : array_like
        Cycles per degree; evenly spaced octaves as a rule.
    n_phases : int
        Of each grating.
    impossible : {"refuse", "mark"}
        What is done with those above Nyquist's frequency.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, frequency_cpd, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0}
    >>> respond = feed_forward(np.ones((1, 16, 16)), background=0.5)
    >>> dict(frequency_tuning(respond, units, field=field, frequencies_cpd=[0.5, 1, 2]).response.sizes)
    {'unit': 1, 'frequency_cpd': 3, 'phase_rad': 8}
    """
    axes = {"frequency_cpd": frequencies_cpd, "phase_rad": phases(n_phases)}
    return grating_responses(respond, units, field=field, axes=axes, impossible=impossible)


def phase_response(respond: Respond, units: Units, *, field: VisualField, n_phases: int = 32) -> xr.Dataset:
    """Show each unit its preferred grating at many phases.

    Shows whether a unit follows light and dark (simple, F1/F0 above 1) or answers to all phases alike (complex).

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``.
    field : VisualField
        What an image covers.
    n_phases : int
        8 in the published protocol; sampling so few moves F1/F0 of a half-rectified sinusoid by ± 5 %.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 1.0}
    >>> dict(phase_response(feed_forward(np.ones((1, 16, 16))), units, field=field).response.sizes)
    {'unit': 1, 'phase_rad': 32}
    """
    return grating_responses(respond, units, field=field, axes={"phase_rad": phases(n_phases)})


def contrast_response(
    respond: Respond, units: Units, *, field: VisualField, contrasts: ArrayLike, n_phases: int = 8
) -> xr.Dataset:
    """Show each unit its preferred grating at several contrasts.

    Shows whether responses saturate; with ``orientation_offset_rad`` as a further axis of `grating_responses`, whether
    tuning is the same at all contrasts.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``.
    field : VisualField
        What an image covers.
    contrasts : array_like, in [0, 1]
        Michelson's.
    n_phases : int
        Of each grating.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, contrast, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 1.0}
    >>> respond = feed_forward(np.ones((1, 16, 16)))
    >>> dict(contrast_response(respond, units, field=field, contrasts=[0, 0.5, 1]).response.sizes)
    {'unit': 1, 'contrast': 3, 'phase_rad': 8}
    """
    axes = {"contrast": contrasts, "phase_rad": phases(n_phases)}
    return grating_responses(respond, units, field=field, axes=axes)


def place_map(
    respond: Respond, units: Units, *, field: VisualField, places: Mapping[str, ArrayLike], n_phases: int = 8
) -> xr.Dataset:
    """Show small gratings at a grid of places.

    Shows where a unit's field is, for units whose place is not known from a fit.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        ``orientation_rad``, ``frequency_cpd`` and ``diameter_deg`` of the grating each unit is mapped with; units with
        equal ones share images.
    field : VisualField
        What an image covers.
    places : mapping of str to array_like
        ``y_deg`` and ``x_deg``, from the field's centre, y upwards.
    n_phases : int
        Of each grating.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, y_deg, x_deg, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`; and if a place is missing.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> spot = np.zeros((1, 16, 16))
    >>> spot[0, 3, 11] = 1.0
    >>> units = {"orientation_rad": 0.0, "frequency_cpd": 2.0, "diameter_deg": 0.5}
    >>> places = {"y_deg": [-0.5, 0.0, 0.5], "x_deg": [-0.5, 0.0, 0.5]}
    >>> found = place_map(feed_forward(spot, background=0.5), units, field=field, places=places)
    >>> found.response.max("phase_rad")[0].values.argmax()  # the last row is highest
    np.int64(8)
    """
    if set(places) != {"x_deg", "y_deg"}:
        raise ValueError(f"expected places x_deg and y_deg, got {', '.join(map(str, places)) or 'none'}")
    axes = {"y_deg": places["y_deg"], "x_deg": places["x_deg"], "phase_rad": phases(n_phases)}
    return grating_responses(respond, units, field=field, axes=axes)
