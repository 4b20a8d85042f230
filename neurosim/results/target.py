"""Where a run shall be put: found out before anything is computed."""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neurosim.results.byte_sizes import in_words
from neurosim.results.run_files import Writes, foreign_file, is_ours, marked, nothing_else

_MEGABYTE = 10**6
# A larger one is held against the free space alone: not every file system sets space aside without writing it.
_LARGEST_PROBE = 256 * _MEGABYTE


class RunFolderError(ValueError):
    """An output folder that cannot be used, or a folder that holds no run."""


class BusyFolderError(RunFolderError):
    """An output folder that another process is writing a run to."""


@contextmanager
def told(out: object) -> Iterator[None]:
    """Turn what the system says of a path inside the block into a `RunFolderError` that names the run's folder."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunFolderError(
            f"expected a place where a folder can be made, but {str(out)!r} cannot be used ({reason}); "
            "name another --out"
        ) from error


def resolved(out: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a run's folder as the user wrote it: ``~`` is the home folder, links are followed."""
    text = os.fspath(out)
    if not text or "\0" in text or not _is_text(text):
        raise RunFolderError(f"expected the path of a folder, got {text!r}; name another --out")
    with told(out):
        path = Path(text).expanduser()
        if path.is_symlink() and not path.exists():
            raise RunFolderError(
                f"{str(out)!r} is a link to {os.readlink(path)!r}, and nothing is there; make that folder, or name "
                "another --out"
            )
        return path.resolve()


def require_free(out: str | Path, *, overwrite: bool, writes: Writes = nothing_else) -> None:
    """Raise `RunFolderError` unless a run may be put at a place.

    It may not be a file, nor a folder that holds a run if not to `overwrite`, holds anything that no run wrote, or
    cannot be replaced. A folder that does not tell what its run wrote is held to the paths that `writes` allows.
    """
    place = resolved(out)
    with told(out):
        if not place.exists():
            return
        if not place.is_dir():
            raise RunFolderError(
                f"expected a new folder for the run, got the file {str(out)!r}; name another --out"
            )
        _require_movable(place, out=out)
        _require_ours(place, out=out, overwrite=overwrite, writes=writes)


def _require_ours(place: Path, *, out: str | Path, overwrite: bool, writes: Writes) -> None:
    foreign = foreign_file(place, writes=writes)
    if foreign is not None:
        raise RunFolderError(
            f"expected an empty or new folder, but {str(out)!r} holds {foreign!r}, which no run wrote; "
            "name another --out"
        )
    if not any(place.iterdir()):
        return
    if not is_ours(place):
        held = next(place.iterdir()).name
        raise RunFolderError(
            f"expected an empty or new folder, but {str(out)!r} holds {held!r} and no run (summary.json and "
            "recipe.toml as runs write them); name another --out"
        )
    if not overwrite:
        raise RunFolderError(
            f"{str(out)!r} already holds a run; name another --out, or replace it with --overwrite"
        )


def _require_movable(place: Path, *, out: str | Path) -> None:
    """Raise for a folder that no other can take the place of."""
    reason = None
    if Path.cwd().is_relative_to(place):
        reason = "is the working folder or holds it"
    elif place.is_mount():
        reason = "is where a disc is mounted"
    elif not _may_be_moved(place):
        reason = "belongs to somebody else"
    if reason:
        raise RunFolderError(f"{str(out)!r} {reason}; name a new folder inside it with --out")


def _may_be_moved(place: Path) -> bool:
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return True
    above = place.parent.stat()
    return not above.st_mode & stat.S_ISVTX or os.geteuid() in (above.st_uid, place.stat().st_uid)


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it, and return the ones that were not there, innermost first."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    there = made[-1].parent if made else folder
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"{str(there)!r} is a file")
    folder.mkdir(parents=True, exist_ok=True)
    return made


def remove_empty(folders: list[Path]) -> None:
    """Remove folders, innermost first, as far as they are empty."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def beside(place: Path, *, kind: str) -> Path:
    """Return a path next to a run's folder that nothing else has: ``<name>.<kind>-<random>``."""
    return place.with_name(f"{place.name}.{kind}-{secrets.token_hex(4)}")


def left_beside(place: Path) -> list[Path]:
    """Return what earlier runs to a place have left next to it: unfinished runs, and runs that were being replaced."""
    starts = tuple(f"{place.name}.{kind}" for kind in ("partial", "replaced"))
    with suppress(OSError):
        beside_it = [path for path in place.parent.iterdir() if path.name.startswith(starts)]
        return sorted(path for path in beside_it if path.is_dir() and marked(path) is not None)
    return []


def require_room(folder: Path, n_bytes: int, *, out: Path) -> None:
    """Raise `RunFolderError` unless `folder` can be written and its disc has room; the message names `out`."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise RunFolderError(
            f"the run's folder will take about {in_words(n_bytes)}, but where {str(out)!r} lies {in_words(free)} "
            "are free; make room or name another --out"
        )
    try:
        _set_aside(folder / "probe", min(max(n_bytes, 4096), _LARGEST_PROBE))
    except OSError as error:
        raise RunFolderError(
            f"{in_words(n_bytes)} cannot be written where {str(out)!r} lies ({error.strerror}); make room or name "
            "another --out"
        ) from error


def _set_aside(probe: Path, n_bytes: int) -> None:
    """Write a file that takes so much of the disc, or of the user's share of it, and remove it again."""
    try:
        with probe.open("xb") as file:
            file.write(b"0")
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, n_bytes)
    finally:
        probe.unlink(missing_ok=True)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
