import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from stored_run import summary_of

import neurosim
from neurosim.measures import metric_of
from neurosim.networks.lca.lca import LCA
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.store import RUN_FILES, RunFolderError, RunInterrupted
from neurosim.runs.execute import execute

_TINY = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=2000",
    "stimuli.n_test=100", "network.n_neurons=24", "network.batch_size=100", "network.backend=numpy",
    "analysis.bound_sweep=[1.2]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip


def _tiny(*more: str) -> Recipe:
    return load_recipe("lca", assignments=[*_TINY, *more])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "first"
    events: list[Mapping[str, Any]] = []
    execute(_tiny(), out=folder, progress=events.append, command=("neurosim", "run"))
    stages = [event["stage"] for event in events]
    assert list(dict.fromkeys(stages)) == ["stimuli", "compile", "train", "analyze"]
    counted = {event["step"] for event in events if event.get("done", 0) == event.get("of", -1)}
    assert {"fitting Gabor functions", "fits and distances with other amplitude bounds"} <= counted
    return folder


def _timeless(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in summary.items() if not name.startswith("seconds_")}


def test_a_run_writes_its_files_and_nothing_else(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == {
        *RUN_FILES,
        "bound_sweep.csv",
        "equations.csv",
        "learning_rules.csv",
        "membranes.csv",
    } - {"recording.toml"}
    assert (run / "figures" / "dictionary.png").stat().st_size > 1000


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out figures and page, which take most of a tiny run's time."""
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)


@pytest.mark.usefixtures("without_pictures")
def test_the_stored_recipe_gives_the_same_summary_again(run: Path, tmp_path: Path) -> None:
    again = execute(load_recipe(run / "recipe.toml"), out=tmp_path / "again")
    assert _timeless(summary_of(tmp_path / "again")) == _timeless(summary_of(run))
    assert (tmp_path / "again" / "recipe.toml").read_bytes() == (run / "recipe.toml").read_bytes()
    assert summary_of(tmp_path / "again") == again
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "again" / "fields.csv"), pd.read_csv(run / "fields.csv")
    )
    other = execute(_tiny("run.seed=1"), out=tmp_path / "other")
    assert other["objective"] != again["objective"]


def test_every_figure_of_the_summary_is_documented(run: Path) -> None:
    assert all(metric_of(name) for name in summary_of(run))


def test_the_summary_agrees_with_the_stored_code(run: Path) -> None:
    summary = summary_of(run)
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as stored:
        code, dictionary, shown = (
            stored[name].to_numpy().astype(float) for name in ("code", "dictionary", "held_out")
        )
        threshold = stored["threshold"].to_numpy()
    residual = shown - code @ dictionary
    objective = (0.5 * (residual**2).sum(axis=1) + (threshold * np.abs(code)).sum(axis=1)).mean()
    assert summary["objective"] == pytest.approx(objective, rel=1e-4)
    assert summary["active_fraction"] == pytest.approx((code != 0).mean(), rel=1e-6)
    assert summary["dead_neurons"] == (~(code != 0).any(axis=0)).sum()


def test_the_network_file_is_labelled(run: Path) -> None:
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as stored:
        sizes = {name: size for name, size in stored.sizes.items() if not str(name).startswith("front_end")}
        assert sizes == {
            "neuron": 24, "pixel": 64, "from_neuron": 24, "stimulus": 100, "batch": 20,
            "image_row": 16, "image_column": 16,
        }  # fmt: skip
        assert {"objective", "active_fraction", "learning_rate"} <= set(stored.data_vars)
        assert all({"units", "long_name"} <= set(variable.attrs) for variable in stored.data_vars.values())
        dictionary = stored["dictionary"].to_numpy()
        np.testing.assert_allclose(np.linalg.norm(dictionary, axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(stored["lateral"], dictionary @ dictionary.T - np.eye(24), atol=1e-5)


def test_the_network_can_be_used_again_from_its_file(run: Path) -> None:
    parameters = tomllib.loads((run / "recipe.toml").read_text(encoding="utf-8"))["network"]
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as stored:
        kept = {name: parameters[name] for name in ("threshold", "tau", "batch_size")}
        network = LCA.from_dictionary(stored["dictionary"].to_numpy(), **kept)
        code = network.transform(stored["held_out"].to_numpy())
        np.testing.assert_allclose(code, stored["code"].to_numpy(), atol=1e-4)


def test_there_is_one_row_per_neuron_with_both_spaces(run: Path) -> None:
    fields = pd.read_csv(run / "fields.csv")
    assert len(fields) == 24
    assert {"neuron", "usage", "lifetime_sparseness", "nx", "ny", "r2", "image_nx", "image_ny"} <= set(fields)
    assert summary_of(run)["gabor_fraction"] == fields["gabor_like"].mean()


def test_the_sweep_holds_the_bound_that_was_fixed(run: Path) -> None:
    sweep = pd.read_csv(run / "bound_sweep.csv")
    assert sweep[["space", "amplitude_bound"]].to_numpy().tolist() == [
        [space, bound] for space in ("image", "reverse_correlated", "whitened") for bound in (1.2, 1.5)
    ]
    own = sweep[(sweep["space"] == "image") & (sweep["amplitude_bound"] == 1.5)]["js_bits"].item()
    assert summary_of(run)["v1_nxny_js_bits"] in (pytest.approx(own), None)


def test_every_field_is_compared_with_macaque_or_has_a_reason(run: Path) -> None:
    summary, fields = summary_of(run), pd.read_csv(run / "fields.csv")
    reasons = ["no_fit", "r2", "participation", "bound"]
    counted = [summary["v1_nxny_fields"], *(summary[f"v1_nxny_left_out_{reason}"] for reason in reasons)]
    assert sum(counted) == len(fields)
    assert counted[0] == fields["image_gabor_like"].sum()
    like = fields[fields["image_gabor_like"]]
    assert summary["nx_median_image"] in (pytest.approx(like["image_nx"].median()), None)


def test_the_record_says_where_it_came_from(run: Path) -> None:
    record = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    assert record["seed"] == 0
    assert record["started_with"] == ["neurosim", "run"]
    assert list(record["images"]) == ["camera", "china"]
    assert record["timings"]["seconds_train"] == summary_of(run)["seconds_train"]


def test_a_folder_in_use_is_refused_before_anything_is_computed(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LCA, "fit", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(RunFolderError, match="already holds a run"):
        execute(_tiny(), out=run)


def test_a_missing_compiler_is_told_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match='or use backend="numpy"'):
        execute(_tiny("network.backend=cython"), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_interrupted_training_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LCA, "fit", interrupted)
    with pytest.raises(RunInterrupted, match="nothing was kept"):
        execute(_tiny(), out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_analysis_keeps_the_trained_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("neurosim.analysis.fields.gabor.fit_gabors", interrupted)
    with pytest.raises(RunInterrupted, match=r"run\.partial"):
        execute(_tiny(), out=tmp_path / "run")
    with xr.open_dataset(tmp_path / "run.partial" / "network.nc", engine="h5netcdf") as stored:
        assert stored["dictionary"].shape == (24, 64)


def test_its_folder_loads_as_the_network_that_gave_the_stored_code(run: Path) -> None:
    net = neurosim.load(run)
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as stored:
        code = net.transform(stored["held_out"].to_numpy())
        assert code.tobytes() == stored["code"].to_numpy().tobytes()
    assert net.front_end_ is not None
    assert net.front_end_.normalise == "patch"
