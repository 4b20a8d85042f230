"""The recipe `films` from beginning to end, tiny, on the numpy target."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurosim.recipes.recipe import load_recipe
from neurosim.report.explorer import explorer_of
from neurosim.report.pictures import frames_in
from neurosim.results.run_folder import read_run_folder
from neurosim.runs.execute import execute, streams_of
from neurosim.runs.stimuli import prepared

TINY = (
    "stimuli.patch_size=8", "stimuli.n_frames=6", "stimuli.n_kept=60", "stimuli.n_train=1000", "stimuli.n_test=50",
    'stimuli.photographs=["camera", "china"]', "network.n_neurons=30", "network.n_epochs=1", "network.batch_size=50",
    "network.threshold=0.2", "network.backend=numpy",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films") / "run"
    execute(load_recipe("films", assignments=[*TINY]), out=folder)
    return folder


def test_a_run_has_its_table_its_figures_and_its_page(run: Path) -> None:
    table = pd.read_csv(run / "space_time.csv")
    assert table["learned_from"].tolist() == ["film", "still", "untrained"]
    assert frames_in((run / "figures" / "film_reel.png").read_bytes()) == 6
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "No camera took this film" in page
    assert page.count('class="film"') == 1
    provenance = json.loads((run / "provenance.json").read_text())
    assert 0 <= provenance["share_aliased"] < 0.25


def test_rows_of_clips_are_not_said_to_be_pictures(run: Path) -> None:
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as file:
        assert file["dictionary_clips"].shape == (30, 60)
        assert not [name for name in file.attrs if name.startswith("shape_")]


def test_clips_are_pictures_through_what_the_file_says_of_their_entries(run: Path) -> None:
    recipe = load_recipe(run / "recipe.toml")
    streams = streams_of(recipe.run.seed)
    stimuli = prepared(recipe, training_rng=streams.training, held_out_rng=streams.held_out)
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as file:
        looks = file["picture_clips"]
        assert looks.attrs["frames"] == 6
        fields = np.tensordot(file["dictionary_clips"].values, looks.values, axes=1)
        expected = stimuli.fields({"clips": file["dictionary_clips"].to_numpy()})["clips"]
    np.testing.assert_allclose(fields, expected, atol=1e-5)


def test_the_page_has_every_neuron_of_a_film_with_the_clips_that_it_answers(run: Path) -> None:
    explorer = explorer_of(read_run_folder(run))
    assert explorer is not None
    assert "all 6 frames" in explorer.words
    (neurons,) = explorer.data["groups"]
    frame, strip = neurons["views"]
    assert (neurons["count"], frame["width"], strip["width"]) == (30, 8, 48)
    assert any(neurons["answers"])
