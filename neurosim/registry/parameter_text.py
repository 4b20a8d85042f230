"""The section "Parameters" of a docstring, in numpydoc, from the statement of the parameters."""

import re
import textwrap
from collections.abc import Iterable
from typing import Any, Protocol

__all__ = ["documented"]

_WIDTH = 112


class _Limit(Protocol):
    @property
    def words(self) -> str: ...


class _Parameter(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def limit(self) -> _Limit: ...
    @property
    def meaning(self) -> str: ...
    @property
    def default(self) -> Any: ...


def documented(text: str, parameters: Iterable[_Parameter]) -> str:
    """Return a docstring with its parameters, before the first of its sections; one that tells them stays as it is.

    Parameters
    ----------
    text : str
        Without indentation.
    parameters : iterable of Parameter
    """
    headings = {match[1]: match.start() for match in re.finditer(r"^(\w[\w ]*)\n-{3,}$", text, re.MULTILINE)}
    if "Parameters" in headings:
        return text
    section = "\n".join(["Parameters", "----------", *map(_entry, parameters)])
    place = min(headings.values(), default=len(text))
    before, after = text[:place].rstrip(), text[place:].rstrip()
    return "\n\n".join(part for part in (before, section, after) if part) + "\n"


def _entry(parameter: _Parameter) -> str:
    words, default = parameter.limit.words, parameter.default
    # What None stands for is told by the meaning, unless it is a value like others.
    worked_out = default is None and "None" not in words
    kind = f"{words}, optional" if worked_out else f"{words}, default={_literal(default)}"
    lines = textwrap.wrap(parameter.meaning, _WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join([f"{parameter.name} : {kind}", *(f"    {line}" for line in lines)])


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
