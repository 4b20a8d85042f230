"""Rows of stimuli and fields as pictures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.exchange.source import Source

__all__ = ["picture_shape", "pictures"]


def picture_shape(
    source: Source, *, shape: tuple[int, int] | None = None, n_channels: int | None = None
) -> tuple[int, int]:
    """Return height and width of what a row holds, channels of relays one below the other.

    `shape` is that of one channel; by default that of a run's patches, or a square. `n_channels` are those of the
    network's own front end, unless it has another.
    """
    n_pixels = int(source.network.n_features_in_)
    height, width = shape or _known(source) or _square(n_pixels, source, n_channels)
    if height * width == 0 or n_pixels % (height * width):
        raise ValueError(f"shape: expected height and width whose product divides {n_pixels}, got {shape}")
    return n_pixels // width, width


def pictures(rows: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return rows as pictures, (n, height, width)."""
    return np.asarray(rows, dtype=np.float32).reshape(-1, *shape)


def _known(source: Source) -> tuple[int, int] | None:
    attributes = {} if source.stored is None else source.stored.attrs
    if "patch_height" in attributes:
        return int(attributes["patch_height"]), int(attributes["patch_width"])
    shapes = [value for name, value in attributes.items() if str(name).startswith("shape_")]
    return (int(shapes[0][0]), int(shapes[0][1])) if len(shapes) == 1 else None


def _square(n_pixels: int, source: Source, n_channels: int | None) -> tuple[int, int]:
    front_end = getattr(source.network, "front_end_", None)
    n_channels = n_channels or (1 if front_end is None else front_end.n_channels)
    side = round((n_pixels / n_channels) ** 0.5)
    if side * side * n_channels != n_pixels:
        raise ValueError(
            f"{source.name}: expected square patches, got {n_pixels} pixels; pass shape=(height, width)"
        )
    return side, side
