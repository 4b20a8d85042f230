"""Frames of a video file, upright and in grey."""

import warnings
from os import PathLike, fspath
from os.path import expanduser
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS

__all__ = ["frames_of_video", "upright"]

# Longest step from frame to frame, in usual ones, up to which a video counts as evenly paced.
_UNEVEN = 1.5

Grey = NDArray[np.float32]


def frames_of_video(path: str | PathLike[str]) -> tuple[Grey, float]:
    """Return the frames (n_frames, height, width) of a video, grey in [0, 1], and how many come in a second.

    Raises
    ------
    ImportError
        Without PyAV.
    ValueError
        If the file is no video, has no frame rate, pixels that are not square, or lies askew.

    Warns
    -----
    UserWarning
        If frames are not evenly spaced in time.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'reading videos needs PyAV: install the extra "video" (neurosim-v1[video])'
        ) from error
    try:
        with av.open(expanduser(fspath(path))) as container:
            stream: Any = next(iter(container.streams.video), None)
            if stream is None or not stream.average_rate:
                raise ValueError(f"expected a video with a frame rate, got none in {str(path)!r}")
            aspect = stream.sample_aspect_ratio
            if aspect and aspect != 1:  # 0 or None: not said
                raise ValueError(
                    f"expected square pixels, got pixels of {aspect} (width to height) in {str(path)!r}; convert the "
                    "video, such as with ffmpeg -vf scale=iw*sar:ih,setsar=1"
                )
            frames, times = [], []
            for frame in container.decode(stream):
                # RGB, as image files are read: a decoder's own grey has another scale.
                frames.append(upright(_grey(frame.to_ndarray(format="rgb24")), _matrix(frame, path)))
                times.append(frame.time)
            _warn_if_uneven(times, path)
            return np.stack(frames), float(stream.average_rate)
    except av.FFmpegError as error:
        raise ValueError(f"expected a video file, got {str(path)!r}: {error}") from error


def upright(picture: Grey, matrix: NDArray[np.int64]) -> Grey:
    """Return a picture turned or mirrored as a display matrix says, such as those of phones held upright.

    Parameters
    ----------
    picture : ndarray (height, width)
        As it is stored.
    matrix : ndarray of int, shape (2, 2)
        Stored (x, y) times this is where a pixel is shown, y downwards; -1, 0 and 1.

    Examples
    --------
    >>> upright(np.array([[1.0, 2.0]]), np.array([[0, 1], [-1, 0]]))  # a quarter of a turn to the right
    array([[1.],
           [2.]])
    """
    turned = picture.T if matrix[0, 1] else picture
    across, down = matrix.sum(axis=0)
    return turned[:: int(down), :: int(across)]


def _matrix(frame: Any, path: str | PathLike[str]) -> NDArray[np.int64]:
    """Return how a frame is to be turned, as `upright` takes it."""
    given = next((each for each in frame.side_data if each.type.name == "DISPLAYMATRIX"), None)
    if given is None:
        return np.eye(2, dtype=np.int64)
    numbers = np.frombuffer(bytes(given), dtype=np.int32).reshape(3, 3)[:2, :2] / 2**16
    matrix = np.round(numbers).astype(np.int64)
    if not np.allclose(numbers, matrix, atol=1e-3) or not np.array_equal(
        np.abs(matrix @ matrix.T), np.eye(2)
    ):
        raise ValueError(
            f"expected a video turned by quarters of a turn, got the matrix {numbers.round(3).tolist()} in "
            f"{str(path)!r}; convert the video to upright frames"
        )
    return matrix


def _warn_if_uneven(times: list[float | None], path: str | PathLike[str]) -> None:
    known = [time for time in times if time is not None]
    if len(known) < 3 or len(known) < len(times):
        return
    steps = np.diff(known)
    usual = float(np.median(steps))
    late = int((steps > _UNEVEN * usual).sum())
    if late:
        warnings.warn(
            f"{str(path)!r}: {late} of {len(steps)} frames come later than {_UNEVEN:g} times the usual "
            f"{usual:.4g} s, the latest after {steps.max():.4g} s, and are taken as if they came at the mean rate: "
            "what moves then seems to jump; convert the video to a constant frame rate",
            stacklevel=4,
        )


def _grey(rgb: NDArray[np.uint8]) -> Grey:
    return (rgb @ (np.asarray(LUMINANCE_WEIGHTS) / 255)).astype(np.float32)
