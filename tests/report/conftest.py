"""A small made-up run: a few waves, a sparse random code, fits that are planted rather than fitted."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurosim.report.figures import write_figures

N_NEURONS, SIZE, N_STIMULI = 12, 8, 60

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


@pytest.fixture
def arrays():
    """What `write_figures` takes."""
    return made_up()


def made_up():
    rng = np.random.default_rng(0)
    dictionary = rng.normal(size=(N_NEURONS, SIZE, SIZE))
    code = rng.laplace(size=(N_STIMULI, N_NEURONS)) * (rng.random((N_STIMULI, N_NEURONS)) < 0.3)
    rebuilt = (code @ dictionary.reshape(N_NEURONS, -1)).reshape(N_STIMULI, SIZE, SIZE)
    batch = np.arange(1, 31)
    sweep = {"space": ["image", "image"], "amplitude_bound": [1.1, 1.5], "js_bits": [0.2, 0.25]}
    return {
        "dictionary": dictionary,
        "image_fields": rng.normal(size=(N_NEURONS, SIZE + 4, SIZE + 4)),
        "code": code,
        "stimuli": rebuilt + 0.1 * rng.normal(size=rebuilt.shape),
        "reconstructions": rebuilt,
        "history": pd.DataFrame(
            {"batch": batch, "objective": 5 + 1 / batch, "active_fraction": 0.1, "learning_rate": 0.5}
        ),
        "fields": planted_fits(rng),
        "comparison": {
            "image": {"js_bits": 0.25, "js_bits_corrected": 0.2, "interval": (0.125, 0.3)},
            "whitened": {"js_bits": 0.5, "js_bits_corrected": 0.45, "interval": (0.4, 0.5)},
            "sweep": pd.DataFrame(sweep),
            "amplitude_bound": 1.5,
        },
        "counts": rng.poisson(0.2, size=(N_STIMULI, 2 * N_NEURONS)),
        "spikes": made_up_spikes(rng),
    }


def made_up_spikes(rng, *, n_spikes=40):
    rows = {"time": np.sort(rng.uniform(0, 0.05, n_spikes))}
    rows |= {"stimulus": rng.integers(6, size=n_spikes), "neuron": rng.integers(2 * N_NEURONS, size=n_spikes)}
    attributes = {"n_stimuli": 6, "n_neurons": 2 * N_NEURONS, "duration": 0.05}
    return xr.Dataset({name: ("spike", values) for name, values in rows.items()}, attrs=attributes)


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


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """The figures of the made-up run, drawn once."""
    folder = tmp_path_factory.mktemp("drawn")
    write_figures(folder, **made_up())
    return folder


@pytest.fixture
def run_dir(tmp_path, arrays, drawn):
    """A run folder with everything the report needs, and one figure nobody knows."""
    folder = tmp_path / "run"
    shutil.copytree(drawn, folder / "figures")
    (folder / "figures" / "my_own.png").write_bytes((folder / "figures" / "sparsity.png").read_bytes())
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(SUMMARY), encoding="utf-8")
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE), encoding="utf-8")
    arrays["fields"].to_csv(folder / "fields.csv", index=False)
    return folder
