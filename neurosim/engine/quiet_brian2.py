"""Import Brian2 without what its import does to the whole process.

Brian2 opens a log file, copies the running script, shows every warning through its own log, and calls each uncaught
error one of its own to be reported. That is for scripts that are written for Brian2: if it was imported before, it
all stays as it is. What is done here is done once, when the first part of neurosim that needs Brian2 is imported.
"""

import contextlib
import logging
import os
import sys
import warnings
from pathlib import Path

__all__ = ["OwnObjects"]

_ROOMS = ("engine", "networks")
_UNUSED = "brian2.core.base.unused_brian_object"


class OwnObjects(logging.Filter):
    """Drop Brian2's "was never included in a network" about objects that neurosim made.

    They are left over where a circuit could not be built, which has raised an error of its own. The message says
    where the object was made; those of other code pass.
    """

    def __init__(self) -> None:
        super().__init__()
        package = Path(__file__).parents[1]
        # A checkout reaches the rooms through links, so that one file has two names.
        homes = {folder for room in _ROOMS for folder in (package / room, (package / room).resolve())}
        self._homes = tuple(f"{folder}{os.sep}" for folder in homes)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the message is about somebody else's object."""
        message = str(record.msg)
        return not any(home in message for home in self._homes)


def _quietly_imported() -> None:
    if "brian2" not in sys.modules:
        hook, shown = sys.excepthook, warnings.showwarning
        import brian2  # noqa: F401
        from brian2.utils.logger import BrianLogger

        sys.excepthook = hook
        if warnings.showwarning is not shown:
            logging.captureWarnings(False)
        logging.getLogger("py.warnings").removeHandler(BrianLogger.console_handler)
        _without_files(BrianLogger)
    unused = logging.getLogger(_UNUSED)
    if not any(isinstance(known, OwnObjects) for known in unused.filters):
        unused.addFilter(OwnObjects())


def _without_files(brian_logger: type) -> None:
    """Close and remove what was opened, and leave Brian2 as if its preferences had asked for no files."""
    handler = brian_logger.file_handler  # type: ignore[attr-defined]
    if handler is not None:
        logging.getLogger("brian2").removeHandler(handler)
        handler.close()
    for name in (brian_logger.tmp_log, brian_logger.tmp_script):  # type: ignore[attr-defined]
        if name is not None:
            with contextlib.suppress(OSError):
                os.remove(name)
    brian_logger.file_handler = brian_logger.tmp_log = brian_logger.tmp_script = None  # type: ignore[attr-defined]


_quietly_imported()
