"""The front end as experiments on a trained network have it: one gain for all images, and the reach of its filter."""

from typing import Literal

import numpy as np

from neurosim.front_end.front_end import FrontEnd
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.stimuli import Stimuli, only

_FOR_GAIN = 1_000  # windows of photographs, and patches, that the gain is measured on


def fixed_gain_front_end(stimuli: Stimuli, *, reach: int, rng: np.random.Generator) -> FrontEnd:
    """Return what lies between image and network, with one gain for all images: its own, if it learned with one."""
    space, own = stimuli.image_space, stimuli.front_end
    assert space is not None
    # Without a filter, the mean is taken off each patch, which larger images do not have.
    if own is not None and own.normalise is None and space.whitener is not None:
        return own
    return _as_strong_as_patches(stimuli, reach=reach, rng=rng)


def _as_strong_as_patches(stimuli: Stimuli, *, reach: int, rng: np.random.Generator) -> FrontEnd:
    """Return one gain in place of each patch's own: photographs come out as strong as the patches were on average."""
    space = stimuli.image_space
    assert space is not None
    ((height, width),) = stimuli.shapes.values()
    rows, side = only(stimuli.training), height + 2 * reach
    pictures = {str(number): picture for number, picture in enumerate(space.pictures)}
    windows = sample_patches(pictures, n_patches=_FOR_GAIN, size=side, rng=rng, normalise="mean")
    (signed,) = stimuli.pictures({stimuli.names[0]: rows[:_FOR_GAIN]}).values()
    relays: Literal["split"] | None = "split" if rows.shape[1] == 2 * height * width else None
    return FrontEnd(space.whitener, on_off=relays).scaled_to(
        windows.reshape(-1, side, side), rms=float(np.sqrt(np.mean(signed**2)))
    )


def filter_reach(stimuli: Stimuli, *, margin: int) -> int:
    """Return pixels that the filter looks beyond a patch; a whitening matrix knows nothing beyond it."""
    space = stimuli.image_space
    assert space is not None
    return 0 if isinstance(space.whitener, ZCA) else margin
