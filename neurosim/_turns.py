"""One piece of work at a time in a process: Brian2's preferences, device, clock and generators are one for all threads.

Whoever simulates holds the turn from choosing a circuit to reading its results. A thread may take it again while it has
it. A forked child starts with a free turn, unless the fork came while somebody had it: what it inherited is then half
changed, and it says so instead of simulating.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController, threadpool_limits

__all__ = ["call_back", "forked", "one_at_a_time", "refuse_forked_jax", "simulating", "single_threaded"]

_INSTEAD = (
    'start worker processes before, or in another way (multiprocessing.get_context("spawn"), joblib\'s loky)'
)


@dataclass
class _Turn:
    """Who works, and what a forked process has to know of its parent."""

    lock: Any = field(default_factory=threading.RLock)
    called_at: float | None = None
    generation: int = 0
    forked_at_work: bool = False
    forked_with_jax: bool = False


# Seconds a thread waits for another one's progress function, which may be waiting for this thread.
_PATIENCE = 60.0
_TURN = _Turn()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other thread of this process simulates or learns, and keep others waiting inside a ``with`` block.

    Raises
    ------
    BackendError
        In a process that was forked while its parent was at work, and where the thread at work is in a progress
        function for longer than a minute.

    Examples
    --------
    >>> with one_at_a_time():
    ...     pass  # Brian2 code of your own, beside threads that use networks
    """
    lock = _TURN.lock
    if lock._is_owned():
        with _talking_no_more():
            yield
        return
    try:
        _take(lock)
        _refuse_if_forked_at_work()
        with _serial_after_a_fork():
            yield
    finally:
        # Asked, not remembered: an interruption may come between taking it and noting that.
        if lock._is_owned():
            lock.release()


@contextmanager
def simulating() -> Iterator[None]:
    """Do `one_at_a_time`, with numpy's linear algebra on one thread.

    Its threads spin for a while after every product. That takes the processor from the simulation's own threads, and
    two that wait for each other's small products on a busy machine ran ten times slower. The limit is one for all
    threads too: who sets it holds the turn, so that the last one gives back what the first one found.
    """
    with one_at_a_time(), _blas().limit(limits=1):
        yield


@contextmanager
def single_threaded() -> Iterator[None]:
    """Do `one_at_a_time`, with all numerical libraries on one thread, for sums that have to round alike each time."""
    with one_at_a_time(), threadpool_limits(1):
        yield


def call_back(function: Callable[[dict[str, Any]], None], told: dict[str, Any]) -> None:
    """Call a user's function from inside a turn, so that threads it might wait for know."""
    _TURN.called_at = time.monotonic()
    try:
        function(told)
    finally:
        _TURN.called_at = None


def forked() -> int:
    """Return how often this process was forked from one that had loaded this module; 0 in one that was not."""
    return _TURN.generation


def refuse_forked_jax() -> None:
    """Raise in a process that was forked after jax had started its threads, which do not survive that.

    Raises
    ------
    BackendError
    """
    if _TURN.forked_with_jax:
        raise _refusal(
            f"this process was forked after jax had started, whose threads a forked process lacks; {_INSTEAD}"
        )


def _take(lock: Any) -> None:
    """Wait for the turn, or raise if it would never come."""
    while not lock.acquire(timeout=1.0):
        called_at = _TURN.called_at
        if called_at is not None and time.monotonic() - called_at > _PATIENCE:
            raise _refusal(
                f"another thread learns and has been in its progress function for {_PATIENCE:.0f} s, which may be "
                "waiting for this one; a progress function must not wait for threads that use networks"
            )


@contextmanager
def _talking_no_more() -> Iterator[None]:
    """Note that a progress function is at work itself, and waits for nobody."""
    called_at, _TURN.called_at = _TURN.called_at, None
    try:
        yield
    finally:
        _TURN.called_at = None if called_at is None else time.monotonic()


def _refuse_if_forked_at_work() -> None:
    if _TURN.forked_at_work:
        raise _refusal(
            f"this process was forked while a network of its parent was at work, and inherited it half done; {_INSTEAD}"
        )


def _refusal(message: str) -> Exception:
    # Loads Brian2, which stimuli and analysis do without.
    from neurosim.engine.errors import BackendError

    return BackendError(message)


@cache
def _blas() -> Any:
    import scipy.linalg  # noqa: F401  # SciPy has a library of its own, which is found once it is loaded

    return ThreadpoolController().select(user_api="blas")


@contextmanager
def _serial_after_a_fork() -> Iterator[None]:
    """Keep OpenMP on one thread in a forked process: GNU's waits for ever for threads that only the parent has."""
    if not _TURN.generation:
        yield
        return
    with _inherited_openmp(_TURN.generation).limit(limits=1):
        yield


@cache
def _inherited_openmp(generation: int) -> Any:
    return ThreadpoolController().select(user_api="openmp")


def _jax_has_started() -> bool:
    if "jax" not in sys.modules:
        return False
    bridge = sys.modules.get("jax._src.xla_bridge")
    # Where jax keeps what it started is not public; not knowing counts as started.
    return bool(getattr(bridge, "_backends", True))


def _in_the_child() -> None:
    was = _TURN.lock
    at_work = was._is_owned() or not was.acquire(blocking=False)
    _TURN.lock, _TURN.called_at = threading.RLock(), None
    _TURN.generation += 1
    _TURN.forked_at_work = _TURN.forked_at_work or at_work
    _TURN.forked_with_jax = _TURN.forked_with_jax or _jax_has_started()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_the_child)
