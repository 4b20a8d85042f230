"""The folder a run goes to when none is named."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from neurosim.recipes.overrides import assigned_path
from neurosim.recipes.recipe import Recipe

_LONGEST = 80
# What the folder's name says anyway.
_SAID = (("run", "name"), ("run", "seed"), ("run", "description"), ("run", "expected_time"))


def default_folder(recipe: Recipe, assignments: Iterable[str] = ()) -> Path:
    """Return ``runs/NAME-SEED``, with what assignments have changed behind it, so that no two recipes meet there.

    Examples
    --------
    >>> from neurosim.recipes.recipe import load_recipe
    >>> default_folder(load_recipe("lca")).as_posix()
    'runs/lca-0'
    >>> changed = ["network.n_neurons=64", "run.seed=3"]
    >>> default_folder(load_recipe("lca", assignments=changed), changed).as_posix()[:-8]
    'runs/lca-3-n_neurons=64-'
    """
    table = recipe.model_dump()
    paths = dict.fromkeys(tuple(assigned_path(assignment)) for assignment in assignments)
    changed = [path for path in paths if path not in _SAID]
    plain = f"{recipe.run.name}-{recipe.run.seed}"
    if not changed:
        return Path("runs", plain)
    words = "-".join(f"{path[-1]}={_plain(_value(table, path))}" for path in changed)
    # The words may be cut, and say nothing of what they leave out: the digest tells recipes apart.
    digest = hashlib.sha256(recipe.to_toml().encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return Path("runs", f"{plain}-{words[:_LONGEST].rstrip('-')}-{digest}")


def _value(table: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        table = table.get(part) if isinstance(table, dict) else None
    return table


def _plain(value: Any) -> str:
    words = value.lower() if isinstance(value, str) else repr(value)
    return re.sub(r"[^A-Za-z0-9.+]+", "_", words.replace(" ", "")).strip("_")
