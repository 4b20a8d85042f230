"""Messages that name a parameter name it as the command line does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from neurosim.recipes import recipe_names
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.runs.command_words import command_words

ROOT = Path(__file__).parents[2]
RECIPES = {recipe.network.model: recipe for recipe in map(load_recipe, recipe_names())}  # one of each network
_NAMED = re.compile(r"(?<![\w.\-/`])([a-z]\w*)=(?=\S)")


@pytest.mark.parametrize(
    ("python", "command"),
    [
        ("pass skip_unreadable=True to go on", "pass --set stimuli.skip_unreadable=true to go on"),
        ("or use dt=None, which follows", "or use network.dt left out, which follows"),
        ('or use backend="cython", which', "or use --set network.backend=cython, which"),
        ("try tau='20 ms'.", "try --set 'network.tau=20 ms'."),
        ("lower n_neurons=256, or", "lower network.n_neurons = 256, or"),  # as it is: no advice
        ("dt: expected at most tau=10 ms, got 2", "network.dt: expected at most network.tau = 10 ms, got 2"),
        ("random_state: expected a whole number", "run.seed: expected a whole number"),
        ("choose another `patch_size`", "choose another `stimuli.patch_size`"),
        ("cutoff=0.5", "--set stimuli.whitening.cutoff=0.5"),
        ("use style='paper'", "use --set linked.style=paper"),
        ("--set network.n_neurons=3 and a.n_neurons=3", "--set network.n_neurons=3 and a.n_neurons=3"),
        ("max_iter=3 and file=a.png", "max_iter=3 and file=a.png"),
        ("nothing to say", "nothing to say"),
    ],
)
def test_a_parameter_becomes_its_key(python: str, command: str) -> None:
    assert command_words(python, recipe=load_recipe("lca")) == command


def test_a_parameter_is_that_of_the_network_that_is_run() -> None:
    message = "set homeostasis='none', or lower field_rate=2"
    assert command_words(message, recipe=RECIPES["lca"]) == message
    assert "--set network.homeostasis=none" in command_words(message, recipe=RECIPES["sailnet"])


def test_where_a_parameter_is_the_networks_and_a_measures_it_is_the_networks() -> None:
    assert command_words("n_samples=9", recipe=RECIPES["svae"]) == "--set network.n_samples=9"


def _keys(recipe: Recipe) -> set[str]:
    tables = recipe.model_dump()
    return {*tables["network"], *tables["stimuli"], *(tables["stimuli"].get("whitening") or {})}


@cache
def _all_messages() -> list[tuple[str, str]]:
    return list(_messages())


def _messages() -> Iterator[tuple[str, str]]:
    """Yield file and text of every string literal but docstrings; what is filled in is 7."""
    for room in (
        "networks",
        "stimuli",
        "neurosim/engine",
        "neurosim/recipes",
        "neurosim/results",
        "neurosim/runs",
    ):
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            inner = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
            alone = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            for node in ast.walk(tree):
                if id(node) in inner | alone:
                    continue
                if isinstance(node, ast.JoinedStr):
                    parts = (v.value if isinstance(v, ast.Constant) else "7" for v in node.values)
                    yield path.name, "".join(map(str, parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                    yield path.name, node.value


@pytest.mark.parametrize("name", RECIPES)
def test_no_message_leaves_a_parameter_of_the_recipe_in_pythons_words(name: str) -> None:
    recipe = RECIPES[name]
    keys, seen = _keys(recipe), 0
    for file, message in _all_messages():
        if (
            "\n" in message.strip() or "--set" in message
        ):  # code that is generated, and words of the command line
            continue
        named = [key for key in _NAMED.findall(message) if key in keys]
        left = [key for key in _NAMED.findall(command_words(message, recipe=recipe)) if key in keys]
        assert not left, f"{file}: {message}"
        seen += len(named)
    assert seen >= 5  # there are such messages
