"""Whitened clips to learn from and to be measured on, and the way back to clips."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.films.whitening import SpaceTimeWhitening
from neurosim.stimuli.kinds.stimuli import Rotated, Stimuli

__all__ = ["FilmStimuli", "Still"]


class Still(NamedTuple):
    """The clips to learn from with their motion taken out."""

    rows: NDArray[np.floating]
    """Shape (n_train, n_kept)."""
    whitening: SpaceTimeWhitening
    """Fitted to them."""


@dataclass(frozen=True, kw_only=True)
class FilmStimuli(Stimuli):
    """Clips of a film; a row's picture has its frames side by side.

    Parameters
    ----------
    whitening : SpaceTimeWhitening
        Fitted to the training clips.
    still : Still or None
        The control, where the recipe has one.
    """

    whitening: SpaceTimeWhitening
    still: Still | None

    def rotated(self) -> dict[str, Rotated]:
        """Return what every kept direction of whitened clips looks like."""
        frames = self.whitening.shape_[0]
        return {
            name: Rotated(frames, self._signed(name, np.eye(rows.shape[1]))[0].astype(np.float32))
            for name, rows in self.held_out.items()
        }

    def _signed(self, name: str, rows: NDArray[np.floating]) -> list[NDArray[np.float64]]:
        clips = np.asarray(self.whitening.clips_of(rows), dtype=np.float64)
        n, n_frames, height, width = clips.shape
        return [clips.transpose(0, 2, 1, 3).reshape(n, height, n_frames * width)]
