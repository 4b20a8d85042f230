"""Where in their pictures fields are, of neurons that see a small part of what is shown."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["field_window"]

# Of a field's largest magnitude: fainter is not seen in eight bits of grey beside it.
_FAINT = 0.02
# Pictures are cut where fields are in less than this share of them.
_SMALL = 1 / 3


def field_window(fields: ArrayLike) -> tuple[slice, slice]:
    """Return the rows and columns to look at: all, or those with fields in them where that is a third or less.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)

    Returns
    -------
    (slice, slice)
        The smallest window that has every pixel of more than .02 of its field's largest magnitude, and a rim of one
        pixel.

    Examples
    --------
    >>> fields = np.zeros((5, 30, 30))
    >>> fields[:, 10:16, 12:20] = 1
    >>> field_window(fields)
    (slice(9, 17, None), slice(11, 21, None))
    >>> field_window(np.ones((5, 30, 30)))
    (slice(0, 30, None), slice(0, 30, None))
    """
    size = np.abs(np.asarray(fields, dtype=np.float64))
    largest = size.max(axis=(1, 2), keepdims=True, initial=0)
    there: NDArray[np.bool_] = (size > _FAINT * largest).any(axis=0)
    windows = [_ends(there.any(axis=1 - axis)) for axis in (0, 1)]
    area = np.prod([window.stop - window.start for window in windows])
    if area > _SMALL * there.size:
        return slice(0, there.shape[0]), slice(0, there.shape[1])
    return windows[0], windows[1]


def _ends(there: ArrayLike) -> slice:
    found = np.flatnonzero(there)
    if not len(found):
        return slice(0, np.size(there))
    return slice(max(int(found[0]) - 1, 0), min(int(found[-1]) + 2, np.size(there)))
