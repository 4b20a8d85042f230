"""The protocol's gratings at every unit's field, each image shown once, and what is read from the responses."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor_gratings import GABOR_PHASES
from neurosim.analysis.protocol.grating_sets import PROTOCOL, GratingSet, Protocol, properties_of_sets
from neurosim.analysis.tuning.phase import phase_components
from neurosim.analysis.tuning.responsive import RateScale, rate_scale
from neurosim.laboratory.showing import Respond, answered_chunks, checked_answer
from neurosim.laboratory.units import Units, groups_of_units, unit_table
from neurosim.stimuli.laboratory.gratings import gratings
from neurosim.stimuli.laboratory.visual_field import VisualField
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["ProtocolResponses", "show_protocol"]

Floats = NDArray[np.float64]
Sets = tuple[Floats, Floats, Floats]

_STEP = 0.3 / np.sqrt(2)  # degrees: no unit is more than .15 degrees from the gratings it is measured with
_PLACE = ["x_deg", "y_deg"]
_CHUNK = 2500  # images at once: each call of a compiled network has its price


@dataclass(frozen=True, eq=False)
class ProtocolResponses:
    """What units answered to the protocol, in the unit of their activity.

    Attributes
    ----------
    protocol : Protocol
        What was shown.
    sets : three ndarrays (n_units, n_conditions, n_orientations, 8)
        Responses to the orientation, frequency and size set.
    blank : ndarray (n_units,)
        Response to the grey field.
    n_images, n_places : int
        Different images, and places that units were gathered at.
    """

    protocol: Protocol
    sets: Sets
    blank: Floats
    n_images: int
    n_places: int

    def of(self, units: NDArray[np.intp] | slice) -> "ProtocolResponses":
        """Return the responses of some of the units."""
        one, two, three = (each[units] for each in self.sets)
        return replace(self, sets=(one, two, three), blank=self.blank[units])

    def changed(self, sets: Sets, blank: Floats) -> "ProtocolResponses":
        """Return the same with other responses: those of units made of these."""
        return replace(self, sets=sets, blank=blank)

    def shuffled(self, rng: Randomness) -> "ProtocolResponses":
        """Return every unit's responses at other gratings of their set: what the values alone give."""
        draw = generator(rng)
        one, two, three = (
            draw.permuted(each.reshape(len(each), -1), axis=1).reshape(each.shape) for each in self.sets
        )
        return replace(self, sets=(one, two, three))

    def scale(self) -> RateScale:
        """Return the one scale to spikes/s of this population (`rate_scale`).

        Raises
        ------
        ValueError
            If no unit answers a grating more than the grey field.
        """
        best = np.maximum(self.sets[0], 0.0).mean(axis=-1).max(axis=(1, 2))
        return rate_scale(best, self.blank)

    def properties(self) -> pd.DataFrame:
        """Return the properties of each unit, in spikes/s and degrees: for `v1_scoreboard` and `joint_structure`.

        Raises
        ------
        ValueError
            If no unit answers a grating more than the grey field.
        """
        scale = self.scale()
        one, two, three = (phase_components(scale.rates(each), phases_deg=GABOR_PHASES) for each in self.sets)
        return properties_of_sets(
            (one, two, three), protocol=self.protocol, spontaneous=scale.rates(self.blank)
        )


def show_protocol(
    respond: Respond,
    units: Units,
    *,
    field: VisualField,
    contrast: float = 1.0,
    protocol: Protocol = PROTOCOL,
) -> ProtocolResponses:
    """Show the protocol's gratings at each unit's field.

    Units within .15 degrees share images. Frequencies that pixels cannot show are left out and counted
    (``protocol.n_left_out``). Discs are drawn as far as the images go: images have to cover all that units see, the
    reach of their front end included.

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    units : DataFrame or mapping of str to array_like
        One row per unit: ``x_deg``, ``y_deg`` (`centres_of_fields`). A unit without a place counts as silent.
    field : VisualField
        What an image covers.
    contrast : float
        Of all gratings; 1 as published.
    protocol : Protocol
        The published one.

    Returns
    -------
    ProtocolResponses

    Raises
    ------
    ValueError
        If hardly a frequency can be shown, no unit has a place, or responses do not match units and images.

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> field = VisualField(height=16, width=16, pixels_per_degree=16)
    >>> upright = np.tile(np.cos(2 * np.pi * np.arange(16) / 6), (16, 1))[None]
    >>> shown = show_protocol(feed_forward(upright, threshold=0.0, background=0.5),
    ...                       {"x_deg": 0.0, "y_deg": 0.0}, field=field)
    >>> shown.properties()["preferred_orientation"].round().tolist()
    [90.0]
    """
    shown = protocol.below(field.nyquist_cpd)
    table = unit_table(units, ("x_deg", "y_deg"))
    places, group = groups_of_units((table / _STEP).round() * _STEP, _PLACE)
    if not len(places):
        raise ValueError(f"expected units with a place, got {len(table)} without one")
    grey = np.full((1, field.height, field.width), field.mean_luminance)
    blank = checked_answer(respond(grey), n_images=1, n_units=len(table))[0]
    tables = [pd.concat([_at(place, each, field) for place in places]) for each in shown.sets]
    found = [_answered(respond, each.assign(contrast=contrast), group=group, field=field) for each in tables]
    one, two, three = (
        responses.reshape(len(table), len(each.conditions), len(each.orientations), -1)
        for (responses, _), each in zip(found, shown.sets, strict=True)
    )
    return ProtocolResponses(shown, (one, two, three), blank, sum(n for _, n in found), len(places))


def _answered(
    respond: Respond, table: pd.DataFrame, *, group: NDArray[np.int64], field: VisualField
) -> tuple[Floats, int]:
    """Return responses (n_units, n_gratings) to the part of the table that is a unit's own, and how many images."""
    # What covers the field from one place is the same image from another.
    rows, which = np.unique(table.to_numpy(), axis=0, return_inverse=True)
    images = gratings(pd.DataFrame(rows, columns=table.columns), field=field, impossible="mark")
    shown = which.reshape(group.max() + 1, -1)
    found = np.zeros((len(group), shown.shape[1]))
    for chunk, answered in answered_chunks(respond, images, chunk=_CHUNK, n_units=len(group)):
        for number, own in enumerate(shown):
            members = np.flatnonzero(group == number)
            there = np.flatnonzero((own >= chunk.start) & (own < chunk.stop))
            found[np.ix_(members, there)] = answered[np.ix_(own[there] - chunk.start, members)].T
    return found, len(rows)


def _at(place: Floats, gratings_of: GratingSet, field: VisualField) -> pd.DataFrame:
    """Return one row per image of a set at one place; discs that cover the field have no edge and no place."""
    conditions = np.asarray(gratings_of.conditions)
    n_turned = len(gratings_of.orientations) * len(GABOR_PHASES)
    frequency, diameter = np.repeat(conditions, n_turned, axis=0).T
    turned = np.repeat(np.deg2rad(gratings_of.orientations), len(GABOR_PHASES))
    farthest = np.hypot(field.width_deg / 2 + abs(place[0]), field.height_deg / 2 + abs(place[1]))
    covers = diameter / 2 > farthest
    return pd.DataFrame(
        {
            "orientation_rad": np.tile(turned, len(conditions)),
            "frequency_cpd": frequency,
            "phase_rad": np.tile(np.deg2rad(GABOR_PHASES), len(frequency) // len(GABOR_PHASES)),
            "diameter_deg": np.where(covers, np.inf, diameter),
            "x_deg": np.where(covers, 0.0, place[0]),
            "y_deg": np.where(covers, 0.0, place[1]),
        }
    )
