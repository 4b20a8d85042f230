"""Runs behind relays of two kinds from beginning to end, tiny, on the numpy target."""

from pathlib import Path

import numpy as np
import pytest
import tomli_w
import xarray as xr
from stored_run import summary_of

import neurosim
from neurosim.front_end import ParallelFrontEnd
from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe
from neurosim.runs.execute import execute

_TINY = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=600", "stimuli.n_test=60",
    "analysis.bound_sweep=[1.5]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
    'laboratory.control="feedforward"',
)  # fmt: skip
_NETWORK = ("network.n_neurons=24", "network.batch_size=50", "network.backend=numpy")
_MODELS = {
    "parallel-lca": ("network.streams=[[16, 2], [8, 2]]",),
    "lca": ("network.model=lca", "network.nonnegative=true", "network.threshold=1.5"),
    "topographic-lca": ("network.model=topographic-lca", "network.sheet=[4, 6]", "network.threshold=4.0"),
    "wlsc": ("network.model=wlsc",),
    "sailnet": ("network.model=sailnet",),
}


def _tiny(model: str) -> Recipe:
    return load_recipe("v1", assignments=[*_TINY, *_MODELS[model], *_NETWORK])


@pytest.fixture(scope="module", params=_MODELS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / request.param
    with pytest.MonkeyPatch.context() as patched:
        if request.param != "parallel-lca":  # figures and page take most of a tiny run's time
            patched.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
            patched.setattr("neurosim.report.page.write_report", lambda *_: None)
        execute(_tiny(request.param), out=folder)
    return folder


def test_every_network_learns_behind_relays_and_its_run_is_measured(run: Path) -> None:
    summary = summary_of(run)
    assert np.isfinite(summary["reconstruction_snr_db"])
    assert summary["v1_nxny_fields"] >= 0
    assert 0 < summary["v1_similarity_mean"] <= 1
    if run.name == "parallel-lca":
        page = (run / "report.html").read_text(encoding="utf-8")
        assert "as ON and OFF relays answer to them (broad, sharp)" in page
        assert "Not documented" not in page


def test_the_front_end_comes_back_with_the_network_and_makes_what_was_shown(run: Path) -> None:
    network = neurosim.load(run)
    assert isinstance(network.front_end_, ParallelFrontEnd)
    assert network.front_end_.names == ("broad", "sharp")
    assert network.dictionary_.shape == (24, network.front_end_.n_channels * 64)
    with xr.open_dataset(run / "network.nc") as data:
        assert data.attrs["relays"] == ["broad", "sharp"]
        assert data["held_out"].shape == (60, 256)


def test_the_written_recipe_is_read_again(run: Path) -> None:
    assert load_recipe(run / "recipe.toml") == _tiny(run.name)


def test_arms_behind_relays_are_all_of_their_one_gain(tmp_path: Path) -> None:
    stimuli = load_recipe("v1").stimuli.model_dump(exclude_none=True)
    arms = [{"name": "a", "network": {}}, {"name": "b", "normalise": "std", "network": {}}]
    (tmp_path / "arms.toml").write_text(tomli_w.dumps({"stimuli": stimuli, "arms": arms}), encoding="utf-8")
    with pytest.raises(
        RecipeError, match=r"arms\[1\].normalise: expected 'none' with stimuli.relays.*got 'std'"
    ):
        load_recipe(tmp_path / "arms.toml")
