"""Run SAILnet and E-I Net at their papers' sizes and schedules, and print their figures beside the authors'.

    python verification/spiking_networks.py [--only sailnet sailnet-10x10 einet] [--seeds 0 1 2]

Each is a recipe that ships (`neurosim run sailnet-paper`), SAILnet once more at the size whose distance to cortex is
known from another group's network. Count correlations are over ten thousand held-out patches. The dated table is kept
beside this file in ``spiking_networks.csv``, the fields in ``<name>_fields.png``.
"""

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from neurosim.analysis.spikes.count_correlations import correlation_rms
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

HERE = Path(__file__).parent
RUNS = {
    "sailnet": ("sailnet-paper", ()),
    "sailnet-10x10": ("sailnet-paper", ("stimuli.patch_size=10", "network.n_neurons=400")),
    "einet": ("einet-paper", ()),
}
COLUMNS = (
    "spikes_per_stimulus",
    "inhibitory_spikes_per_stimulus",
    "silent_neurons",
    "gabor_r2_median",
    "gabor_fraction",
    "residual_rms",
    "count_correlation_rms",
    "count_correlation_floor",
    "isi_cv_mean",
    "v1_nxny_js_bits_whitened",
    "v1_nxny_js_bits",
    "seconds_train",
)
# What the networks that King et al. 2013 trained give; their correlations are over 100 patches, whose floor is .10.
AUTHORS = [
    {"run": "authors' SAILnet 400, 10×10", "residual_rms": 0.666, "count_correlation_rms_of_100": 0.099},
    {"run": "authors' E-I Net 400/49, 10×10", "residual_rms": 0.834, "count_correlation_rms_of_100": 0.121},
]


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    rows = []
    for name in options.only:
        for seed in options.seeds:
            rows.append({"run": name, "seed": seed} | figures(name, seed))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.3f"), flush=True)
    dated = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table = pd.concat([dated, pd.DataFrame(AUTHORS)], ignore_index=True)
    table.to_csv(HERE / "spiking_networks.csv", index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.3f"))


def figures(name: str, seed: int) -> dict[str, object]:
    """Run one recipe, keep the picture of the first seed's fields, and return its figures."""
    recipe_name, changes = RUNS[name]
    recipe = load_recipe(recipe_name, assignments=[f"run.seed={seed}", "stimuli.n_test=10000", *changes])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        summary = execute(recipe, out=out)
        if seed == 0:
            shutil.copy(out / "figures" / "dictionary.png", HERE / f"{name}_fields.png")
        with xr.open_dataset(out / "network.nc", engine="h5netcdf") as network:
            counts = network["counts"].to_numpy()
    row: dict[str, object] = {column: summary[column] for column in COLUMNS if column in summary}
    return row | {"count_correlation_rms_of_100": correlation_over_batches(counts)}


def correlation_over_batches(counts: NDArray[Any], *, size: int = 100) -> float:
    """Return the correlation as the authors measure it: the mean over batches, of those neurons that fired in each."""
    batches = counts[: len(counts) // size * size].reshape(-1, size, counts.shape[1])
    return float(np.mean([correlation_rms(batch).rms for batch in batches]))


if __name__ == "__main__":
    main()
