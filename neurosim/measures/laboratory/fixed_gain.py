"""What lies between image and network in the laboratory: the network's front end with one gain for all images."""

from typing import Any

import numpy as np

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.stored_filters import PatchMatrix
from neurosim.laboratory.v1_protocol.subject import Subject, subject_of
from neurosim.measures.context import Context
from neurosim.recipes.run_sections import TileSection
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.stimuli import only

_FOR_GAIN = 1_000  # windows of photographs, and patches, that the gain is measured on


def front_end_for(context: Context, rng: np.random.Generator) -> FrontEnd:
    """Return what lies between image and network, with one gain for all images.

    That is the network's own where it has one gain. Where each patch was divided by its contrast, or no front end says
    what was done, natural images come out as strong as the patches were on average.
    """
    space, stimuli = context.stimuli.image_space, context.stimuli
    assert space is not None
    own, rows = stimuli.front_end, only(stimuli.training)
    # What takes the mean of a patch away is defined on patches alone.
    if own is not None and own.normalise is None and space.whitener is not None:
        return own
    ((height, _),) = stimuli.shapes.values()
    side = height + 2 * margin_of(context)
    pictures = {str(number): picture for number, picture in enumerate(space.pictures)}
    windows = sample_patches(pictures, n_patches=_FOR_GAIN, size=side, rng=rng, normalise="mean")
    (signed,) = stimuli.pictures({stimuli.names[0]: rows[:_FOR_GAIN]}).values()
    return _without_division(context).scaled_to(
        windows.reshape(-1, side, side), rms=float(np.sqrt(np.mean(signed**2)))
    )


def _without_division(context: Context) -> FrontEnd:
    space, own = context.stimuli.image_space, context.stimuli.front_end
    assert space is not None
    if own is not None and space.whitener is not None:
        return own.at_fixed_gain()
    ((height, width),) = context.stimuli.shapes.values()
    split = only(context.stimuli.training).shape[1] == 2 * height * width
    return FrontEnd(space.whitener, on_off="split" if split else None)


def margin_of(context: Context) -> int:
    """Return how far the filter before the network reaches, pixels."""
    space = context.stimuli.image_space
    assert space is not None
    return reach(space.whitener, context.recipe.analysis.margin)


def reach(filtered_by: Any, margin: int) -> int:
    """Return how far a filter, or a front end's, reaches: a whitening matrix knows nothing beyond its patch."""
    inner = filtered_by.filter if isinstance(filtered_by, FrontEnd) else filtered_by
    return 0 if isinstance(inner, ZCA | PatchMatrix) else margin


def subject_for(context: Context, front_end: FrontEnd, tiling: TileSection | None) -> Subject:
    tiled = None if tiling is None else (tiling.stride, tiling.size)
    return subject_of(context.network, front_end=front_end, margin=margin_of(context), tiled=tiled)
