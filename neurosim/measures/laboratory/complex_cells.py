"""The pools that stand for complex cells in a run's laboratory."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import LEAST_R2
from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.populations.found_pools import complex_pools, displaced_pairs, matched_pools
from neurosim.laboratory.populations.pools import Pools, random_pools, sheet_pools
from neurosim.laboratory.units import units_of_fits
from neurosim.laboratory.v1_protocol.composed import both_signs
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.measures.context import Context
from neurosim.measures.laboratory.fixed_gain import subject_for
from neurosim.recipes.run_sections import LaboratorySection
from neurosim.stimuli.kinds.stimuli import only
from neurosim.stimuli.laboratory.visual_field import VisualField

Floats = NDArray[np.float64]

_N_PAIRS = 8_000  # of displaced patches that pools are learned from


def pools_of(
    context: Context,
    section: LaboratorySection,
    front_end: AnyFrontEnd,
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
        case "sheet":
            found = _of_sheet(context, signed=signed)
        case "learned":
            context.say("learning pools of units, as complex cells, from shifted photographs")
            pairs = _displaced(context, front_end, signed=signed, rng=rng)
            found = _learned(np.stack(pairs, axis=1), size=section.pool_size)
    return found.some(min(section.pool_share, found.share), rng=rng)


def _of_sheet(context: Context, *, signed: bool) -> Pools:
    """Return the sheet's own pools, of signed neurons those of either sign."""
    own = sheet_pools(context.network)
    members = [own.members + half * own.n_units for half in range(1 + signed)]
    return Pools(np.concatenate(members), own.n_units * (1 + signed), own.origin)


def _learned(sequences: Floats, *, size: int) -> Pools:
    """Return the pools of complex cells that learn from codes; on one backend, so that a run repeated is the same."""
    from neurosim.networks import ComplexCells

    return complex_pools(ComplexCells(size=size, backend="numpy").fit(sequences))


def _fitted(context: Context, *, signed: bool) -> pd.DataFrame:
    """Return place and preference of every unit, in pixels: of those of negative sign after the others."""
    fits = context.fits["image"]
    height, width = context.fields["image"].shape[1:]
    units = units_of_fits(fits, field=VisualField(height, width, 1.0))
    units.loc[fits["r2"].to_numpy() <= LEAST_R2] = np.nan
    return pd.concat([units] * (1 + signed), ignore_index=True)


def _displaced(
    context: Context, front_end: AnyFrontEnd, *, signed: bool, rng: np.random.Generator
) -> list[Floats]:
    """Return responses before and after small shifts, of the network on its patch: tiles have the same neurons."""
    space, subject = context.stimuli.image_space, subject_for(context, front_end, None)
    assert space is not None
    respond = through_window(
        {"units": both_signs(subject.encode, signed=signed)},
        front_end=subject.front_end,
        margin=subject.margin,
        background=float(np.mean([picture.mean() for picture in space.pictures])),
    )
    pairs = displaced_pairs(list(space.pictures), n_pairs=_N_PAIRS, size=subject.side, rng=rng)
    return [respond(each) for each in pairs]
