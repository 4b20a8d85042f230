"""Long analyses tell how far they are to whoever asked for it, and otherwise nobody.

Functions say what they count where they loop; a ``with`` block around them listens, so that no function needs a
parameter for it. Of loops inside loops only the outermost is told.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

from neurosim.registry.progress import Progress

__all__ = ["CountBar", "counted", "counting", "show_progress"]

T = TypeVar("T")


@dataclass
class _Heard:
    """Who listens, and whether a loop has their ear."""

    listener: Progress
    busy: bool = False


_HEARD: ContextVar[_Heard | None] = ContextVar("heard", default=None)


@contextmanager
def show_progress(listener: Progress | None = None) -> Iterator[None]:
    """Show how far Gabor fits, resampled statistics and maps are, inside a ``with`` block.

    Parameters
    ----------
    listener : callable, optional
        Called with mappings: ``stage`` ("analyze"), ``step`` (what is done, in words), ``done`` and ``of`` (whole
        numbers). Without it a bar is drawn on standard error.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import fit_gabors
    >>> told = []
    >>> with show_progress(told.append):
    ...     table = fit_gabors(np.random.default_rng(0).normal(size=(3, 6, 6)))
    >>> told[-1]
    {'stage': 'analyze', 'step': 'fitting Gabor functions', 'done': 3, 'of': 3}
    """
    bar = CountBar(sys.stderr)
    token = _HEARD.set(_Heard(bar if listener is None else listener))
    try:
        yield
    finally:
        _HEARD.reset(token)
        bar.close()


@contextmanager
def counting(step: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many of `total` are done; nothing that is inside is told beside it."""
    heard = _HEARD.get()
    if heard is None or heard.busy or not total:
        yield lambda done: None
        return
    heard.busy, tell = True, heard.listener
    try:
        tell({"stage": "analyze", "step": step, "done": 0, "of": total})
        yield lambda done: tell({"stage": "analyze", "step": step, "done": done, "of": total})
    finally:
        heard.busy = False


def counted(items: Iterable[T], step: str, *, total: int | None = None) -> Iterator[T]:
    """Yield items, and tell after each that it is done; `total` is needed where items have no length."""
    if total is None:
        assert isinstance(items, Sized)
        total = len(items)
    with counting(step, total) as tell:
        for done, item in enumerate(items, start=1):
            yield item
            tell(done)


class CountBar:
    """A bar per step that is counted, on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._step = stream, ""
        self._bar: Any = None

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show how far a step is."""
        if self._bar is None or event["step"] != self._step or event["done"] < self._bar.n:
            from tqdm import tqdm

            self.close()
            self._step = event["step"]
            self._bar = tqdm(total=event["of"], desc=self._step, file=self._stream)
        self._bar.update(event["done"] - self._bar.n)
        if event["done"] >= event["of"]:
            self.close()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
