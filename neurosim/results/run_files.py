"""What a run folder may hold, and whether all that is in one was written by a run."""

import json
import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from neurosim._version import __version__
from neurosim.owned_folders import process_mark

MARKER = ".neurosim-run.json"
"""Says that a folder is ours, whether its run is whole, and which files the run wrote."""

CHECKPOINTS = "checkpoints"
"""The folder, in that of an unfinished run, of what training goes on from; it goes when the run is whole."""

DESCRIPTIONS = ("recipe.toml", "recording.toml")
"""What was done, one of them in each folder: the recipe of a run, or what a recording was analyzed from."""

RUN_FILES = (
    *DESCRIPTIONS,
    "provenance.json",
    "network.nc",
    "fields.csv",
    "summary.json",
    "figures",
    "report.html",
    MARKER,
)
"""What every run writes, besides tables and figures as its measures have them."""

Writes = Callable[[str], bool]
"""Whether runs may write a table or a figure, by its path in the folder; who measures knows the names."""


def nothing_else(path: str) -> bool:
    """Know no table and no figure: a folder that holds one, and no list of its own files, is not taken for a run's."""
    return False


_UNFINISHED, _WHOLE = "unfinished", "whole"


def mark(folder: Path, *, whole: bool, resumable: bool = False) -> None:
    """Write the marker: the folder is ours, unfinished or whole, with the files it holds now."""
    content = {
        "neurosim": __version__,
        "state": _WHOLE if whole else _UNFINISHED,
        "resumable": resumable,
        "process": process_mark(),
        "files": sorted(path for path in files_in(folder) if Path(path).parts[0] != CHECKPOINTS),
    }
    write_whole(folder / MARKER, json.dumps(content, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all: on a full disc, or after a kill, half of one would mislead."""
    aside = path.with_name(f"{path.name}.unfinished")
    try:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def is_resumable(folder: Path) -> bool:
    """Return whether a folder holds an unfinished run that can be gone on with: its marker says so."""
    marker = marked(folder)
    return is_unfinished(folder) and marker is not None and marker.get("resumable") is True


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints of an unfinished run, the latest first."""
    found = (folder / CHECKPOINTS).glob("*.npz") if (folder / CHECKPOINTS).is_dir() else ()
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def marked(folder: Path) -> dict[str, Any] | None:
    """Return what a folder's marker says, or None if it has none that can be read."""
    try:
        content = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(content, dict) and isinstance(content.get("files"), list)
    return content if sound else None


def is_unfinished(folder: Path) -> bool:
    """Return whether a folder's marker says that its run did not come to its end."""
    marker = marked(folder)
    return marker is not None and marker.get("state") != _WHOLE


def is_run(folder: Path) -> bool:
    """Return whether a folder holds a run: its summary, its recipe or recording, and no word that it is unfinished."""
    described = any((folder / name).is_file() for name in DESCRIPTIONS)
    return described and (folder / "summary.json").is_file() and not is_unfinished(folder)


def is_ours(folder: Path) -> bool:
    """Return whether a run wrote a folder: by its marker, or, before there were any, by a run with our recipe."""
    return marked(folder) is not None or (is_run(folder) and _has_our_recipe(folder))


def foreign_file(folder: Path, *, writes: Writes = nothing_else) -> str | None:
    """Return something that no run wrote in a folder, as a path in it, or None if all is ours.

    A folder that tells which files its run wrote is held to that; of another, the names that `writes` allows count.
    """
    marker = marked(folder)
    if marker is None or marker.get("state") != _WHOLE:
        return next((path for path in files_in(folder) if not (path in RUN_FILES or writes(path))), None)
    own = {MARKER, "report.html", *map(str, marker["files"])}
    # Figures of the run may have been drawn again for print.
    figures = [path.removesuffix(".png") for path in own if path.endswith(".png")]
    own |= {f"{figure}{suffix}" for figure in figures for suffix in (".svg", ".pdf")}
    return next((path for path in files_in(folder) if path not in own), None)


def files_in(folder: Path, before: str = "") -> Iterator[str]:
    """Yield all that is in a folder and is no folder itself, and folders that are empty, as paths in it.

    Files come before what is in folders. Links are not followed.
    """
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: (entry.is_dir(follow_symlinks=False), entry.name))
    for entry in entries:
        path, empty = f"{before}{entry.name}", True
        if entry.is_dir(follow_symlinks=False):
            for inside in files_in(Path(entry.path), f"{path}/"):
                yield inside
                empty = False
        if empty:
            yield path


def _has_our_recipe(folder: Path) -> bool:
    try:
        table = tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return {"run", "stimuli", "network"} <= set(table)
