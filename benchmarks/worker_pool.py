"""Workers that wait for more of the same: starting a process and importing Brian2 takes seconds."""

import atexit
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.worker import Worker

__all__ = ["borrowed"]

_IDLE: dict[tuple[object, ...], list[Worker]] = {}


@contextmanager
def borrowed(purpose: str, *, environment: Mapping[str, str | None]) -> Iterator[Worker]:
    """Give a worker that nobody else uses meanwhile, one that has served the same purpose before if there is one.

    Parameters
    ----------
    purpose : str
        What it is for: libraries it has imported and code it has compiled are then of use again.
    environment : mapping of str to str or None
        As for `Worker`.
    """
    key = (purpose, *sorted(environment.items(), key=str))
    idle = _IDLE.setdefault(key, [])
    worker = idle.pop() if idle else Worker(environment)
    try:
        yield worker
    except BaseException:
        # What state it is in nobody knows.
        worker.close()
        raise
    idle.append(worker)


@atexit.register
def _close_all() -> None:
    for workers in _IDLE.values():
        for worker in workers:
            worker.close()
