"""The laboratory on a network's file: as on its run where that learned from the photographs that ship."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import neurosim
from neurosim.front_end.front_end import FrontEnd
from neurosim.measures.context import Context
from neurosim.measures.laboratory.fixed_gain import front_end_for
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe
from neurosim.runs.execute import execute
from neurosim.runs.finished.laboratory import laboratory, laboratory_folder
from neurosim.runs.finished.network_alone import network_alone
from neurosim.stimuli import OlshausenField

_TINY = (
    "stimuli.patch_size=8", "stimuli.n_train=1000", "stimuli.n_test=50", "network.n_neurons=20",
    "network.batch_size=100", "network.threshold=3.0", "analysis.bound_sweep=[1.5]", "analysis.n_starts=2",
    "analysis.n_bootstrap=100", "network.backend=cpp_standalone",
)  # fmt: skip
_ASKED = ("laboratory.control=feedforward", "laboratory.pools=learned", "laboratory.pool_size=4")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    execute(load_recipe("lca", assignments=[*_TINY, *_ASKED]), out=folder)
    return folder


@pytest.fixture(scope="module")
def alone(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("files") / "net.nc"
    neurosim.load(run).save(file)
    laboratory(file, assignments=_ASKED)
    return laboratory_folder(file)


def _summary(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return values


def test_the_file_gives_what_its_run_gave(run: Path, alone: Path) -> None:
    # The gain is the same to rounding, and single precision then settles a little elsewhere.
    found, before = _summary(alone), _summary(run)
    assert set(found) - set(before) == set()
    for name, value in found.items():
        if name != "seconds_analyze":
            np.testing.assert_allclose(value, before[name], atol=0.01, rtol=1e-4, err_msg=name)
    tables = [pd.read_csv(folder / "properties.csv") for folder in (alone, run)]
    assert tables[0]["kind"].tolist() == tables[1]["kind"].tolist()
    for name in ("circular_variance", "modulation_ratio", "largest_rate"):
        np.testing.assert_allclose(tables[0][name], tables[1][name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_the_page_says_what_is_not_known(alone: Path) -> None:
    assert alone.name == "net-laboratory"
    page = (alone / "report.html").read_text(encoding="utf-8")
    assert "The network was given without its run" in page
    assert "learned from patches" not in page
    assert "n_neurons = 20" in page
    assert "Network net" in page
    assert "Save it as" not in page  # no recipe that could be run
    assert "Not documented" not in page


def test_a_front_end_of_one_gain_is_used_as_it_is(tmp_path: Path) -> None:
    net, own = _network(), FrontEnd(OlshausenField(), gain=3.0, on_off="split")
    net.front_end_ = own
    net.save(tmp_path / "net.nc")
    given = network_alone(tmp_path / "net.nc", [], [])
    stimuli = given.stimuli(training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))
    found = front_end_for(Context(given.network, stimuli, recipe=Recipe()), np.random.default_rng(0))
    assert found.gain == own.gain
    image = np.random.default_rng(0).random((1, 24, 24))
    np.testing.assert_array_equal(found.apply(image), own.apply(image))
    assert stimuli.training["patches"].shape == (1000, 128)


def test_patches_that_are_divided_by_their_contrast_are_so_without_the_margin(tmp_path: Path) -> None:
    net = _network()
    net.front_end_ = FrontEnd(OlshausenField(), gain=3.0, on_off="split", normalise="patch")
    net.save(tmp_path / "net.nc")
    given = network_alone(tmp_path / "net.nc", [], [])
    stimuli = given.stimuli(training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))
    (signed,) = stimuli.pictures(stimuli.training).values()
    np.testing.assert_allclose(signed.std(axis=(1, 2)), 1)


def test_a_network_without_a_front_end_is_told_what_to_do(tmp_path: Path) -> None:
    _network().save(tmp_path / "net.nc")
    with pytest.raises(ValueError, match=r"give the folder of its run, or assign net\.front_end_ = "):
        laboratory(tmp_path / "net.nc")
    net = _network()
    net.front_end_ = FrontEnd(OlshausenField())  # of one channel, the fields have two
    net.dictionary_ = net.dictionary_[:, :120]
    net.save(tmp_path / "net.nc")
    with pytest.raises(ValueError, match=r"expected fields on square patches with 1 channel\(s\)"):
        laboratory(tmp_path / "net.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["net.nc"]


def test_what_cannot_be_asked_of_it_is_refused(tmp_path: Path) -> None:
    net = _network()
    net.front_end_ = FrontEnd(OlshausenField(), on_off="split")
    net.save(tmp_path / "net.nc")
    with pytest.raises(ValueError, match=r"laboratory\.pools: 'sheet' takes .* got network.model = 'lca'"):
        laboratory(tmp_path / "net.nc", assignments=["laboratory.pools=sheet"])
    with pytest.raises(RecipeError, match=r"laboratory\.ppd: expected greater than 0"):
        laboratory(tmp_path / "net.nc", assignments=["laboratory.ppd=-3"])


def test_the_results_of_the_file_in_a_runs_folder_go_beside_the_run(run: Path) -> None:
    assert laboratory_folder(run / "network.nc") == run.with_name("small-network-laboratory")


def _network() -> LCA:
    rows = np.random.default_rng(0).normal(size=(20, 128))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return LCA.from_dictionary(rows, threshold=0.5, nonnegative=True, backend="numpy")
