"""A kind of stimuli that is added as the page says is known everywhere: tried in a copy of the house."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "architecture.md"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with one file and one line more."""
    copy = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    # The rooms behind links are copied too.
    shutil.copytree(ROOT / "neurosim", copy / "neurosim", ignore=ignored)
    kinds = copy / "neurosim" / "stimuli" / "kinds"
    section = PAGE.read_text(encoding="utf-8").split("## Add a kind of stimuli")[1]
    (kinds / "bars.py").write_text(section.split("```python\n")[1].split("```")[0], encoding="utf-8")
    listing = kinds / "__init__.py"
    text = listing.read_text(encoding="utf-8")
    text = text.replace("import arrays, digits,", "import arrays, bars, digits,")
    listing.write_text(
        text.replace("    arrays.KIND,\n", "    arrays.KIND,\n    bars.KIND,\n"), encoding="utf-8"
    )
    return copy


def _neurosim(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "neurosim", *words]
    environment = os.environ | {"PYTHONPATH": str(house)}
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)


def test_a_recipe_can_name_it_and_runs(house: Path) -> None:
    recipe = house / "bars.toml"
    recipe.write_text(
        '[run]\nname = "bars"\n[stimuli]\nkind = "bars"\nside = 6\n'
        '[network]\nmodel = "lca"\nn_neurons = 12\nbackend = "numpy"\n'
        '[linked]\nclassifiers = ["logistic"]\nstyle = "paper"\nn_embedding = 0\n'
    )
    done = _neurosim(house, "run", str(recipe), "--out", str(house / "run"), "--quiet")
    assert done.returncode == 0, done.stderr
    assert 'kind = "bars"' in (house / "run" / "recipe.toml").read_text(encoding="utf-8")
    record = json.loads((house / "run" / "provenance.json").read_text(encoding="utf-8"))
    assert (record["n_train"], record["modalities"]) == (400, ["bars"])
    assert (house / "run" / "report.html").is_file()


@pytest.mark.parametrize(
    ("assignments", "answer"),
    [
        (["stimuli.kind=bar"], r"'arrays', 'bars', got 'bar'; did you mean 'bars'\?"),
        (
            ["stimuli.kind=bars", "stimuli.side=1"],
            r"stimuli\.side: expected greater than or equal to 2, got 1",
        ),
        (
            ["stimuli.kind=bars", "stimuli.n_train=50"],
            r"batch_size: expected at most stimuli\.n_train = 50, got",
        ),
        (
            ["stimuli.kind=bars", "stimuli.n_train=10000000000"],
            r"needs about .* of memory.*lower stimuli\.n_train",
        ),
        (["stimuli.kind=bars", "linked.want=bars"], r"linked\.want: expected a modality that is not shown"),
    ],
)
def test_what_is_wrong_is_answered_as_of_any_kind(house: Path, assignments: list[str], answer: str) -> None:
    words = [word for assignment in assignments for word in ("--set", assignment)]
    done = _neurosim(
        house, "run", "linked", *words, "--set", "network.model=lca", "--out", str(house / "never")
    )
    assert done.returncode == 2
    assert re.search(answer, done.stderr), done.stderr
