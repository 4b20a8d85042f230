"""WLSC and topographic coding from beginning to end, tiny, on the numpy target."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stored_run import stored_in, summary_of

from neurosim.measures import metric_of, writes
from neurosim.networks.wlsc.unrolled import Penalty, wlsc_objective
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.store import RUN_FILES
from neurosim.runs.execute import execute

_PHOTOGRAPHS = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=1000", "stimuli.n_test=100",
    "analysis.bound_sweep=[1.5]", "analysis.n_starts=2", "analysis.n_bootstrap=100", "analysis.margin=4",
    "network.batch_size=100", "network.backend=numpy",
)  # fmt: skip
_RECIPES = {
    "wlsc": ("wlsc", (*_PHOTOGRAPHS, "stimuli.whitening.std=0.125", "network.n_neurons=24")),
    # Patches as starting fields: edges from the beginning, in no order on the sheet.
    "topographic": (
        "topographic",
        (*_PHOTOGRAPHS, "network.n_neurons=30", "network.sheet=[5, 6]", "network.initial_dictionary=stimuli"),
    ),
    "simplex": (
        "kds-mnist5",
        ("stimuli.source=embedded", "stimuli.n_train=300", "stimuli.n_test=60", "network.n_neurons=30",
         "network.batch_size=50", "network.n_epochs=1", "network.backend=numpy", "linked.n_embedding=0"),
    ),
}  # fmt: skip
_OWN_FIGURES = {"sheet_fields", "orientation_map", "sheet_similarity"}


def _tiny(name: str) -> Recipe:
    shipped, assignments = _RECIPES[name]
    return load_recipe(shipped, assignments=assignments)


@pytest.fixture(scope="module", params=_RECIPES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / request.param
    execute(_tiny(request.param), out=folder)
    return folder


def test_a_run_writes_its_files_and_documents_its_numbers(run: Path) -> None:
    assert all(path.name in RUN_FILES or writes(path.name) for path in run.iterdir())
    assert all(metric_of(name) for name in summary_of(run))
    assert "Not documented" not in (run / "report.html").read_text(encoding="utf-8")


def test_neurons_are_grouped(run: Path) -> None:
    summary, labels = summary_of(run), pd.read_csv(run / "fields.csv")["cluster"]
    assert summary["clusters"] == labels.max() + 1
    assert summary["isolated_neurons"] == (labels < 0).sum()
    assert ("merged_neurons" in summary) == (run.name != "topographic")


def test_activity_up_to_the_softening_counts_as_silence(run: Path) -> None:
    summary, code = summary_of(run), stored_in(run)["code"].to_numpy()
    smooth = run.name == "topographic"
    active = np.abs(code) > (0.3 if smooth else 0)
    assert np.all(code != 0) == smooth
    assert 0.01 < active.mean() < 0.9
    assert summary["active_fraction"] == pytest.approx(active.mean())
    assert summary["mean_active"] == pytest.approx(active.sum(axis=1).mean())
    assert summary["dead_neurons"] == (~active.any(axis=0)).sum()
    usage = pd.read_csv(run / "fields.csv")["usage"]
    np.testing.assert_allclose(usage, active.mean(axis=0), rtol=1e-6)


def test_places_on_the_sheet_are_part_of_the_results_of_a_network_that_has_them(run: Path) -> None:
    stored, fields, summary = stored_in(run), pd.read_csv(run / "fields.csv"), summary_of(run)
    figures = {path.stem for path in (run / "figures").iterdir()}
    if run.name != "topographic":
        assert not {"row", "column"} & (set(stored.variables) | set(fields.columns))
        assert "oriented_neurons" not in summary
        assert not figures & _OWN_FIGURES
        return
    for name, places in zip(("row", "column"), np.divmod(np.arange(30), 6), strict=True):
        assert stored[name].dims == ("neuron",)
        assert stored[name].attrs["torus"] == 1
        assert stored[name].to_numpy().tolist() == fields[name].tolist() == places.tolist()
    assert summary["oriented_neurons"] == (fields["r2"] > 0.7).sum() >= 15
    assert figures >= _OWN_FIGURES
    # Hardly trained: neighbours differ as neurons in shuffled places do.
    chance = summary["neighbour_orientation_difference_deg_shuffled"]
    assert summary["neighbour_orientation_difference_deg"] == pytest.approx(chance, abs=8)


def test_the_page_says_what_is_known_of_the_sheet_and_the_groups(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "the neurons fall into" in page
    assert ("The neurons sit on a 5 × 6 torus, and neighbours&#39; preferred" in page) == (
        run.name == "topographic"
    )
    assert ("Clusters found without labels" in page) == (run.name == "simplex")


@pytest.mark.parametrize("run", ["wlsc"], indirect=True)
def test_the_objective_counts_the_distance_to_the_fields(run: Path) -> None:
    stored = stored_in(run)
    shown, code, fields = (stored[name].to_numpy() for name in ("held_out", "code", "dictionary"))
    cost = wlsc_objective(shown, code, fields, Penalty(0, 0.05)).mean()
    assert summary_of(run)["objective"] == pytest.approx(cost, rel=1e-5)
    assert np.ptp(np.linalg.norm(fields, axis=1)) > 0.01


@pytest.mark.parametrize("run", ["simplex"], indirect=True)
def test_digits_on_the_simplex_are_told_apart_without_labels(run: Path) -> None:
    code, summary = stored_in(run)["code"].to_numpy(), summary_of(run)
    np.testing.assert_allclose(code.sum(axis=1), 1, atol=0.05)
    assert set(stored_in(run)["label"].to_numpy()) == {0, 1, 3, 6, 7}
    assert summary["clustering_accuracy"] > 0.6 > 1.5 * summary["clustering_accuracy_shuffled"]
