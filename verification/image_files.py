"""Read thousands of image, IDX and npz files, whole ones and damaged ones, and compare with independent readers.

    python verification/image_files.py

Small pictures of every kind (`image_encoders.py`, Pillow, tifffile), with the metadata that cameras, scanners, ImageJ
and GDAL write, are read as they are and after damage: bits turned over, files cut short, tags and chunks changed with
their checksums put right. Every file is either read, and then equal to what was written or to what an independent
reader (`image_readers.py`) makes of it, or refused in this package's words. The dated table is kept beside this file in
``image_files.csv``: a foreign error is one of another library or one that names no file, a slow file took over 2 s.
"""

import gzip
import logging
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from image_bases import image_bases, npz_bases
from image_encoders import idx, png_chunk
from image_readers import idx_values, png_grey, tiff_grey
from numpy.typing import NDArray

from neurosim.stimuli.digits.idx import DamagedDataError, read_idx
from neurosim.stimuli.image_files.decoding import UnreadableImageError, read_grey
from neurosim.stimuli.modalities import paired_arrays

COUNTS = {"png": 3000, "tiff": 3000, "other images": 1000, "idx": 1500, "npz": 1500}
SLOW = 2.0  # seconds
TOLERANCE = 1e-9
_OURS = {"images": UnreadableImageError, "idx": DamagedDataError, "npz": ValueError}


@dataclass
class Tally:
    """What became of the files of one kind."""

    kind: str
    files: int = 0
    read: int = 0
    refused: int = 0
    compared: int = 0
    wrong: int = 0
    foreign: int = 0
    slow: int = 0
    examples: list[str] = field(default_factory=list)


def main() -> None:
    """Run all, print and store the table; fail if anything is wrong."""
    tallies = run(COUNTS, seed=0)
    table = pd.DataFrame([vars(tally) for tally in tallies]).drop(columns="examples")
    print(table.to_string(index=False))
    for tally in tallies:
        print(*tally.examples[:10], sep="\n")
    table = table.assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)
    sys.exit(bool(table[["wrong", "foreign", "slow"]].to_numpy().sum()))


def run(counts: dict[str, int], *, seed: int) -> list[Tally]:
    """Return one tally for each kind of file.

    Parameters
    ----------
    counts : dict of str to int
        How many files of each kind.
    seed : int
        Of the damage.
    """
    tallies = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The independent readers warn, and log what is odd in a file.
        warnings.simplefilter("ignore")
        logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
        for kind, n_files in counts.items():
            tally, rng = Tally(kind), np.random.default_rng((seed, *kind.encode()))
            for index, (name, content, expected) in zip(range(n_files), _files(kind, rng), strict=False):
                path = Path(folder) / f"{index}-{name}"
                path.write_bytes(content)
                _tried(tally, path, content, expected)
                path.unlink()
            tallies.append(tally)
    return tallies


def _files(kind: str, rng: np.random.Generator) -> Iterator[tuple[str, bytes, Any]]:
    """Yield name, content and what was written (None after damage), without end."""
    bases = {"idx": _idx_bases, "npz": npz_bases}.get(kind, lambda rng: image_bases(kind, rng))(rng)
    while True:
        for name, content, expected in bases:
            if rng.random() < 0.25:
                yield name, content, expected
            else:
                yield name, _damaged(content, kind, rng), None


def _idx_bases(rng: np.random.Generator) -> list[tuple[str, bytes, Any]]:
    found = []
    for n_dimensions in (1, 3):
        for size in (0, 1, 7):
            values = rng.integers(0, 256, [size, 5, 4][:n_dimensions], dtype=np.uint8)
            for packed in (False, True):
                content = gzip.compress(idx(values)) if packed else idx(values)
                found.append((f"{n_dimensions}-ubyte", content, values))
    return found


def _damaged(content: bytes, kind: str, rng: np.random.Generator) -> bytes:
    """Return a file with a few bytes changed: anywhere, near its start or end, or cut short or grown."""
    if kind == "png" and rng.random() < 0.7:
        return _other_chunks(content, rng)
    changed = bytearray(content)
    match rng.integers(5):
        case 0:
            return bytes(changed[: rng.integers(len(changed))])
        case 1:
            return content + rng.bytes(int(rng.integers(1, 40)))
        case 2 if kind == "tiff":  # one entry of the directory: its tag, type, count or value
            first = int.from_bytes(content[4:8], "little" if content[:2] == b"II" else "big")
            place = first + 2 + int(rng.integers(12 * 12))
            if place < len(changed):
                changed[place] = rng.choice([0, 1, 2, 3, 4, 8, 16, 255, int(rng.integers(256))])
        case 2 | 3:
            start = 0 if rng.random() < 0.5 else max(0, len(changed) - 300)
            for place in start + rng.integers(min(300, len(changed)), size=int(rng.integers(1, 4))):
                changed[place] = rng.integers(256)
        case _:
            for place in rng.integers(len(changed), size=int(rng.integers(1, 6))):
                changed[place] ^= 1 << rng.integers(8)
    return bytes(changed)


def _other_chunks(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a PNG file with one chunk changed, left out, doubled or moved, all checksums being right."""
    chunks, position = [], 8
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        chunks.append((content[position + 4 : position + 8], content[position + 8 : position + 8 + length]))
        position += 12 + length
    which = int(rng.integers(len(chunks)))
    kind, body = chunks[which]
    match rng.integers(6):
        case 0:
            del chunks[which]
        case 1:
            chunks.insert(which, (kind, body))
        case 2:
            chunks.insert(int(rng.integers(len(chunks))), chunks.pop(which))
        case _ if body:
            changed = bytearray(body)
            for place in rng.integers(len(changed), size=int(rng.integers(1, 3))):
                changed[place] = rng.choice([0, 1, 2, 3, 4, 6, 8, 16, int(rng.integers(256))])
            chunks[which] = (kind, bytes(changed))
    return content[:8] + b"".join(png_chunk(kind, body) for kind, body in chunks)


def _tried(tally: Tally, path: Path, content: bytes, expected: Any) -> None:
    """Read one file and enter what became of it."""
    tally.files += 1
    began = time.monotonic()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(20)
    try:
        found = _read(tally.kind, path)
    except Exception as error:
        ours = isinstance(error, _OURS.get(tally.kind, UnreadableImageError)) and "expected" in str(error)
        # A slip of our own would be wrapped as a damaged file: it is as foreign as any.
        slip = isinstance(
            error.__cause__, AssertionError | AttributeError | NameError | TypeError | IndexError
        )
        tally.refused += 1
        # What was written whole has to be read, unless the base says None.
        if not ours or slip or expected is not None:
            tally.foreign += 1
            tally.examples.append(f"{path.name}: {type(error).__name__}: {error} (from {error.__cause__!r})")
        return
    finally:
        signal.alarm(0)
        tally.slow += time.monotonic() - began > SLOW
    tally.read += 1
    truth = expected if expected is not None else _independent(tally.kind, path, content)
    if truth is None:
        return
    tally.compared += 1
    if not _same(found, truth):
        tally.wrong += 1
        tally.examples.append(f"{path.name}: wrong values")


def _too_long(*_: object) -> None:
    raise TimeoutError("over 20 s")


def _read(kind: str, path: Path) -> Any:
    if kind == "idx":
        return read_idx(path, n_dimensions=int(path.name.split("-")[1]))
    if kind == "npz":
        modalities, labels = paired_arrays(path)
        return modalities if labels is None else modalities | {"labels": labels}
    return read_grey(path, as_encoded=True)


def _independent(kind: str, path: Path, content: bytes) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "png": lambda: png_grey(content),
        "tiff": lambda: tiff_grey(content),
        "idx": lambda: idx_values(content, int(path.name.split("-")[1])),
        "npz": lambda: _by_numpy(path),
    }
    try:
        return readers[kind]() if kind in readers else None
    except Exception:  # the independent reader cannot read it
        return None


def _by_numpy(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name].reshape(len(stored[name]), -1) for name in stored.files}


def _same(found: Any, truth: Any) -> bool:
    if isinstance(truth, dict):
        return found.keys() == truth.keys() and all(
            np.array_equal(np.ravel(found[name]), np.ravel(truth[name])) for name in truth
        )
    if isinstance(truth, str):  # it should have been refused
        return False
    return found.shape == truth.shape and (
        not found.size or bool(np.allclose(found, truth, rtol=0, atol=TOLERANCE))
    )


if __name__ == "__main__":
    main()
