"""MATLAB files: plain arrays of any version, and struct arrays with one element per unit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["read_mat"]


def read_mat(path: Path) -> dict[str, NDArray[np.generic]] | pd.DataFrame:
    """Return the arrays of a MATLAB file by name, or a table if it holds a struct array of units.

    Parameters
    ----------
    path : Path
        Of version 4 to 7; of version 7.3 if it holds plain arrays of numbers.

    Returns
    -------
    dict of str to ndarray, or DataFrame
        Arrays with MATLAB's indices: ``A(i, j, k)`` is ``A[i-1, j-1, k-1]``. Of a struct array one row per entry of its
        vectors (per trial, where a vector is a cell array of trials), columns named as the fields, ``unit`` the
        element's number from 0 on.

    Raises
    ------
    ValueError
        If the file cannot be read, holds nothing, or vectors of one element differ in length.

    Examples
    --------
    >>> from scipy.io import savemat
    >>> savemat("fields.mat", {"fields": np.zeros((8, 8, 3))})
    >>> read_mat(Path("fields.mat"))["fields"].shape
    (8, 8, 3)
    """
    from scipy.io import loadmat

    try:
        content = loadmat(path, struct_as_record=False)
    except NotImplementedError:  # version 7.3 is HDF5
        return _hdf5(path)
    # scipy raises MatReadError, TypeError, ValueError, zlib.error and others.
    except Exception as error:
        raise ValueError(f"{path}: expected a MATLAB file ({type(error).__name__}: {error})") from error
    arrays = {name: value for name, value in content.items() if not name.startswith("__")}
    structs = [name for name, value in arrays.items() if value.dtype == object and _is_struct(value)]
    if structs:
        squeezed = loadmat(path, struct_as_record=False, squeeze_me=True, variable_names=structs[:1])
        return _table(np.atleast_1d(squeezed[structs[0]]), structs[0], path)
    if not arrays:
        raise ValueError(f"{path}: expected arrays, found none")
    return arrays


def _is_struct(value: NDArray[np.generic]) -> bool:
    first = value.flat[0] if value.size else None
    # A cell array of structs is as good as a struct array.
    first = first.flat[0] if isinstance(first, np.ndarray) and first.size else first
    return hasattr(first, "_fieldnames")


def _hdf5(path: Path) -> dict[str, NDArray[np.generic]]:
    import h5py

    with h5py.File(path) as file:
        other = [
            name for name, value in file.items() if not isinstance(value, h5py.Dataset) and name[0] != "#"
        ]
        if other:
            raise ValueError(
                f"{path}: a file of version 7.3 with {', '.join(other)}, which is no plain array; save it in MATLAB "
                f"with "
                "save(name, '-v7')"
            )
        # HDF5 holds MATLAB's memory, whose first index runs fastest.
        return {name: np.asarray(value).T for name, value in file.items() if name[0] != "#"}


def _table(records: NDArray[Any], name: str, path: Path) -> pd.DataFrame:
    frames = [pd.DataFrame(_columns(record, path, row)) for row, record in enumerate(records)]
    whole = [frame.assign(unit=row) for row, frame in enumerate(frames) if len(frame)]
    if not whole:
        fields = ((each, np.shape(getattr(records[0], each))) for each in records[0]._fieldnames)
        raise ValueError(
            f"{path}: expected vectors of conditions and responses for each unit; the struct {name!r} has no vectors, "
            f"but {', '.join(f'{each} {shape}' for each, shape in fields)}; save the array that is meant by itself"
        )
    return pd.concat(whole, ignore_index=True)


def _columns(record: Any, path: Path, row: int) -> dict[str, Any]:
    """Return the vectors of one element, stretched to one entry for each trial; what has another length is left."""
    given = {name: np.atleast_1d(getattr(record, name)) for name in record._fieldnames}
    cells = {name: list(_cells(value)) for name, value in given.items() if value.dtype == object}
    vectors = {n: v for n, v in given.items() if n not in cells and v.ndim == 1 and v.dtype.kind in "biufU"}
    lengths = {len(value) for value in cells.values()}
    if len(lengths) > 1:
        raise ValueError(
            f"{path}: element {row} has cell arrays of {sorted(lengths)} entries; expected one length"
        )
    n_conditions = lengths.pop() if lengths else max(map(len, vectors.values()), default=0)
    times = np.ones(n_conditions, dtype=int)
    if cells:
        times = np.array([len(each) for each in next(iter(cells.values()))], dtype=int)
    columns: dict[str, Any] = {}
    for name, vector in vectors.items():
        if len(vector) == n_conditions:
            columns[name] = np.repeat(vector, times)
        elif len(vector) == 1:
            columns[name] = np.repeat(vector, times.sum())
    for name, cell in cells.items():
        if [len(each) for each in cell] == times.tolist():
            columns[name] = np.concatenate(cell) if cell else np.empty(0)
    return columns


def _cells(value: NDArray[Any]) -> Iterator[NDArray[np.generic]]:
    return (np.atleast_1d(each) for each in value.ravel())
