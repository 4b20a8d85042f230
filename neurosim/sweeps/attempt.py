"""One run of a sweep, in a worker on this machine or another: carried out once, its failure kept beside the runs.

Importing this is quick and loads no Brian2: schedulers do it too.
"""

import json
import logging
import os
import shutil
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosim._version import __version__

if TYPE_CHECKING:
    from neurosim.recipes.recipe import Recipe
    from neurosim.registry.progress import Progress

__all__ = ["Outcome", "Task", "carried_out", "failure", "keep_failure", "run_place"]

_LOG = logging.getLogger(__name__)
# Seconds between looks at a run that another process is writing.
_PATIENCE = 1.0


@dataclass(frozen=True)
class Task:
    """What a worker is told."""

    key: str
    recipe: str
    """The whole recipe as TOML."""
    folder: str
    """The sweep's folder, as this machine and the workers see it."""
    command: Sequence[str] = ()
    neurosim: str = __version__


@dataclass(frozen=True)
class Outcome:
    """What a worker answers."""

    key: str
    reason: str | None = None
    """Why the run failed; None: its folder is whole."""
    notes: list[str] = field(default_factory=list)
    """What was warned of or noted meanwhile, each once."""


def run_place(folder: str | Path, key: str) -> Path:
    """Return the folder of a run."""
    return Path(folder, "runs", key)


def carried_out(task: Task) -> Outcome:
    """Carry out a run unless that was done before; wait where another process is at it."""
    notes: list[str] = []
    try:
        with _noted(notes):
            _in_its_folder(task)
    except Exception as error:
        reason = _words(error, task)
        keep_failure(task.folder, task.key, reason, trace=traceback.format_exc())
        return Outcome(task.key, reason, notes)
    _failure_file(task.folder, task.key).unlink(missing_ok=True)
    _remove_left(run_place(task.folder, task.key))
    return Outcome(task.key, None, notes)


def failure(folder: str | Path, key: str) -> str | None:
    """Return why a run failed when it was last tried, or None."""
    try:
        content = json.loads(_failure_file(folder, key).read_text(encoding="utf-8"))
        return str(content["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_failure(folder: str | Path, key: str, reason: str, *, trace: str = "") -> None:
    """Write down why a run failed."""
    file = _failure_file(folder, key)
    file.parent.mkdir(exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    text = json.dumps({"reason": reason, "traceback": trace}, indent=2)
    aside.write_text(text, encoding="utf-8", errors="backslashreplace")
    os.replace(aside, file)


def _failure_file(folder: str | Path, key: str) -> Path:
    return Path(folder, "failed", f"{key}.json")


def _in_its_folder(task: Task) -> None:
    from neurosim.results.run_files import is_run
    from neurosim.results.target import BusyFolderError, RunFolderError
    from neurosim.sweeps.running import Running

    recipe, place = _recipe(task), run_place(task.folder, task.key)
    while not is_run(place):
        try:
            with Running(task.folder, task.key) as running:
                _gone_on_or_begun(recipe, place, progress=running, command=task.command)
        except BusyFolderError:
            time.sleep(_PATIENCE)
        except RunFolderError:
            # Where file systems know no locks, another may have been quicker.
            if not is_run(place):
                raise


def _gone_on_or_begun(recipe: "Recipe", place: Path, *, progress: "Progress", command: Sequence[str]) -> None:
    """Go on from the last checkpoint that a killed attempt has left beside the place; without one, begin."""
    from neurosim.engine.errors import CheckpointError
    from neurosim.runs.execute import execute, resume

    left = _left_to_go_on_from(place)
    if left is not None:
        try:
            resume(place, progress=progress, command=command)
            _LOG.info("%s", left)
            return
        except CheckpointError as error:
            reason, _, _ = str(error).partition(";")
            _LOG.warning("begun anew, as the checkpoint of a killed attempt cannot be used: %s", reason)
    execute(recipe, out=place, progress=progress, command=command)


def _left_to_go_on_from(place: Path) -> str | None:
    """Return what an attempt has left that `resume` would take: a whole run, or one with a checkpoint."""
    from neurosim.results.run_files import checkpoints_in
    from neurosim.results.target import RunFolderError
    from neurosim.results.unfinished import unfinished_run

    try:
        found = unfinished_run(place)
    except RunFolderError:
        return None
    if found.whole:
        return "put in its place, as a killed attempt had left it whole"
    kept = checkpoints_in(found.folder)
    if not kept:
        return None
    written = datetime.fromtimestamp(kept[0].stat().st_mtime).isoformat(" ", "milliseconds")
    return f"went on from the checkpoint that a killed attempt had left at {written}"


def _recipe(task: Task) -> "Recipe":
    import tomllib

    from neurosim.recipes.recipe import Recipe
    from neurosim.sweeps.plan import recipe_key

    if task.neurosim != __version__:
        raise ValueError(f"the worker has neurosim {__version__}, the sweep {task.neurosim}; start it anew")
    recipe = Recipe.model_validate(tomllib.loads(task.recipe))
    if (key := recipe_key(recipe)) != task.key:
        raise ValueError(
            f"expected the recipe {task.key}, but this worker reads it as {key}: it has other code"
        )
    return recipe


def _words(error: Exception, task: Task) -> str:
    from neurosim.runs.command_words import command_words

    told = "\n".join([str(error) or repr(error), *getattr(error, "__notes__", [])])
    try:
        return command_words(told, recipe=_recipe(task))
    except ValueError:
        return told


def _remove_left(place: Path) -> None:
    """Remove what killed attempts have left beside a run that is whole now."""
    from neurosim.results.target import left_beside

    for folder in left_beside(place):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _noted(notes: list[str]) -> Iterator[None]:
    """Collect warnings and the notes of our log: a worker's own streams are read by nobody."""
    log, handler = logging.getLogger("neurosim"), _Notes(notes)
    level, passes_on = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        with warnings.catch_warnings():
            for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
                warnings.simplefilter("ignore", kind)
            warnings.showwarning = lambda message, *_, **__: handler.keep(f"warning: {message}")
            yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = passes_on


class _Notes(logging.Handler):
    """Keeps each line once, but those on folders that killed attempts left: those go when the run is whole."""

    def __init__(self, notes: list[str]) -> None:
        super().__init__(logging.INFO)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "neurosim.results.store":
            self.keep(record.getMessage())

    def keep(self, line: Any) -> None:
        if line not in self._notes:
            self._notes.append(line)
