"""What lies between image and network in the laboratory: the network's front end with one gain for all images."""

from typing import Literal

import numpy as np

from neurosim.front_end.front_end import FrontEnd
from neurosim.laboratory.v1_protocol.subject import Subject, subject_of
from neurosim.measures.context import Context
from neurosim.recipes.run_sections import TileSection
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.stimuli import only

_FOR_GAIN = 1_000  # windows of photographs, and patches, that the gain is measured on


def front_end_for(context: Context, rng: np.random.Generator) -> FrontEnd:
    """Return what lies between image and network, with one gain for all images: natural ones come out as strong as the
    patches were on average, whatever was done to each of those.
    """
    space, stimuli = context.stimuli.image_space, context.stimuli
    assert space is not None
    ((height, width),) = stimuli.shapes.values()
    rows = only(stimuli.training)
    side = height + 2 * margin_of(context)
    pictures = {str(number): picture for number, picture in enumerate(space.pictures)}
    windows = sample_patches(pictures, n_patches=_FOR_GAIN, size=side, rng=rng, normalise="mean")
    (signed,) = stimuli.pictures({stimuli.names[0]: rows[:_FOR_GAIN]}).values()
    relays: Literal["split"] | None = "split" if rows.shape[1] == 2 * height * width else None
    return FrontEnd(space.whitener, on_off=relays).scaled_to(
        windows.reshape(-1, side, side), rms=float(np.sqrt(np.mean(signed**2)))
    )


def margin_of(context: Context) -> int:
    """Return how far the filter reaches; a whitening matrix knows nothing beyond its patch."""
    space = context.stimuli.image_space
    assert space is not None
    return 0 if isinstance(space.whitener, ZCA) else context.recipe.analysis.margin


def subject_for(context: Context, front_end: FrontEnd, tiling: TileSection | None) -> Subject:
    tiled = None if tiling is None else (tiling.stride, tiling.size)
    return subject_of(context.network, front_end=front_end, margin=margin_of(context), tiled=tiled)
