"""A small made-up run: figures of four pixels, fits that are planted rather than fitted."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

N_NEURONS = 12

RECIPE = """\
[run]
name = "tiny"
description = "waves & <noise>"
[stimuli]
source = "embedded"
patch_size = 8
n_train = 1200
n_test = 60
[stimuli.whitening]
kind = "olshausen"
[network]
model = "lca"
"""

SUMMARY = {
    "objective": 3.25,
    "reconstruction_snr_db": 5.5,
    "active_fraction": 0.125,
    "gabor_fraction": 0.75,
    "gabor_r2_median": 0.9,
    "v1_nxny_js_bits": 0.25,
    "v1_nxny_js_bits_corrected": 0.2,
    "v1_nxny_js_interval": [0.125, 0.375],
    "v1_nxny_floor_bits": 0.045,
    "v1_nxny_fields": 8,
    "v1_nxny_left_out_no_fit": 0,
    "v1_nxny_left_out_r2": 1,
    "v1_nxny_left_out_participation": 0,
    "v1_nxny_left_out_bound": 3,
    "v1_nxny_left_out_amplitude_bound": 2,
    "nx_median": 0.373,
    "nx_median_image": 0.52,
    "ny_median_image": 0.68,
    "broadly_tuned_share": 0.25,
    "v1_nxny_js_bits_whitened": None,
    "seconds_train": 20.5,
}

PROVENANCE = {
    "neurosim": "0.1.0",
    "git_commit": "abc123",
    "packages": {"numpy": "2.3.5"},
    "started_with": ["neurosim", "run", "tiny"],
    "images": {"<camera>": {"shape": [8, 8], "sha256": "00ff"}},
}


# Those of a graded network on photographs, and one that nobody knows.
FIGURES = (
    "dictionary", "image_fields", "learning_curve", "sparsity", "reconstructions", "orientation_frequency", "nx_ny",
    "amplitude_bound", "my_own",
)  # fmt: skip


def planted_fits(rng):
    fits = pd.DataFrame(
        {
            "orientation": rng.uniform(0, np.pi, N_NEURONS),
            "frequency": rng.uniform(0.1, 0.3, N_NEURONS),
            "r2": rng.uniform(0.8, 1.0, N_NEURONS),
            "nx": rng.uniform(0.2, 0.6, N_NEURONS),
            "ny": rng.uniform(0.2, 0.6, N_NEURONS),
            "gabor_like": np.arange(N_NEURONS) % 4 > 0,
        }
    )
    return pd.concat([fits, fits.add_prefix("image_")], axis=1)


@pytest.fixture
def run_dir(tmp_path):
    """A run folder with everything the report needs, and one figure nobody knows."""
    folder = tmp_path / "run"
    (folder / "figures").mkdir(parents=True)
    for number, stem in enumerate(FIGURES):
        Image.new("L", (2, 2), color=number).save(folder / "figures" / f"{stem}.png", optimize=True)
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(SUMMARY), encoding="utf-8")
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE), encoding="utf-8")
    planted_fits(np.random.default_rng(0)).to_csv(folder / "fields.csv", index=False)
    return folder
