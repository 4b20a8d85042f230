"""A bounded part of ``verification/damaged_runs.py``: mutated recipes and damaged run folders."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import load_recipe
from neurosim.report.page import write_report
from neurosim.results.store import RunFolderError, require_run

_SCRIPT = Path(__file__).parents[2] / "verification" / "damaged_runs.py"


@pytest.fixture(scope="module")
def verification() -> ModuleType:
    spec = importlib.util.spec_from_file_location("damaged_runs", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(verification: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = verification.small_run(tmp_path_factory.mktemp("damaged"))
    return folder


def test_mutated_recipes_are_run_or_refused_in_our_own_words(
    verification: ModuleType, tmp_path: Path
) -> None:
    rng = np.random.default_rng(20)
    found = verification.answers(verification.recipes(tmp_path, n_recipes=400, rng=rng))
    assert found["faults"] == 0, found["first_fault"]
    assert found["accepted"] > 10
    assert found["refused"] > 100


def test_pages_of_damaged_folders_are_made_or_refused_in_our_own_words(
    verification: ModuleType, run: Path
) -> None:
    found = verification.answers(verification.folders(run, n_folders=60, rng=np.random.default_rng(21)))
    assert found["faults"] == 0, found["first_fault"]
    assert found["accepted"] > 5
    assert found["refused"] > 15


def test_a_fault_is_counted_as_one(verification: ModuleType) -> None:
    def breaks() -> None:
        raise KeyError("model")

    found = verification.answers(iter([("a try", breaks)]))
    assert (found["faults"], found["first_fault"]) == (1, "a try: KeyError: 'model'")


def test_an_unfinished_run_is_none(run: Path, tmp_path: Path) -> None:
    import shutil

    from neurosim.results.run_files import mark

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    require_run(copy)
    mark(copy, whole=False)
    with pytest.raises(RunFolderError, match="did not come to its end"):
        require_run(copy)
    mark(copy, whole=True)
    (copy / "recipe.toml").unlink()
    with pytest.raises(RunFolderError, match=r"found no recipe\.toml"):
        require_run(copy)


def test_a_cut_figure_is_named(run: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(run, tmp_path / "copy")
    figure = tmp_path / "copy" / "figures" / "sparsity.png"
    figure.write_bytes(figure.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"sparsity\.png is not a whole PNG file"):
        write_report(tmp_path / "copy")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("network.model=nan", "network.model"),
        (f"network.threshold={'9' * 400}", "expected a number"),
    ],
)
def test_what_the_mutations_have_found_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe("svae-grid" if "model" in assignment else "ordinal-mnist", assignments=[assignment])
