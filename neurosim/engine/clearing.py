"""Empty the folder of compiled code."""

import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from neurosim.engine.build_cache import build_cache_folder, clear_build_cache
from neurosim.engine.cache_folder import ABANDONED, cache_root
from neurosim.engine.cython_modules import SUM, cython_cache_folder

__all__ = ["Cleared", "clear_caches"]


class Cleared(NamedTuple):
    """What was removed.

    Attributes
    ----------
    folder : Path
        Where compiled code is kept; it stays.
    n_programs, n_modules : int
        C++ standalone programs, and modules of the Cython target.
    n_bytes : int
    """

    folder: Path
    n_programs: int
    n_modules: int
    n_bytes: int


def clear_caches() -> Cleared:
    """Remove all compiled programs and modules; processes that use some are not disturbed.

    Returns
    -------
    Cleared

    Raises
    ------
    OSError
        If a file cannot be removed.
    """
    n_bytes = _size(build_cache_folder()) + _size(cython_cache_folder())
    n_programs = clear_build_cache()
    n_modules = 0
    for path in _files(cython_cache_folder()):
        # Others may be waiting for one that is held; a lock that is not the file they hold is none.
        with suppress(FileNotFoundError):
            if path.suffix != ".lock" or time.time() - path.stat().st_mtime > ABANDONED:
                n_modules += path.with_name(path.name + SUM).exists()
                path.unlink()
    for folder in sorted(cython_cache_folder().rglob("*/"), reverse=True):
        with suppress(OSError):
            folder.rmdir()
    return Cleared(cache_root(), n_programs, n_modules, n_bytes - _size(cython_cache_folder()))


def _files(folder: Path) -> list[Path]:
    # Sums last: they tell which files are modules.
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda path: path.suffix == SUM)


def _size(folder: Path) -> int:
    total = 0
    for path in _files(folder):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
