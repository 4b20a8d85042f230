"""Runs of a sweep on this machine: one process for each at a time, replaced when it is killed."""

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from typing import Any

from neurosim.sweeps.attempt import Outcome, Task, carried_out, keep_failure

__all__ = ["carried_out_here"]

# Seconds between two looks at what happens.
_LOOK = 0.5
# A run whose process is killed so often is the reason itself.
_MOST_KILLS = 3
# One process each: more threads than processors would wait for one another, and add up sums in another order.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def carried_out_here(tasks: Sequence[Task], *, n_workers: int) -> Generator[Outcome | None, None, None]:
    """Yield the outcome of each task as it ends, and None every half a second while there is none.

    Every worker is an executor of its own, so that it is known which run was in the one that was killed.
    """
    waiting, kills = deque(tasks), Counter[str]()
    at_work: dict[Future[Outcome], tuple[Any, Task]] = {}
    idle: list[Any] = []
    try:
        while waiting or at_work:
            while waiting and len(at_work) < n_workers:
                executor, task = idle.pop() if idle else _worker(), waiting.popleft()
                at_work[executor.submit(carried_out, task)] = executor, task
            finished, _ = wait(at_work, timeout=_LOOK, return_when=FIRST_COMPLETED)
            for future in finished:
                executor, task = at_work.pop(future)
                outcome = _outcome(future)
                if outcome is None:
                    executor.shutdown(wait=False, kill_workers=True)
                    kills[task.key] += 1
                    outcome = _given_up(task, kills[task.key])
                else:
                    idle.append(executor)
                if outcome is None:
                    waiting.append(task)
                else:
                    yield outcome
            if not finished:
                yield None
    finally:
        for executor in [*idle, *(executor for executor, _ in at_work.values())]:
            executor.shutdown(wait=False, kill_workers=True)


def _worker() -> Any:
    from joblib.externals.loky import ProcessPoolExecutor

    threads = {name: os.environ.get(name, "1") for name in _THREADS}
    return ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),), env=threads)


def _outcome(future: "Future[Outcome]") -> Outcome | None:
    """Return what a worker answered, or None if it was killed."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _given_up(task: Task, n_kills: int) -> Outcome | None:
    if n_kills < _MOST_KILLS:
        return None
    reason = f"its process was killed {n_kills} times; the system does so where memory is short"
    keep_failure(task.folder, task.key, reason)
    return Outcome(task.key, reason)


def _begin(parent: int) -> None:
    """Take a worker out of the terminal's reach, whose Ctrl-C the sweep answers, and let it end with the sweep."""
    with suppress(OSError, AttributeError):
        os.setpgrp()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    # With what it has started: compilers and compiled programs.
    with suppress(OSError, AttributeError):
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
