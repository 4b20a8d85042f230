"""Which unfinished run is meant, and where it belongs: by the place it was to be put in, or by its own folder."""

import re
from pathlib import Path
from typing import NamedTuple

from neurosim.results.run_files import checkpoints_in, is_resumable, is_run, marked
from neurosim.results.target import RunFolderError, left_beside, resolved

# As new_run_folder names them, and as it renames the one that a signal has ended.
_NAMED = re.compile(r"(?P<place>.+)\.partial(-[0-9a-f]{8})?$")


class Unfinished(NamedTuple):
    """A run that was interrupted or killed."""

    folder: Path
    """Where it is."""
    place: Path
    """Where it belongs."""
    whole: bool
    """Whether it need only be put there."""


def unfinished_run(name: str | Path) -> Unfinished:
    """Return the unfinished run that a name means.

    Parameters
    ----------
    name : str or Path
        The run's ``--out``, or the unfinished folder beside it. Of several unfinished runs to one place a whole one
        comes first, then the one with the latest checkpoint.

    Raises
    ------
    RunFolderError
        If there is none, or nothing in it tells how to go on.
    """
    path = resolved(name)
    named = _NAMED.match(path.name)
    if named and path.is_dir() and marked(path) is not None:
        found, place = [path], path.with_name(named["place"])
    else:
        found, place = [each for each in left_beside(path) if _NAMED.match(each.name)], path
    good = [each for each in found if is_run(each) or _has_recipe(each)]
    if not good:
        raise RunFolderError(_none(name, found, whole=path.is_dir() and is_run(path)))
    best = max(good, key=lambda each: (is_run(each), *_latest(each)))
    return Unfinished(best, place, is_run(best))


def _has_recipe(folder: Path) -> bool:
    return is_resumable(folder) and (folder / "recipe.toml").is_file()


def _latest(folder: Path) -> tuple[float, float]:
    """Return when the latest checkpoint was written, and when the run began."""
    kept = checkpoints_in(folder)
    return (kept[0].stat().st_mtime if kept else 0.0, (folder / "recipe.toml").stat().st_mtime)


def _none(name: str | Path, found: list[Path], *, whole: bool) -> str:
    if found:
        return (
            f"expected what an interrupted `neurosim run` has left, but {str(found[0])!r} holds no recipe to go on "
            "with; run the command again that was interrupted"
        )
    if whole:
        return f"{str(name)!r} holds a whole run: there is nothing to go on with"
    return (
        f"found no unfinished run of {str(name)!r}; name the --out of a run that was interrupted, or its folder "
        "….partial-…"
    )
