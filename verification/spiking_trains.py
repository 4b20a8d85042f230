"""How neurons of the spiking recipes fire while they fire, beside means over stimuli that mostly leave them silent.

    python verification/spiking_trains.py [--runs FOLDER]

Seed 0 of `sailnet`, `einet` and `spiking-lca`, as ``neurosim run`` gives them; finished runs are read from
FOLDER/<name> where there are any. The dated table is kept beside this file in ``spiking_trains.csv``.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

RECIPES = ("sailnet", "einet", "spiking-lca")
COLUMNS = (
    "spikes_per_stimulus",
    "rate_hz_mean",
    "rate_hz_active",
    "isi_cv_mean",
    "isi_cv_within_stimulus",
    "isi_cv_trains",
)


def main() -> None:
    """Run or read, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path)
    folder = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as own:
        rows = [{"recipe": name} | figures(name, (folder or Path(own)) / name) for name in RECIPES]
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.4g"))


def figures(name: str, folder: Path) -> dict[str, float]:
    """Return what one run's summary and stored counts say of its trains."""
    if not (folder / "summary.json").exists():
        execute(load_recipe(name), out=folder)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    with xr.open_dataset(folder / "network.nc", engine="h5netcdf") as network:
        counts = network["counts"].to_numpy()
    firing = counts[counts > 0] / (summary["spikes_per_stimulus"] / summary["rate_hz_mean"])
    rates = {"rate_hz_active_median": np.median(firing), "rate_hz_largest": firing.max()}
    return {column: summary[column] for column in COLUMNS} | {k: float(v) for k, v in rates.items()}


if __name__ == "__main__":
    main()
