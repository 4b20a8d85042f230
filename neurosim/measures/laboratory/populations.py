"""Which populations a run puts through the protocol: the network, its pools, its controls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosim.laboratory.populations.pools import random_pools
from neurosim.laboratory.v1_protocol.composed import Member, both_signs, show_members
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses
from neurosim.laboratory.v1_protocol.subject import Encode, Subject
from neurosim.measures.context import Context
from neurosim.measures.laboratory.complex_cells import pools_of
from neurosim.measures.laboratory.fixed_gain import front_end_for, subject_for
from neurosim.measures.laboratory.gain_control import Divided, divided_by_pool
from neurosim.recipes.run_sections import LaboratorySection
from neurosim.stimuli.laboratory.visual_field import VisualField

MAIN, SIMPLE, WITHOUT, CONTROL = "network", "simple_units", "feed_forward", "feed_forward_threshold"
"""The network, with pools where there are any; its simple units alone; the control without interactions, rectified at
0, and at the network's threshold."""
DIVIDED = "feed_forward_divided"
"""The last of them, divided by the network's inhibitory pool: what gain control gives by itself."""


@dataclass(frozen=True, eq=False)
class Populations:
    """All that is shown the same images.

    Attributes
    ----------
    subject : Subject
        The network behind its front end.
    sources : dict of str to callable
        Encoders by name.
    members : dict of str to Member
        Populations by name, `MAIN` first.
    """

    subject: Subject
    sources: dict[str, Encode]
    members: dict[str, Member]

    def answers(
        self, field: VisualField, *, names: Sequence[str] = (), contrast: float = 1.0
    ) -> dict[str, ProtocolResponses]:
        """Show the protocol to all members, or to some."""
        members = {name: self.members[name] for name in names or self.members}
        wanted = {each.source for each in members.values()}
        sources = {name: encode for name, encode in self.sources.items() if name in wanted}
        return show_members(members, sources, subject=self.subject, field=field, contrast=contrast)


@dataclass(frozen=True, eq=False)
class Shown:
    """What a run's populations answered.

    Attributes
    ----------
    responses : dict of str to ProtocolResponses
        `MAIN` first: the network, with pools where there are any.
    populations : Populations
        Who answered, for other gratings.
    pixels_per_degree : float
        The scale.
    unsettled : float or None
        Share of the gratings at which the network had not settled.
    """

    responses: dict[str, ProtocolResponses]
    populations: Populations
    pixels_per_degree: float
    unsettled: float | None

    @property
    def is_pool(self) -> NDArray[np.bool_]:
        """Which units of `MAIN` are pools."""
        return self.populations.members[MAIN].is_pool


def shown_to(context: Context, section: LaboratorySection, rng: np.random.Generator) -> Shown:
    """Show the protocol to a context's network, its pools and its controls."""
    found = _populations(context, section, rng)
    subject = found.subject
    field = subject.field(section.ppd)
    context.say(f"gratings at {field.pixels_per_degree:.1f} pixels per degree to {len(subject.fields)} units")
    responses = found.answers(field)
    if section.control == "all":
        responses["shuffled"] = responses[MAIN].shuffled(rng)
    return Shown(responses, found, field.pixels_per_degree, subject.settling.unsettled)


def _populations(context: Context, section: LaboratorySection, rng: np.random.Generator) -> Populations:
    front_end, signed = front_end_for(context, rng), bool((context.code < 0).any())
    subject = subject_for(context, front_end, section.tile)
    divided = divided_by_pool(context, subject, strength=section.gain_control, rng=rng)
    sources = _sources(subject, section, divided=divided, signed=signed, rng=rng)
    n_units = len(subject.fields)
    pools = pools_of(context, section, front_end, n_halves=n_units * (1 + signed), rng=rng)
    members = {MAIN: Member(MAIN, n_units, pools)}
    if pools is not None:
        members[SIMPLE] = Member(MAIN, n_units)
    members |= {name: Member(name, n_units, pools) for name in sources if name != MAIN}
    if pools is not None and section.control == "all":
        at_random = random_pools(pools.n_units, size=pools.size, rng=rng, firsts=pools.firsts)
        members["random_pools"] = Member(MAIN, n_units, at_random)
    return Populations(subject, sources, members)


def _sources(
    subject: Subject,
    section: LaboratorySection,
    *,
    divided: Divided | None,
    signed: bool,
    rng: np.random.Generator,
) -> dict[str, Encode]:
    output = subject.encode if divided is None else divided.network
    sources: dict[str, Encode] = {MAIN: both_signs(output, signed=signed)}
    if section.control == "off":
        return sources
    sources[WITHOUT] = subject.without_interactions(signed=signed)
    if subject.threshold is not None:
        sources[CONTROL] = subject.without_interactions(signed=signed, threshold=True)
    if divided is not None:
        sources[DIVIDED] = divided.others(sources.get(CONTROL, sources[WITHOUT]))
    if section.control == "all":
        sources["random_fields"] = subject.random_fields(rng, signed=signed)
    return sources
