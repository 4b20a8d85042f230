"""The values that a swept key takes: a list, a range in equal steps, or random draws."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from neurosim.registry.names import near_name

__all__ = ["SweepError", "drawn_values", "grid_values", "is_range"]

_RANGE = ("from", "to", "steps", "scale")
_CHOICE = "one_of"
_SCALES = ("linear", "log")
_MOST_STEPS = 10_000


class SweepError(ValueError):
    """A sweep that cannot be run as it stands; the message says what to change."""


def is_range(value: object) -> bool:
    """Return whether a table says how a key varies, rather than holding keys of a recipe."""
    return isinstance(value, Mapping) and bool({*_RANGE, _CHOICE} & set(value))


def grid_values(where: str, given: object) -> list[Any]:
    """Return the values of a key in a grid: a list as it is, or ``{ from, to, steps, scale }`` in equal steps.

    Between whole numbers the steps are rounded to whole numbers.

    Examples
    --------
    >>> grid_values("[grid] network.threshold", {"from": 0.5, "to": 8.0, "steps": 5, "scale": "log"})
    [0.5, 1.0, 2.0, 4.0, 8.0]
    """
    if is_range(given):
        given = _steps(where, _known(where, given, allowed=_RANGE))
    if not isinstance(given, list):
        raise SweepError(
            f"{where}: expected a list of values or {{ from = 1, to = 2, steps = 3 }}, got {given!r}; "
            f"write [{given!r}] for one value, or put it into [set]"
        )
    if not given:
        raise SweepError(f"{where}: expected at least one value, got an empty list; leave the key out")
    for place, value in enumerate(given):
        if value in given[:place]:
            raise SweepError(f"{where}: expected different values, got {value!r} twice")
    return given


def drawn_values(where: str, given: object, *, n_draws: int, seed: int) -> list[Any]:
    """Return random values of a key: one of a list, or from a range, uniform or on a ``"log"`` scale.

    Between whole numbers whole numbers are drawn, both ends among them. The stream depends on the key and the seed
    alone: another key moves no values, and more draws begin with the same ones.

    Examples
    --------
    >>> few, more = (drawn_values("network.tau", ["5 ms", "9 ms"], n_draws=n, seed=0) for n in (3, 5))
    >>> more[:3] == few
    True
    """
    rng = _stream(where, seed)
    if isinstance(given, list):
        given = {_CHOICE: given}
    if not is_range(given):
        raise SweepError(
            f"{where}: expected what to draw from, {{ from = 1, to = 2 }} or a list of values, got {given!r}"
        )
    table = _known(where, given, allowed=("from", "to", "scale", _CHOICE))
    if _CHOICE in table:
        if set(table) != {_CHOICE} or not isinstance(table[_CHOICE], list) or not table[_CHOICE]:
            raise SweepError(
                f"{where}: expected one_of with a list of values and nothing else, got {table!r}"
            )
        return [table[_CHOICE][index] for index in rng.integers(len(table[_CHOICE]), size=n_draws)]
    low, high, log = _ends(where, table)
    if isinstance(low, int) and isinstance(high, int):
        return _whole_numbers(rng, low, high, log=log, n_draws=n_draws)
    there, back = _scaled(log=log)
    return [float(back(value)) for value in rng.uniform(there(low), there(high), size=n_draws)]


def _stream(where: str, seed: int) -> np.random.Generator:
    digest = hashlib.sha256(where.encode("utf-8", "backslashreplace")).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _whole_numbers(rng: np.random.Generator, low: int, high: int, *, log: bool, n_draws: int) -> list[int]:
    if not log:
        return [int(value) for value in rng.integers(low, high, endpoint=True, size=n_draws)]
    # Half a step beyond both ends, so that these are as likely as their neighbours.
    drawn = np.exp(rng.uniform(math.log(low - 0.5), math.log(high + 0.5), size=n_draws))
    return [int(min(max(round(value), low), high)) for value in drawn]


def _steps(where: str, table: Mapping[str, Any]) -> list[Any]:
    steps = table.get("steps")
    if not isinstance(steps, int) or isinstance(steps, bool) or not 2 <= steps <= _MOST_STEPS:
        raise SweepError(f"{where}: expected steps from 2 to {_MOST_STEPS}, a whole number, got {steps!r}")
    low, high, log = _ends(where, table)
    there, back = _scaled(log=log)
    values = [back(value) for value in np.linspace(there(low), there(high), steps)]
    if isinstance(low, int) and isinstance(high, int):
        return [round(value) for value in values]
    # Rounding of a scale and back is not what the user meant by 0.1.
    return [low, *(float(f"{value:.12g}") for value in values[1:-1]), high]


def _ends(where: str, table: Mapping[str, Any]) -> tuple[Any, Any, bool]:
    low: Any = table.get("from")
    high: Any = table.get("to")
    scale = table.get("scale", "linear")
    if scale not in _SCALES:
        near = near_name(str(scale), _SCALES)
        raise SweepError(
            f"{where}: expected scale 'linear' or 'log', got {scale!r}"
            + (f"; did you mean {near!r}?" if near else "")
        )
    if not (_is_number(low) and _is_number(high) and low < high):
        raise SweepError(f"{where}: expected numbers, from less than to, got from = {low!r}, to = {high!r}")
    if scale == "log" and low <= 0:
        raise SweepError(f"{where}: expected from above 0 on a log scale, got {low!r}")
    return low, high, scale == "log"


def _scaled(*, log: bool) -> tuple[Callable[[float], float], Callable[[float], float]]:
    return (math.log, math.exp) if log else (float, float)


def _known(where: str, given: Any, *, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    for name in given:
        if name not in allowed:
            near = near_name(name, allowed)
            hint = f"did you mean {near!r}?" if near else f"expected {', '.join(allowed)}"
            raise SweepError(f"{where}: unknown word {name!r} in {json.dumps(given, default=str)}; {hint}")
    table: Mapping[str, Any] = given
    return table


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
