"""Paths in a recipe, made absolute, so that the resolved recipe can be run from anywhere."""

from pathlib import Path
from typing import Any

from neurosim.registry.stimulus import FilePath
from neurosim.stimuli.kinds import KINDS


def absolute_paths(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a recipe's table, right or wrong, with the paths of its stimuli absolute; relative ones start in `folder`.

    Those are the keys that the kind of stimuli declares, unless they hold one of its words, such as ``"embedded"``.

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
    name = stimuli.get("kind", KINDS[0].name)
    keys = next((kind.paths for kind in KINDS if kind.name == name), {})
    return table | {
        "stimuli": {
            key: _absolute(value, folder, keys[key]) if key in keys else value
            for key, value in stimuli.items()
        }
    }


def _absolute(value: Any, folder: Path, key: FilePath) -> Any:
    if isinstance(value, list):
        return [_joined(path, folder) if isinstance(path, str) else path for path in value]
    if not isinstance(value, str) or not value or value in key.words:
        return value
    return value if key.if_there and not _is_file(folder / value) else _joined(value, folder)


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
