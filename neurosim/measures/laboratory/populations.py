"""Which populations a run puts through the protocol: the network, its pools, its controls."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import LEAST_R2
from neurosim.front_end.front_end import FrontEnd
from neurosim.laboratory.populations.found_pools import displaced_pairs, learned_pools, matched_pools
from neurosim.laboratory.populations.pools import Pools, random_pools
from neurosim.laboratory.units import units_of_fits
from neurosim.laboratory.v1_protocol.composed import Member, both_signs, show_members
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses
from neurosim.laboratory.v1_protocol.subject import Encode, Subject, subject_of
from neurosim.measures.context import Context
from neurosim.measures.mapping.fixed_gain import filter_reach, fixed_gain_front_end
from neurosim.recipes.run_sections import LaboratorySection, TileSection
from neurosim.stimuli.kinds.stimuli import only
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]

MAIN, SIMPLE, WITHOUT, CONTROL = "network", "simple_units", "feed_forward", "feed_forward_threshold"
"""The network, with pools where there are any; its simple units alone; the control without interactions, rectified at
0, and at the network's threshold."""
_N_PAIRS = 8_000  # of displaced patches that pools are learned from


@dataclass(frozen=True, eq=False)
class Shown:
    """What a run's populations answered.

    Attributes
    ----------
    responses : dict of str to ProtocolResponses
        `MAIN` first: the network, with pools where there are any.
    is_pool : ndarray of bool
        Which units of `MAIN` are pools.
    pixels_per_degree : float
        The scale.
    unsettled : float or None
        Share of the gratings at which the network had not settled.
    """

    responses: dict[str, ProtocolResponses]
    is_pool: NDArray[np.bool_]
    pixels_per_degree: float
    unsettled: float | None


def shown_to(context: Context, section: LaboratorySection, rng: np.random.Generator) -> Shown:
    """Show the protocol to a context's network, its pools and its controls."""
    front_end, signed = (
        fixed_gain_front_end(context.stimuli, reach=_reach(context), rng=rng),
        bool((context.code < 0).any()),
    )
    subject = _subject(context, front_end, section.tile)
    field = subject.field(section.ppd)
    sources = _sources(subject, section, signed=signed, rng=rng)
    n_units = len(subject.fields)
    pools = _pools(context, section, front_end, n_halves=n_units * (1 + signed), rng=rng)
    members = {MAIN: Member(MAIN, n_units, pools)}
    if pools is not None:
        members[SIMPLE] = Member(MAIN, n_units)
    members |= {name: Member(name, n_units, pools) for name in sources if name != MAIN}
    if pools is not None and section.control == "all":
        at_random = random_pools(pools.n_units, size=pools.size, rng=rng, firsts=pools.firsts)
        members["random_pools"] = Member(MAIN, n_units, at_random)
    context.say(f"gratings at {field.pixels_per_degree:.1f} pixels per degree to {n_units} units")
    responses = show_members(members, sources, subject=subject, field=field)
    if section.control == "all":
        responses["shuffled"] = responses[MAIN].shuffled(rng)
    return Shown(responses, members[MAIN].is_pool, field.pixels_per_degree, subject.settling.unsettled)


def _reach(context: Context) -> int:
    return filter_reach(context.stimuli, margin=context.recipe.analysis.margin)


def _subject(context: Context, front_end: FrontEnd, tiling: TileSection | None) -> Subject:
    tiled = None if tiling is None else (tiling.stride, tiling.size)
    return subject_of(context.network, front_end=front_end, margin=_reach(context), tiled=tiled)


def _sources(
    subject: Subject, section: LaboratorySection, *, signed: bool, rng: np.random.Generator
) -> dict[str, Encode]:
    sources: dict[str, Encode] = {MAIN: both_signs(subject.encode, signed=signed)}
    if section.control == "off":
        return sources
    sources[WITHOUT] = subject.without_interactions(signed=signed)
    if subject.threshold is not None:
        sources[CONTROL] = subject.without_interactions(signed=signed, threshold=True)
    if section.control == "all":
        sources["random_fields"] = subject.random_fields(rng, signed=signed)
    return sources


def _pools(
    context: Context,
    section: LaboratorySection,
    front_end: FrontEnd,
    *,
    n_halves: int,
    rng: np.random.Generator,
) -> Pools | None:
    signed = n_halves > len(only(context.dictionaries))
    match section.pools:
        case "off":
            return None
        case "random":
            found = random_pools(n_halves, size=section.pool_size, rng=rng)
        case "matched":
            found = matched_pools(_fitted(context, signed=signed), size=section.pool_size)
        case "learned":
            context.say("learning pools of units, as complex cells, from shifted photographs")
            found = learned_pools(
                *_displaced(context, front_end, signed=signed, rng=rng), size=section.pool_size
            )
    return found.some(min(section.pool_share, found.share), rng=rng)


def _fitted(context: Context, *, signed: bool) -> pd.DataFrame:
    """Return place and preference of every unit, in pixels: of those of negative sign after the others."""
    fits = context.fits["image"]
    height, width = context.fields["image"].shape[1:]
    units = units_of_fits(fits, field=VisualField(height, width, 1.0))
    units.loc[fits["r2"].to_numpy() <= LEAST_R2] = np.nan
    return pd.concat([units] * (1 + signed), ignore_index=True)


def _displaced(
    context: Context, front_end: FrontEnd, *, signed: bool, rng: np.random.Generator
) -> list[Floats]:
    """Return responses before and after small shifts, of the network on its patch: tiles have the same neurons."""
    space, subject = context.stimuli.image_space, _subject(context, front_end, None)
    assert space is not None
    respond = through_window(
        {"units": both_signs(subject.encode, signed=signed)},
        front_end=subject.front_end,
        margin=subject.margin,
        background=float(np.mean([picture.mean() for picture in space.pictures])),
    )
    pairs = displaced_pairs(list(space.pictures), n_pairs=_N_PAIRS, size=subject.side, rng=rng)
    return [respond(each) for each in pairs]
