"""How far the runs of a sweep are: a small file each, which workers write and whoever waits reads."""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from neurosim.owned_folders import process_mark, still_runs

__all__ = ["Running", "SweepBar", "clear_running", "running_words"]

# Seconds.
_BETWEEN = 1.0
# What was not written for so long is of a killed worker, on whatever machine.
_OLD = 600.0


class Running:
    """The progress of a run, kept in ``running/<key>.json`` while a block lasts."""

    def __init__(self, folder: str | Path, key: str) -> None:
        self._file = Path(folder, "running", f"{key}.json")
        self._last, self._stage = 0.0, ""

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event of a run."""
        now = time.monotonic()
        if event["stage"] == self._stage and now - self._last < _BETWEEN:
            return
        self._last, self._stage = now, event["stage"]
        done, of = event.get("batch", event.get("done")), event.get("n_batches", event.get("of"))
        share = done / of if done is not None and of else None
        content = {"stage": event["stage"], "share": share, "process": os.getpid(), "mark": process_mark()}
        # It tells, and no more: a run does not end because it could not tell.
        with suppress(OSError):
            self._file.parent.mkdir(exist_ok=True)
            aside = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            aside.write_text(json.dumps(content), encoding="utf-8")
            os.replace(aside, self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def running_words(folder: str | Path) -> list[str]:
    """Return what each running run does, such as ``"train 40 %"``."""
    told = filter(None, map(_told, sorted(Path(folder, "running").glob("*.json"))))
    return [
        content["stage"] + ("" if content["share"] is None else f" {content['share']:.0%}")
        for content in told
    ]


def clear_running(folder: str | Path) -> None:
    """Remove what killed workers left, and the folder if none is running."""
    place = Path(folder, "running")
    with suppress(OSError):
        for file in [*place.glob("*.json"), *place.glob(".*.json.*")]:
            if _told(file) is None:
                file.unlink(missing_ok=True)
        place.rmdir()


def _told(file: Path) -> dict[str, Any] | None:
    """Return what a running run has told of itself, or None if its process has ended."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(file.read_text(encoding="utf-8"))
        if time.time() - file.stat().st_mtime < _OLD and still_runs(content["mark"]):
            return {"stage": str(content["stage"]), "share": content["share"]}
    return None


class SweepBar:
    """A bar on a stream: runs done of all, how many failed, and how far those are that run.

    Examples
    --------
    >>> import io
    >>> with SweepBar(io.StringIO()) as bar:
    ...     bar({"stage": "sweep", "done": 1, "of": 4, "failed": 0, "running": ["train 40%"]})
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: Any = None
        self._words = ""

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show one event of a sweep."""
        if "step" in event:
            self._stream.write(f"{event['stage']}: {event['step']} ...\n")
            self._stream.flush()
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                total=event["of"], desc="sweep", unit="run", file=self._stream, initial=event["done"]
            )
        failed = f"{event['failed']} failed" if event["failed"] else ""
        words = ", ".join(filter(None, [failed, *event["running"]]))
        if words != self._words or event["done"] != self._bar.n:
            self._bar.set_postfix_str(words, refresh=False)
            self._bar.update(event["done"] - self._bar.n)
            self._bar.refresh()
            self._words = words

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
