"""Netpbm files (pbm, pgm, ppm), binary and as text, by the value of white that they state."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.picture import Picture, UnreadableImageError, require_size

_COMMENT = re.compile(rb"#[^\n\r]*")
_HEADER_BYTES = 2**16  # the header is a few numbers, and comments


def read_netpbm(file: BinaryIO) -> Picture:
    """Return the picture in a P1 to P6 file (https://netpbm.sourceforge.net/doc/pgm.html) that is at its start.

    A byte-order mark before the text forms is skipped. Raises `UnreadableImageError` where header and values
    disagree.

    Examples
    --------
    >>> from io import BytesIO
    >>> picture = read_netpbm(BytesIO(b"P2 # by hand\\n3 1 15\\n0 7 15\\n"))
    >>> picture.pixels.tolist(), picture.full_scale
    ([[0, 7, 15]], 15.0)
    """
    start = file.read(_HEADER_BYTES).removeprefix(b"\xef\xbb\xbf")
    file.seek(0)
    kind = int(start[1:2])
    bitmap, binary = kind in (1, 4), kind >= 4
    (width, height, *rest), header = _numbers(start, count=2 if bitmap else 3)
    full_scale = 1 if bitmap else rest[0]
    require_size(width, height)
    if not 1 <= full_scale <= 65535:
        raise UnreadableImageError(f"expected a value of white from 1 to 65,535, got {full_scale}")
    n_channels = 3 if kind in (3, 6) else 1
    if not binary:
        values = _from_text(file, width * height * n_channels, bitmap=bitmap)
    elif bitmap:
        values = _from_bits(file, header, width, height)
    else:
        values = _from_bytes(file, header, width * height * n_channels, wide=full_scale > 255)
    if values.max() > full_scale:
        raise UnreadableImageError(
            f"expected values up to {full_scale}, which the header says is white, got {values.max()}; the file is "
            "damaged"
        )
    shape = (height, width, 3) if n_channels == 3 else (height, width)
    return Picture(values.reshape(shape), float(full_scale), white_is_zero=bitmap)


def _numbers(start: bytes, *, count: int) -> tuple[list[int], int]:
    """Return the numbers of the header and the number of its bytes; comments may stand between them."""
    found: list[int] = []
    position = 2
    pattern = re.compile(rb"(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})(?=\s|#)")
    while len(found) < count:
        match = pattern.match(start, position)
        if match is None:
            raise UnreadableImageError(
                f"expected {count} numbers after {start[:2].decode()} (width, height, white), got {len(found)}; the "
                "file is damaged"
            )
        found.append(int(match[1]))
        position = match.end()
    return found, position + 1  # one white-space character ends the header


def _from_text(file: BinaryIO, n_values: int, *, bitmap: bool) -> NDArray[np.uint16]:
    size = file.seek(0, 2)
    file.seek(0)
    if size > 16 * n_values + _HEADER_BYTES:
        raise UnreadableImageError(
            f"expected {n_values:,} values as text, got {size:,} bytes, more than they need"
        )
    words = _COMMENT.sub(b" ", file.read().removeprefix(b"\xef\xbb\xbf"))[2:].split()
    values = b"".join(words[2:]) if bitmap else words[3:]
    if bitmap and set(values) - set(b"01"):
        raise UnreadableImageError("expected pixels 0 and 1, got other characters; the file is damaged")
    _require_count(len(values), n_values)
    try:
        return np.array([value - 48 if isinstance(value, int) else int(value) for value in values], np.uint16)
    except (ValueError, OverflowError) as error:
        raise UnreadableImageError(
            f"expected whole numbers up to 65,535, got others ({error}); the file is damaged"
        ) from error


def _from_bits(file: BinaryIO, header: int, width: int, height: int) -> NDArray[np.uint16]:
    row = (width + 7) // 8
    packed = _from_bytes(file, header, row * height, wide=False).astype(np.uint8).reshape(height, row)
    return np.unpackbits(packed, axis=1)[:, :width].astype(np.uint16)


def _from_bytes(file: BinaryIO, header: int, n_values: int, *, wide: bool) -> NDArray[np.uint16]:
    file.seek(header)
    content = file.read((n_values + 1) * (2 if wide else 1))
    n_bytes = n_values * (2 if wide else 1)
    # A line's end after the last pixel is no pixel; anything else is.
    _require_count(len(content[:n_bytes] + content[n_bytes:].strip()) // (2 if wide else 1), n_values)
    return np.frombuffer(content[:n_bytes], ">u2" if wide else "u1").astype(np.uint16)


def _require_count(found: int, n_values: int) -> None:
    if found != n_values:
        more = "more" if found > n_values else "fewer"
        raise UnreadableImageError(
            f"expected one picture of {n_values:,} values, as the header says, got {more}; the file is damaged or "
            "holds several pictures"
        )
