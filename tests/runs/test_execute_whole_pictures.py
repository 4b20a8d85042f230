"""A run on whole pictures: what is told is told of the neurons at their middle, what is explained is the picture."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import neurosim
from neurosim.front_end import FrontEnd
from neurosim.laboratory.v1_protocol.subject import subject_of
from neurosim.networks import ConvolutionalLCA
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

SMALL = [
    "stimuli.photographs=['camera', 'chelsea']", "stimuli.patch_size=18", "stimuli.n_train=80", "stimuli.n_test=12",
    "network.n_neurons=9", "network.field=6", "network.stride=3", "network.backend=numpy", "analysis.n_starts=2",
    "analysis.n_bootstrap=100",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "convolutional"
    # So few crops of two photographs teach nothing worth having.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        summary = execute(load_recipe("convolutional", assignments=SMALL), out=folder)
    return folder, summary


def test_every_field_is_measured_once(run):
    folder, summary = run
    fields = pd.read_csv(folder / "fields.csv")
    assert len(fields) == 9
    assert summary["unsettled_fraction"] == 0
    assert 0 < summary["active_fraction"] < 0.4


def test_the_objective_is_of_whole_pictures(run):
    folder, summary = run
    net = neurosim.load(folder)
    with xr.open_dataset(folder / "network.nc") as kept:
        held_out, code, fields = (kept[name].to_numpy() for name in ("held_out", "code", "dictionary"))
    whole = net.transform(held_out)
    assert summary["objective"] == pytest.approx(net.objective(held_out, whole).mean(), rel=1e-5)
    np.testing.assert_array_equal(net.middle(whole), code)
    np.testing.assert_array_equal(net.middle_fields_, fields)
    assert net.transform(np.zeros((1, 30, 24), dtype=np.float32)).shape == (1, 9, 7, 9)


def test_the_laboratory_asks_the_neurons_at_the_middle():
    rng = np.random.default_rng(0)
    net = ConvolutionalLCA(
        4, field=3, stride=1, threshold=0.2, backend="numpy", random_state=0, batch_size=10
    )
    images = rng.standard_normal((20, 7, 7))
    net.set_params(threshold=1.5).fit(images)
    subject = subject_of(net, front_end=FrontEnd(), margin=0)
    assert subject.fields.shape == (4, 1, 7, 7)
    answers = subject.encode(images[:5].reshape(5, -1))
    np.testing.assert_array_equal(answers, net.transform(images[:5])[:, 2, 2])
