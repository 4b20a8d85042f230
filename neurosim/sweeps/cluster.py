"""Runs of a sweep on a dask cluster, whose workers all see the sweep's folder."""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neurosim._version import __version__
from neurosim.sweeps.attempt import Outcome, Task, carried_out, keep_failure
from neurosim.sweeps.values import SweepError

__all__ = ["carried_out_on", "require_dask"]

# Seconds: until a scheduler answers, a worker is there, and between two looks.
_ANSWER, _JOIN, _LOOK = 10, 60, 0.5
_SAME = ("neurosim-v1", "brian2", "numpy", "scipy", "pandas", "jax")
_START = "dask worker ADDRESS --nthreads 1 --preload brian2"


def require_dask() -> None:
    """Raise `MissingExtraError` without the extra."""
    try:
        import distributed  # noqa: F401
    except ImportError as missing:
        from neurosim.engine.errors import MissingExtraError

        raise MissingExtraError(
            "a sweep on a cluster needs dask and distributed, which are not installed; in the checkout of neurosim: "
            "pip install -e '.[cluster]'"
        ) from missing


def carried_out_on(scheduler: str, tasks: Sequence[Task]) -> Generator[Outcome | None, None, None]:
    """Yield the outcome of each task as it ends, and None every half a second while there is none.

    Workers are looked at first: versions, threads, and whether they see the folder. The scheduler gives runs of a
    worker that was lost to another.
    """
    with _client(scheduler) as client:
        _require_fit(client, folder=Path(tasks[0].folder))
        client.register_plugin(_warm())
        by_future = {
            client.submit(carried_out, task, key=_name(task), pure=False, retries=0): task for task in tasks
        }
        try:
            waiting = set(by_future)
            while waiting:
                finished = {future for future in waiting if future.done()}
                for future in finished:
                    waiting.discard(future)
                    yield _outcome(future, by_future[future])
                if not finished:
                    time.sleep(_LOOK)
                    yield None
        finally:
            client.cancel(list(by_future))


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    import distributed

    # Which carries no types of its own.
    connected: Any = distributed.Client
    try:
        client = connected(scheduler, timeout=_ANSWER, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SweepError(
            f"expected a dask scheduler at {scheduler!r}, but none answers ({error}); `dask scheduler` starts one and "
            "prints its address"
        ) from error
    log = logging.getLogger("distributed")
    level = log.level
    # That a worker was lost, and its runs are done by another, is what a scheduler is for.
    log.setLevel(logging.ERROR)
    try:
        with client:
            yield client
    finally:
        log.setLevel(level)


def _name(task: Task) -> str:
    """Return the same name for the same run, so that a sweep that is started again finds what still runs."""
    return f"neurosim-{hashlib.sha256(task.folder.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}-{task.key}"


def _outcome(future: Any, task: Task) -> Outcome:
    from distributed import KilledWorker

    error = future.exception() if future.status == "error" else None
    if error is None and future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    lost = isinstance(error, KilledWorker)
    reason = (
        "its workers were killed again and again; systems do so where memory is short"
        if lost
        else (f"the cluster gave it up: {future.status if error is None else repr(error)}")
    )
    keep_failure(task.folder, task.key, reason)
    return Outcome(task.key, reason)


def _warm() -> Any:
    """Return a plugin that imports Brian2 where a worker starts, in its main thread."""
    from neurosim.sweeps.warm import Warm

    return Warm()


def _require_fit(client: Any, *, folder: Path) -> None:
    """Raise `SweepError` unless scheduler and workers have our versions, one thread each, and see the folder."""
    try:
        client.wait_for_workers(1, timeout=_JOIN)
    except TimeoutError as error:
        raise SweepError(f"the scheduler has no workers; start some: {_START}") from error
    threads = client.nthreads()
    several = {worker: number for worker, number in threads.items() if number != 1}
    if several:
        worker, number = next(iter(several.items()))
        raise SweepError(
            f"expected workers of one thread each, for Brian2's sake, but {worker} has {number}; start them "
            f"with {_START}"
        )
    token = folder / f".seen-{secrets.token_hex(8)}"
    token.write_text("seen", encoding="utf-8")
    try:
        look = _look(str(token))
        found = {**client.run(look), "the scheduler": client.run_on_scheduler(look)}
    finally:
        token.unlink(missing_ok=True)
    _require_same(found, ours=look(), folder=folder)


def _look(token: str) -> Callable[[], dict[str, Any]]:
    """Return a function that needs nothing of ours where it runs: dask sends it by value, for it is a local one."""
    names = _SAME

    def look() -> dict[str, Any]:
        import importlib.metadata
        import importlib.util
        import os
        import platform

        versions: dict[str, Any] = {"python": ".".join(platform.python_version_tuple()[:2])}
        for name in names:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = None
        try:
            there = importlib.util.find_spec("neurosim") is not None
        except ModuleNotFoundError:
            there = False
        return {"versions": versions, "importable": there, "sees": os.path.isfile(token)}

    return look


def _require_same(found: Mapping[str, Any], *, ours: Mapping[str, Any], folder: Path) -> None:
    for where, theirs in found.items():
        if not theirs["importable"]:
            raise SweepError(
                f"{where} has no neurosim; install {__version__} there, in the environment of the scheduler and of "
                "every worker, and start them anew"
            )
        for name, version in ours["versions"].items():
            if theirs["versions"][name] != version:
                raise SweepError(
                    f"expected {name} {version} everywhere, as here, but {where} has {theirs['versions'][name]}; "
                    "install the same there and start it anew"
                )
        if not theirs["sees"] and where != "the scheduler":
            raise SweepError(
                f"{where} does not see {str(folder)!r}; name a folder with --out that all machines share"
            )
