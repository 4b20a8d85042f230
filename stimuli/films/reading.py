"""Frames from files: numbered images of a folder, and videos."""

import re
from itertools import pairwise
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS
from neurosim.stimuli.images.images import load_images

__all__ = ["frames_in_folder", "frames_of_video"]

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


def frames_of_video(path: str | PathLike[str]) -> tuple[NDArray[np.float32], float]:
    """Return the frames (n_frames, height, width) of a video, grey in [0, 1], and how many come in a second."""
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'reading videos needs PyAV: install the extra "video" (neurosim-v1[video])'
        ) from error
    try:
        with av.open(fspath(path)) as container:
            stream: Any = next(iter(container.streams.video), None)
            if stream is None or not stream.average_rate:
                raise ValueError(f"expected a video with a frame rate, got none in {str(path)!r}")
            # RGB, as image files are read: a decoder's own grey has another scale.
            frames = [_grey(frame.to_ndarray(format="rgb24")) for frame in container.decode(stream)]
            return np.stack(frames), float(stream.average_rate)
    except av.FFmpegError as error:
        raise ValueError(f"expected a video file, got {str(path)!r}: {error}") from error


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (rgb @ (np.asarray(LUMINANCE_WEIGHTS) / 255)).astype(np.float32)
