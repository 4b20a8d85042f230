"""A recipe that says nothing but its name trains, gives fields, and says whether its codes had settled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_run import stored_in, summary_of

from neurosim.networks.lca.lca import LCA
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

_TINY = (
    'stimuli.photographs=["camera", "china"]', "stimuli.patch_size=8", "stimuli.n_train=2000", "stimuli.n_test=100",
    "network.n_neurons=24", "network.backend=numpy", "analysis.bound_sweep=[1.5]", "analysis.n_starts=2",
    "analysis.n_bootstrap=100", "analysis.margin=4",
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out figures and page, which take most of a tiny run's time."""
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)


def _run(folder: Path, *assignments: str) -> dict[str, Any]:
    recipe = folder / "bare.toml"
    recipe.write_text('[run]\nname = "bare"\n', encoding="utf-8")
    execute(load_recipe(recipe, assignments=assignments), out=folder / "run", overwrite=True)
    return summary_of(folder / "run")


def test_a_name_alone_is_a_recipe_that_learns_a_sparse_settled_code(tmp_path: Path) -> None:
    summary, objective = _run(tmp_path, *_TINY), stored_in(tmp_path / "run")["objective"].to_numpy()
    assert summary["unsettled_fraction"] <= 0.01
    assert 0.01 < summary["active_fraction"] < 0.4
    assert summary["dead_neurons"] < 12
    assert objective[-5:].mean() < 0.9 * objective[0]


@pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
def test_unsettled_codes_are_counted_in_the_summary(tmp_path: Path) -> None:
    summary = _run(tmp_path, *_TINY, "network.presentation=60 ms")
    stored = stored_in(tmp_path / "run")
    options = {"threshold": float(stored["threshold"][0]), "batch_size": 100, "backend": "numpy"}
    network = LCA.from_dictionary(stored["dictionary"].to_numpy(), presentation="60 ms", **options)
    unsettled = network.settle(stored["held_out"].to_numpy()).unsettled
    assert unsettled is not None
    assert summary["unsettled_fraction"] == pytest.approx(np.mean(unsettled), abs=0.02)
    assert 0.05 < summary["unsettled_fraction"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_in_full_it_gives_oriented_fields_whatever_the_seed(seed: int, tmp_path: Path) -> None:
    summary = _run(tmp_path, f"run.seed={seed}")
    assert summary["dead_neurons"] == 0
    assert summary["gabor_fraction"] > 0.2
    assert 0.01 < summary["active_fraction"] < 0.25
    assert summary["unsettled_fraction"] <= 0.01
