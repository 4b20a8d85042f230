"""Masked arrays, whose masks numpy takes away without a word: refused where something is masked."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["require_unmasked", "unmasked"]


def unmasked(array: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array as numpy has it, or raise `ValueError` if it is a masked one that marks missing values.

    `numpy.asarray` would take the mask away and show what lies behind it.

    Examples
    --------
    >>> unmasked(np.ma.masked_equal([1, 2, -9999], -9999), "heights")
    Traceback (most recent call last):
        ...
    ValueError: heights: expected a value everywhere, got 1 masked of 3; fill or leave out what is missing
    """
    require_unmasked(array, name)
    return np.asarray(array)


def require_unmasked(array: Any, name: str) -> None:
    """Raise `ValueError` if an array, or one in a list of them, marks values as missing; leave all else to others."""
    parts = array if isinstance(array, list | tuple) else [array]
    masked = [part for part in parts if isinstance(part, np.ma.MaskedArray)]
    if n_masked := sum(int(np.sum(np.ma.getmask(part))) for part in masked):
        raise ValueError(
            f"{name}: expected a value everywhere, got {n_masked:,} masked of {np.size(array):,}; fill or leave out "
            "what is missing"
        )
