"""Several networks on the same patches from beginning to end, tiny, on the numpy target."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stored_run import stored_in, summary_of

import neurosim
from neurosim.analysis.v1.model_comparison import compare_models
from neurosim.measures import metric_of, writes
from neurosim.networks.wlsc.wlsc import WLSC
from neurosim.recipes.recipe import load_recipe
from neurosim.results.store import RUN_FILES
from neurosim.runs.execute import execute

_RECIPE = """\
[run]
name = "tiny-arms"
[stimuli]
photographs = ["camera", "china"]
patch_size = 8
n_train = 600
n_test = 80
[stimuli.whitening]
kind = "olshausen"
std = 0.125
[network]
model = "wlsc"
n_neurons = 16
batch_size = 100
backend = "numpy"
[[arms]]
name = "l1"
network = { locality = 0.0, threshold = 0.1, norm = "unit" }
[[arms]]
name = "wlsc_0.1"
[[arms]]
name = "spikes"
normalise = "std"
network = { model = "sailnet" }
[analysis]
bound_sweep = [1.2, 1.5]
n_starts = 2
n_bootstrap = 100
margin = 4
"""
_CONDITIONS = ["l1", "wlsc_0.1", "spikes"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    (folder / "own.toml").write_text(_RECIPE, encoding="utf-8")
    execute(load_recipe(folder / "own.toml"), out=folder / "run")
    return folder / "run"


def test_a_run_of_conditions_writes_its_files(run: Path) -> None:
    written = {path.name for path in run.iterdir()}
    assert all(name in RUN_FILES or writes(name) for name in written)
    assert written >= {"arms.csv", "arms_sweep.csv", "arms_bandwidths.csv", "fields.csv", "network.nc"}
    figures = {path.stem for path in (run / "figures").iterdir()}
    assert figures == {"arms", "arms_sweep", *(f"dictionary_{condition}" for condition in _CONDITIONS)}


def test_every_number_of_the_summary_is_documented_and_from_the_table(run: Path) -> None:
    summary = summary_of(run)
    assert all(metric_of(name) for name in summary)
    table = pd.read_csv(run / "arms.csv").set_index(["space", "arm"])
    for condition in _CONDITIONS:
        row = table.loc[("image", condition)]
        names = {"v1_nxny_js_bits": "js_bits", "gabor_fraction": "gabor_like_share"}
        names |= {"v1_nxny_js_bits_corrected": "js_bits_corrected", "v1_nxny_fields": "n_units"}
        reasons = ["no_fit", "r2", "participation", "bound"]
        assert row["n_units"] + row[[f"left_out_{reason}" for reason in reasons]].sum() == row["n_fields"]
        for name in (
            "v1_nxny_js_bits",
            "v1_nxny_js_bits_corrected",
            "v1_nxny_fields",
            "difference",
            "difference_corrected",
            "broadly_tuned_share",
            "gabor_fraction",
            "active_fraction",
        ):
            value = summary[f"{name}_{condition}"]
            expected = row[names.get(name, name)]
            assert np.isnan(expected) if value is None else value == pytest.approx(expected)


def test_the_table_is_the_comparison_of_the_stored_fits(run: Path) -> None:
    table, fields = pd.read_csv(run / "arms.csv"), pd.read_csv(run / "fields.csv")
    assert table[["space", "arm"]].to_numpy().tolist() == [
        [s, a] for s in ("image", "whitened") for a in _CONDITIONS
    ]
    for space, prefix in (("image", "image_"), ("whitened", "")):
        shapes = fields[["arm"]].assign(**{n: fields[f"{prefix}{n}"] for n in ("nx", "ny", "gabor_like")})
        fits = {condition: shapes[shapes["arm"] == condition] for condition in _CONDITIONS}
        again = compare_models(fits, reference="l1", rng=np.random.default_rng(0), n_bootstrap=10)
        own = table[table["space"] == space].reset_index(drop=True)
        for column in ("js_bits", "difference", "n_units", "n_fields", "broadly_tuned_share"):
            pd.testing.assert_series_equal(own[column], again[column], check_dtype=False)


def test_the_sweep_holds_the_bound_that_was_fixed(run: Path) -> None:
    sweep, table = (pd.read_csv(run / f"{name}.csv") for name in ("arms_sweep", "arms"))
    assert sweep[["amplitude_bound", "arm"]].to_numpy().tolist() == [
        [b, a] for b in (1.2, 1.5) for a in _CONDITIONS
    ]
    own = sweep[sweep["amplitude_bound"] == 1.5]["js_bits"].to_numpy()
    np.testing.assert_array_equal(own, table[table["space"] == "image"]["js_bits"].to_numpy())


def test_each_condition_learned_from_the_same_patches_in_its_own_unit(run: Path) -> None:
    stored = stored_in(run)
    assert {
        f"{name}_{condition}" for name in ("dictionary", "code", "objective") for condition in _CONDITIONS
    } < set(stored)
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in stored.data_vars.values())
    shown = stored["held_out"].to_numpy()
    assert 0.5 < np.linalg.norm(shown, axis=1).mean() < 2
    norms = np.linalg.norm(stored["dictionary_l1"], axis=1)
    np.testing.assert_allclose(norms, 1, rtol=1e-5)
    network = WLSC.from_dictionary(stored["dictionary_wlsc_0.1"].to_numpy(), backend="numpy")
    code = stored["code_wlsc_0.1"].to_numpy()
    np.testing.assert_allclose(network.transform(shown), code, atol=1e-3)
    assert summary_of(run)["active_fraction_wlsc_0.1"] == pytest.approx((code != 0).mean())
    # Spike counts, or rates, of a network that saw patches ten times as strong.
    assert stored["code_spikes"].max() > 0


def test_a_condition_is_what_the_network_is_alone(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)
    alone, _, rest = _RECIPE.partition("[[arms]]")
    (tmp_path / "alone.toml").write_text(alone + rest[rest.index("[analysis]") :], encoding="utf-8")
    summary = execute(load_recipe(tmp_path / "alone.toml"), out=tmp_path / "run")
    conditions, single = stored_in(run), stored_in(tmp_path / "run")
    for name in ("dictionary", "code", "objective"):
        np.testing.assert_array_equal(conditions[f"{name}_wlsc_0.1"], single[name])
    together = summary_of(run)
    for name in ("v1_nxny_js_bits", "active_fraction", "reconstruction_snr_db"):
        value = together[f"{name}_wlsc_0.1"]
        assert (
            value == pytest.approx(summary[name], nan_ok=True)
            if value is not None
            else np.isnan(summary[name])
        )


def test_the_page_names_the_conditions_and_explains_all_numbers(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert (
        "3 networks (l1, wlsc_0.1, spikes; Brian2) learned from the same 600 patches of 8 × 8 pixels" in page
    )
    assert "Not documented" not in page
    assert "Receptive fields of wlsc_0.1 as learned" in page
    assert "arms.csv" in page
    assert 'id="fields"' not in page


def test_the_stored_recipe_gives_the_same_summary_again(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)
    execute(load_recipe(run / "recipe.toml"), out=tmp_path / "again")
    first, second = (
        {name: value for name, value in summary_of(folder).items() if not name.startswith("seconds_")}
        for folder in (run, tmp_path / "again")
    )
    assert first == second
    assert (tmp_path / "again" / "recipe.toml").read_bytes() == (run / "recipe.toml").read_bytes()


def test_each_arm_is_loaded_by_its_name(run: Path) -> None:
    with pytest.raises(
        ValueError, match=r"holds the networks l1, spikes, wlsc_0\.1; choose one: .*condition='l1'"
    ):
        neurosim.load(run)
    with pytest.raises(ValueError, match=r"not 'spike'; choose one: .*condition='spikes'"):
        neurosim.load(run, condition="spike")
    stored = stored_in(run)
    for arm in ("l1", "wlsc_0.1"):
        net = neurosim.load(run, condition=arm)
        assert net.transform(stored["held_out"]).tobytes() == stored[f"code_{arm}"].to_numpy().tobytes()
    spikes = neurosim.load(run, condition="spikes")
    assert type(spikes).__name__ == "SAILnet"
    assert (spikes.front_end_.normalise, net.front_end_.normalise) == ("patch", None)
