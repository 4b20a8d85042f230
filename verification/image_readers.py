"""Independent readers: PNG byte by byte as the specification has it, TIFF by tifffile, IDX by its own few rules.

Each returns grey values, None where it cannot tell, or ``TRANSPARENT``.
"""

import gzip
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from image_encoders import PASSES, paeth
from numpy.typing import NDArray

WEIGHTS = np.array([0.2125, 0.7154, 0.0721])
TRANSPARENT = "transparent"
Grey = NDArray[np.float64] | str | None


def png_grey(content: bytes) -> Grey:
    """Decode a PNG file with loops over bytes; colours as encoded."""
    chunks: dict[bytes, bytes] = {}
    position, data = 8, b""
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        body = content[position + 8 : position + 8 + length]
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            data += body
        else:
            chunks.setdefault(kind, body)
        position += 12 + length
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    n_channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    raw = zlib.decompress(data)
    samples = np.zeros((height, width, n_channels), dtype=np.int64)
    for row, column, down, across in PASSES if interlaced else ((0, 0, 1, 1),):
        part = samples[row::down, column::across]
        raw = _fill(part, raw, depth) if part.size else raw
    return _shown(samples, depth, colour, chunks)


def _fill(part: NDArray[Any], raw: bytes, depth: int) -> bytes:
    """Undo the filters of one pass; return the bytes that are left."""
    height, width, n_channels = part.shape
    n_bytes = (width * n_channels * depth + 7) // 8
    step = max(1, n_channels * depth // 8)
    above = bytearray(n_bytes)
    for row in range(height):
        kind, line = raw[0], bytearray(raw[1 : 1 + n_bytes])
        raw = raw[1 + n_bytes :]
        for index in range(n_bytes):
            left = line[index - step] if index >= step else 0
            corner = above[index - step] if index >= step else 0
            up = above[index]
            line[index] = (line[index] + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) % 256
        text = "".join(f"{byte:08b}" for byte in line)
        for index in range(width * n_channels):
            part[row, index // n_channels, index % n_channels] = int(
                text[index * depth : (index + 1) * depth], 2
            )
        above = line
    return raw


def _shown(samples: NDArray[Any], depth: int, colour: int, chunks: dict[bytes, bytes]) -> Grey:
    key, white = chunks.get(b"tRNS"), 2**depth - 1
    if colour == 3:
        alphas = list(key or b"")
        if any(index < len(alphas) and alphas[index] < 255 for index in samples.ravel()):
            return TRANSPARENT
        samples = np.array(list(chunks[b"PLTE"])).reshape(-1, 3)[samples[..., 0]]
        white = 255
    elif colour in (4, 6):
        if (samples[..., -1] != white).any():
            return TRANSPARENT
        samples = samples[..., :-1]
    elif key is not None:
        wanted = [value & white for value in struct.unpack(f">{samples.shape[2]}H", key)]
        if (samples == wanted).all(axis=-1).any():
            return TRANSPARENT
    return turned(_luminance(samples / white), _exif_orientation(chunks.get(b"eXIf")))


def _exif_orientation(exif: bytes | None) -> int:
    if exif is None:
        return 1
    order = "<" if exif[:2] == b"II" else ">"
    start = struct.unpack(f"{order}I", exif[4:8])[0]
    for index in range(struct.unpack(f"{order}H", exif[start : start + 2])[0]):
        tag, kind, count, value = struct.unpack(
            f"{order}HHIH", exif[start + 2 + 12 * index : start + 12 + 12 * index]
        )
        if tag == 0x0112 and kind in (3, 8) and count == 1:
            return int(value)
    return 1


def tiff_grey(content: bytes) -> Grey:
    """Read a TIFF file by tifffile, and its pixels as TIFF 6.0 says what they mean."""
    with tifffile.TiffFile(BytesIO(content)) as file:
        page = file.pages[0]
        if 284 in page.tags and not isinstance(page.tags[284].value, int):
            return None  # tifffile leaves a type unread that others read
        array, tags = page.asarray(), page.tags
        colormap = page.colormap if page.photometric == 3 else None
        photometric, bits, axes = int(page.photometric), page.bitspersample, page.axes
        orientation = tags[274].value if 274 in tags else 1
    if axes == "SYX":
        array = np.moveaxis(array, 0, 2)
    values = array.astype(np.float64) / (1 if array.dtype.kind == "f" else 2**bits - 1)
    if photometric == 3 and colormap is not None:
        values = np.moveaxis(colormap, 0, 1)[array] / 65535
    elif photometric == 0:
        values = 1 - values
    if values.ndim == 3:
        values = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
    return turned(_luminance(values if values.ndim == 3 else values[..., None]), int(orientation))


def _luminance(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[..., 0] if values.shape[2] == 1 else values @ WEIGHTS


def turned(grey: NDArray[np.float64], orientation: int) -> NDArray[np.float64]:
    """Return a picture upright, by turns and a flip (TIFF 6.0, tag 274)."""
    flipped = np.fliplr(grey) if orientation in (2, 4, 5, 7) else grey
    return np.rot90(flipped, {3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}.get(orientation, 0))


def idx_values(content: bytes, n_dimensions: int) -> NDArray[np.uint8] | None:
    """Read IDX bytes by the rules of the format; None where they do not hold."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            return None
    head = 4 + 4 * n_dimensions
    if len(content) < head or content[:4] != bytes([0, 0, 8, n_dimensions]):
        return None
    sizes = struct.unpack(f">{n_dimensions}I", content[4:head])
    values = np.frombuffer(content[head:], np.uint8)
    return values.reshape(sizes) if values.size == np.prod([float(size) for size in sizes]) else None
