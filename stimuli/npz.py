"""Arrays from an .npz file: plain numbers, whole, and no larger than they say."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

# A file may be as large as it likes; one that grows beyond this, and by more than data do, is refused.
_LARGEST_EXPANSION = 2**30
_LARGEST_RATIO = 50


def read_npz(path: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of an .npz file by name, in the order of the file, in the byte order of this machine.

    Parameters
    ----------
    path : pathlib.Path
        A file as `numpy.savez` writes it, compressed or not.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged or no .npz file; if an array holds Python objects (which run code when they are
        read), or says another size than its data have; if two have one name; if the file would expand to
        gigabytes. The message names the file, and the array.

    Examples
    --------
    >>> np.savez("pair.npz", image=np.zeros((2, 3)))
    >>> {name: array.shape for name, array in read_npz(Path("pair.npz")).items()}
    {'image': (2, 3)}
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "none"
        raise FileNotFoundError(
            f"{path}: expected an .npz file of plain arrays, found {got}; correct the path"
        )
    try:
        with path.open("rb") as file:
            _require_zip(file)
            with zipfile.ZipFile(file) as archive:
                _require_bounded(archive, path.stat().st_size)
                return {_name(entry): _array(archive, entry) for entry in archive.infolist()}
    # zipfile and numpy raise BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, struct.error and more.
    except Exception as error:
        kind = "" if type(error) is ValueError else f"{type(error).__name__} "
        words = f"({error})" if kind else str(error)
        raise ValueError(
            f"{path}: expected an .npz file of plain arrays, got {kind}{words}; "
            "write it with numpy.savez(path, name=array, ...)"
        ) from error


def _require_zip(file: BinaryIO) -> None:
    start = file.read(64)
    file.seek(0)
    if not start:
        raise ValueError("an empty file")
    if start.startswith(b"\x93NUMPY"):
        raise ValueError("one array without a name, as numpy.save writes")
    if start.startswith(b"version https://git-lfs"):
        raise ValueError("a pointer of git-lfs in place of the file (`git lfs pull` fetches it)")


def _require_bounded(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    names = [_name(entry) for entry in entries]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"several arrays of the name {repeated[0]!r}")
    total = sum(entry.file_size for entry in entries)
    if total > max(_LARGEST_EXPANSION, _LARGEST_RATIO * size):
        raise ValueError(f"{size:,} bytes that would expand to {total:,}")


def _name(entry: zipfile.ZipInfo) -> str:
    name = entry.filename.removesuffix(".npy")
    if not name or name == entry.filename:
        raise ValueError(f"an entry {entry.filename!r}, which is no array (its name does not end in .npy)")
    return name


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[np.generic]:
    """Return one array after testing that its header says as many bytes as there are."""
    name = _name(entry)
    with archive.open(entry) as file:
        version = npy.read_magic(file)  # type: ignore[no-untyped-call]
        if version not in ((1, 0), (2, 0)):  # 3.0 is for names of fields, and plain arrays have none
            raise ValueError(f"{name!r} in the .npy format {version}")
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)  # type: ignore[no-untyped-call]
        n_bytes = math.prod(shape) * dtype.itemsize
        n_there = entry.file_size - file.tell()
        if dtype.hasobject:
            raise ValueError(f"{name!r} with Python objects, which run code when they are read")
        if min(shape, default=0) < 0 or n_bytes != n_there:
            raise ValueError(
                f"{name!r} with {n_there:,} bytes of data where its header says {n_bytes:,} "
                f"({' × '.join(map(str, shape))} of {dtype})"
            )
    with archive.open(entry) as file:
        array: NDArray[np.generic] = npy.read_array(file, allow_pickle=False)  # type: ignore[no-untyped-call]
        if file.read(1):
            raise ValueError(f"{name!r} with more data than its header says")
    return array.astype(array.dtype.newbyteorder("="), copy=False)
