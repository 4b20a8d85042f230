"""Autoencoders from beginning to end, tiny: on photographs, on digits, and as conditions beside a circuit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stored_run import stored_in, summary_of

import neurosim
from neurosim.measures import metric_of, writes
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.store import RUN_FILES
from neurosim.runs.execute import execute

pytest.importorskip("jax", reason="needs the extra `svae`")
pytest.importorskip("optax", reason="needs the extra `svae`")

# One epoch on purpose: fields do nothing yet, and networks say so.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.* neurons have a field that does nothing:sklearn.exceptions.ConvergenceWarning"
)

_LEARNING = ("network.n_neurons=16", "network.n_epochs=1", "network.hidden=[32]", "network.hidden_spread=32")
_LIKELIHOOD = (
    "likelihood.n_samples=5",
    "likelihood.n_stimuli=40",
    "likelihood.n_annealed=4",
    "likelihood.n_temperatures=60",
)
_PHOTOGRAPHS = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=2000", "stimuli.n_test=100",
    "analysis.bound_sweep=[1.5]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip
_RECIPES = {
    "photographs": ("svae", (*_PHOTOGRAPHS, *_LEARNING, *_LIKELIHOOD)),
    "digits": (
        "svae-mnist",
        ("stimuli.source=embedded", "stimuli.n_train=600", "stimuli.n_test=80", "linked.n_embedding=0",
         *_LEARNING, *_LIKELIHOOD),
    ),
}  # fmt: skip
_COLUMNS = ["norm", "fall_nats", "divergence_nats", "spread", "active", "active_norm", "worthwhile"]
_OF_SPARSE_CODES = {"active_fraction", "mean_active", "silent_stimuli", "clusters", "isolated_neurons"}

_CONDITIONS = """\
[stimuli]
photographs = ["camera", "china"]
patch_size = 8
n_train = 600
n_test = 80
[stimuli.whitening]
kind = "olshausen"
std = 0.125
[network]
model = "svae"
n_neurons = 16
n_epochs = 1
batch_size = 50
hidden = [32]
hidden_spread = 32
[[arms]]
name = "unit"
[[arms]]
name = "free"
network = { decoder_norm = "free" }
[[arms]]
name = "circuit"
network = { model = "lca", backend = "numpy" }
[likelihood]
n_samples = 3
n_annealed = 0
[analysis]
bound_sweep = [1.5]
n_starts = 2
n_bootstrap = 100
margin = 4
"""


def _tiny(name: str) -> Recipe:
    shipped, assignments = _RECIPES[name]
    return load_recipe(shipped, assignments=assignments)


@pytest.fixture(scope="module", params=_RECIPES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / request.param
    execute(_tiny(request.param), out=folder)
    return folder


@pytest.fixture(scope="module")
def conditions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arms")
    (folder / "own.toml").write_text(_CONDITIONS, encoding="utf-8")
    execute(load_recipe(folder / "own.toml"), out=folder / "run")
    return folder / "run"


def test_a_run_writes_its_files_and_documents_its_numbers(run: Path) -> None:
    assert all(path.name in RUN_FILES or writes(path.name) for path in run.iterdir())
    assert all(metric_of(name) for name in summary_of(run))
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Not documented" not in page
    assert f"the bound is {summary_of(run)['elbo_over_noise_nats']:.1f} nats above white noise" in page


def test_a_dense_code_is_not_measured_as_a_sparse_one(run: Path) -> None:
    assert not _OF_SPARSE_CODES & set(summary_of(run))
    figures = {path.stem for path in (run / "figures").iterdir()}
    assert figures >= {"filters", "learning_curve", "reconstructions"}
    assert "sparsity" not in figures
    assert "usage" not in pd.read_csv(run / "fields.csv")


def test_filters_in_use_are_those_of_the_table(run: Path) -> None:
    summary, fields = summary_of(run), pd.read_csv(run / "fields.csv")
    assert set(_COLUMNS) < set(fields)
    np.testing.assert_array_equal(fields["active"], fields["fall_nats"] > 0.05)
    np.testing.assert_allclose(fields["norm"], 1, rtol=1e-5)
    assert summary["active_filters"] == fields["active"].sum() == 16 - summary["dead_neurons"]
    assert summary["active_filters_norm"] == 16
    assert summary["worthwhile_filters"] == fields["worthwhile"].sum()
    assert ("active_gabor_filters" in summary) == (run.name == "photographs")
    if run.name == "photographs":
        gabor = (fields["r2"] > 0.7) & (fields["participation_ratio"] >= 6)
        assert summary["active_gabor_filters"] == (gabor & fields["active"]).sum()


def test_better_bounds_are_higher(run: Path) -> None:
    summary = summary_of(run)
    low, high = summary["elbo_nats_interval"]
    assert low < summary["elbo_nats"] < high
    assert summary["elbo_nats"] == pytest.approx(-summary["objective"])
    assert summary["elbo_nats"] < summary["iwae_nats"] < summary["ais_nats"]
    # On stimuli drawn from so small a network, walks in both directions meet.
    assert abs(summary["ais_gap_nats"]) < 0.5


def test_what_was_learned_is_stored_with_its_units(run: Path) -> None:
    stored = stored_in(run)
    assert "threshold" not in stored
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in stored.data_vars.values())
    assert {stored[name].attrs["units"] for name in ("objective", "log_likelihood", "divergence")} == {"nats"}
    assert np.allclose(stored["objective"], stored["divergence"] - stored["log_likelihood"], atol=1e-2)
    assert np.any(stored["decoder_offset"].to_numpy() != 0) == (run.name == "digits")
    assert 0 < stored["noise_sd"] < stored["prior_scale"] * 5
    code, suffix = stored["code"].to_numpy(), "" if run.name == "photographs" else "_handwriting"
    rebuilt = code @ stored[f"dictionary{suffix}"].to_numpy() + stored["decoder_offset"].to_numpy()
    shown = stored[f"held_out{suffix}"].to_numpy()
    snr = 10 * np.log10(np.mean(shown**2) / np.mean((shown - rebuilt) ** 2))
    assert summary_of(run)["reconstruction_snr_db"] == pytest.approx(snr, abs=1e-3)


def test_the_page_says_that_it_is_no_circuit(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "variational autoencoder, trained by back-propagation, not Brian2) learned from" in page
    assert f"Of 16 filters {summary_of(run)['active_filters']} are active" in page
    assert "importance samples" in page


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
    np.testing.assert_array_equal(stored_in(run)["code"], stored_in(tmp_path / "again")["code"])


def test_conditions_of_different_kinds_have_the_numbers_of_their_kind(conditions: Path) -> None:
    summary, table = summary_of(conditions), pd.read_csv(conditions / "arms.csv").set_index(["space", "arm"])
    assert all(metric_of(name) for name in summary)
    for condition in ("unit", "free", "circuit"):
        is_circuit = condition == "circuit"
        assert (f"active_fraction_{condition}" in summary) == is_circuit
        assert np.isnan(table.loc[("image", condition), "active_fraction"]) == (not is_circuit)
        for name in ("active_filters", "active_gabor_filters", "elbo_nats", "iwae_nats"):
            assert (f"{name}_{condition}" in summary) != is_circuit
            value = table.loc[("image", condition), name]
            assert np.isnan(value) if is_circuit else value == pytest.approx(summary[f"{name}_{condition}"])
    row = table.loc[("image", "unit")]
    assert row["elbo_nats_low"] < row["elbo_nats"] < row["elbo_nats_high"] < row["iwae_nats"] + 50
    assert not any(name.startswith("ais_nats") for name in (*summary, *table))


def test_the_page_of_conditions_names_those_that_are_no_circuits(conditions: Path) -> None:
    page = (conditions / "report.html").read_text(encoding="utf-8")
    assert "(unit, free, circuit; Brian2, but for unit, free: variational autoencoders" in page
    assert "Active filters, without one of which the bound" in page
    fields = pd.read_csv(conditions / "fields.csv")
    assert fields.groupby("arm")["fall_nats"].count().to_dict() == {"circuit": 0, "free": 16, "unit": 16}
    assert fields.groupby("arm")["usage"].count().to_dict() == {"circuit": 16, "free": 0, "unit": 0}


def test_the_folder_of_a_run_loads_as_the_network_that_gave_the_stored_code(run: Path) -> None:
    net = neurosim.load(run)
    stored = stored_in(run)
    (held_out,) = (name for name in stored if str(name).startswith("held_out"))
    code = net.transform(stored[held_out].to_numpy())
    assert code.tobytes() == stored["code"].to_numpy().tobytes()
