"""Netpbm: the white that the header states, binary and text, comments and byte-order marks."""

import struct
from pathlib import Path

import numpy as np
import pytest

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey

RNG = np.random.default_rng(0)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("white", [1, 15, 100, 255, 256, 1023, 4095, 65535])
@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("text", [False, True])
def test_values_are_divided_by_the_white_of_the_header(
    tmp_path: Path, white: int, n_channels: int, text: bool
) -> None:
    stored = RNG.integers(0, white + 1, (5, 7, n_channels))
    kind = (2 if text else 5) + (n_channels == 3)
    head = f"P{kind}\n# a comment, 12 34\n7 5\n# another\n{white}\n".encode()
    if text:
        body = " ".join(map(str, stored.ravel())).encode() + b"\n"
    else:
        body = stored.astype(">u2" if white > 255 else "u1").tobytes()
    found = read_grey(written(tmp_path / "a.pgm", head + body))
    values = stored / white
    expected = values[..., 0] if n_channels == 1 else values @ np.array(LUMINANCE_WEIGHTS)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_bits_are_ink_so_1_is_black(tmp_path: Path) -> None:
    ink = RNG.integers(0, 2, (4, 11), dtype=np.uint8)
    packed = b"P4 11 4\n" + np.packbits(ink, axis=1).tobytes()
    text = b"P1 11 4\n" + b"\n".join(bytes(row + 48) for row in ink)
    for content in (packed, text):
        np.testing.assert_array_equal(read_grey(written(tmp_path / "a.pbm", content)), 1 - ink)


def test_a_byte_order_mark_before_text_is_skipped_and_utf_16_is_named(tmp_path: Path) -> None:
    text = "P2\n3 1\n10\n0 5 10\n"
    found = read_grey(written(tmp_path / "a.pgm", text.encode("utf-8-sig")))
    np.testing.assert_array_equal(found, [[0, 0.5, 1]])
    with pytest.raises(
        UnreadableImageError, match=r"b\.pgm: expected a complete image file, got text in UTF-16"
    ):
        read_grey(written(tmp_path / "b.pgm", text.encode("utf-16")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"P5 3 1 255\n\0\0", "got fewer"),
        (b"P5 3 1 255\n\0\0\0\1", "got more"),
        (b"P5 1 1 255\n\0P5 1 1 255\n\0", "holds several pictures"),
        (b"P5 3 1 255\n\0\0\0\n", ""),
        (b"P5 3 1 0\n\0\0\0", "value of white from 1 to 65,535, got 0"),
        (b"P5 3 1 70000\n\0\0\0", "got 70000"),
        (b"P5 3 1 100\n\0\0\xff", "values up to 100, which the header says is white, got 255"),
        (b"P5 3 x\n", r"expected 3 numbers after P5 \(width, height, white\), got 1"),
        (b"P5 100000 100000 255\n", "at most 89,478,485 pixels"),
        (b"P2 2 1 255\n0 x\n", "whole numbers"),
        (b"P2 2 1 255\n0 -1\n", "whole numbers"),
        (b"P2 2 1 255\n" + b" " * 200_000, "as text, got"),
        (b"P1 2 1\n02\n", "pixels 0 and 1"),
    ],
)
def test_what_the_header_does_not_say_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path / "a.pgm", content)
    if not message:
        assert read_grey(path).shape == (1, 3)
        return
    with pytest.raises(UnreadableImageError, match=message):
        read_grey(path)


def test_a_twelve_bit_picture_in_two_bytes_is_big_endian(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pgm", b"P5 1 1 4095\n" + struct.pack(">H", 273))
    assert read_grey(path)[0, 0] == 273 / 4095
