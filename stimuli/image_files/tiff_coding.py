"""One strip or tile of a TIFF file: compression, prediction, and samples of 1 to 64 bits."""

from __future__ import annotations

import lzma
import struct
import zlib
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from neurosim.stimuli.image_files.picture import LARGEST_PICTURE, UnreadableImageError, without_warnings

NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS, LZMA, ZSTANDARD = 1, 5, 8, 32946, 32773, 34925, 50000
CODINGS = (NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS, LZMA, ZSTANDARD)
"""Values of the tag Compression that are undone here."""

_HORIZONTAL, _FLOATING = 2, 3


@dataclass(frozen=True)
class Coding:
    """How the samples of a file are stored.

    Attributes
    ----------
    compression, predictor, bits : int
        Tags 259, 317 and 258.
    floating : bool
        Whether samples are floats (tag 339).
    order : str
        ``"<"`` or ``">"``.
    reversed_bits : bool
        Whether the first pixel of a byte is in its lowest bits (tag 266).
    """

    compression: int
    predictor: int
    bits: int
    floating: bool
    order: str
    reversed_bits: bool


def decoded_block(packed: bytes, shape: tuple[int, int, int], coding: Coding) -> NDArray[np.generic]:
    """Return the samples (rows, columns, channels), the shape given, of a strip or tile as packed in the file.

    Adobe 1992, TIFF revision 6.0, sections 9, 13 and 14; Adobe 2005, TIFF technical note 3.

    Examples
    --------
    >>> coding = Coding(NONE, 1, 12, False, "<", False)
    >>> decoded_block(bytes([0xFF, 0xF0, 0x01]), (1, 2, 1), coding).tolist()
    [[[4095], [1]]]
    """
    n_rows, n_columns, n_channels = shape
    row_bytes = (n_columns * n_channels * coding.bits + 7) // 8
    if coding.reversed_bits:
        packed = np.packbits(np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")).tobytes()
    content = _unpacked(packed, n_rows, row_bytes, coding.compression)
    if len(content) < n_rows * row_bytes:
        raise UnreadableImageError(
            f"expected {n_rows * row_bytes:,} bytes in a strip or tile of {n_rows} × {n_columns} pixels, got "
            f"{len(content):,}; the file is cut short or damaged"
        )
    rows = np.frombuffer(content, np.uint8, n_rows * row_bytes).reshape(n_rows, row_bytes)
    if coding.predictor == _FLOATING:
        return _from_planes(rows, shape, coding)
    samples = _samples(rows, n_columns * n_channels, coding).reshape(shape)
    if coding.predictor == _HORIZONTAL:
        # Sums run over and wrap, as the differences did.
        return np.asarray(np.cumsum(samples, axis=1, dtype=samples.dtype))
    return samples


def _unpacked(packed: bytes, n_rows: int, row_bytes: int, compression: int) -> bytes:
    """Return no more bytes than wanted of what a block unpacks to, so that none expands beyond its size."""
    n_bytes = n_rows * row_bytes
    match compression:
        case 1:
            return packed[:n_bytes]
        case 8 | 32946 | 34925:
            unpacker = zlib.decompressobj() if compression != LZMA else lzma.LZMADecompressor()
            try:
                return unpacker.decompress(packed, n_bytes)
            except (zlib.error, lzma.LZMAError, EOFError) as error:
                raise UnreadableImageError(
                    f"expected a complete image file, got a strip or tile that cannot be unpacked ({error}); fetch "
                    "it again"
                ) from error
    return _by_libtiff(packed, n_rows, row_bytes, compression)


def _by_libtiff(packed: bytes, n_rows: int, row_bytes: int, compression: int) -> bytes:
    """Return what a block unpacks to, taken as an 8-bit grey picture of its bytes, which Pillow's libtiff undoes."""
    start = 8 + len(packed)
    tags = (
        (256, row_bytes), (257, n_rows), (258, 8), (259, compression), (262, 1), (273, 8), (277, 1), (278, n_rows),
        (279, len(packed)),
    )  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    content = (
        struct.pack("<2sHI", b"II", 42, start) + packed + struct.pack("<H", len(tags)) + entries + bytes(4)
    )
    try:
        # A large strip may be more bytes than Pillow thinks that a picture should have.
        quiet = without_warnings() if n_rows * row_bytes > LARGEST_PICTURE else nullcontext()
        with quiet, Image.open(BytesIO(content), formats=("TIFF",)) as image:
            return image.tobytes()
    except (OSError, ValueError) as error:
        raise UnreadableImageError(
            f"expected a complete image file, got a strip or tile that cannot be unpacked ({str(error)[:60]}); fetch "
            "it again"
        ) from error


def _samples(rows: NDArray[np.uint8], n_samples: int, coding: Coding) -> NDArray[np.generic]:
    """Return (rows, samples) of the type that holds them."""
    bits = coding.bits
    if bits in (8, 16, 32, 64):
        kind = f"{coding.order}{'f' if coding.floating else 'u'}{bits // 8}"
        stored = rows.view(kind)
        return stored.astype(stored.dtype.newbyteorder("="))
    # Fewer bits run on without gaps, the highest first whatever the byte order; rows start at whole bytes.
    spread = np.unpackbits(rows, axis=1)[:, : n_samples * bits].reshape(len(rows), n_samples, bits)
    samples = np.zeros((len(rows), n_samples), dtype=np.uint8 if bits < 8 else np.uint16)
    for bit in range(bits):
        samples = (samples << 1) | spread[..., bit]
    return samples


def _from_planes(rows: NDArray[np.uint8], shape: tuple[int, int, int], coding: Coding) -> NDArray[np.generic]:
    """Undo the floating-point predictor: byte planes from the highest on, each byte the difference to one before."""
    n_rows, n_columns, n_channels = shape
    n_bytes = coding.bits // 8
    summed = np.cumsum(rows.reshape(n_rows, -1, n_channels), axis=1, dtype=np.uint8)
    planes = summed.reshape(n_rows, n_bytes, n_columns * n_channels)
    values = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(f">f{n_bytes}")
    return values.reshape(shape).astype(f"f{n_bytes}")
