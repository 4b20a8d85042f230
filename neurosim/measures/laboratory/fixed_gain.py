"""What lies between image and network in the laboratory, and the network behind it."""

import numpy as np

from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.v1_protocol.subject import Subject, subject_of
from neurosim.measures.context import Context
from neurosim.measures.mapping.fixed_gain import fixed_gain_front_end, reach
from neurosim.recipes.run_sections import TileSection


def front_end_for(context: Context, rng: np.random.Generator) -> AnyFrontEnd:
    """Return what lies between image and network, with one gain for all images."""
    return fixed_gain_front_end(context.stimuli, margin=context.recipe.analysis.margin, rng=rng)


def margin_of(context: Context) -> int:
    """Return how far the filter before the network reaches, pixels."""
    space = context.stimuli.image_space
    assert space is not None
    return reach(space.whitener, context.recipe.analysis.margin)


def subject_for(context: Context, front_end: AnyFrontEnd, tiling: TileSection | None) -> Subject:
    tiled = None if tiling is None else (tiling.stride, tiling.size)
    return subject_of(context.network, front_end=front_end, margin=margin_of(context), tiled=tiled)
