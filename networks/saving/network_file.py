"""Files of networks: netCDF, written whole or not at all."""

import io
import os
from pathlib import Path

import xarray as xr


def write_dataset(dataset: xr.Dataset, path: str | Path, *, compressed: bool = True) -> None:
    """Write a data set as netCDF-4, aside at first, and give it its name once it has been read again.

    Parameters
    ----------
    dataset : xarray.Dataset
        What to write.
    path : str or Path
        The file.
    compressed : bool
        Without, it is written several times as fast.

    Raises
    ------
    OSError
        If there is no room for it, or it cannot be read again; nothing of that name is there then.
    """
    target = Path(path)
    aside = target.with_name(f"{target.name}.unfinished")
    try:
        with aside.open("wb") as file:
            file.write(_image(dataset, compressed=compressed))
            file.flush()
            os.fsync(file.fileno())
        if not opens(aside):
            raise OSError(f"{target} cannot be read again after it was written; name --out on another disc")
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def opens(path: Path) -> bool:
    """Return whether a file is netCDF with something in it that can be read."""
    import h5py

    if not path.is_file():
        return False
    try:
        with h5py.File(path, "r") as file:
            return len(file) > 0 and all(_is_readable(file[name]) for name in file)
    except (OSError, RuntimeError, KeyError, ValueError):
        return False


def _is_readable(item: object) -> bool:
    # Reading one value has the pieces of the file that lead to it looked at.
    import h5py

    return not isinstance(item, h5py.Dataset) or item.size == 0 or item[(0,) * item.ndim] is not None


def _image(dataset: xr.Dataset, *, compressed: bool) -> memoryview:
    """Return the file's bytes, made in memory: HDF5 takes Python down when a disc fills up under it."""
    import h5netcdf

    how = {"zlib": True, "complevel": 4} if compressed else {}
    encoding = {str(name): how for name in dataset.data_vars}
    image = io.BytesIO()
    with h5netcdf.File(image, "w") as file:
        dataset.dump_to_store(xr.backends.H5NetCDFStore(file), encoding=encoding)
    return image.getbuffer()
