"""Learning rules as text, which networks of several families tell."""

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Rule", "rule_text"]


class Rule(NamedTuple):
    """How something learns."""

    what: str
    """What learns, in words; from whom to whom, if it is weights."""
    rule: str
    """As the engine takes it."""
    kept: tuple[str, ...] = ()
    """What is seen to after every update, such as ``"unit_norm"``."""


def rule_text(rules: Iterable[Rule]) -> str:
    """Return rules one below the other, each with a heading.

    Examples
    --------
    >>> print(rule_text([Rule("fields", "w += eta*a_post*r_pre", ("unit_norm",))]))
    # fields; kept to: unit norm
    w += eta*a_post*r_pre
    <BLANKLINE>
    """
    return "\n".join(f"# {each.what}{_kept(each)}\n{each.rule}\n" for each in rules)


def _kept(rule: Rule) -> str:
    names = ", ".join(name.replace("_", " ") for name in rule.kept)
    return f"; kept to: {names}" if names else ""
