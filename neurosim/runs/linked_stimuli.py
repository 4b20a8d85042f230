"""What several modalities show of the same things, to learn from and to be measured on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.floating]]


class Labels(NamedTuple):
    """Classes of the stimuli."""

    training: NDArray[np.int64]
    """Shape (n_train,)."""
    held_out: NDArray[np.int64]
    """Shape (n_test,); never shown to a network."""


@dataclass(frozen=True, kw_only=True)
class LinkedStimuli:
    """Stimuli of one run, by modality; row k of every modality is the same thing.

    Parameters
    ----------
    training : dict of str to ndarray (n_train, n_features)
        To learn from.
    held_out : dict of str to ndarray (n_test, n_features)
        To be measured on.
    shapes : dict of str to (height, width)
        How the rows of a modality become pictures.
    sources : dict
        What they were made from, for the run's record.
    labels : Labels or None
        Classes, where there are any.
    """

    training: Arrays
    held_out: Arrays
    shapes: dict[str, tuple[int, int]]
    sources: dict[str, Any]
    labels: Labels | None = None

    @property
    def n_train(self) -> int:
        """Number of stimuli to learn from."""
        return len(next(iter(self.training.values())))

    def pictures(self, rows: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.float64]]:
        """Return rows (n, n_features) of some modalities as pictures (n, height, width)."""
        return {
            name: np.asarray(values, dtype=np.float64).reshape(-1, *self.shapes[name])
            for name, values in rows.items()
        }


def picture_shape(n_features: int) -> tuple[int, int]:
    """Return the shape of a stimulus nobody has told the shape of: square where it can be, else one row.

    Parameters
    ----------
    n_features : int
        Length of a stimulus.

    Examples
    --------
    >>> picture_shape(64), picture_shape(40)
    ((8, 8), (1, 40))
    """
    side = round(n_features**0.5)
    return (side, side) if side * side == n_features else (1, n_features)
