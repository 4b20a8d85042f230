"""The run folder: written beside its place, moved there when it is whole."""

import json
import math
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RUN_FILES = (
    "recipe.toml",
    "provenance.json",
    "network.nc",
    "fields.csv",
    "bound_sweep.csv",
    "classification.csv",
    "recall.csv",
    "blocks.csv",
    "disparity.csv",
    "arms.csv",
    "arms_sweep.csv",
    "arms_bandwidths.csv",
    "summary.json",
    "figures",
    "report.html",
)
"""What runs write: tables as the stimuli and the network have them, everything else always."""


class RunFolderError(ValueError):
    """An output folder that cannot be used, or a folder that holds no run."""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C during a run; the message says what was kept."""


@contextmanager
def new_run_folder(out: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a folder to write a run in, and move it to its place when the block ends well.

    The run is written to ``<out>.partial``. If the block is left by an error before the network is stored,
    that folder goes; afterwards it stays, under this name, so that no half run ever looks whole. The next
    run to the same place replaces it.

    Parameters
    ----------
    out : Path
        Where the run will be.
    overwrite : bool
        Replace a run that is there.

    Yields
    ------
    Path
        The folder to write in.

    Raises
    ------
    RunFolderError
        If `out` is a file, holds a run and `overwrite` is false, or holds anything that no run writes.
    RunInterrupted
        In place of a KeyboardInterrupt from the block.
    """
    require_free(out, overwrite=overwrite)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        require_free(out, overwrite=overwrite)
        _replace(out, by=partial)
    except KeyboardInterrupt as interruption:
        kept = _left_behind(partial) or "nothing was kept: the network was not trained to the end"
        raise RunInterrupted(kept) from interruption
    except BaseException as error:
        if note := _left_behind(partial):
            error.add_note(note)
        raise


def require_free(out: Path, *, overwrite: bool) -> None:
    """Raise unless a run may be put at `out`.

    Parameters
    ----------
    out : Path
        Where the run will be.
    overwrite : bool
        Whether a run that is there may be replaced.

    Raises
    ------
    RunFolderError
        As for `new_run_folder`.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise RunFolderError(
            f"expected a new folder for the run, got the file {str(out)!r}; name another --out"
        )
    foreign = sorted(entry.name for entry in out.iterdir() if entry.name not in RUN_FILES)
    if foreign:
        raise RunFolderError(
            f"expected an empty or new folder, but {str(out)!r} holds {foreign[0]!r}, which no run wrote; "
            "name another --out"
        )
    if any(out.iterdir()) and not overwrite:
        raise RunFolderError(
            f"{str(out)!r} already holds a run; name another --out, or replace it with --overwrite"
        )


def require_run(folder: Path) -> None:
    """Raise unless a folder holds a whole run.

    Raises
    ------
    RunFolderError
        If the folder or its ``summary.json`` is missing.
    """
    if not (folder / "summary.json").is_file():
        raise RunFolderError(
            f"expected the folder of a run, found no summary.json in {str(folder)!r}; "
            "`neurosim run NAME --out DIR` makes one"
        )


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table as JSON; what is not a number (NaN) becomes ``null``, which is JSON's word for it.

    Parameters
    ----------
    path : Path
        The file.
    table : mapping
        Plain values, lists and mappings.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    text = json.dumps(_without_nan(table), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _replace(out: Path, *, by: Path) -> None:
    if not out.exists():
        by.rename(out)
        return
    # The old run steps aside first: a folder that is not empty cannot be renamed over.
    old = out.with_name(out.name + ".replaced")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    by.rename(out)
    shutil.rmtree(old)


def _left_behind(partial: Path) -> str | None:
    """Remove a half run unless its network is trained; say what stays."""
    if (partial / "network.nc").is_file():
        return f"kept {str(partial)!r} with the trained network (network.nc); it is not a whole run"
    shutil.rmtree(partial, ignore_errors=True)
    return None
