"""Videos are read as they are meant to be seen: upright, evenly paced, of square pixels, or a word is said."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from neurosim.stimuli import Film
from neurosim.stimuli.films.video import upright

av = pytest.importorskip("av")

# What stands in an MP4 file for a quarter of a turn to the right, and so on: x' = a x + c y, y' = b x + d y.
MATRICES = {"right": (0, 1, -1, 0), "half": (-1, 0, 0, -1), "left": (0, -1, 1, 0), "mirrored": (-1, 0, 0, 1)}


def picture() -> np.ndarray:
    """Return 32 × 48 pixels of which no turn is like another."""
    grey = np.zeros((32, 48), dtype=np.uint8)
    grey[:, :16] = 200
    grey[:16, 32:] = 100
    return grey


def save(path: Path, *, times: tuple[int, ...] = (0, 1, 2, 3), aspect: Fraction | None = None) -> Path:
    """Write the picture as a film of 25 frames per second, shown at these times."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 48, 32, "yuv420p", 2_000_000
        if aspect:
            stream.sample_aspect_ratio = aspect
        for time in times:
            frame = av.VideoFrame.from_ndarray(np.repeat(picture()[..., None], 3, axis=2), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turn(path: Path, matrix: tuple[float, ...]) -> None:
    """Write a display matrix into the header of the track."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44
    a, b, c, d = (round(each * 2**16) for each in matrix)
    content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


WANTED = {
    "right": lambda grey: np.rot90(grey, -1),
    "half": lambda grey: np.rot90(grey, 2),
    "left": lambda grey: np.rot90(grey, 1),
    "mirrored": np.fliplr,
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_video_of_a_phone_held_upright_is_read_upright(tmp_path, name):
    path = save(tmp_path / "phone.mp4")
    np.testing.assert_allclose(Film.from_video(path).frames[0, 0], picture() / 255, atol=0.12)
    turn(path, MATRICES[name])
    np.testing.assert_allclose(Film.from_video(path).frames[0, 0], WANTED[name](picture()) / 255, atol=0.12)


def test_a_video_that_lies_askew_is_refused(tmp_path):
    path = save(tmp_path / "askew.mp4")
    turn(path, (0.8, 0.6, -0.6, 0.8))
    with pytest.raises(ValueError, match=r"turned by quarters of a turn, got the matrix \[\[0.8, 0.6\]"):
        Film.from_video(path)


def test_pixels_that_are_not_square_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected square pixels, got pixels of 16/11"):
        Film.from_video(save(tmp_path / "dv.mp4", aspect=Fraction(16, 11)))
    assert Film.from_video(save(tmp_path / "square.mp4", aspect=Fraction(1))).frames.shape == (1, 4, 32, 48)


def test_frames_that_do_not_come_evenly_are_told_of(tmp_path):
    path = save(tmp_path / "screen.mp4", times=(0, 1, 2, 7, 8, 9))
    with pytest.warns(
        UserWarning, match=r"1 of 5 frames come later than 1.5 times the usual 0.04 s, .* 0.2 s"
    ):
        Film.from_video(path)


def test_turning_a_picture_and_turning_it_back_leaves_it():
    grey = picture().astype(np.float32)
    back = upright(upright(grey, np.array([[0, 1], [-1, 0]])), np.array([[0, -1], [1, 0]]))
    np.testing.assert_array_equal(back, grey)
