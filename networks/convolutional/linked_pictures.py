"""Pictures of several modalities at the door of a network that sees all of them from the same positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator

from neurosim.engine.shared.grid import Grid
from neurosim.networks.convolutional.model import of_modality, sizes_of
from neurosim.networks.convolutional.pictures import Pictures, checked, padded
from neurosim.networks.lca.rate_model import Weights

__all__ = ["LinkedPictures", "MadeOf", "farthest", "made_of", "require_same_positions", "rows_by_modality"]


@dataclass(frozen=True, kw_only=True)
class LinkedPictures(Pictures):
    """Pictures side by side as rows, and the grid over each; `grid` is the one whose fields reach farthest."""

    grids: tuple[Grid, ...]

    @property
    def stimulus_weights(self) -> Weights:
        """Of the modalities, by columns of the stimuli."""
        gains = self.weights.gains
        return Weights(gains, tuple(grid.n_pixels for grid in self.grids)) if gains else Weights()


@dataclass(frozen=True)
class MadeOf:
    """What the grid of one modality is made of, whatever the size of its pictures."""

    field: tuple[int, ...]
    stride: tuple[int, ...]
    boundary: str
    channels: int

    @property
    def field_size(self) -> int:
        """Values of a field."""
        return int(np.prod(self.field)) * self.channels

    def over(self, shape: tuple[int, ...]) -> Grid:
        """Return the grid over pictures of a shape."""
        return Grid(tuple(shape), self.field, self.stride, self.boundary, self.channels)

    def with_positions(self, positions: tuple[int, ...]) -> Grid:
        """Return the grid over pictures that are seen from so many positions.

        Examples
        --------
        >>> MadeOf((8, 8), (4, 4), "valid", 1).with_positions((7, 9)).shape
        (32, 40)
        """
        rest = (
            p - s if self.boundary == "valid" else 0 for p, s in zip(self.field, self.stride, strict=True)
        )
        return self.over(tuple(m * s + r for m, s, r in zip(positions, self.stride, rest, strict=True)))


def made_of(network: Any, modality: str) -> MadeOf:
    """Return what a network says of the grid of one modality."""
    field = sizes_of("field", of_modality("field", network.field, modality))
    stride = sizes_of("stride", of_modality("stride", network.stride, modality), n_axes=len(field))
    return MadeOf(field, stride, network.boundary, of_modality("channels", network.channels, modality))


def farthest(grids: tuple[Grid, ...]) -> Grid:
    """Return the grid whose fields reach farthest: it decides how large the table of overlaps is."""
    return max(grids, key=lambda grid: np.prod([2 * r + 1 for r in grid.reach]))


@dataclass
class OneModality(BaseEstimator):
    """One modality's side of the door, which knows how many pixels it has seen; messages have this name."""

    _sizes: tuple[tuple[int, ...], tuple[int, ...]]
    channels: int


def rows_by_modality(
    X: Any, made: Mapping[str, MadeOf], *, known: Mapping[str, tuple[int, ...]], reset: bool
) -> tuple[dict[str, NDArray[Any]], dict[str, tuple[int, ...]]]:
    """Return finite pictures as rows, float32 if all are, and their shapes, by modality; errors name it.

    `known` are shapes of pictures that rows may be of.
    """
    if not isinstance(X, Mapping) or issparse(X) or not X:
        raise ValueError(
            f"expected pictures by modality, such as {{'left': X, 'right': Y}}, got {_words(X)}; ConvolutionalLCA "
            "takes those of one"
        )
    rows, shapes = {}, {}
    for name, pictures in X.items():
        door = OneModality((made[name].field, made[name].stride), made[name].channels)
        if name in known and not reset:
            door.n_features_in_ = int(np.prod(known[name])) * door.channels
        try:
            rows[name], shapes[name] = checked(door, pictures, reset=reset, known=known.get(name))
            rows[name] = padded(rows[name], made[name].over(shapes[name]))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    lengths = {name: len(each) for name, each in rows.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "expected as many pictures in every modality, got "
            f"{', '.join(f'{n} of {name!r}' for name, n in lengths.items())}; picture k of each belongs together"
        )
    single = all(each.dtype == np.float32 for each in rows.values())
    dtype = np.float32 if single else np.float64
    return {name: each.astype(dtype, copy=False) for name, each in rows.items()}, shapes


def require_same_positions(grids: Mapping[str, Grid]) -> tuple[int, ...]:
    """Return the positions that pictures are seen from, or raise unless they are the same in all modalities."""
    positions = {name: grid.positions for name, grid in grids.items()}
    if len(set(positions.values())) > 1:
        told = " and ".join(f"{' × '.join(map(str, each))} of {name!r}" for name, each in positions.items())
        raise ValueError(
            f"expected pictures that are seen from as many positions in every modality, got {told}; give a modality "
            "whose pictures are smaller a shorter stride, by its name, or cut pictures"
        )
    return next(iter(positions.values()))


def _words(X: Any) -> str:
    if isinstance(X, Mapping):
        return "none: all are absent"
    return f"an array of shape {np.shape(X)}" if hasattr(X, "shape") else f"a {type(X).__name__}"
