"""What a figure asks of its input: finite arrays of a stated number of axes, tables with named columns."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["finite_array", "finite_fields", "table_with"]


def finite_array(name: str, values: ArrayLike, *, ndim: int) -> NDArray[np.float64]:
    """Return `values` as a float array, or say what is wrong with it.

    Parameters
    ----------
    name : str
        What the array is called in the message.
    values : array_like
        Numbers, any unit.
    ndim : int
        Number of axes it must have.

    Returns
    -------
    ndarray of float64, same shape

    Raises
    ------
    ValueError
        If the number of axes differs, the array is empty, or an entry is NaN or infinite.

    Examples
    --------
    >>> finite_array("code", [[0, 1]], ndim=2).shape
    (1, 2)
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != ndim or array.size == 0:
        raise ValueError(
            f"`{name}` must be a non-empty array with {ndim} axes, got shape {array.shape}: reshape it first"
        )
    n_bad = int(np.count_nonzero(~np.isfinite(array)))
    if n_bad:
        raise ValueError(
            f"`{name}` must be finite, got {n_bad} NaN or infinite entries of {array.size}: "
            "find where they come from before plotting"
        )
    return array


def finite_fields(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return images as (n, height, width); rows of square images are folded back into images.

    Parameters
    ----------
    name : str
        What the array is called in the message.
    values : array_like, shape (n, height, width) or (n, size * size)
        Images, any unit.

    Returns
    -------
    ndarray of float64, shape (n, height, width)

    Raises
    ------
    ValueError
        If rows are not square images, or an entry is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> finite_fields("stimuli", np.ones((5, 64))).shape
    (5, 8, 8)
    """
    if np.ndim(values) == 3:
        return finite_array(name, values, ndim=3)
    rows = finite_array(name, values, ndim=2)
    size = round(rows.shape[1] ** 0.5)
    if size * size != rows.shape[1]:
        raise ValueError(
            f"`{name}` must be square images or have shape (n, height, width), got rows of {rows.shape[1]} "
            "pixels: "
            "reshape it to (n, height, width)"
        )
    return rows.reshape(-1, size, size)


def table_with(name: str, table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the table if it has the columns and at least one row.

    Parameters
    ----------
    name : str
        What the table is called in the message.
    table : DataFrame
        The table to look at.
    columns : tuple of str
        Columns it must have.

    Returns
    -------
    DataFrame
        The same table, not a copy.

    Raises
    ------
    ValueError
        If a column is missing or there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> len(table_with("history", pd.DataFrame({"batch": [1, 2]}), ("batch",)))
    2
    """
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"`{name}` needs the columns {', '.join(columns)}; missing: {', '.join(missing)} "
            f"(it has {', '.join(map(str, table.columns)) or 'none'})"
        )
    if table.empty:
        raise ValueError(f"`{name}` has no rows, so there is nothing to plot: pass at least one")
    return table
