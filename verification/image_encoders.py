"""Small PNG, TIFF and IDX files written by the book, one byte after the other, with no library's help.

Readers are tested against what went in here (`tests/stimuli`, `verification/image_files.py`). Samples are arrays
(height, width, channels) of whole numbers or floats, as they are to stand in the file.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""Adam7: first row and column, and the steps, of each pass."""
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
"""PNG's types of colour."""
_LETTERS = {2: "s", 3: "H", 4: "I", 16: "Q"}


def png(
    samples: NDArray[Any],
    *,
    depth: int,
    colour: int,
    chunks: Iterable[tuple[bytes, bytes]] = (),
    interlaced: bool = False,
    n_filters: int = 5,
) -> bytes:
    """Write a PNG file; filters 0 to ``n_filters`` - 1 take turns from row to row."""
    height, width, _ = samples.shape
    parts = [samples[r::down, c::across] for r, c, down, across in PASSES] if interlaced else [samples]
    raw = b"".join(_filtered(part, depth, n_filters) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in body)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Write one chunk: length, type, content, checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _filtered(samples: NDArray[Any], depth: int, n_filters: int) -> bytes:
    step = max(1, samples.shape[2] * depth // 8)
    above, content = None, b""
    for index, row in enumerate(samples):
        line = packed_bits(row.ravel(), depth, ">")
        above = bytes(len(line)) if above is None else above
        kind = index % n_filters
        left, corner = bytes(step) + line[:-step], bytes(step) + above[:-step]
        predicted = {
            0: lambda a, b, c: 0,
            1: lambda a, b, c: a,
            2: lambda a, b, c: b,
            3: lambda a, b, c: (a + b) // 2,
            4: paeth,
        }[kind]
        content += bytes([kind]) + bytes(
            (x - predicted(a, b, c)) % 256 for x, a, b, c in zip(line, left, above, corner, strict=True)
        )
        above = line
    return content


def paeth(left: int, up: int, corner: int) -> int:
    """Return the neighbour nearest to left + up - corner (PNG specification, 9.4)."""
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))


def packed_bits(values: NDArray[Any], bits: int, order: str) -> bytes:
    """Write samples one after the other, the highest bit first; 16 and more bits in a byte order."""
    if values.dtype.kind == "f":
        return values.astype(f"{order}f{bits // 8}").tobytes()
    if bits >= 8 and bits % 8 == 0:
        return values.astype(f"{order}u{bits // 8}").tobytes()
    text = "".join(f"{int(value):0{bits}b}" for value in values)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[start : start + 8], 2) for start in range(0, len(text), 8))


def tiff(
    samples: NDArray[Any],
    *,
    bits: int,
    photometric: int,
    order: str = "<",
    rows_per_strip: int | None = None,
    tile: tuple[int, int] | None = None,
    compression: int = 1,
    predictor: int = 1,
    planar: int = 1,
    big: bool = False,
    tags: Mapping[int, tuple[int, Any]] | None = None,
) -> bytes:
    """Write a TIFF file of one picture. ``tags`` adds or replaces entries: number to (type, values or bytes)."""
    height, width, n_channels = samples.shape
    planes = [samples[..., [c]] for c in range(n_channels)] if planar == 2 else [samples]
    blocks = [
        _block(part, bits, order, compression, predictor)
        for plane in planes
        for part in _parts(plane, rows_per_strip or height, tile)
    ]
    kind = 3 if samples.dtype.kind == "f" else 1
    start = 16 if big else 8
    offsets = [start + sum(map(len, blocks[:index])) for index in range(len(blocks))]
    entries: dict[int, tuple[int, Any]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * n_channels),
        259: (3, [compression]),
        262: (3, [photometric]),
        277: (3, [n_channels]),
        284: (3, [planar]),
        317: (3, [predictor]),
        339: (3, [kind] * n_channels),
    }
    if tile:
        entries |= {
            322: (4, [tile[1]]),
            323: (4, [tile[0]]),
            324: (4, offsets),
            325: (4, [*map(len, blocks)]),
        }
    else:
        entries |= {278: (4, [rows_per_strip or height]), 273: (4, offsets), 279: (4, [*map(len, blocks)])}
    return _tiff_file(b"".join(blocks), entries | dict(tags or {}), order, big)


def _parts(plane: NDArray[Any], rows: int, tile: tuple[int, int] | None) -> list[NDArray[Any]]:
    """Cut a plane into strips, or into tiles that are filled up with zeros."""
    height, width, _ = plane.shape
    if tile is None:
        return [plane[top : top + rows] for top in range(0, height, rows)]
    full = np.zeros(
        (-(-height // tile[0]) * tile[0], -(-width // tile[1]) * tile[1], plane.shape[2]), plane.dtype
    )
    full[:height, :width] = plane
    return [
        full[top : top + tile[0], left : left + tile[1]]
        for top in range(0, height, tile[0])
        for left in range(0, width, tile[1])
    ]


def _block(part: NDArray[Any], bits: int, order: str, compression: int, predictor: int) -> bytes:
    if predictor == 2:
        differences = part.astype(np.int64)
        differences[:, 1:] -= part[:, :-1].astype(np.int64)
        part = (differences % 2**bits).astype(np.uint64)
    if predictor == 3:
        content = b"".join(_float_planes(row, bits) for row in part)
    else:
        content = b"".join(packed_bits(row.ravel(), bits, order) for row in part)
    if compression in (8, 32946):
        return zlib.compress(content)
    if compression == 32773:  # PackBits, runs of literals alone and of repeats where there are some
        return b"".join(_packbits(content[start : start + 100]) for start in range(0, len(content), 100))
    assert compression == 1
    return content


def _float_planes(row: NDArray[Any], bits: int) -> bytes:
    """Technical note 3: bytes of all values from the highest on, then differences to one before."""
    values = row.ravel().astype(f">f{bits // 8}").view(np.uint8).reshape(-1, bits // 8)
    planes = values.T.ravel().astype(int)
    step = row.shape[1]
    planes[step:] -= values.T.ravel().astype(int)[:-step]
    return bytes((planes % 256).astype(np.uint8))


def _packbits(content: bytes) -> bytes:
    if len(content) > 1 and len(set(content)) == 1:
        return bytes([257 - len(content)]) + content[:1]
    return bytes([len(content) - 1]) + content


def _tiff_file(data: bytes, entries: Mapping[int, tuple[int, Any]], order: str, big: bool) -> bytes:
    data += bytes(len(data) % 2)
    first = (16 if big else 8) + len(data)
    size, inside = (20, 8) if big else (12, 4)
    after = first + (8 if big else 2) + size * len(entries) + inside
    table, values = b"", b""
    for tag, (kind, found) in sorted(entries.items()):
        content = (
            found if isinstance(found, bytes) else struct.pack(f"{order}{len(found)}{_LETTERS[kind]}", *found)
        )
        count = len(content) // {5: 8}.get(kind, 1) if kind in (1, 2, 5, 7) else len(found)
        table += struct.pack(f"{order}HH{'Q' if big else 'I'}", tag, kind, count)
        if len(content) <= inside:
            table += content.ljust(inside, b"\0")
        else:
            table += struct.pack(f"{order}{'Q' if big else 'I'}", after + len(values))
            values += content + bytes(len(content) % 2)
    mark = b"II" if order == "<" else b"MM"
    start = struct.pack(f"{order}HHHQ", 43, 8, 0, first) if big else struct.pack(f"{order}HI", 42, first)
    head = struct.pack(f"{order}{'Q' if big else 'H'}", len(entries))
    return mark + start + data + head + table + bytes(inside) + values


def idx(values: NDArray[Any], *, kind: int = 8) -> bytes:
    """Write an IDX file: two zero bytes, the type, the number of dimensions, the sizes, the values."""
    return struct.pack(f">HBB{values.ndim}I", 0, kind, values.ndim, *values.shape) + values.tobytes()
