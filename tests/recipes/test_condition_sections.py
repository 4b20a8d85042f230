"""``[[arms]]`` of a recipe: what they share with ``[network]``, and how mistakes are told."""

import tomllib
from pathlib import Path

import pytest

from neurosim.networks.spiking.model import SAILnetSection
from neurosim.networks.svae.model import SVAESection
from neurosim.networks.wlsc.model import WLSCSection
from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe

_TEXT = """\
[stimuli]
n_train = 500
[network]
model = "wlsc"
n_neurons = 36
batch_size = 50
tau = "20 ms"
[[arms]]
name = "plain"
network = { locality = 0.0, threshold = 0.1 }
[[arms]]
name = "near"
[[arms]]
name = "spikes"
normalise = "std"
network = { model = "sailnet", target_rate = 0.1 }
"""


def _written(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = _TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_condition_is_the_network_but_for_what_it_says(tmp_path: Path) -> None:
    plain, near, _ = load_recipe(_written(tmp_path)).arms
    shared = WLSCSection(n_neurons=36, batch_size=50, tau="20 ms")
    assert near.network == shared
    assert plain.network == shared.model_copy(update={"locality": 0.0, "threshold": 0.1})
    assert [condition.normalise for condition in (plain, near)] == ["none", "none"]


def test_another_model_takes_size_and_training_over_and_nothing_else(tmp_path: Path) -> None:
    condition = load_recipe(_written(tmp_path)).arms[2]
    assert condition.network == SAILnetSection(n_neurons=36, batch_size=50, target_rate=0.1)
    assert condition.normalise == "std"


def test_an_autoencoder_among_circuits_has_no_backend_and_the_other_way_round(tmp_path: Path) -> None:
    """Nor has a section of likelihoods to do with anything else."""
    svae = _written(tmp_path, ('"sailnet", target_rate = 0.1', '"svae", prior = "cauchy"'))
    shared = ["network.backend=numpy", "likelihood.n_samples=3"]
    condition = load_recipe(svae, assignments=shared).arms[2]
    assert condition.network == SVAESection(n_neurons=36, batch_size=50, prior="cauchy")
    base = _written(
        tmp_path, ('model = "wlsc"', 'model = "svae"'), ('tau = "20 ms"', "n_epochs = 3"),
        ("locality = 0.0, threshold = 0.1", 'decoder_norm = "free"'),
    )  # fmt: skip
    free, _, spikes = load_recipe(base).arms
    assert free.network == SVAESection(n_neurons=36, batch_size=50, n_epochs=3, decoder_norm="free")
    assert spikes.network == SAILnetSection(n_neurons=36, batch_size=50, n_epochs=3, target_rate=0.1)


def test_assignments_and_the_backend_reach_every_condition(tmp_path: Path) -> None:
    assignments = ["network.n_neurons=9", "network.backend=numpy"]
    conditions = load_recipe(_written(tmp_path), assignments=assignments).arms
    assert [(condition.network.n_neurons, condition.network.backend) for condition in conditions] == [
        (9, "numpy")
    ] * 3


def test_the_resolved_recipe_is_the_same_recipe(tmp_path: Path) -> None:
    recipe = load_recipe(_written(tmp_path))
    assert Recipe.model_validate(tomllib.loads(recipe.to_toml())) == recipe
    assert "arms" not in load_recipe("lca").to_toml()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("locality = 0.0", "localit = 0.0", "arms[0].network.localit: unknown key; did you mean 'arms[0].network.loc"),
        ("locality = 0.0", "locality = -1.0", "arms[0].network.locality: expected greater than or equal to 0"),
        ("target_rate", "locality", "arms[2].network.locality: unknown key; it goes with arms[2].network.model = 'w"),
        ('"sailnet"', '"sailne"', "arms[2].network.model: expected 'lca'"),
        ('"sailnet", target_rate = 0.1', '"linked-lca"', "arms[2].network.model: 'linked-lca' links modalities"),
        ("[network]", "[likelihood]\n[network]", "likelihood: goes with network.model = 'svae', got 'sailnet', 'wlsc'"),
        ('"near"', '"plain"', "arms: expected two arms or more, each of its own name, got ['plain', 'plain', '"),
        ('"near"', '"n/a"', "arms[1].name: expected letters, digits"),
        ('"std"', '"sd"', "arms[2].normalise: expected 'none', 'std' or 'norm', got 'sd'; did you mean 'std'?"),
        ("batch_size = 50", "batch_size = 501", "arms[0].network.batch_size: expected at most stimuli.n_train = 500"),
        ("n_train = 500", 'kind = "digits"', "arms: goes with stimuli.kind = 'photographs', got 'digits'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_condition_is_told_by_its_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(_written(tmp_path, (old, new)))
    assert message in str(caught.value)


def test_one_condition_is_no_comparison(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[arms]]\nname = "alone"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="arms: expected two arms or more"):
        load_recipe(path)
    path.write_text("arms = 3\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="arms: expected list, got 3"):
        load_recipe(path)
