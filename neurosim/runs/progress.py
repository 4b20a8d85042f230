"""Tell a terminal what a run is doing."""

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TextIO

from neurosim.analysis.progress import CountBar


def silent(event: Mapping[str, Any]) -> None:
    """Ignore an event."""


class TerminalProgress:
    """One line per stage, while training a bar with the objective and the active fraction, and one for what is counted.

    Call it with events, mappings with a ``"stage"``: ``"train"`` ones carry ``batch`` (counted from 1),
    ``n_batches``, ``objective`` and, if the code is sparse, ``active_fraction``; others may carry a ``"step"`` in
    words, and those of analyses ``done`` and ``of``.

    Parameters
    ----------
    stream : file, default=standard error
        Where to write.

    Examples
    --------
    >>> import io
    >>> stream = io.StringIO()
    >>> with TerminalProgress(stream) as progress:
    ...     progress({"stage": "stimuli"})
    >>> "stimuli" in stream.getvalue()
    True
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._bar: Any = None
        self._counts = CountBar(self._stream)

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show one event."""
        if event["stage"] == "train" and "n_batches" in event:
            self._train(event)
        elif "of" in event:
            self._close_bar()
            self._counts(event)
        else:
            self._close_bar()
            self._counts.close()
            words = f"{event['stage']}: {event['step']}" if "step" in event else str(event["stage"])
            self._stream.write(f"{words} ...\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_bar()
        self._counts.close()

    def _train(self, event: Mapping[str, Any]) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=event["n_batches"], desc="train", unit="batch", file=self._stream)
        figures = {"objective": f"{event['objective']:.4g}"}
        if "active_fraction" in event:
            figures["active"] = f"{100 * event['active_fraction']:.1f} %"
        self._bar.set_postfix(figures, refresh=False)
        self._bar.update(event["batch"] - self._bar.n)

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
