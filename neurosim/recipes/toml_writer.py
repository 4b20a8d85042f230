"""Write plain tables as TOML 1.0; `tomllib` of the standard library only reads."""

import json
import re
from collections.abc import Mapping

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: Mapping[str, object]) -> str:
    """Return a table as TOML text that `tomllib.loads` reads back unchanged.

    Parameters
    ----------
    table : mapping
        Strings, booleans, integers, floats, lists of these, and tables or lists of tables of the same to any depth.

    Returns
    -------
    str
        Scalars first, then one ``[section]`` per inner table and one ``[[section]]`` per table of a list, in the
        order given.

    Raises
    ------
    TypeError
        For anything else, ``None`` included: TOML has no word for it, so leave the key out.

    Examples
    --------
    >>> print(toml_text({"run": {"seed": 0, "name": "lca"}}), end="")
    [run]
    seed = 0
    name = "lca"
    """
    return "\n".join(_section(table, path=())) + "\n"


def _section(table: Mapping[str, object], *, path: tuple[str, ...], listed: bool = False) -> list[str]:
    scalars = {key: value for key, value in table.items() if not _tables(value)}
    inner = {key: value for key, value in table.items() if _tables(value)}
    dotted = ".".join(map(_key, path))
    # A table of tables only needs no heading of its own; an empty one would be lost without.
    heading = [f"[{dotted}]"] if path and (scalars or not inner) else []
    lines = [f"[[{dotted}]]"] if listed else heading
    lines = lines + [f"{_key(key)} = {_value(value)}" for key, value in scalars.items()]
    for key, value in inner.items():
        for each in _tables(value):
            block = _section(each, path=(*path, key), listed=isinstance(value, list))
            lines += ["", *block] if lines else block
    return lines


def _tables(value: object) -> list[Mapping[str, object]]:
    """Return the tables a value is, one or a list of them; none for any other value."""
    if isinstance(value, Mapping):
        return [value]
    several = isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
    return list(value) if several and isinstance(value, list) else []


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if type(value) is int or type(value) is float:
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    raise TypeError(
        f"expected a string, boolean, integer, float, list or table for TOML, got {value!r} "
        f"({type(value).__name__}); convert it or leave its key out"
    )


def _string(text: str) -> str:
    # JSON's escapes are a subset of TOML's; DEL is the one character JSON leaves raw and TOML forbids.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
