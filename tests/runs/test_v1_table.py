"""A bounded part of ``verification/v1.py``: its arms are recipes, rows of its table are found, skipped, replaced."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from neurosim.recipes.recipe import load_recipe

_SCRIPT = Path(__file__).parents[2] / "verification" / "v1.py"


@pytest.fixture(scope="module")
def v1() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verification_v1", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_arm_is_a_recipe_that_fits_its_relays(v1: ModuleType) -> None:
    recipes = {arm: load_recipe("v1", assignments=[*given, *v1.QUICK]) for arm, given in v1.ARMS.items()}
    assert recipes["no adaptation"].network.adaptation == 0
    for recipe in recipes.values():
        streams = recipe.network.streams
        assert sum(n_neurons for n_neurons, _ in streams) == recipe.network.n_neurons
        assert sum(n_channels for _, n_channels in streams) == 2 * len(recipe.stimuli.relays)


def test_a_row_holds_what_the_files_of_a_run_tell(v1: ModuleType, tmp_path: Path) -> None:
    summary = {"v1_nxny_js_bits": 0.04, "v1_nxny_js_interval": [0.0, 0.05], "v1_similarity_mean": 0.77}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    sweep = {"space": ["image", "image", "adjoint"], "amplitude_bound": [1.5, 2.0, 2.0]}
    pd.DataFrame({**sweep, "js_bits": [0.04, 0.05, 0.3], "js_bits_corrected": [0.01, 0.02, 0.2]}).to_csv(
        tmp_path / "bound_sweep.csv", index=False
    )
    board = {"property": ["mean of 14"], "ceiled": [0.77], "random_pools": [0.8]}
    pd.DataFrame(board).to_csv(tmp_path / "scoreboard.csv", index=False)
    row = v1.row_of(tmp_path)
    assert (row["js"], row["interval_low"], row["interval_high"]) == (0.04, 0.0, 0.05)
    assert (row["js_2"], row["js_2_corrected"]) == (0.05, 0.02)
    assert (row["mean14"], row["mean14_random_pools"]) == (0.77, 0.8)
    assert "js_1.5" not in row


def test_rows_are_kept_by_arm_seed_and_photographs(v1: ModuleType, tmp_path: Path) -> None:
    table = tmp_path / "v1.csv"
    key = {"arm": "v1", "seed": 0, "photographs": "embedded"}
    assert not v1.is_there(table, key, tiled=False)
    v1.store(table, key | {"js": 0.05})
    v1.store(table, key | {"seed": 1, "js": 0.06})
    v1.store(table, key | {"js": 0.04})
    assert pd.read_csv(table)["js"].tolist() == [0.06, 0.04]
    assert v1.is_there(table, key, tiled=False)
    assert not v1.is_there(table, key, tiled=True)
    assert not v1.is_there(table, key | {"photographs": "kodak"}, tiled=False)
