"""What a run's network gives to the laboratory: its activity, or that after gain control."""

import numpy as np
from numpy.typing import NDArray

from neurosim.laboratory.populations.gain_control import GainControl, pool_activity
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.laboratory.v1_protocol.subject import Encode, Subject
from neurosim.measures.context import Context
from neurosim.stimuli.images.patches import sample_patches

Floats = NDArray[np.float64]

_N_WINDOWS = 500  # of photographs, that the pool's mean is measured on


def output_of(context: Context, subject: Subject, *, strength: float, rng: np.random.Generator) -> Encode:
    """Return the responses that are measured, divided by a pool of the given strength; without one as they are."""
    if strength == 0:
        return subject.encode
    context.say("the inhibitory pool's activity on photographs")
    control = GainControl(strength, subject.nearness, _natural(context, subject, rng))

    def divided(rows: Floats) -> Floats:
        return control.divided(subject.encode_all(rows))[:, subject.central]

    return divided


def _natural(context: Context, subject: Subject, rng: np.random.Generator) -> float:
    """Return the mean of what the pool hears while windows of the photographs are shown."""
    space = context.stimuli.image_space
    assert space is not None

    def heard(rows: Floats) -> Floats:
        found = np.asarray(subject.encode_all(rows), dtype=np.float64)
        return pool_activity(found, subject.nearness)[:, None]

    pictures = {str(number): picture for number, picture in enumerate(space.pictures)}
    windows = sample_patches(pictures, n_patches=_N_WINDOWS, size=subject.side, rng=rng, border=0)
    respond = through_window(
        {"pool": heard},
        front_end=subject.front_end,
        margin=subject.margin,
        background=float(np.mean([picture.mean() for picture in space.pictures])),
    )
    shown = np.asarray(windows, dtype=np.float64).reshape(-1, subject.side, subject.side)
    return float(respond(shown).mean())
