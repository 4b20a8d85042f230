"""What a finished run has in its folder."""

import json
from pathlib import Path
from typing import Any

import xarray as xr


def summary_of(folder: Path) -> dict[str, Any]:
    """Return its numbers."""
    values: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return values


def stored_in(folder: Path) -> xr.Dataset:
    """Return its network file, read to the end."""
    with xr.open_dataset(folder / "network.nc", engine="h5netcdf") as stored:
        return stored.load()
