from itertools import combinations
from pathlib import Path

import pytest

from neurosim.recipes.default_folder import default_folder
from neurosim.recipes.recipe import load_recipe

_SWEEP = [
    [], ["network.n_neurons=64"], ["network.n_neurons=128"], ["network.threshold=1.5"], ["network.threshold=1.6"],
    ["run.seed=1"], ["run.seed=1", "network.n_neurons=64"], ["stimuli.n_train=5000"], ["network.tau=5 ms"],
    ["stimuli.photographs=['camera', 'china']"], ["stimuli.photographs=['camera']"], ["network.backend=numpy"],
    [f"analysis.bound_sweep={[1.5] * 40}"], [f"analysis.bound_sweep={[1.5] * 41}"],
]  # fmt: skip


def _folder(assignments: list[str]) -> Path:
    return default_folder(load_recipe("lca", assignments=assignments), assignments)


def test_two_runs_of_a_sweep_never_meet() -> None:
    folders = [_folder(assignments) for assignments in _SWEEP]
    assert all(first != second for first, second in combinations(folders, 2))
    assert all(folder.parent == Path("runs") and len(folder.name) < 120 for folder in folders)


def test_the_same_recipe_goes_to_the_same_folder_however_it_is_written() -> None:
    assert _folder(["network.threshold=1.5"]) == _folder(["network.threshold = 1.50"])
    assert _folder(["network.n_neurons=3", "network.n_neurons=64"]) == _folder(["network.n_neurons=64"])


@pytest.mark.parametrize(
    ("assignments", "name"), [([], "lca-0"), (["run.seed=7"], "lca-7"), (["run.name=mine"], "mine-0")]
)
def test_name_and_seed_are_said_once(assignments: list[str], name: str) -> None:
    assert _folder(assignments) == Path("runs", name)


def test_what_was_changed_can_be_read() -> None:
    name = _folder(["network.n_neurons=64", "network.tau=5 ms"]).name
    assert name.startswith("lca-0-n_neurons=64-tau=5ms-")
