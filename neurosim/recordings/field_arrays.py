"""Receptive fields from arrays, in numpy's order or in MATLAB's."""

import math
import warnings
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["Order", "checked_order", "fields_of"]

Order = Literal["numpy", "matlab"]
_OTHER: dict[str, Order] = {"numpy": "matlab", "matlab": "numpy"}
_WORDS = {
    "numpy": "(n_fields, height, width), or (n_fields, pixels) row by row",
    "matlab": "(height, width, n_fields), or (pixels, n_fields) column by column",
}
# By how much neighbouring pixels have to be more alike the other way round, before an order is doubted.
_DOUBT = 0.2

Floats = NDArray[np.float64]


def checked_order(order: str) -> Order:
    """Return an order, or say which there are."""
    for known in get_args(Order):
        if order == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"expected --order {' or '.join(get_args(Order))}, got {order!r}")


def fields_of(array: NDArray[np.generic], *, order: Order, file: str) -> Floats:
    """Return fields (n_fields, height, width) from an array of a file.

    Parameters
    ----------
    array : ndarray
        In the order ``"numpy"``: (n_fields, height, width), or (n_fields, pixels) of square fields, row by row. In
        ``"matlab"``: (height, width, n_fields), or (pixels, n_fields), column by column.
    order : {"numpy", "matlab"}
    file : str
        For messages.

    Raises
    ------
    ValueError
        If the array is none of these, holds no real numbers or some that are not finite, or neighbouring pixels are far
        more alike in the other order, or as those of one field that has no axis for fields.

    Warns
    -----
    UserWarning
        Of constant fields.

    Examples
    --------
    >>> fields_of(np.tile([0.0, 1.0, -1.0, 0.0], (5, 4)), order="numpy", file="a.npy").shape
    (5, 4, 4)
    """
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{file}: expected fields of real numbers, got an array of {array.dtype}")
    numbers = np.asarray(array, dtype=np.float64)
    fields = _ordered(numbers, order)
    if fields is not None:
        _require_finite(fields, file)
    other = _ordered(numbers, _OTHER[order])
    if fields is None or min(fields.shape[1:]) < 4:
        hint = f"; --order {_OTHER[order]} reads {_said(other)}" if other is not None else ""
        raise ValueError(
            f"{file}: expected fields as {_WORDS[order]}, 4 × 4 pixels or more, got shape {array.shape}{hint}"
        )
    if _is_one_field(numbers, fields, other):
        raise ValueError(
            f"{file}: an array of shape {array.shape} would be {_said(fields)}, but looks like one field of "
            f"{array.shape[0]} × {array.shape[1]} pixels; give it an axis for fields: array[None] in numpy's order"
        )
    if other is not None and min(other.shape[1:]) >= 4 and _likeness(other) > _likeness(fields) + _DOUBT:
        raise ValueError(
            f"{file}: read in the order of {order} as {_said(fields)}, neighbouring pixels have little to do with each "
            f"other (r = {_likeness(fields):.2f}); in that of {_OTHER[order]}, as {_said(other)}, they have "
            f"(r = {_likeness(other):.2f}): pass --order {_OTHER[order]}"
        )
    _warn_of_constant(fields, file)
    return fields


def _require_finite(fields: Floats, file: str) -> None:
    bad = np.flatnonzero(~np.isfinite(fields).all(axis=(1, 2)))
    if len(bad):
        raise ValueError(
            f"{file}: {len(bad)} of {len(fields)} fields have NaN or infinite pixels, the first is number {bad[0]} "
            "(from 0); leave those fields out"
        )


def _warn_of_constant(fields: Floats, file: str) -> None:
    constant = np.ptp(fields, axis=(1, 2)) == 0
    if constant.any():
        warnings.warn(
            f"{file}: {constant.sum()} of {len(fields)} fields are constant, the first is number "
            f"{np.flatnonzero(constant)[0]} (from 0): nothing can be fitted to them",
            stacklevel=4,
        )


def _ordered(array: Floats, order: Order) -> Floats | None:
    """Return an array as fields (n, height, width), or None if its shape allows none."""
    if order == "matlab":
        array = np.moveaxis(array, -1, 0)
    if array.ndim == 3 and array.size:
        return array
    side = math.isqrt(array.shape[1]) if array.ndim == 2 else 0
    if not side or side**2 != array.shape[1] or not len(array):
        return None
    fields = array.reshape(-1, side, side)
    return fields.transpose(0, 2, 1) if order == "matlab" else fields


def _is_one_field(array: Floats, *readings: Floats | None) -> bool:
    """Whether a square array is rather the picture of one field than many fields as rows or columns."""
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        return False
    many = max(_likeness(each) for each in readings if each is not None)
    return _likeness(array[None]) > many + _DOUBT


def _likeness(fields: Floats) -> float:
    """Return the correlation of neighbouring pixels, over rows and columns of all fields."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        centred = fields - fields.mean(axis=(1, 2), keepdims=True)
        power = np.nanmean(centred**2)
        down = np.nanmean(centred[:, 1:] * centred[:, :-1])
        across = np.nanmean(centred[:, :, 1:] * centred[:, :, :-1])
    return float(np.nan_to_num((down + across) / 2 / power)) if power > 0 else 0.0


def _said(fields: Floats) -> str:
    n_fields, height, width = fields.shape
    return f"{n_fields} fields of {height} × {width} pixels"
