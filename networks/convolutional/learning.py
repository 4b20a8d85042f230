"""How fields that stand at every position start and are revived: from what boxes of pictures hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.patches import patches_of
from neurosim.networks.lca.rate_model import Learning, Weights

__all__ = ["SharedLearning", "some_boxes"]

# Pictures that boxes are taken from, at most, and numbers in all of them; one picture in any case.
_PICTURES, _NUMBERS = 100, 2**24


def some_boxes(rows: NDArray[Any], grids: Sequence[Grid], *, rng: np.random.Generator) -> NDArray[Any]:
    """Return what the boxes of all positions hold of some of the pictures, shape (n, field_size).

    Rows of several pictures side by side give boxes side by side, those of the same position.

    Examples
    --------
    >>> grid = Grid((2, 3), field=(2, 2), stride=(1, 1))
    >>> some_boxes(np.arange(6.0).reshape(1, 6), [grid], rng=np.random.default_rng(0))
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.]])
    """
    n_positions, field_size = grids[0].n_positions, sum(grid.field_size for grid in grids)
    most = max(1, min(_PICTURES, _NUMBERS // (n_positions * field_size)))
    few = rows if len(rows) <= most else rows[rng.choice(len(rows), size=most, replace=False)]
    pictures = np.split(few, np.cumsum([grid.n_pixels for grid in grids])[:-1], axis=1)
    boxes = [patches_of(each, grid.fields) for each, grid in zip(pictures, grids, strict=True)]
    return np.concatenate(boxes, axis=2).reshape(-1, field_size)


@dataclass(frozen=True, kw_only=True)
class SharedLearning(Learning):
    """Learning in which a dead neuron is pointed at what is badly explained somewhere in a picture."""

    grids: tuple[Grid, ...]

    def revived(
        self,
        dictionary: NDArray[Any],
        dead: NDArray[np.intp],
        residual: NDArray[Any],
        *,
        weights: Weights,
        rng: np.random.Generator,
    ) -> NDArray[Any]:
        if not len(dead):
            return dictionary
        boxes = some_boxes(residual, self.grids, rng=rng)
        return super().revived(dictionary, dead, boxes, weights=weights, rng=rng)
