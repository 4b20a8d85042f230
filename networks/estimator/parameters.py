"""Checks of constructor parameters at the public door."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from brian2 import Quantity, have_same_dimensions, second

from neurosim.registry.parameters import (
    LARGEST,
    Flag,
    Limit,
    Number,
    OneOf,
    Other,
    Statement,
    Time,
    Whole,
)

__all__ = ["LARGEST", "check_parameters", "flag", "one_of", "positive", "seconds", "whole"]


def check_parameters(network: Any) -> None:
    """Raise ValueError unless all parameters of an estimator are what its statement says."""
    statement: Statement = network._statement
    for parameter in statement.parameters:
        value = getattr(network, parameter.name)
        if not (value is None and parameter.default is None):
            _CHECKS[type(parameter.limit)](parameter.name, value, parameter.limit)
    for name, check in statement.checks:
        if getattr(network, name) is not None:
            check(network, lambda time: seconds(time, getattr(network, time)))


def seconds(name: str, value: Any) -> float:
    """Return a duration in seconds.

    Parameters
    ----------
    name : str
        The parameter, for the message.
    value : str or brian2.Quantity
        For example ``"10 ms"`` or ``10*ms``.

    Raises
    ------
    ValueError
        If it is no positive time with a unit.

    Examples
    --------
    >>> seconds("tau", "10 ms")
    0.01
    """
    result = _parsed(value) if isinstance(value, str) else None
    if isinstance(value, Quantity) and np.size(value) == 1 and have_same_dimensions(value, second):
        result = float(value / second)
    if result is None:
        raise ValueError(f"{name}: expected a time with its unit, such as '10 ms' or 10*ms, got {value!r}")
    if not (np.isfinite(result) and result > 0):
        raise ValueError(f"{name}: expected a time above zero, got {value!r}")
    return result


_SECONDS = {"s": 1, "second": 1, "seconds": 1, "ms": 1e-3, "us": 1e-6}


def _parsed(text: str) -> float | None:
    match = re.fullmatch(r"\s*([0-9.eE+-]+)\s*([a-z]+)\s*", text)
    if match is None or match[2] not in _SECONDS:
        return None
    try:
        # Divided, because 10 * 1e-3 is not the nearest double to 0.01.
        return float(match[1]) / round(1 / _SECONDS[match[2]])
    except ValueError:
        return None


def whole(name: str, value: Any, *, at_least: int) -> None:
    """Raise unless the value is an integer of at least this size."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < at_least:
        raise ValueError(f"{name}: expected a whole number of at least {at_least}, got {value!r}")


def positive(name: str, value: Any, *, or_zero: bool = False) -> None:
    """Raise unless the value is a finite number above zero, or zero if that is allowed, that can be squared."""
    good = isinstance(value, Real) and not isinstance(value, bool) and np.isfinite(float(value))
    if good and abs(float(value)) > LARGEST:
        raise ValueError(
            f"{name}: expected at most {LARGEST:g}, whose square is still a number, got {value!r}; is its unit right?"
        )
    if not good or value < 0 or (value == 0 and not or_zero):
        raise ValueError(
            f"{name}: expected a finite number {'of at least' if or_zero else 'above'} zero, got {value!r}"
        )


def one_of(name: str, value: Any, allowed: Sequence[str]) -> None:
    """Raise unless the value is one of the names, and suggest the nearest."""
    if value in allowed:
        return
    near = difflib.get_close_matches(str(value), allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{name}: expected one of {', '.join(map(repr, allowed))}, got {value!r}{hint}")


def flag(name: str, value: Any) -> None:
    """Raise unless the value is true or false; text such as ``"no"`` would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {value!r}")


def _whole(name: str, value: Any, limit: Any) -> None:
    if limit.several and (np.ndim(value) != 1 or len(value) == 0):
        raise ValueError(f"{name}: expected a sequence of one whole number or more, got {value!r}")
    for each in value if limit.several else (value,):
        whole(name, each, at_least=1)


def _number(name: str, value: Any, limit: Any) -> None:
    if limit.automatic and isinstance(value, str):
        one_of(name, value, ("auto",))
    else:
        positive(name, value, or_zero=limit.or_zero)


def _name(name: str, value: Any, limit: Any) -> None:
    if isinstance(value, str) or not limit.or_else:
        one_of(name, value, limit.names)


_CHECKS: Mapping[type[Limit], Callable[[str, Any, Any], object]] = {
    Whole: _whole,
    Number: _number,
    Time: lambda name, value, limit: seconds(name, value),
    OneOf: _name,
    Flag: lambda name, value, limit: flag(name, value),
    Other: lambda name, value, limit: None,
}
