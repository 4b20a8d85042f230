"""How responses change with what lies around a unit's field: size, surround, length, a mask across."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from neurosim.laboratory.centred import grating_responses
from neurosim.laboratory.showing import Respond
from neurosim.laboratory.tuning import phases
from neurosim.laboratory.units import Units, columns_of_units
from neurosim.stimuli.laboratory.table import Impossible
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["cross_orientation", "length_tuning", "size_tuning", "surround_tuning"]

_CYCLES_ACROSS = 1.5  # of a strip: a bar and its flanks


def size_tuning(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    diameters_deg: ArrayLike,
    n_phases: int = 8,
    impossible: Impossible = "refuse",
) -> xr.Dataset:
    """Show discs of each unit's preferred grating, centred on its field, at several diameters.

    Shows how far a unit's field reaches, and whether what lies further out suppresses it. Suppression by the patch's
    edge, or by a front end that divides by contrast, is no property of the network: tile the network, fix the gain.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``.
    field : VisualField
        What an image covers.
    diameters_deg : array_like
        Degrees.
    n_phases : int
        Of each grating.
    impossible : {"refuse", "mark"}
        What is done with discs beyond the field, as those around units near its edge are.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, diameter_deg, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    References
    ----------
    Cavanaugh, Bair & Movshon 2002, J Neurophysiol 88:2530, doi:10.1152/jn.00692.2001.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 1.0}
    >>> respond = feed_forward(np.ones((1, 16, 16)), background=0.5)
    >>> dict(size_tuning(respond, units, field=field, diameters_deg=[0.5, 1, 2]).response.sizes)
    {'unit': 1, 'diameter_deg': 3, 'phase_rad': 8}
    """
    axes = {"diameter_deg": diameters_deg, "phase_rad": phases(n_phases)}
    return grating_responses(respond, units, field=field, axes=axes, impossible=impossible)


def surround_tuning(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    outer_diameter_deg: float,
    n_offsets: int = 4,
    n_phases: int = 8,
) -> xr.Dataset:
    """Show each unit its preferred grating in its field, and around it another of several orientations.

    Shows whether suppression from around is strongest for the centre's own orientation. What the centre gives alone is
    ``size_tuning`` at the unit's ``diameter_deg``.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``, ``diameter_deg``
        (of the centre, at which the annulus begins).
    field : VisualField
        What an image covers.
    outer_diameter_deg : float
        Where the annulus ends.
    n_offsets : int
        Orientations of the surround, over half a turn from the centre's on.
    n_phases : int
        Of both together.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, second_offset_rad, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 1.0, "diameter_deg": 1.0}
    >>> respond = feed_forward(np.ones((1, 16, 16)), background=0.5)
    >>> dict(surround_tuning(respond, units, field=field, outer_diameter_deg=2.0).response.sizes)
    {'unit': 1, 'second_offset_rad': 4, 'phase_rad': 8}
    """
    given = columns_of_units(units)
    if "diameter_deg" not in given:
        raise ValueError(
            "expected units with the column diameter_deg, the centre's, at which the surround begins"
        )
    around: dict[str, ArrayLike] = {
        **given,
        "second_inner_diameter_deg": given["diameter_deg"],
        "second_diameter_deg": outer_diameter_deg,
    }
    axes = {"second_offset_rad": np.arange(n_offsets) * np.pi / n_offsets, "phase_rad": phases(n_phases)}
    return grating_responses(respond, around, field=field, axes=axes)


def cross_orientation(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    contrasts: ArrayLike,
    mask_contrasts: ArrayLike,
    n_phases: int = 8,
) -> xr.Dataset:
    """Show plaids: each unit's preferred grating, and across it a mask that does little by itself.

    Shows whether the mask suppresses the response to the grating.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``.
    field : VisualField
        What an image covers.
    contrasts : array_like, in [0, 1]
        Of the preferred grating.
    mask_contrasts : array_like, in [0, 1]
        Of the mask, at right angles; 0 for the grating alone. The largest of both add up to 1 at most.
    n_phases : int
        Of the grating, and of the mask: a mask of one phase could add to the response or take from it.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, contrast, second_contrast, phase_rad, second_phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    References
    ----------
    Bonds 1989, Visual Neuroscience 2:41, doi:10.1017/S0952523800004314.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 1.0}
    >>> found = cross_orientation(
    ...     feed_forward(np.ones((1, 16, 16))), units, field=field, contrasts=[0.5], mask_contrasts=[0, 0.5], n_phases=4
    ... )
    >>> found.response.shape
    (1, 1, 2, 4, 4)
    """
    axes = {
        "contrast": contrasts,
        "second_contrast": mask_contrasts,
        "phase_rad": phases(n_phases),
        "second_phase_rad": phases(n_phases),
        "second_offset_rad": [np.pi / 2],
    }
    found = grating_responses(respond, units, field=field, axes=axes)
    return found.isel(second_offset_rad=0, drop=True)


def length_tuning(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    lengths_deg: ArrayLike,
    n_phases: int = 8,
    impossible: Impossible = "refuse",
) -> xr.Dataset:
    """Show strips of each unit's preferred grating of several lengths along the bars.

    Shows end-stopping: whether a unit answers less to long bars than to shorter ones.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        As for `grating_responses`: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd``; ``width_deg`` of the
        strip if it is not to be one and a half cycles.
    field : VisualField
        What an image covers.
    lengths_deg : array_like
        Degrees, along the bars.
    n_phases : int
        Of each grating.
    impossible : {"refuse", "mark"}
        What is done with strips beyond the field.

    Returns
    -------
    Dataset
        As of `grating_responses`, (unit, length_deg, phase_rad).

    Raises
    ------
    ValueError
        As for `grating_responses`.

    References
    ----------
    DeAngelis, Freeman & Ohzawa 1994, J Neurophysiol 71:347, doi:10.1152/jn.1994.71.1.347.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> units = {"x_deg": 0.0, "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 2.0}
    >>> respond = feed_forward(np.ones((1, 16, 16)), background=0.5)
    >>> dict(length_tuning(respond, units, field=field, lengths_deg=[0.5, 1]).response.sizes)
    {'unit': 1, 'length_deg': 2, 'phase_rad': 8}
    """
    given = columns_of_units(units)
    if "width_deg" not in given and "frequency_cpd" in given:
        given["width_deg"] = _CYCLES_ACROSS / np.asarray(given["frequency_cpd"], dtype=np.float64)
    axes = {"length_deg": lengths_deg, "phase_rad": phases(n_phases)}
    return grating_responses(respond, given, field=field, axes=axes, impossible=impossible)
