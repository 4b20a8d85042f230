"""Reading the IDX format: a magic number, the sizes, then the bytes."""

from __future__ import annotations

import gzip
import math
import zlib
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# The magic number of an IDX file: two zero bytes, the type of the values (8 is unsigned bytes), the number of
# dimensions; then one size for each dimension. All numbers are big-endian, 4 bytes each.
_UNSIGNED_BYTES = 0x0800
_GZIP = b"\x1f\x8b"
_LARGEST = 2**30


class DamagedDataError(ValueError):
    """A data file that is truncated, damaged, or not the file it is taken for."""


def uncompressed(path: str | PathLike[str], *, at_most: int = _LARGEST) -> bytes:
    """Return the content of a file, decompressed if its first two bytes, not its name, say gzip.

    Raises `DamagedDataError`, before anything larger is unpacked, beyond so many bytes, and for an empty or damaged
    file.

    Examples
    --------
    >>> _ = Path("a.gz").write_bytes(gzip.compress(b"cortex"))
    >>> uncompressed("a.gz")
    b'cortex'
    """
    size = Path(path).stat().st_size
    if not size:
        raise DamagedDataError(f"{path}: expected data, got an empty file; fetch it again")
    with Path(path).open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        try:
            # One byte more than wanted tells a larger file from one that fits; no more is unpacked.
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(at_most + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise DamagedDataError(
                f"{path}: expected a whole gzip file, got {size:,} bytes that end in "
                f"{type(error).__name__} ({error}); fetch it again"
            ) from error
    if len(content) > at_most:
        raise DamagedDataError(
            f"{path}: expected at most {at_most:,} bytes, got {size:,}{' that unpack to more' if packed else ''}; "
            "it is another file or damaged: fetch it again"
        )
    return content


def parse_idx(content: bytes, *, n_dimensions: int, name: str) -> NDArray[np.uint8]:
    """Return the read-only array of unsigned bytes in an IDX file's content: 1 dimension for labels, 3 for images.

    Raises `DamagedDataError` for another magic number, or more or fewer bytes than the header says.

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]), n_dimensions=1, name="labels").tolist()
    [7, 2, 1]
    """
    magic = _UNSIGNED_BYTES + n_dimensions
    found = int.from_bytes(content[:4], "big")
    start = 4 * (1 + n_dimensions)
    if len(content) < start:
        raise DamagedDataError(
            f"{name}: expected an IDX header of {start} bytes, got {len(content)} bytes; fetch it again"
        )
    if found != magic:
        raise DamagedDataError(
            f"{name}: expected magic number {magic} (IDX, unsigned bytes, {n_dimensions} dimensions), got "
            f"{found}{_meaning(found)}; is it another file under this name?"
        )
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", n_dimensions, offset=4))
    if len(content) - start != math.prod(shape):
        raise DamagedDataError(
            f"{name}: expected {math.prod(shape):,} bytes after the header, which says "
            f"{' × '.join(map(str, shape))}, got {len(content) - start:,}; fetch it again"
        )
    # No values: numpy has no array for sizes whose product, zeros aside, is beyond its reach.
    if math.prod(size for size in shape if size) > 2**62:
        raise DamagedDataError(
            f"{name}: expected sizes of an array, got {' × '.join(map(str, shape))}; fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_idx(path: str | PathLike[str], *, n_dimensions: int) -> NDArray[np.uint8]:
    """Return the read-only array in an IDX file of unsigned bytes, gzip or plain: `parse_idx` of `uncompressed`.

    Examples
    --------
    >>> _ = Path("b").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 4, 9]))
    >>> read_idx("b", n_dimensions=1).tolist()
    [4, 9]
    """
    return parse_idx(uncompressed(path), n_dimensions=n_dimensions, name=str(path))


# The other types of values that IDX has, by the third byte.
_TYPES = {8: "unsigned bytes", 9: "signed bytes", 11: "short", 12: "int", 13: "float", 14: "double"}


def _meaning(magic: int) -> str:
    """Return in words what a file begins with, where that is known."""
    start = magic.to_bytes(4, "big")
    for known, words in {
        b"PK\3\4": "a zip archive: unpack it",
        b"vers": "a pointer of git-lfs: `git lfs pull` fetches the file",
        b"<!DO": "a web page",
        b"<htm": "a web page",
        b"\x93NUM": "a numpy array",
        b"BZh9": "a bzip2 file: unpack it",
        b"\xfd7zX": "an xz file: unpack it",
        b"PAR1": "a parquet file",
    }.items():
        if start == known[:4]:
            return f" ({words})"
    if start[:2] == b"\0\0" and start[2] in _TYPES:
        return f" ({_TYPES[start[2]]}, {start[3]} dimensions)"
    return ""
