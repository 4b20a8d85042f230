"""Recordings in files: kept in parts while the network runs, joined to one netCDF file when it has ended."""

import os
import re
import shutil
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from neurosim.networks.saving.network_file import write_dataset

if TYPE_CHECKING:
    import h5netcdf

__all__ = ["KeepPart", "load_recording", "recording_to"]

KeepPart = Callable[[xr.Dataset, float], None]
"""Keeps a part of a recording, whole until a time in seconds."""

# Of a part: its number, until when the recording is whole with it, and how long it was to be.
_PART = re.compile(r"(?P<number>\d{6})_until_(?P<until>[^_]+)s_of_(?P<duration>[^_]+)s\.nc")
_AXES = ("time", "spike")


@contextmanager
def recording_to(path: str | os.PathLike[str], *, duration: float) -> Iterator[KeepPart]:
    """Give a function that keeps parts in ``<path>.partial``, and join them to the file when the block ends well.

    If it does not, the parts stay, and the error says how much they hold. ValueError if the file cannot be new.
    """
    place = _new(path)
    folder = _parts_folder(place)
    folder.mkdir()
    number = 0

    def keep(part: xr.Dataset, until: float) -> None:
        nonlocal number
        name = f"{number:06d}_until_{until:.9g}s_of_{duration:.9g}s.nc"
        write_dataset(part, folder / name, compressed=False)
        number += 1

    try:
        yield keep
        _join(_parts(folder), folder / "joined", place)
    except BaseException as error:
        if _parts(folder):
            error.add_note(f"{_how_much(place, folder)}; neurosim.load_recording reads it")
        else:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def load_recording(path: str | os.PathLike[str]) -> xr.Dataset:
    """Open what ``net.simulate(X, to=path)`` recorded, or read what a recording kept that was interrupted or killed.

    Parameters
    ----------
    path : str or Path
        The file that was named, ``….nc``.

    Returns
    -------
    xarray.Dataset
        As `simulate` returns it. A whole one is opened, and values are read from the file when they are asked for
        (``.load()`` reads all, ``.close()`` ends it). Of one that is not whole, what is there is read into memory; its
        attributes ``recorded_until`` and ``duration`` are seconds.

    Raises
    ------
    FileNotFoundError
        If there is neither.

    Warns
    -----
    UserWarning
        If the recording is not whole.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from neurosim.networks import LCA
    >>> net = LCA.from_dictionary(np.eye(2), presentation="10 ms", dt="1 ms", backend="numpy")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     net.simulate([[1.0, 0.0]], record=("u",), to=Path(folder) / "u.nc").close()
    ...     with load_recording(Path(folder) / "u.nc") as traces:
    ...         dict(traces.sizes)
    {'time': 10, 'stimulus': 1, 'neuron': 2}
    """
    place = Path(path).expanduser()
    if place.is_file():
        return xr.open_dataset(place, engine="h5netcdf")
    folder = place if place.name.endswith(".partial") else _parts_folder(place)
    parts = _parts(folder)
    if not parts:
        raise FileNotFoundError(
            f"expected a recording, found neither {str(place)!r} nor parts of it in {folder.name!r}; "
            "net.simulate(X, to=…) makes one"
        )
    warnings.warn(_how_much(place, folder), stacklevel=2)
    loaded = [_loaded(part) for part in parts]
    joined = xr.concat(loaded, dim=_axis(loaded[0]), combine_attrs="override")
    until, duration = _reached(parts)
    return joined.assign_attrs(recorded_until=until, duration=duration)


def _new(path: str | os.PathLike[str]) -> Path:
    """Return the path, if a recording of that name would be new and has a folder to lie in."""
    place = Path(path).expanduser()
    if place.suffix.lower() != ".nc":
        raise ValueError(f"to: expected a file that ends in .nc, got {str(path)!r}")
    if not place.absolute().parent.is_dir():
        raise ValueError(
            f"to: expected a file in a folder that exists, got {str(path)!r}; make the folder first"
        )
    if os.path.lexists(place):
        raise ValueError(f"to: {str(path)!r} is there already; name another file")
    if _parts_folder(place).exists():
        raise ValueError(
            f"to: {str(_parts_folder(place))!r} holds a recording that did not come to its end, or is being made; read "
            "it with neurosim.load_recording and remove it, or name another file"
        )
    return place


def _parts_folder(place: Path) -> Path:
    return place.with_name(f"{place.name}.partial")


def _parts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.nc") if _PART.fullmatch(path.name))


def _reached(parts: list[Path]) -> tuple[float, float]:
    """Return until when a recording is whole, and how long it was to be, in seconds."""
    named = _PART.fullmatch(parts[-1].name)
    assert named is not None
    return float(named["until"]), float(named["duration"])


def _how_much(place: Path, folder: Path) -> str:
    until, duration = _reached(_parts(folder))
    return f"{str(place)!r} is not whole: {until:.6g} s of {duration:.6g} s are kept in {folder.name!r}"


def _loaded(part: Path) -> xr.Dataset:
    with xr.open_dataset(part, engine="h5netcdf") as dataset:
        return dataset.load()


def _axis(part: xr.Dataset) -> str:
    return next(axis for axis in _AXES if axis in part.dims)


def _join(parts: list[Path], aside: Path, place: Path) -> None:
    """Write the parts as one file, one after the other, and give it its name."""
    if len(parts) == 1:
        os.replace(parts[0], place)
        return
    sizes = []
    for part in parts:
        with xr.open_dataset(part, engine="h5netcdf") as dataset:
            axis, n_bytes = _axis(dataset), dataset.nbytes
            sizes.append((dataset.sizes[axis], n_bytes))
    _require_room(aside, sum(n_bytes for _, n_bytes in sizes))
    _write_joined(parts, aside, n_items=sum(n for n, _ in sizes))
    os.replace(aside, place)


def _require_room(aside: Path, n_bytes: int) -> None:
    """Raise OSError unless the disc has room: HDF5 takes Python down when it fills up under it."""
    free = shutil.disk_usage(aside.parent).free
    if n_bytes > free:
        raise OSError(
            f"the recording takes {n_bytes / 1e9:.3g} GB, and where it lies {free / 1e9:.3g} GB are free; make room"
        )


def _write_joined(parts: list[Path], aside: Path, *, n_items: int) -> None:
    import h5netcdf

    with h5netcdf.File(aside, "w") as file:
        start = 0
        for part in parts:
            found = _loaded(part)
            axis = _axis(found)
            if part is parts[0]:
                _prepare(file, found, sizes={**found.sizes, axis: n_items})
            stop = start + found.sizes[axis]
            if stop == start:  # thinned to nothing
                continue
            for name, variable in found.variables.items():
                file.variables[name][start:stop] = variable.to_numpy()
            start = stop


def _prepare(file: "h5netcdf.File", first: xr.Dataset, *, sizes: dict[Hashable, int]) -> None:
    """Give a file the dimensions, variables and attributes of a recording; every variable lies along its axis."""
    for name, size in sizes.items():
        file.dimensions[name] = size
    file.attrs.update(first.attrs)
    for name, variable in first.variables.items():
        file.create_variable(name, variable.dims, variable.dtype).attrs.update(variable.attrs)
