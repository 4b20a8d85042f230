"""A process of its own for every contestant, so that none runs under another's thread settings."""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, Self, TypeVar

__all__ = ["PLAIN", "Worker"]

P = ParamSpec("P")
T = TypeVar("T")

# The engine sets this in its own process; a peer keeps its library's default, threads that spin while they wait.
PLAIN: Mapping[str, str | None] = {"OMP_WAIT_POLICY": None}


class Worker:
    """A fresh Python process that runs functions by request, one after the other, and keeps its state.

    Parameters
    ----------
    environment : mapping of str to str or None
        Environment variables of the process; None takes one away.

    Examples
    --------
    >>> with Worker() as worker:  # doctest: +SKIP
    ...     worker.call(max, 1, 2)
    2
    """

    def __init__(self, environment: Mapping[str, str | None] = PLAIN) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,))
        with _environment(environment):
            self._process.start()
        theirs.close()

    def call(self, function: Callable[P, T], *args: P.args, **keywords: P.kwargs) -> T:
        """Run a module-level function there and return its value.

        Raises
        ------
        RuntimeError
            If the function raises there, with its traceback, or the process ends.
        """
        self._pipe.send((function, args, keywords))
        try:
            succeeded, value = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"the worker ended with exit code {self._process.exitcode}") from None
        if not succeeded:
            raise RuntimeError(f"in a worker:\n{value}")
        result: T = value
        return result

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(timeout=30)
        if self._process.is_alive():
            self._process.terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(pipe: Connection) -> None:
    while True:
        try:
            function, args, keywords = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return _dismiss_pool()
        answer: tuple[bool, Any]
        try:
            answer = (True, function(*args, **keywords))
        except Exception:
            answer = (False, traceback.format_exc())
        pipe.send(answer)


def _dismiss_pool() -> None:
    """Let joblib's own processes go: this one would wait minutes for them at its end."""
    if "joblib.externals.loky" in sys.modules:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True, kill_workers=True)


@contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in changes}
    try:
        _apply(changes)
        yield
    finally:
        _apply(kept)


def _apply(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
