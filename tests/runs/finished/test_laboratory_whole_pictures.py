"""The laboratory on a run on whole pictures: it asks the neurons at the middle, and says what was around them."""

import json
import re
import warnings
from html import unescape

import numpy as np
import pandas as pd
import pytest

import neurosim
from neurosim.networks import ConvolutionalLCA
from neurosim.recipes.recipe import load_recipe
from neurosim.results.run_files import files_in
from neurosim.runs.execute import execute
from neurosim.runs.finished.laboratory import laboratory

_SMALL = (
    "stimuli.photographs=['camera', 'chelsea']", "stimuli.patch_size=18", "stimuli.n_train=80", "stimuli.n_test=12",
    "network.n_neurons=6", "network.field=6", "network.stride=3", "network.backend=cython", "analysis.n_starts=2",
    "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "pictures"
    # So few crops of two photographs teach nothing worth having.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        execute(load_recipe("convolutional", assignments=_SMALL), out=folder)
    return folder


@pytest.fixture(scope="module")
def measured(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("lab") / "middle"
    return out, laboratory(run, assignments=["laboratory.control=feedforward"], out=out)


def words_of(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    return page, re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_it_runs_whole_and_asks_one_unit_for_every_field(run, measured):
    folder, summary = measured
    assert {"scoreboard.csv", "properties.csv", "figures/v1_properties.png"} <= set(files_in(folder))
    assert len(pd.read_csv(folder / "properties.csv")) == 6
    assert 0 <= summary["v1_similarity_mean"] <= 1.2
    assert summary["laboratory_unsettled_fraction"] < 0.05
    curves = json.loads(re.search(r'id="cells">(.*?)</script>', words_of(folder)[0], re.DOTALL)[1])["groups"]
    assert curves[0]["count"] == 6
    assert curves[0]["tuning"]


def test_the_page_says_what_was_around_the_fields(measured):
    folder, summary = measured
    _, words = words_of(folder)
    width = 18 / summary["laboratory_pixels_per_degree"]
    assert f"at the middle of pictures {width:.1f}° wide, where gratings end, with neighbours" in words
    assert "on a patch whose edge" not in words


def test_neighbours_suppress_where_gratings_are_larger_than_a_field(measured):
    _, summary = measured
    assert summary["suppressed_share"] > 2 * summary["suppressed_share_control"] + 0.2


def test_larger_pictures_are_shown_with_the_networks_own_stride(run, tmp_path):
    given = ["laboratory.control=off"]
    summary = laboratory(
        run, assignments=[*given, "laboratory.tile={stride=3, size=24}"], out=tmp_path / "larger"
    )
    assert 0 <= summary["v1_similarity_mean"] <= 1.2
    assert "where gratings end" not in words_of(tmp_path / "larger")[1]
    with pytest.raises(ValueError, match="stride at which the network's fields stand, 3, got stride=2"):
        laboratory(run, assignments=[*given, "laboratory.tile={stride=2, size=22}"], out=tmp_path / "other")


def test_a_saved_network_is_measured_as_in_its_run(run, measured, tmp_path):
    net = neurosim.load(run)
    net.save(tmp_path / "net.nc")
    alone = laboratory(tmp_path / "net.nc", assignments=["laboratory.control=off"], out=tmp_path / "alone")
    assert alone["v1_similarity_orientation_half_width"] == pytest.approx(
        measured[1]["v1_similarity_orientation_half_width"], rel=0.02
    )


def test_fields_that_were_given_need_a_size_of_pictures(run, tmp_path):
    net = neurosim.load(run)
    given = ConvolutionalLCA.from_dictionary(
        np.asarray(net.fields_), stride=3, threshold=net.threshold_, backend="cython"
    )
    given.front_end_ = net.front_end_
    given.save(tmp_path / "given.nc")
    with pytest.raises(ValueError, match=r"fields that were given: state the stride and a size of pictures"):
        laboratory(tmp_path / "given.nc", out=tmp_path / "refused")
    larger = ["laboratory.control=off", "laboratory.tile={stride=3, size=18}"]
    found = laboratory(tmp_path / "given.nc", assignments=larger, out=tmp_path / "larger")
    assert 0 <= found["v1_similarity_mean"] <= 1.2
