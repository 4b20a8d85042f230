"""A recording becomes a folder and a page with one command, measured as models are."""

import json
import os
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "recordings"))

from recorded_cells import fields, long_table, save_spikes

from neurosim.analysis import compare_nx_ny, cortical_disparity_tuning, fit_gabors
from neurosim.cli import app
from neurosim.measures import metric_of
from neurosim.results.store import RunFolderError, require_run

DATA = os.environ.get("NEUROSIM_DATA", "")
needs_data = pytest.mark.skipif(not DATA, reason="NEUROSIM_DATA, the folder of data sets, is not set")


def _analyzed(*words: object) -> dict:
    """Run the command, hold it to a minute, and return the summary of what it wrote."""
    started = time.process_time()
    done = CliRunner().invoke(app, ["analyze", *map(str, words)])
    assert done.exit_code == 0, done.output
    assert time.process_time() - started < 60
    out = Path(str(words[words.index("--out") + 1]))
    require_run(out)
    page = (out / "report.html").read_text()
    assert "What was analyzed" in page
    assert "Not documented" not in page
    summary = json.loads((out / "summary.json").read_text())
    assert all(metric_of(name) for name in summary)
    return summary


def test_fields_of_another_group_are_fitted_and_compared_as_those_of_models(tmp_path):
    planted = fields(30)
    np.save(tmp_path / "fields.npy", planted)
    summary = _analyzed(tmp_path / "fields.npy", "--out", tmp_path / "out")
    fits = fit_gabors(planted)
    assert summary["gabor_fraction"] == fits["gabor_like"].mean()
    assert summary["v1_nxny_js_bits"] == pytest.approx(compare_nx_ny(fits, rng=0, n_bootstrap=100).js_bits)
    assert "v1_nxny_js_bits_whitened" not in summary
    table = pd.read_csv(tmp_path / "out" / "fields.csv")
    np.testing.assert_allclose(table["image_nx"], fits["nx"], rtol=1e-6)
    assert {path.stem for path in (tmp_path / "out" / "figures").iterdir()} == {
        "image_fields", "orientation_frequency", "nx_ny", "amplitude_bound",
    }  # fmt: skip


@pytest.mark.filterwarnings("default:most fields lie about")
def test_fields_in_grey_values_are_told_of(tmp_path):
    planted = fields(6)
    np.save(tmp_path / "grey.npy", (127 + 100 * planted / np.abs(planted).max()).astype(np.uint8))
    done = CliRunner().invoke(app, ["analyze", str(tmp_path / "grey.npy"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("most fields lie about 12") == 1
    assert "subtract the grey level" in done.stderr


def test_a_tuning_table_becomes_properties_and_scores(tmp_path):
    long_table().to_csv(tmp_path / "tuning.csv", index=False)
    summary = _analyzed(
        tmp_path / "tuning.csv", "--map", "unit=cell,orientation_deg=ori", "--map", "response=rate",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert summary["units"] == 3
    assert 0 < summary["v1_similarity_circular_variance"] < 1
    assert "v1_similarity_mean" not in summary  # of fourteen, or none
    table = pd.read_csv(tmp_path / "out" / "fields.csv")
    assert table["neuron"].tolist() == ["c0", "c1", "c2"]
    scores = pd.read_csv(tmp_path / "out" / "recorded_scores.csv")
    assert (scores["n_units"] == 3).all()


def test_spikes_with_their_table_are_counted_silent_units_too_and_the_folder_is_guarded(tmp_path):
    file, shown = save_spikes(tmp_path)
    out = tmp_path / "out"
    summary = _analyzed(file, "--stimuli", shown, "--out", out)
    assert (summary["units"], summary["silent_units"]) == (3, 1)
    page = (out / "report.html").read_text()
    assert "1 of 3 units never respond" in page
    table = pd.read_csv(out / "fields.csv")
    assert table["modulation_ratio"][0] > 0.75
    assert table["modulation_ratio"][1] < 0.3
    assert table["direction_selectivity_index"][:2].min() > 0.8
    again = CliRunner().invoke(app, ["analyze", str(file), "--stimuli", str(shown), "--out", str(out)])
    assert again.exit_code == 2
    assert "holds a run" in again.output or "overwrite" in again.output
    _analyzed(file, "--stimuli", shown, "--out", out, "--overwrite")


def test_the_page_is_made_again_by_the_command_for_runs(tmp_path):
    np.save(tmp_path / "fields.npy", fields(8))
    _analyzed(tmp_path / "fields.npy", "--out", tmp_path / "out")
    before = (tmp_path / "out" / "report.html").read_text()
    (tmp_path / "out" / "report.html").unlink()
    assert CliRunner().invoke(app, ["report", str(tmp_path / "out")]).exit_code == 0
    assert (tmp_path / "out" / "report.html").read_text() == before


def test_what_cannot_be_measured_leaves_no_folder(tmp_path):
    pd.DataFrame({"contrast": [0.5, 1.0], "a": [1.0, 2.0]}).to_csv(tmp_path / "a.csv", index=False)
    done = CliRunner().invoke(app, ["analyze", str(tmp_path / "a.csv"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "nothing can be measured" in done.output
    assert not (tmp_path / "out").exists()
    with pytest.raises(RunFolderError):
        require_run(tmp_path / "out")


@needs_data
def test_the_disparity_cells_are_measured_as_by_the_reader_of_their_own(tmp_path):
    file = Path(DATA) / "cumming_disparity" / "AllDTData.mat"
    columns = "disparity_deg=dx,count=counts,duration_s=duration"
    summary = _analyzed(file, "--where", "visualarea=1", "--map", columns, "--out", tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "fields.csv")
    own = cortical_disparity_tuning(file).cells
    np.testing.assert_array_equal(table["neuron"], own["cell"])
    # The one cell whose list holds a disparity twice, within rounding, apart.
    np.testing.assert_allclose(table["ddi"], own["ddi"], atol=1e-9)
    assert summary["units"] == 994


PAGE = (Path(__file__).parents[2] / "docs" / "recordings.md").read_text(encoding="utf-8")
COMMANDS = [line for line in PAGE.splitlines() if line.startswith("neurosim analyze ")]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the page's Python block has written its files."""
    folder = tmp_path_factory.mktemp("page")
    (block,) = (part.split("```")[0] for part in PAGE.split("```python\n")[1:])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile(block, "docs/recordings.md", "exec"), {})
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[2].rpartition("/")[2])
def test_the_commands_of_the_page_run(command, made_up, monkeypatch):
    if "NEUROSIM_DATA" in command and not DATA:
        pytest.skip("NEUROSIM_DATA, the folder of data sets, is not set")
    monkeypatch.chdir(made_up)
    summary = _analyzed(*shlex.split(command.replace("$NEUROSIM_DATA", DATA))[2:])
    if "ringach2002" in command:  # the cells beside themselves
        scores = [value for name, value in summary.items() if name.startswith("v1_similarity_")]
        assert scores == pytest.approx([1.0] * 3, abs=0.01)


def test_the_page_has_its_commands():
    assert len(COMMANDS) == 7
