"""Keep compiled standalone programs on disk, so that the same network does not compile again in the next process.

One file per program: a line that says what is in it, then the binary. A file is written aside and moved into place in
one step, and read as a whole before it is used; so processes may share the folder, and may remove each other's files.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from neurosim.engine.cache_folder import (
    ABANDONED,
    UNFINISHED,
    cache_root,
    owned_folder,
    refuse_foreign,
    warn_once,
    write_at_once,
)

__all__ = ["build_cache_folder", "clear_build_cache", "fetch_program", "keep_program"]

# A program takes about a tenth of a megabyte.
_KEPT = 64
_SUFFIX = ".program"


def build_cache_folder() -> Path:
    """Return the folder of compiled programs: ``NEUROSIM_CACHE``, or else where the platform keeps such files.

    Examples
    --------
    >>> build_cache_folder().name
    'standalone'
    """
    return cache_root() / "standalone"


def clear_build_cache() -> int:
    """Remove all compiled programs and return how many there were; programs that run are not disturbed.

    Returns
    -------
    int

    Raises
    ------
    OSError
        If a file cannot be removed.
    """
    entries = list(build_cache_folder().glob(f"*{_SUFFIX}"))
    for entry in entries:
        entry.unlink(missing_ok=True)
    return len(entries)


def fetch_program(key: str, target: Path) -> bool:
    """Copy a kept program to a file of its own, and return false if there is none that is sound.

    Parameters
    ----------
    key : str
        From `program_key`.
    target : Path
        Executable to be written.
    """
    entry = _entry(key)
    try:
        refuse_foreign(entry.parent)
        head, _, binary = entry.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return False
    except OSError as error:
        warn_once(entry.parent, error)
        return False
    if not _sound(head, binary):
        return False
    target.write_bytes(binary)
    target.chmod(0o700)
    with contextlib.suppress(OSError):
        os.utime(entry)
    return True


def keep_program(key: str, program: Path, *, inputs: Mapping[str, str]) -> None:
    """Keep a program for later processes; a folder that cannot be written is told once and otherwise ignored.

    Parameters
    ----------
    key : str
        From `program_key`.
    program : Path
        The executable.
    inputs : mapping of str to str
        Digests of files from elsewhere that the program was built from; when one changes, it is built anew.
    """
    binary = program.read_bytes()
    head = json.dumps({"sha256": hashlib.sha256(binary).hexdigest(), "inputs": dict(inputs)})
    entry = _entry(key)
    try:
        owned_folder(entry.parent)
        write_at_once(entry, head.encode() + b"\n" + binary)
        _evict(entry.parent)
    except OSError as error:
        warn_once(entry.parent, error)


def _entry(key: str) -> Path:
    return build_cache_folder() / f"{key}{_SUFFIX}"


def _sound(head: bytes, binary: bytes) -> bool:
    try:
        told = json.loads(head)
        return bool(told["sha256"] == hashlib.sha256(binary).hexdigest()) and all(
            hashlib.sha256(Path(path).read_bytes()).hexdigest() == digest
            for path, digest in told["inputs"].items()
        )
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        return False


def _evict(folder: Path) -> None:
    """Remove the programs that were not used for longest, and what stopped processes left."""
    used: list[tuple[float, Path]] = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            used.append((path.stat().st_mtime, path))
    finished = sorted((item for item in used if item[1].suffix == _SUFFIX), reverse=True)
    stale = time.time() - ABANDONED
    abandoned = [item for item in used if item[1].suffix == UNFINISHED and item[0] < stale]
    for _, path in finished[_KEPT:] + abandoned:
        # Another process may be removing it, or (on Windows) reading it.
        with contextlib.suppress(OSError):
            path.unlink()
