"""A model that is added as the page says is known everywhere: tried in a copy of the house."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"

_ESTIMATOR = '''"""An LCA whose membranes leak faster."""

from dataclasses import replace

from neurosim.networks.lca.lca import LCA
from neurosim.networks.leakier.model import LeakierLCAParameters


class LeakierLCA(LeakierLCAParameters, LCA):
    """An LCA with a term of its own in the membrane equation."""

    def _design(self, shown, **sizes):
        design = super()._design(shown, **sizes)
        return replace(design, membrane_terms=f"{design.membrane_terms} - {self.leak!r}*u".strip())
'''


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with one folder and two lines more."""
    copy = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(
        ROOT / "neurosim", copy / "neurosim", ignore=ignored
    )  # the rooms behind links are copied too
    folder = copy / "neurosim" / "networks" / "leakier"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""A family of one."""\n')
    (folder / "leakier.py").write_text(_ESTIMATOR)
    told = PAGE.read_text(encoding="utf-8").split("## Add a model")[1].split("```python\n")
    (folder / "measures.py").write_text(told[2].split("```")[0])
    (folder / "model.py").write_text(told[1].split("```")[0])
    models = copy / "neurosim" / "networks" / "models.py"
    text = models.read_text(encoding="utf-8")
    text = text.replace(
        "from neurosim.networks.lca import model as lca\n",
        "from neurosim.networks.lca import model as lca\nfrom neurosim.networks.leakier import model as leakier\n",
    )
    models.write_text(text.replace("    *lca.MODELS,\n", "    *lca.MODELS,\n    *leakier.MODELS,\n"))
    return copy


def _python(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(house)}
    return subprocess.run(
        [sys.executable, *words], cwd=house, env=environment, capture_output=True, text=True, check=False
    )


def _neurosim(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return _python(house, "-m", "neurosim", *words)


def test_a_recipe_can_name_it_and_runs(house: Path) -> None:
    recipe = house / "leakier.toml"
    recipe.write_text(
        '[run]\nname = "leakier"\n[stimuli]\nn_train = 200\nn_test = 50\npatch_size = 8\n'
        '[network]\nmodel = "leakier"\nn_neurons = 8\nleak = 0.2\nbackend = "numpy"\n'
        "[analysis]\nn_starts = 1\nn_bootstrap = 100\n"
    )
    done = _neurosim(house, "run", str(recipe), "--out", str(house / "run"), "--quiet")
    assert done.returncode == 0, done.stderr
    page = (house / "run" / "report.html").read_text(encoding="utf-8")
    assert "an LCA whose membranes leak faster" in page
    # Its own measure: the number with its unit and meaning, the figure with its caption, the sentence.
    share = json.loads((house / "run" / "summary.json").read_text(encoding="utf-8"))["used_once_share"]
    assert 0 <= share <= 1
    assert "Share of the neurons that respond to one held-out stimulus or none." in page
    assert (house / "run" / "figures" / "used_once.png").is_file()
    assert "Responses of each neuron" in page
    assert f"Of the neurons, {share:.0%} respond to one stimulus or none." in page
    written = (house / "run" / "recipe.toml").read_text(encoding="utf-8")
    assert 'model = "leakier"' in written
    assert "leak = 0.2" in written
    assert "nonnegative = true" in written


def test_its_own_measure_is_taken_of_no_other_network(house: Path) -> None:
    small = ("stimuli.n_train=200", "stimuli.n_test=50", "stimuli.patch_size=8", "network.n_neurons=8")
    sets = (*small, "network.backend=numpy", "analysis.n_starts=1", "analysis.n_bootstrap=100")
    words = [word for assignment in sets for word in ("--set", assignment)]
    done = _neurosim(house, "run", "lca", *words, "--out", str(house / "other"), "--quiet")
    assert done.returncode == 0, done.stderr
    assert "used_once" not in (house / "other" / "summary.json").read_text(encoding="utf-8")


def test_a_mistyped_name_is_answered_with_it(house: Path) -> None:
    done = _neurosim(house, "run", "lca", "--set", "network.model=leakyer", "--out", str(house / "never"))
    assert done.returncode == 2
    assert re.search(r"did you mean 'leakier'", done.stderr), done.stderr


def test_its_parameters_are_stated_once_and_known_to_estimator_docstring_and_recipe(house: Path) -> None:
    done = _python(
        house,
        "-c",
        "from neurosim.networks.leakier.leakier import LeakierLCA as L\n"
        "print(L(4, leak=0.5), L().leak, L().nonnegative, 'leak : float, default=0.1' in L.__doc__)\n"
        "L(4, leak=-1.0).fit([[1.0]])",
    )
    assert done.stdout.strip() == "LeakierLCA(leak=0.5, n_neurons=4) 0.1 True True"
    assert "leak: expected a finite number of at least zero, got -1.0" in done.stderr
    done = _neurosim(house, "run", "lca", "--set", "network.leak=0.3", "--out", str(house / "never"))
    assert "it goes with network.model = 'leakier'" in done.stderr
    done = _neurosim(
        house, "run", "lca", "--set", "network.model=leakier", "--set", "network.leak=-1.0", "--out", "never"
    )
    assert "network.leak: expected greater than or equal to 0, got -1.0" in done.stderr
