"""Kinds of values that the sections of several networks share: times with a unit, and names to choose from."""

import re
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainValidator

from neurosim.registry.parameters import LARGEST

_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def microseconds(text: str) -> Fraction:
    """Return a time in microseconds, exactly.

    Parameters
    ----------
    text : str
        A number and one of the units s, ms and us, with a space between.

    Raises
    ------
    ValueError
        If it is no such text, or no time at all.

    Examples
    --------
    >>> int(microseconds("0.01 ms"))
    10
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?) (s|ms|us)", text)
    value = Fraction(match[1]) * _MICROSECONDS[match[2]] if match else Fraction(0)
    if value <= 0:
        raise ValueError(f'expected a time longer than nothing in s, ms or us, such as "10 ms", got {text!r}')
    return value


def _a_duration(text: str) -> str:
    microseconds(text)
    return text


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of more digits than floats have
        return False


def _a_number_or_automatic(value: Any, *, or_zero: bool) -> float | str:
    if value == "auto":
        return "auto"
    number = isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)
    if not number or value < 0 or (value == 0 and not or_zero):
        least = "of at least" if or_zero else "above"
        raise ValueError(f'expected a number {least} 0, or "auto", got {value!r}')
    if value > LARGEST:
        raise ValueError(f"expected at most {LARGEST:g}, whose square is still a number, got {value!r}")
    return float(value)


AutomaticOrPositive = Annotated[
    float | Literal["auto"], PlainValidator(partial(_a_number_or_automatic, or_zero=False))
]
AutomaticOrNotNegative = Annotated[
    float | Literal["auto"], PlainValidator(partial(_a_number_or_automatic, or_zero=True))
]
Duration = Annotated[str, AfterValidator(_a_duration)]
