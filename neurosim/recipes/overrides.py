"""Read `--set section.key=value` and lay it over a recipe's table."""

import copy
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from neurosim.networks.models import MODELS
from neurosim.recipes.errors import RecipeError
from neurosim.stimuli.kinds import KINDS
from neurosim.stimuli.kinds.photographs import INSTEAD_OF_RELAYS

# The key of a table that says which other keys the table has, and what it is where it is left out.
_SELECTORS = {
    "stimuli": ("kind", KINDS[0].name),
    "stimuli.whitening": ("kind", None),
    "network": ("model", MODELS[0].name),
}
_SHORT_FLOAT = re.compile(r"[+-]?([0-9]+\.|\.[0-9]+)")


def overridden(table: Mapping[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    """Return a copy of a recipe's table with ``section.key=value`` assignments laid over it: of two for a key the last.

    Values are read by `toml_value`. Changing ``stimuli.kind``, ``stimuli.whitening.kind`` or ``network.model``
    starts that table of the recipe afresh, because its other keys belong to the kind that was there; those assigned
    beside it, before or after, are kept. Another ``stimuli.source``
    drops the recipe's names of embedded photographs and how films of them move, and ``stimuli.relays`` the recipe's
    whitening, which it replaces.

    Examples
    --------
    >>> overridden({"run": {"seed": 0}}, ["run.seed=7", "network.tau=10 ms"])
    {'run': {'seed': 7}, 'network': {'tau': '10 ms'}}
    """
    result = copy.deepcopy(dict(table))
    parsed = [_parsed(assignment) for assignment in assignments]
    if any(path == ["stimuli", "source"] and value not in ("embedded", "made") for path, value in parsed):
        # The recipe's names, not those of another assignment: asking for both is a contradiction to be told of.
        named = result.get("stimuli")
        if isinstance(named, dict):
            named.pop("photographs", None)
            named.pop("motion", None)
    if any(path == ["stimuli", "relays"] and value for path, value in parsed):
        for key in INSTEAD_OF_RELAYS:
            result.get("stimuli", {}).pop(key, None)
    # Kinds first, the outer one before the inner, or what is asked of the new kind would go with the old one.
    for path, value in sorted(
        parsed, key=lambda each: (not _selects(each[0]), _selects(each[0]) * len(each[0]))
    ):
        _assign(result, path, value)
    return result


def _selects(path: list[str]) -> bool:
    """Whether a key says which other keys its table has."""
    selector, _ = _SELECTORS.get(".".join(path[:-1]), (None, None))
    return path[-1] == selector


def assigned_path(assignment: str) -> list[str]:
    """Return the parts of the key that an assignment sets."""
    return [part.strip() for part in assignment.partition("=")[0].split(".")]


def _parsed(assignment: str) -> tuple[list[str], Any]:
    path = assigned_path(assignment)
    _, equals, text = assignment.partition("=")
    if not equals or len(path) < 2 or not all(path) or not text.strip():
        raise RecipeError(f"--set expects section.key=value, e.g. network.n_neurons=512; got {assignment!r}")
    return path, toml_value(text.strip())


def toml_value(text: str) -> Any:
    """Return the TOML value that a text spells, or the text itself where it is a bare word or phrase.

    Raises `RecipeError` for a text that starts like a list, a table or a quoted string and is none.

    Examples
    --------
    >>> toml_value("512"), toml_value("soft"), toml_value("10 ms"), toml_value("[1.1, 1.5]")
    (512, 'soft', '10 ms', [1.1, 1.5])
    """
    try:
        table = tomllib.loads(f"value = {text}")
    except RecursionError as error:
        raise RecipeError(f"--set expects a TOML value, got brackets too deep in {text[:20]!r}…") from error
    except ValueError as error:  # no TOML, or a number of more digits than Python reads
        if text[0] in "[{\"'":
            raise RecipeError(
                f"--set expects a TOML value, got {text!r} ({error}); quote the strings inside a list"
            ) from error
        # TOML wants a digit on both sides of the point; shells and people do not.
        return float(text) if _SHORT_FLOAT.fullmatch(text) else text
    value = table["value"]
    # Dates and second lines are TOML, but no recipe has them: they can only be meant as text.
    plain = isinstance(value, bool | int | float | str | list | dict) and len(table) == 1
    return value if plain else text


def _assign(table: dict[str, Any], path: list[str], value: Any) -> None:
    *sections, key = path
    for depth, section in enumerate(sections, start=1):
        inner = table.setdefault(section, {})
        if not isinstance(inner, dict):
            dotted = ".".join(sections[:depth])
            raise RecipeError(f"{dotted}: expected a section to set {'.'.join(path)!r} in, got {inner!r}")
        table = inner
    selector, default = _SELECTORS.get(".".join(sections), (None, None))
    if selector == key and table.get(key, default) != value:
        table.clear()
    table[key] = value
