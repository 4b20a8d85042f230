"""Say in the words of the command line what a message says in Python's: `--set stimuli.skip_unreadable=true`."""

import ast
import re
import shlex
from collections.abc import Mapping
from typing import Any

import tomli_w

from neurosim.recipes.recipe import Recipe

__all__ = ["command_words"]

# What else messages call by a name of Python's.
_OTHER_NAMES = {"random_state": "run.seed", "folder": "stimuli.source"}
# A parameter and a value as Python spells them; text without quotes goes up to the next mark.
_ASSIGNED = re.compile(r"(?<![\w.\-/`])([a-z]\w*)=('[^']*'|\"[^\"]*\"|\[[^\]]*\]|\([^)]*\)|[^\s,;:()]+)")
_QUOTED = re.compile(r"`([a-z]\w*)`")
_LEADING = re.compile(r"\A([a-z]\w*)(?=: )")
_UNIT = re.compile(r"\A (?:us|ms|s)\b")


def command_words(message: str, *, recipe: Recipe) -> str:
    """Return a message with every parameter that the recipe has under its name there: ``network.dt = 1 ms``.

    A value that the recipe does not have now is advice, and becomes ``--set network.dt='1 ms'``.

    Examples
    --------
    >>> command_words("replace the file, or pass skip_unreadable=True", recipe=Recipe())
    'replace the file, or pass --set stimuli.skip_unreadable=true'
    >>> command_words("lower n_neurons=256, or use dt=None", recipe=Recipe())
    'lower network.n_neurons = 256, or use network.dt left out'
    """
    keys = _keys(recipe)
    pieces, end = [], 0
    for found in _ASSIGNED.finditer(message):
        name, text = found.groups()
        if name not in keys or found.start() < end:
            continue
        unit = _UNIT.match(message[found.end() :])  # dt=1. ms, as Brian2 writes a time
        text += unit.group() if unit else ""
        pieces += [message[end : found.start()], _spelled(*keys[name], text)]
        end = found.end() + (unit.end() if unit else 0)
    told = "".join([*pieces, message[end:]])
    told = _QUOTED.sub(lambda found: f"`{_key(found.group(1), keys)}`", told)
    return _LEADING.sub(lambda found: _key(found.group(1), keys), told)


def _key(name: str, keys: Mapping[str, tuple[str, Any]]) -> str:
    return keys[name][0] if name in keys else name


def _keys(recipe: Recipe) -> dict[str, tuple[str, Any]]:
    """Return the key and the value of each parameter; of equal names that of the network, then of the stimuli."""
    tables = recipe.model_dump()
    sections = {name: table for name, table in tables.items() if isinstance(table, dict)}
    sections["stimuli.whitening"] = tables["stimuli"].get("whitening") or {}
    found = {name: (key, None) for name, key in _OTHER_NAMES.items()}
    for section in reversed(["network", "stimuli", *sections]):
        found |= {name: (f"{section}.{name}", value) for name, value in sections[section].items()}
    return found


def _spelled(key: str, now: Any, text: str) -> str:
    value = _value(text)
    if value is None:
        return f"{key} left out"
    if now is not None and (value == now or str(value) == str(now)):
        return f"{key} = {text}"
    return f"--set {shlex.quote(f'{key}={_bare(value)}')}"


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _bare(value: Any) -> str:
    """Return a value as ``--set`` reads it: text without quotes, everything else as TOML."""
    if isinstance(value, str):
        return value
    table = {"value": list(value) if isinstance(value, tuple) else value}
    lines = tomli_w.dumps(table).partition(" = ")[2].splitlines()  # a list takes one for each item
    return " ".join(line.strip() for line in lines).replace("[ ", "[").replace(", ]", "]")
