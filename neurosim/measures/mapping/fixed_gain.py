"""The front end as experiments on a trained network have it: one gain for all images, and the reach of its filter."""

from typing import Any

import numpy as np

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.front_end.stored_filters import PatchMatrix
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.stimuli import Stimuli, only

_FOR_GAIN = 1_000  # windows of photographs, and patches, that the gain is measured on


def fixed_gain_front_end(stimuli: Stimuli, *, margin: int, rng: np.random.Generator) -> AnyFrontEnd:
    """Return what lies between image and network, with one gain for all images.

    That is the network's own where it has one gain. Where each patch was divided by its contrast, or no front end says
    what was done, natural images come out as strong as the patches were on average.
    """
    space, own = stimuli.image_space, stimuli.front_end
    assert space is not None
    # What takes the mean of a patch away is defined on patches alone.
    if own is not None and own.normalise is None and space.whitener is not None:
        return own
    ((height, _),) = stimuli.shapes.values()
    side = height + 2 * reach(space.whitener, margin)
    pictures = {str(number): picture for number, picture in enumerate(space.pictures)}
    windows = sample_patches(pictures, n_patches=_FOR_GAIN, size=side, rng=rng, normalise="mean")
    (signed,) = stimuli.pictures({stimuli.names[0]: only(stimuli.training)[:_FOR_GAIN]}).values()
    return _without_division(stimuli).scaled_to(
        windows.reshape(-1, side, side), rms=float(np.sqrt(np.mean(signed**2)))
    )


def _without_division(stimuli: Stimuli) -> AnyFrontEnd:
    space, own = stimuli.image_space, stimuli.front_end
    assert space is not None
    if own is not None and space.whitener is not None:
        return own.at_fixed_gain()
    ((height, width),) = stimuli.shapes.values()
    split = only(stimuli.training).shape[1] == 2 * height * width
    return FrontEnd(space.whitener, on_off="split" if split else None)


def reach(filtered_by: Any, margin: int) -> int:
    """Return how far a filter, or a front end's, reaches: a whitening matrix knows nothing beyond its patch."""
    inner = filtered_by.filter if isinstance(filtered_by, FrontEnd) else filtered_by
    return 0 if isinstance(inner, ZCA | PatchMatrix) else margin
