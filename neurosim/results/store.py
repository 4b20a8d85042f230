"""The run folder: written beside its place, moved there when it is whole."""

import errno
import json
import logging
import math
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from neurosim.results.interruption import interruptible, is_asked_to_end, uninterrupted
from neurosim.results.run_files import (
    CHECKPOINTS,
    RUN_FILES,
    Writes,
    checkpoints_in,
    foreign_file,
    is_resumable,
    is_run,
    is_unfinished,
    mark,
    nothing_else,
)
from neurosim.results.target import (
    BusyFolderError,
    RunFolderError,
    beside,
    left_beside,
    make_folders,
    remove_empty,
    require_free,
    require_room,
    resolved,
    told,
)

__all__ = [
    "RUN_FILES",
    "RunFolderError",
    "RunInterrupted",
    "new_run_folder",
    "put_in_place",
    "require_free",
    "require_run",
    "write_json",
]

_LOG = logging.getLogger(__name__)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C or a request to end during a run; the message says what was kept."""


@contextmanager
def new_run_folder(
    out: str | Path,
    *,
    overwrite: bool = False,
    n_bytes: int = 0,
    writes: Writes = nothing_else,
    resumable: bool = False,
    going_on: Path | None = None,
) -> Iterator[Path]:
    """Give a folder to write a run in, and move it to its place when the block ends well.

    The run is written to a folder of its own beside its place, ``<out>.partial-…``, or to the one that is `going_on`.
    If the block is left by an error before a checkpoint of its training or the network is stored, that folder goes,
    unless it was there before; afterwards it stays as ``<out>.partial``, or under its own name if that one is taken,
    so that no half run ever looks whole. Nobody else can write a run to the same place meanwhile. A `resumable` run is
    one that `neurosim resume` can go on with.

    Raises `RunFolderError` where `require_free` does, or if another process writes there or there is no room for
    `n_bytes`; and `RunInterrupted` in place of a KeyboardInterrupt from the block.
    """
    place, shown = resolved(out), Path(out)
    require_free(shown, overwrite=overwrite, writes=writes)
    with told(out):
        made = make_folders(place.parent)
    try:
        with interruptible(), _alone(place, out=shown):
            require_free(shown, overwrite=overwrite, writes=writes)
            _name_what_is_left(place, but=going_on)
            partial = going_on or _started(place, n_bytes, out=shown, resumable=resumable)
            with _kept_or_removed(partial, place=place, out=shown, always=going_on is not None):
                yield partial
                require_free(shown, overwrite=overwrite, writes=writes)
                uninterrupted()
                # Whole first: killed in between, it need only be moved.
                mark(partial, whole=True)
                shutil.rmtree(partial / CHECKPOINTS, ignore_errors=True)
                _replace(place, by=partial, out=shown, writes=writes)
    finally:
        remove_empty(made)


def put_in_place(
    partial: Path, *, out: str | Path, overwrite: bool = False, writes: Writes = nothing_else
) -> None:
    """Move a whole run to its place whose process was killed before it could; raises as `new_run_folder` does."""
    place, shown = resolved(out), Path(out)
    with _alone(place, out=shown):
        require_free(shown, overwrite=overwrite, writes=writes)
        shutil.rmtree(partial / CHECKPOINTS, ignore_errors=True)
        _replace(place, by=partial, out=shown, writes=writes)


def require_run(folder: str | Path) -> None:
    """Raise `RunFolderError` unless a folder holds a whole run, with ``summary.json`` and ``recipe.toml``."""
    place = resolved(folder)
    with told(folder):
        if place.is_dir() and is_unfinished(place):
            raise RunFolderError(
                f"{str(folder)!r} holds a run that did not come to its end; `neurosim resume` goes on with it"
                if is_resumable(place)
                else f"{str(folder)!r} holds a run that did not come to its end; run its recipe.toml again"
            )
        recording = (place / "recording.toml").is_file()
        wanted = ("summary.json",) if recording else ("summary.json", "recipe.toml")
        missing = [name for name in wanted if not (place / name).is_file()]
    if missing:
        raise RunFolderError(
            f"expected the folder of a run, found no {missing[0]} in {str(folder)!r}; "
            "`neurosim run NAME --out DIR` makes one"
        )


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table as JSON: NaN becomes ``null``, JSON's word for it; what is infinite raises `ValueError`."""
    text = json.dumps(_without_nan(table), indent=2, ensure_ascii=False, allow_nan=False)
    # Words of a command line that are no text in UTF-8 are escaped as JSON itself escapes them.
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


@contextmanager
def _alone(place: Path, *, out: Path) -> Iterator[None]:
    """Keep every other process and thread from writing a run to the same place; refuse at once if one does."""
    from filelock import FileLock, Timeout

    file = place.with_name(f".{place.name}.neurosim-lock")
    lock = FileLock(file)
    with told(out):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            # It also ends so where the lock could not be made: this says why.
            if not os.path.lexists(file):
                file.touch()
            raise BusyFolderError(
                f"another process is writing a run to {str(out)!r}; wait for it, or name another --out"
            ) from None
    try:
        yield
    finally:
        # Removed while it is ours. Who has opened it before and gets it now may think it is alone; but it has a
        # folder of its own, and looks at the place again before it moves that there.
        with suppress(OSError):
            file.unlink(missing_ok=True)
        lock.release()


def _started(place: Path, n_bytes: int, *, out: Path, resumable: bool) -> Path:
    partial = beside(place, kind="partial")
    with told(out):
        partial.mkdir()
        try:
            mark(partial, whole=False, resumable=resumable)
            require_room(partial, n_bytes, out=out)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return partial


def _name_what_is_left(place: Path, *, but: Path | None) -> None:
    for path in left_beside(place):
        if path == but:
            continue
        if is_run(path):
            what = (
                "holds a whole run that was being put in its place, or replaced, when its process was killed"
            )
        elif checkpoints_in(path):
            what = "holds an unfinished run with a checkpoint, which `neurosim resume` goes on from"
        elif _network_opens(path):
            what = "holds an unfinished run with its trained network (network.nc)"
        else:
            what = "holds an unfinished run without a trained network"
        _LOG.warning("%r %s; remove that folder when you do not need it", str(path), what)


@contextmanager
def _kept_or_removed(partial: Path, *, place: Path, out: Path, always: bool) -> Iterator[None]:
    """Keep a half run only with its trained network or a checkpoint, and say so in whatever error ends the run."""
    try:
        yield
    except BaseException as error:
        # Compiled code of others may make another error of an interruption.
        if isinstance(error, KeyboardInterrupt) or is_asked_to_end():
            kept = _left_behind(partial, place, out=out, always=always)
            kept = kept or "nothing was kept: there was no checkpoint yet, and no trained network"
            raise RunInterrupted(kept) from error
        note = _left_behind(partial, place, out=out, always=always)
        explained = _explained(error, out=out)
        if note:
            explained.add_note(note)
        if explained is error:
            raise
        raise explained from error


def _explained(error: BaseException, *, out: Path) -> BaseException:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return RunFolderError(
            f"no room is left where {str(out)!r} lies ({error.strerror}); make room or name another --out"
        )
    return error


def _left_behind(partial: Path, place: Path, *, out: Path, always: bool) -> str | None:
    """Remove a half run unless there is something to go on from; say what stays."""
    if not partial.is_dir():
        return None
    trained, checkpoints = _network_opens(partial), checkpoints_in(partial)
    if not (trained or checkpoints or always):
        shutil.rmtree(partial, ignore_errors=True)
        return None
    resumed = f"; `neurosim resume {shlex.quote(str(out))}` goes on with it" if is_resumable(partial) else ""
    kept = place.with_name(f"{place.name}.partial")
    with suppress(OSError):
        if not os.path.lexists(kept):
            partial = partial.rename(kept)
    if trained:
        what = " with the trained network (network.nc); it is not a whole run"
    else:
        what = " with a checkpoint of the training" if checkpoints else ", without a checkpoint yet"
    return f"kept {str(partial)!r}{what}{resumed}"


def _network_opens(folder: Path) -> bool:
    from neurosim.networks.saving.network_file import opens

    return opens(folder / "network.nc")


def _replace(place: Path, *, by: Path, out: Path, writes: Writes) -> None:
    with told(out):
        if not place.exists() or not any(place.iterdir()):
            os.replace(by, place)
            return
        # The old run steps aside first: a folder that is not empty cannot be renamed over.
        old = beside(place, kind="replaced")
        place.rename(old)
        try:
            by.rename(place)
        except OSError:
            old.rename(place)
            raise
    _remove_replaced(old, writes)


def _remove_replaced(old: Path, writes: Writes) -> None:
    foreign = foreign_file(old, writes=writes)
    if foreign is None:
        shutil.rmtree(old, ignore_errors=True)
    if old.exists():
        what = f"holds {foreign!r}, which no run wrote" if foreign else "cannot be removed"
        _LOG.warning("the run that was replaced is now %r: it %s", str(old), what)
