"""What a run's network gives to the laboratory: its activity, or that after gain control."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurosim.laboratory.populations.gain_control import GainControl, pool_activity
from neurosim.laboratory.v1_protocol.on_patch import through_window
from neurosim.laboratory.v1_protocol.subject import Encode, Subject
from neurosim.measures.context import Context
from neurosim.stimuli.images.patches import sample_patches

Floats = NDArray[np.float64]

_N_WINDOWS = 500  # of photographs, that the pool's mean is measured on


@dataclass(eq=False)
class Divided:
    """A population's output, divided by its pool, and other units under the same pool.

    All see the same images one after the other, so the network's answer to the last ones is kept.
    """

    subject: Subject
    control: GainControl
    _shown: Floats | None = None
    _answer: Floats = field(default_factory=lambda: np.empty((0, 0)))

    def network(self, rows: Floats) -> Floats:
        """Return the responses that are measured."""
        return np.asarray(self._all(rows)[:, self.subject.central] / self._divisor(rows))

    def others(self, encode: Encode) -> Encode:
        """Return other units divided by the network's pool."""
        return lambda rows: np.asarray(encode(rows)) / self._divisor(rows)

    def _divisor(self, rows: Floats) -> Floats:
        return self.control.divisor(self._all(rows))[:, None]

    def _all(self, rows: Floats) -> Floats:
        if self._shown is not rows:
            self._answer = np.asarray(self.subject.encode_all(rows), dtype=np.float64)
            self._shown = rows
        return self._answer


def divided_by_pool(
    context: Context, subject: Subject, *, strength: float, rng: np.random.Generator
) -> Divided | None:
    """Return the network's output under an inhibitory pool of the given strength; None without one."""
    if strength == 0:
        return None
    context.say("the inhibitory pool's activity on photographs")
    return Divided(subject, GainControl(strength, subject.nearness, _natural(context, subject, rng)))


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
