"""Brian2's log and its copy of the program, which it removes at its end, and which a killed process leaves."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neurosim.owned_folders import also_sweep, own_folder


@contextmanager
def brian2_files_swept() -> Iterator[None]:
    """Note inside the block where this process's Brian2 writes, so that a later run can sweep it if we are killed."""
    folder: Path | None = None
    with suppress(OSError):
        folder = own_folder()
        also_sweep(folder, _brian2_files())
    try:
        yield
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _brian2_files() -> list[str]:
    logger = getattr(sys.modules.get("brian2.utils.logger"), "BrianLogger", None)
    log, script = (getattr(logger, name, None) for name in ("tmp_log", "tmp_script"))
    # A log that has grown too long goes on in a second file.
    return [str(path) for path in (log, log and f"{log}.1", script) if path]
