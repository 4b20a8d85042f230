"""The chunks of a PNG file, each with its checksum."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import BinaryIO

from neurosim.stimuli.image_files.picture import UnreadableImageError, require_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""How every PNG file begins."""
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
"""Types of colour."""
N_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
"""Samples per pixel of each type of colour."""
# Bit depths where they are not 8 and 16 (PNG specification, table 12).
_DEPTHS = {GREY: (1, 2, 4, 8, 16), PALETTE: (1, 2, 4, 8)}
# Chunks that say what the pixels mean; they stand before the pixels, once, but eXIf and fcTL.
_MEANING = (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"eXIf", b"acTL")


@dataclass(frozen=True)
class Header:
    """Size, samples and order of rows, as the chunk IHDR says."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool
    content: bytes


def read_chunks(file: BinaryIO) -> tuple[Header, dict[bytes, bytes], bytes]:
    """Return the header, the chunks that give pixels their meaning, and the compressed pixels of a PNG file."""
    file.seek(8)
    header: Header | None = None
    said: dict[bytes, bytes] = {}
    data: list[bytes] = []
    while True:
        kind, content = _next_chunk(file)
        if header is None:
            if kind != b"IHDR" or len(content) != 13:
                raise UnreadableImageError("expected a header (IHDR) first, got none; the file is damaged")
            header = _header(content)
        elif kind == b"IDAT":
            data.append(content)
        elif kind == b"IEND":
            return header, said, b"".join(data)
        elif kind in _MEANING:
            if kind in said or (data and kind != b"eXIf"):
                raise UnreadableImageError(
                    f"expected {kind.decode()} once and before the pixels, got it again or later; the file is "
                    "damaged"
                )
            said[kind] = content
        elif kind[0:1].isupper():  # a critical chunk that a decoder must know
            raise UnreadableImageError(
                f"expected the chunks of a PNG file, got {kind!r}; the file is damaged, or no ordinary PNG"
            )


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk as it stands in a file.

    Examples
    --------
    >>> chunk(b"IEND", b"").hex()
    '0000000049454e44ae426082'
    """
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return len(content).to_bytes(4, "big") + kind + content + checksum.to_bytes(4, "big")


def _next_chunk(file: BinaryIO) -> tuple[bytes, bytes]:
    head = file.read(8)
    length, kind = int.from_bytes(head[:4], "big"), head[4:]
    position = file.tell()
    n_left = file.seek(0, 2) - position
    file.seek(position)
    if len(head) < 8 or length + 4 > n_left:
        raise UnreadableImageError("expected a complete image file, got one that ends early; fetch it again")
    content = file.read(length)
    if zlib.crc32(content, zlib.crc32(kind)) != int.from_bytes(file.read(4), "big"):
        raise UnreadableImageError(
            f"expected a complete image file, got a wrong checksum of its part {kind.decode('latin-1')!r}; the file "
            "is damaged: fetch it again"
        )
    return kind, content


def _header(content: bytes) -> Header:
    width, height = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big")
    depth, colour, compression, filtering, interlace = content[8:]
    if (
        colour not in N_CHANNELS
        or depth not in _DEPTHS.get(colour, (8, 16))
        or compression
        or filtering
        or interlace > 1
    ):
        raise UnreadableImageError(
            f"expected a header of the PNG format, got bit depth {depth}, colour type {colour}, methods "
            f"{compression}, {filtering}, {interlace}; the file is damaged"
        )
    require_size(width, height)
    return Header(width, height, depth, colour, bool(interlace), content)
