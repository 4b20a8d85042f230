"""The folder where compiled code is kept for later processes: where it is, who may write there, how files get there."""

import errno
import os
import stat
import sys
import tempfile
import warnings
from pathlib import Path

from platformdirs import user_cache_path

__all__ = ["cache_root", "owned_folder", "refuse_foreign", "warn_once", "write_at_once"]

UNFINISHED = ".unfinished"
# Seconds after which a file that was never moved into place is left over from a process that was stopped.
ABANDONED = 3600.0
_WARNED: set[str] = set()


def cache_root() -> Path:
    """Return the folder of all that is compiled: ``NEUROSIM_CACHE``, or else where the platform keeps such files."""
    given = os.environ.get("NEUROSIM_CACHE")
    return Path(os.path.expanduser(given)) if given else user_cache_path("neurosim", appauthor=False)


def owned_folder(folder: Path) -> Path:
    """Make a folder that only this user can enter, unless it is there, and return it.

    Raises
    ------
    OSError
        If it cannot be made, or is not safe to run code from (see `refuse_foreign`).
    """
    if str(folder).startswith("~"):
        raise FileNotFoundError(errno.ENOENT, "no user of that name has a home folder here", str(folder))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_foreign(folder)
    return folder


def refuse_foreign(folder: Path) -> None:
    """Raise if somebody else could have put code into a folder: what is there will be run as this user.

    Raises
    ------
    PermissionError
        If the folder belongs to another user, or its group or everybody may write there.
    FileNotFoundError
        If there is no such folder.
    """
    if sys.platform == "win32":
        return
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(
            errno.EACCES, f"it belongs to user {found.st_uid}, not to {os.geteuid()}", str(folder)
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        mode = oct(stat.S_IMODE(found.st_mode))[2:]
        raise PermissionError(
            errno.EACCES, f"others may write there, mode {mode}: chmod go-w it", str(folder)
        )


def write_at_once(entry: Path, content: bytes) -> None:
    """Write a file aside and move it into place, so that nobody reads half of it."""
    handle, name = tempfile.mkstemp(suffix=UNFINISHED, dir=entry.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, entry)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def warn_once(folder: Path, error: OSError) -> None:
    """Tell, once a process and folder, that compiled code cannot be kept there."""
    if str(folder) in _WARNED:
        return
    _WARNED.add(str(folder))
    warnings.warn(
        f"compiled code cannot be kept in {folder} ({error.strerror or error}), so each process compiles its own; "
        "make that folder readable and writable for you alone, or set the environment variable NEUROSIM_CACHE to one "
        "that is",
        RuntimeWarning,
        stacklevel=2,
    )
