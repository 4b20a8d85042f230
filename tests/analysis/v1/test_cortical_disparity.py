"""Cortical disparity tuning: a file made here is read as it should be, and the published one as it is."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.stats import f_oneway

from neurosim.analysis.tuning.disparity import disparity_tuning
from neurosim.analysis.v1.disparity import cortical_disparity_tuning


def cell(area=1, axis=np.nan, disparities=(-0.4, 0.0, 0.4, -1005.0, -1002.0, -1002.0), seed=0):
    rng = np.random.default_rng(seed)
    counts = np.empty(len(disparities), dtype=object)
    for i, disparity in enumerate(disparities):
        counts[i] = rng.poisson(4 + 20 * (disparity == 0.4), 5 + i).astype(np.uint8)
    return {"visualarea": area, "dx": np.array(disparities), "counts": counts, "duration": 0.5, "or": axis}


def written(folder: Path, cells) -> Path:
    savemat(folder / "cells.mat", {"DTdata": cells})
    return folder / "cells.mat"


def test_cells_of_the_area_asked_for_are_measured_on_their_trials(tmp_path):
    record = cell()
    found = cortical_disparity_tuning(written(tmp_path, [cell(area=2, seed=1), record]))
    assert found.cells["cell"].tolist() == [1]
    assert found.tuning["disparity"].tolist() == [-0.4, 0.0, 0.4]
    assert found.tuning["n_trials"].tolist() == [5, 6, 7]
    np.testing.assert_allclose(found.tuning["mean_count"], [c.mean() for c in record["counts"][:3]])
    trials = np.concatenate(record["counts"][:3]).astype(float)
    tuning = disparity_tuning(trials[:, None], np.repeat([-0.4, 0, 0.4], [5, 6, 7]))
    row = found.cells.iloc[0]
    assert (row["ddi"], row["p_value"]) == (tuning.ddi[0], tuning.p_value[0])
    assert (row["preferred_disparity"], row["n_trials"], row["n_disparities"]) == (0.4, 18, 3)


def test_a_reversed_axis_is_turned_and_a_tilted_one_marked(tmp_path):
    cells = [cell(axis=axis) for axis in (np.nan, 90.0, -90.0, 120.0)]
    found = cortical_disparity_tuning(written(tmp_path, cells)).cells
    assert found["preferred_disparity"].tolist() == [0.4, 0.4, -0.4, 0.4]
    assert found["horizontal"].tolist() == [True, True, True, False]


def test_a_disparity_that_stands_twice_pools_its_trials(tmp_path):
    record = cell(disparities=(-0.4, 0.4, 0.4))
    tuning = cortical_disparity_tuning(written(tmp_path, [record])).tuning
    assert tuning["n_trials"].tolist() == [5, 13]
    assert tuning["mean_count"][1] == pytest.approx(np.concatenate(record["counts"][1:]).mean())


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"cumming_disparity.*AllDTData\.mat: no such file"):
        cortical_disparity_tuning()
    monkeypatch.delenv("NEUROSIM_DATA")
    with pytest.raises(FileNotFoundError, match="NEUROSIM_DATA naming the folder"):
        cortical_disparity_tuning()


def test_another_file_or_area_is_refused(tmp_path):
    savemat(tmp_path / "other.mat", {"DTdata": [{"dx": 1}]})
    with pytest.raises(ValueError, match="got another file"):
        cortical_disparity_tuning(tmp_path / "other.mat")
    with pytest.raises(ValueError, match="V1 or V2"):
        cortical_disparity_tuning(area="MT")
    with pytest.raises(ValueError, match="cells of V2"):
        cortical_disparity_tuning(written(tmp_path, [cell()]), area="V2")


@pytest.mark.skipif("NEUROSIM_DATA" not in os.environ, reason="NEUROSIM_DATA is not set")
def test_the_published_cells_are_all_there_and_tuned_as_they_were_chosen():
    found = cortical_disparity_tuning()
    cells = found.cells
    assert len(cells) == 994
    # They were chosen by an analysis of variance at p < .01 on square roots of counts; a few differ in trials.
    assert (cells["p_value"] < 0.01).mean() > 0.99
    assert cells["ddi"].between(0, 1).all()
    assert 0.5 < cells["ddi"].median() < 0.6
    assert found.tuning["disparity"].abs().max() < 3
    assert len(found.tuning) == cells["n_disparities"].sum()
    assert len(cortical_disparity_tuning(area="V2").cells) == 581


@pytest.mark.skipif("NEUROSIM_DATA" not in os.environ, reason="NEUROSIM_DATA is not set")
def test_probabilities_are_those_the_file_states_if_computed_on_square_roots():
    from scipy.io import loadmat

    file = Path(os.environ["NEUROSIM_DATA"]) / "cumming_disparity" / "AllDTData.mat"
    records = loadmat(file, squeeze_me=True, struct_as_record=False)["DTdata"]
    cells = cortical_disparity_tuning(file).cells
    stated = np.array([records[row].pval for row in cells["cell"]])
    same = np.isclose(cells["p_value"], stated, rtol=1e-6, atol=0)
    # 688 of 994; the others, among them all of the array's recordings, were tested on some other choice of trials.
    assert same.sum() == 688
    on_counts = np.array([_p_value_on_counts(records[row]) for row in cells["cell"]])
    assert not np.isclose(on_counts, stated, rtol=1e-6, atol=0).any()


def _p_value_on_counts(record):
    used = np.flatnonzero(record.dx > -500)
    return f_oneway(*[record.counts[i].astype(float) for i in used]).pvalue
