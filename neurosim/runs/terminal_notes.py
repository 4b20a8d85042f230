"""Show what the library warns of and logs as lines on a terminal, while a command runs."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["notes_on_terminal"]


@contextmanager
def notes_on_terminal(words: Callable[[str], str] = str, *, notes: bool = True) -> Iterator[None]:
    """Write warnings as ``neurosim: warning: …`` and notes of the log ``neurosim`` as they are, to standard error.

    `words` turns each into the command line's; without `notes` only errors are logged. Deprecations are not shown:
    they are for the developers of what is deprecated.
    """
    log = logging.getLogger("neurosim")
    level, handler = log.level, _Lines(words, level=logging.INFO if notes else logging.ERROR)
    log.addHandler(handler)
    log.setLevel(handler.level)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            warnings.simplefilter("ignore", FutureWarning)
            warnings.showwarning = _shown_with(words)
            yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Lines(logging.Handler):
    """One line per record, above the bar if there is one."""

    def __init__(self, words: Callable[[str], str], *, level: int) -> None:
        super().__init__(level)
        self._words = words

    def emit(self, record: logging.LogRecord) -> None:
        _write(self._words(record.getMessage()))


def _shown_with(words: Callable[[str], str]) -> Callable[..., None]:
    told = set()

    def shown(message: Warning | str, *_: Any, **__: Any) -> None:
        # Once a command: Python forgets what it said whenever anybody changes a filter.
        if str(message) not in told:
            told.add(str(message))
            _write(f"neurosim: warning: {words(str(message))}")

    return shown


def _write(line: str) -> None:
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)
