"""Folders for temporary files that say in their names whose they are, so that what a killed process leaves is swept."""

import hashlib
import os
import platform
import re
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["also_sweep", "own_folder", "process_mark", "still_runs", "sweep"]

# Of files elsewhere that go with an owned folder, as Brian2's logs do.
_ALSO = "also.txt"
_MARK = re.compile(r"([0-9a-f]{8})-([0-9]+)-([0-9]+)")
_OWNED = re.compile(rf"neurosim-({_MARK.pattern})-\w+")


def own_folder() -> Path:
    """Make a folder for temporary files that a later process removes if this one is killed.

    Returns
    -------
    Path
        ``neurosim-<machine>-<process>-<its start>-<random>`` where the platform keeps temporary files.

    Examples
    --------
    >>> folder = own_folder()
    >>> folder.is_dir(), folder.name.startswith("neurosim-")
    (True, True)
    >>> folder.rmdir()
    """
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"neurosim-{process_mark()}-"))


def also_sweep(folder: Path, paths: list[str]) -> None:
    """Name files beside an owned folder that go when it is swept."""
    (folder / _ALSO).write_text("\n".join(paths), encoding="utf-8")


def sweep() -> list[Path]:
    """Remove what processes of this machine and user left that run no more, and return the folders' paths.

    Whatever does not carry a mark of `process_mark`, or carries another machine's, is left alone.
    """
    swept = []
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            found = _OWNED.fullmatch(entry.name)
            if found and not still_runs(found[1]) and _mine(entry):
                _remove(Path(entry.path))
                swept.append(Path(entry.path))
    return swept


def process_mark() -> str:
    """Return what tells this process from every other of this machine, in letters, digits and dashes.

    Examples
    --------
    >>> still_runs(process_mark())
    True
    """
    return f"{_machine()}-{os.getpid()}-{_start(os.getpid())}"


def still_runs(mark: str) -> bool:
    """Return whether the process of a mark runs, or may run: on another machine nobody can tell.

    Examples
    --------
    >>> still_runs("no mark at all")
    True
    """
    found = _MARK.fullmatch(mark)
    if found is None or found[1] != _machine():
        return True
    process = int(found[2])
    try:
        os.kill(process, 0)
    except PermissionError:  # somebody else's
        pass
    except (OSError, OverflowError):
        return False
    # Numbers of processes are used again; with the time of the start they are not.
    return _start(process) == int(found[3])


@cache
def _machine() -> str:
    """Return a digest of the computer, or the container: numbers of processes mean nothing elsewhere."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]


def _start(process: int) -> int:
    """Return when a process started, in the kernel's ticks; 0 where there is no /proc."""
    try:
        # The name, in brackets, may hold anything.
        return int(Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _mine(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        found = entry.stat(follow_symlinks=False)
        return entry.is_dir(follow_symlinks=False) and (
            not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        )
    return False


def _remove(folder: Path) -> None:
    with suppress(OSError, ValueError):
        for line in (folder / _ALSO).read_text(encoding="utf-8").splitlines():
            path = Path(line)
            if path.parent == folder.parent and path.name.startswith("brian_"):
                path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
