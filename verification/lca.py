"""Run the shipped `lca` recipe with three seeds and print the table of its figures.

    python verification/lca.py [--seeds 0 1 2] [--backend cpp_standalone]

The dated table is kept beside this file, in ``lca.csv``.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

COLUMNS = (
    "gabor_fraction",
    "dead_neurons",
    "active_fraction",
    "reconstruction_snr_db",
    "v1_nxny_js_bits",
    "v1_nxny_js_bits_corrected",
    "v1_nxny_js_low",
    "v1_nxny_js_high",
    "v1_nxny_floor_bits",
    "v1_nxny_fields",
    "v1_nxny_left_out_r2",
    "v1_nxny_left_out_participation",
    "v1_nxny_left_out_bound",
    "nx_median_image",
    "ny_median_image",
    "broadly_tuned_share",
    "v1_nxny_js_bits_whitened",
    "v1_nxny_js_bits_corrected_whitened",
    "nx_median",
    "ny_median",
    "seconds_compile",
    "seconds_train",
    "seconds_analyze",
)


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--backend", default="cpp_standalone")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in options.seeds:
            recipe = load_recipe(
                "lca", assignments=[f"run.seed={seed}", f"network.backend={options.backend}"]
            )
            summary = execute(recipe, out=Path(folder) / f"lca-{seed}")
            summary["v1_nxny_js_low"], summary["v1_nxny_js_high"] = summary["v1_nxny_js_interval"]
            rows.append(
                {"seed": seed, "backend": options.backend} | {name: summary[name] for name in COLUMNS}
            )
            print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.3f"), flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
