"""A run on pairs of pictures: neurons at their middle are measured, whole pictures are explained and recalled."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import neurosim
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

SMALL = [
    "stimuli.rescale=0.25", "stimuli.patch_size=18", "stimuli.n_train=60", "stimuli.n_test=12",
    "network.model=convolutional-linked-lca", "network.n_neurons=8", "network.field=6", "network.stride=3",
    "network.batch_size=10", "network.backend=numpy", "network.n_epochs=1", "network.learning_rate=1.0",
    "analysis.n_starts=2", "analysis.n_bootstrap=100", "disparity.largest=3", "disparity.n_trials=2",
    "disparity.n_patterns=2",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "eyes"
    # So few crops of one scene teach nothing worth having.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        summary = execute(load_recipe("binocular", assignments=SMALL), out=folder)
    return folder, summary


def test_neurons_at_the_middle_are_measured_in_both_eyes(run):
    folder, summary = run
    assert len(pd.read_csv(folder / "fields.csv")) == 8
    assert 0 <= summary["binocular_fraction"] <= 1
    net = neurosim.load(folder)
    with xr.open_dataset(folder / "network.nc") as kept:
        held_out = {eye: kept[f"held_out_{eye}"].to_numpy() for eye in ("left", "right")}
        code, fields = kept["code"].to_numpy(), kept["dictionary_left"].to_numpy()
    np.testing.assert_array_equal(net.middle(net.transform(held_out)), code)
    np.testing.assert_array_equal(net.middle_fields_["left"], fields)
    assert fields.shape == (8, 18 * 18)


def test_the_page_shows_both_eyes_fields_side_by_side(run):
    from neurosim.report.explorer.cells import stored_cells
    from neurosim.results.run_folder import read_run_folder

    stored = stored_cells(read_run_folder(run[0]))
    assert stored is not None
    assert stored.groups[0].fields.shape == (8, 18, 36)
