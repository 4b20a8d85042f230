"""The directories of a TIFF file: which tags there are and what they say."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from neurosim.stimuli.image_files.picture import UnreadableImageError

# Bytes and struct letter of each type of value (TIFF 6.0, page 15; BigTIFF adds 16 to 18).
_TYPES = {
    1: (1, "B"), 2: (1, "s"), 3: (2, "H"), 4: (4, "I"), 5: (8, "II"), 6: (1, "b"), 7: (1, "s"), 8: (2, "h"),
    9: (4, "i"), 10: (8, "ii"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"), 16: (8, "Q"), 17: (8, "q"), 18: (8, "Q"),
}  # fmt: skip
_TEXT = (2, 7)
_MOST_DIRECTORIES = 10_000


@dataclass(frozen=True)
class Directory:
    """Where the values of one picture's tags are; they are read when they are asked for."""

    file: BinaryIO
    order: str  # "<" or ">"
    entries: dict[int, tuple[int, int, int]]  # tag: type, count, offset of the values

    def __contains__(self, tag: int) -> bool:
        return tag in self.entries

    def values(self, tag: int, *, default: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """Return the numbers of one tag."""
        if tag not in self.entries:
            return default
        kind, count, offset = self.entries[tag]
        size, letters = _TYPES.get(kind, (0, ""))
        if not size or kind in _TEXT or not count:
            raise UnreadableImageError(
                f"expected numbers in tag {tag}, got type {kind}, {count} values; it is damaged"
            )
        content = bytes_at(self.file, offset, count * size)
        return struct.unpack(
            f"{self.order}{letters * count if len(letters) > 1 else f'{count}{letters}'}", content
        )

    def number(self, tag: int, *, default: int | None = None) -> int:
        """Return the one whole number of a tag."""
        found = self.values(tag, default=() if default is None else (default,))
        if not found or not isinstance(found[0], int):
            raise UnreadableImageError(f"expected a whole number in tag {tag}, got none; the file is damaged")
        return found[0]

    def content(self, tag: int) -> bytes:
        """Return the bytes of a tag, whatever their type; none if it is absent."""
        if tag not in self.entries:
            return b""
        kind, count, offset = self.entries[tag]
        return bytes_at(self.file, offset, count * _TYPES.get(kind, (1, ""))[0])

    def content_as_stored(self) -> bytes:
        """Return the whole file with the orientation 1, for a reader that would turn the picture itself."""
        content = bytearray(bytes_at(self.file, 0, self.file.seek(0, 2)))
        if 274 in self.entries:
            kind, _, offset = self.entries[274]
            size = _TYPES.get(kind, (0, ""))[0]
            content[offset : offset + size] = (1).to_bytes(size, "little" if self.order == "<" else "big")
        return bytes(content)


def read_directories(file: BinaryIO) -> list[Directory]:
    """Return the directories of a classic TIFF or BigTIFF file, in the order of their chain.

    Adobe 1992, TIFF revision 6.0, section 2; https://www.awaresystems.be/imaging/tiff/bigtiff.html
    """
    start = bytes_at(file, 0, 4)
    order = "<" if start.startswith(b"II") else ">"
    big = 43 in start[2:4]
    position = _number(file, 8, order, big) if big else _number(file, 4, order, big)
    found: list[Directory] = []
    seen: set[int] = set()
    while position:
        if position in seen or len(found) >= _MOST_DIRECTORIES:
            raise UnreadableImageError(
                "expected directories that end, got a chain without end; the file is damaged"
            )
        seen.add(position)
        directory, position = _directory(file, position, order, big)
        found.append(directory)
    if not found:
        raise UnreadableImageError("expected a picture, got a TIFF file without one")
    return found


def bytes_at(file: BinaryIO, offset: int, n_bytes: int) -> bytes:
    """Return part of a file, or raise if it is not all there (before anything is read)."""
    size = file.seek(0, 2)
    if offset < 0 or offset + n_bytes > size:
        raise UnreadableImageError(
            f"expected a complete image file, got {size:,} bytes where {offset + n_bytes:,} are needed; fetch it again"
        )
    file.seek(offset)
    return file.read(n_bytes)


def _number(file: BinaryIO, offset: int, order: str, big: bool) -> int:
    found: tuple[int] = struct.unpack(
        f"{order}{'Q' if big else 'I'}", bytes_at(file, offset, 8 if big else 4)
    )
    return found[0]


def _directory(file: BinaryIO, position: int, order: str, big: bool) -> tuple[Directory, int]:
    """Return one directory and where the next one is (0: nowhere)."""
    head, entry = (8, 20) if big else (2, 12)
    (n_entries,) = struct.unpack(f"{order}{'Q' if big else 'H'}", bytes_at(file, position, head))
    content = bytes_at(file, position + head, n_entries * entry)
    entries: dict[int, tuple[int, int, int]] = {}
    inside = 8 if big else 4  # values that fit stand in the entry itself
    for index in range(n_entries):
        start = index * entry
        tag, kind = struct.unpack_from(f"{order}HH", content, start)
        count, offset = struct.unpack_from(f"{order}{'QQ' if big else 'II'}", content, start + 4)
        if count * _TYPES.get(kind, (1, ""))[0] <= inside:
            offset = position + head + start + 4 + inside
        if tag in entries:
            raise UnreadableImageError(f"expected every tag once, got {tag} twice; the file is damaged")
        entries[tag] = (kind, count, offset)
    end = position + head + n_entries * entry
    return Directory(file, order, entries), _number(file, end, order, big)
