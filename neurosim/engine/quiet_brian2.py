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
from types import FrameType

__all__ = ["OwnMessages"]

_ROOMS = ("engine", "networks")
_UNUSED = "brian2.core.base.unused_brian_object"
# Where a circuit cannot be built, an error of our own says why and its objects are left over; where it diverges, one
# says when and what to change.
_KNOWN = (_UNUSED, "brian2.groups.group.invalid_values")
_LOG = logging.getLogger("neurosim.brian2")


class OwnMessages(logging.Filter):
    """Keep what Brian2 says of neurosim's own circuits from its handler, and log it as ``neurosim.brian2``.

    What has an error of our own goes to the level DEBUG. Messages about other code's simulations pass.
    """

    def __init__(self) -> None:
        super().__init__()
        package = Path(__file__).parents[1]
        # A checkout reaches the rooms through links, so that one file has two names.
        homes = {folder for room in _ROOMS for folder in (package / room, (package / room).resolve())}
        self._homes = tuple(f"{folder}{os.sep}" for folder in homes)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the message is about somebody else's simulation."""
        if not self._ours(record):
            return True
        level = logging.DEBUG if record.name in _KNOWN or record.levelno < logging.WARNING else record.levelno
        _LOG.log(level, "Brian2: %s", record.getMessage())
        return False

    def _ours(self, record: logging.LogRecord) -> bool:
        if (
            record.name == _UNUSED
        ):  # said whenever the object is collected; the message tells where it was made
            return any(home in str(record.msg) for home in self._homes)
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(self._homes) and name != __file__:
                return True
            frame = frame.f_back
        return False


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
    _keep_own_messages()


def _keep_own_messages() -> None:
    from brian2.utils.logger import BrianLogger

    handler = BrianLogger.console_handler
    if handler is not None and not any(isinstance(known, OwnMessages) for known in handler.filters):
        handler.addFilter(OwnMessages())


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
