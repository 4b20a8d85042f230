"""Ctrl-C and requests to end, as the command line takes them: at once, or so that a run can put its things away.

Nothing heavy is imported here: what is set up has to hold before anything else is imported. Without `watched`, as in
a user's own Python, the rest does nothing and signals stay what they are.
"""

import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Literal

__all__ = [
    "again",
    "exit_code",
    "interruptible",
    "is_asked_to_end",
    "remove_at_the_end",
    "uninterrupted",
    "watched",
]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Terminals and schedulers send the same signal several times within moments; later, somebody has lost patience.
_ONE_REQUEST = 1.0
_RETRY = 0.1


class _Watch:
    """What the handler knows; one per process, since signals are."""

    def __init__(self) -> None:
        self.process: int | None = None
        self.temporary: Path | None = None
        self.phase: Literal["nothing yet", "working", "ending"] = "nothing yet"
        self.requested: int | None = None
        self.swallowed = False
        self.since = 0.0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if os.getpid() != self.process:  # a child that was forked
            self.leave(number)
        now = time.monotonic()
        first = self.requested is None or self.swallowed
        if not first and now - self.since >= _ONE_REQUEST:
            self.leave(number)
        if first:
            self.requested, self.since, self.swallowed = number, now, False
            self.respond(number)

    def respond(self, number: int) -> None:
        """Do what is right for the moment."""
        # What is taken down half made is nothing to complain of: Brian2 would.
        logging.disable(logging.CRITICAL)
        if self.phase == "working":
            raise KeyboardInterrupt
        if self.phase == "nothing yet":
            # Not through sys.stderr, which may be in the middle of a line.
            os.write(2, b"interrupted: nothing was computed yet\n")
            self.leave(number)

    def leave(self, number: int) -> None:
        """End the process now: there is nothing to put away but temporary files."""
        if self.temporary is not None and os.getpid() == self.process:
            shutil.rmtree(self.temporary, ignore_errors=True)
        os._exit(128 + number)


_WATCH = _Watch()


@contextmanager
def watched() -> Iterator[None]:
    """Take SIGINT and SIGTERM inside the block: the process ends with one line, where nothing needs to be put away.

    SIGINT is taken even where a shell has switched it off, as it does for what it starts in the background. After the
    block both are ignored: what is left of a process by then takes moments.
    """
    if _WATCH.process is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    _WATCH.process = os.getpid()
    sys.unraisablehook = _swallowed
    for number in _SIGNALS:
        signal.signal(number, _WATCH.handle)
    try:
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def remove_at_the_end(folder: Path) -> None:
    """Have a folder of temporary files removed also when a signal ends the process at once."""
    _WATCH.temporary = folder


def is_asked_to_end() -> bool:
    """Return whether a signal has come that ends this command."""
    return _WATCH.requested is not None


def exit_code() -> int:
    """Return what an interrupted command ends with: 128 and the signal's number, 130 for Ctrl-C."""
    return 128 + (signal.SIGINT if _WATCH.requested is None else _WATCH.requested)


def again() -> None:
    """Interrupt if the user has asked for it and something in between has swallowed it."""
    if _WATCH.phase == "working" and _WATCH.requested is not None:
        _WATCH.swallowed = False
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise a KeyboardInterrupt inside the block rather than end the process, for there is something to put away."""
    _WATCH.phase = "working"
    try:
        yield
    finally:
        uninterrupted()


def uninterrupted() -> None:
    """From here on let the command come to its end, which is near."""
    _WATCH.phase = "ending"


def _swallowed(unraisable: "sys.UnraisableHookArgs") -> None:
    """Have an interruption come again that came while Python took an object down, where it is only printed."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    _WATCH.swallowed = True
    timer = threading.Timer(_RETRY, _send_again)
    timer.daemon = True
    timer.start()


def _send_again() -> None:
    if _WATCH.swallowed and _WATCH.process is not None and _WATCH.requested is not None:
        os.kill(_WATCH.process, _WATCH.requested)
