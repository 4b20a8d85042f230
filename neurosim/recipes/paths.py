"""Paths in a recipe, made absolute, so that the resolved recipe can be run from anywhere."""

from pathlib import Path
from typing import Any

# By kind of stimuli, the words that stand for a source where it may be a path.
_WORDS = {"photographs": {"embedded"}, "digits": {"embedded", "mnist"}}


def absolute_paths(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a recipe's table with the paths of its stimuli absolute.

    Parameters
    ----------
    table : dict
        A recipe as `tomllib` reads it, right or wrong; not changed.
    folder : Path
        Where relative paths start.

    Returns
    -------
    dict
        ``stimuli.source`` (unless it is a word such as ``"embedded"``), ``stimuli.path`` and a ``stimuli.font``
        that is a file; anything else as it was.

    Examples
    --------
    >>> absolute_paths({"stimuli": {"source": "embedded"}}, Path("/data"))
    {'stimuli': {'source': 'embedded'}}
    >>> absolute_paths({"stimuli": {"kind": "arrays", "path": "a.npz"}}, Path("/data"))["stimuli"]["path"]
    '/data/a.npz'
    """
    stimuli = table.get("stimuli")
    if not isinstance(stimuli, dict):
        return table
    kind = str(stimuli.get("kind", "photographs"))
    return table | {"stimuli": {key: _absolute(key, value, folder, kind) for key, value in stimuli.items()}}


def _absolute(key: str, value: Any, folder: Path, kind: str) -> Any:
    if key == "source" and isinstance(value, list):
        return [_joined(path, folder) if isinstance(path, str) else path for path in value]
    if not isinstance(value, str) or not value:
        return value
    return _joined(value, folder) if _is_path(key, value, folder, kind) else value


def _is_path(key: str, value: str, folder: Path, kind: str) -> bool:
    match key:
        case "source":
            return kind in _WORDS and value not in _WORDS[kind]
        case "font":  # a family's name unless there is such a file
            return _is_file(folder / value)
        case _:
            return key == "path"


def _joined(path: str, folder: Path) -> str:
    try:
        return str((folder / Path(path).expanduser()).resolve())
    except (OSError, RuntimeError, ValueError):  # no path; reading it will say so
        return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
