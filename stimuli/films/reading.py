"""Frames from numbered images of a folder."""

import re
from itertools import pairwise
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.images.images import load_images

__all__ = ["frames_in_folder"]

_NUMBER = re.compile(r"(\d+)\D*$")


def frames_in_folder(folder: str | PathLike[str]) -> NDArray[np.float64]:
    """Return the image files of a folder as frames (n_frames, height, width) by the number that ends their names."""
    images = load_images(folder)
    numbers = {name: _number(name) for name in images}
    order = sorted(images, key=lambda name: numbers[name])
    for before, after in pairwise(order):
        if numbers[after] != numbers[before] + 1:
            raise ValueError(
                f"expected frames numbered one after the other, got {before!r} and then {after!r}; a frame is missing, "
                "twice there, or of another film"
            )
        if images[after].shape != images[before].shape:
            raise ValueError(
                f"expected frames of one size, got {images[before].shape} in {before!r} and {images[after].shape} in "
                f"{after!r}"
            )
    return np.stack([images[name] for name in order])


def _number(name: str) -> int:
    found = _NUMBER.search(Path(name).stem)
    if found is None:
        raise ValueError(
            f"expected the names of frames to end with a number, which tells their order, got {name!r}"
        )
    return int(found[1])
