"""Spiking recipes from beginning to end, tiny, on the numpy target."""

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

_TINY = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=1000",
    "stimuli.n_test=100", "network.n_neurons=12", "network.batch_size=100", "network.backend=numpy",
    "analysis.bound_sweep=[1.2]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip
_OWN = {
    # So short a training leaves rates high enough for every neuron to have intervals.
    "sailnet": ("network.n_epochs=1", "network.target_rate=0.2"),
    "einet": ("network.n_epochs=1", "network.n_inhibitory=3", "network.target_rate=0.05"),
    "spiking-lca": ("network.presentation=10 ms", "network.charge=1.0", "network.threshold=auto"),
}
_FIRING = {
    "spikes_per_stimulus", "rate_hz_mean", "rate_hz_active", "isi_cv_mean", "isi_cv_within_stimulus", "isi_cv_trains",
    "count_correlation_rms", "count_correlation_floor",
    "residual_rms", "silent_neurons",
}  # fmt: skip


def _tiny(name: str) -> Recipe:
    return load_recipe(name, assignments=[*_TINY, *_OWN[name]])


@pytest.fixture(scope="module", params=_OWN)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / request.param
    execute(_tiny(request.param), out=folder)
    return folder


def test_a_run_writes_its_files_and_the_figures_of_spikes(run: Path) -> None:
    assert all(path.name in RUN_FILES or writes(path.name) for path in run.iterdir())
    assert {"raster.png", "rates.png"} <= {path.name for path in (run / "figures").iterdir()}


def test_the_summary_says_how_it_fires_and_all_of_it_is_documented(run: Path) -> None:
    summary = summary_of(run)
    assert summary.keys() >= _FIRING
    assert all(metric_of(name) for name in summary)
    assert summary["spikes_per_stimulus"] > 0
    assert ("inhibitory_spikes_per_stimulus" in summary) == (run.name == "einet")


def test_the_summary_agrees_with_the_stored_spikes(run: Path) -> None:
    summary, stored = summary_of(run), stored_in(run)
    counts = stored["counts"].to_numpy()
    assert summary["spikes_per_stimulus"] == pytest.approx(counts.mean())
    assert summary["silent_neurons"] == (counts.sum(axis=0) == 0).sum()
    assert summary["active_fraction"] == pytest.approx((stored["code"] != 0).mean().item())
    if run.name == "einet":
        assert summary["inhibitory_spikes_per_stimulus"] == pytest.approx(
            stored["counts_inhibitory"].mean().item()
        )


def test_the_reconstruction_follows_from_the_stored_network(run: Path) -> None:
    stored = stored_in(run)
    decoded = stored["gain"].item() * stored["code"].to_numpy() @ stored["dictionary"].to_numpy()
    error = stored["held_out"].to_numpy() - decoded
    ratio = (stored["held_out"].to_numpy() ** 2).sum() / (error**2).sum()
    assert summary_of(run)["reconstruction_snr_db"] == pytest.approx(10 * np.log10(ratio), rel=1e-3)


def test_the_network_file_holds_every_set_of_weights_with_labels(run: Path) -> None:
    stored = stored_in(run)
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in stored.data_vars.values())
    assert stored["threshold"].dims == ("neuron",)
    weights = {
        "sailnet": {"lateral": (12, 12), "drive_gain": (12,), "counts": (100, 12)},
        "einet": {
            "excite": (12, 3), "inhibit": (3, 12), "disinhibit": (3, 3), "inhibitory_threshold": (3,),
            "counts": (100, 12), "counts_inhibitory": (100, 3),
        },
        "spiking-lca": {"counts": (100, 24)},
    }[run.name]  # fmt: skip
    assert {name: stored[name].shape for name in weights} == weights
    assert stored["code"].attrs["units"] == ("same unit as the stimuli" if run.name == "spiking-lca" else "1")


@pytest.mark.parametrize("run", ["spiking-lca"], indirect=True)
def test_signed_rates_are_what_the_pairs_counts_say(run: Path) -> None:
    stored, network = stored_in(run), _tiny(run.name).network
    counts = stored["counts"].to_numpy()
    # A spike stands for the charge over the presentation in time constants: 1 over 10.
    assert (network.tau, network.presentation) == ("1 ms", "10 ms")
    np.testing.assert_allclose(stored["code"], 0.1 * (counts[:, :12] - counts[:, 12:]), atol=1e-6)


def test_the_page_says_which_network_and_how_it_fires(run: Path) -> None:
    words = {
        "sailnet": "A population of 12 neurons (SAILnet, Brian2)",
        "einet": "A population of 12 excitatory and 3 inhibitory neurons (E-I Net, Brian2)",
        "spiking-lca": "A population of 12 pairs of neurons (spiking LCA, Brian2)",
    }[run.name]
    page = (run / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert "times per stimulus on average" in page


def test_the_stored_recipe_gives_the_same_summary_again(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)
    again = execute(load_recipe(run / "recipe.toml"), out=tmp_path / "again")
    before = summary_of(run)
    timeless = {name for name in again if not name.startswith("seconds_")}
    assert {name: summary_of(tmp_path / "again")[name] for name in timeless} == {
        name: before[name] for name in timeless
    }
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "again" / "fields.csv"), pd.read_csv(run / "fields.csv")
    )


@pytest.mark.parametrize("run", ["spiking-lca"], indirect=True)
def test_an_automatic_threshold_is_stored_as_the_number_it_was(run: Path) -> None:
    np.testing.assert_allclose(stored_in(run)["threshold"], 2.0, rtol=1e-6)


def test_reconstructions_of_patches_that_come_as_they_are_refer_to_standardised_ones(tmp_path: Path) -> None:
    raw = [*_TINY, *_OWN["sailnet"], "stimuli.normalise=none"]
    runs = [
        execute(load_recipe("sailnet", assignments=each), out=tmp_path / str(number))
        for number, each in enumerate((raw, [*_TINY, *_OWN["sailnet"]]))
    ]
    for name in ("objective", "reconstruction_snr_db", "residual_rms", "spikes_per_stimulus"):
        assert runs[0][name] == pytest.approx(runs[1][name], rel=0.01), name


def test_its_folder_loads_as_the_network_that_gave_the_stored_code(run: Path) -> None:
    net = neurosim.load(run)
    stored = stored_in(run)
    code = net.transform(stored["held_out"].to_numpy())
    assert code.tobytes() == stored["code"].to_numpy().tobytes()
    assert net.front_end_ is not None
