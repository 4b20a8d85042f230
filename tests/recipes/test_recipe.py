import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.networks.spiking.model import EINetSection
from neurosim.recipes import recipe_names, recipe_text
from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe
from neurosim.stimuli.kinds.photographs import PhotographSection


@pytest.mark.parametrize("name", recipe_names())
def test_every_shipped_recipe_loads_and_describes_itself(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.run.name == name
    assert recipe.run.description
    assert recipe.run.expected_time


@pytest.mark.parametrize("name", recipe_names())
def test_no_shipped_recipe_needs_a_download_but_those_on_mnist(name: str) -> None:
    stimuli = load_recipe(name).stimuli
    assert (stimuli.source == "mnist") == ("mnist" in name)
    assert stimuli.source in {"mnist", "embedded", "motorcycle", "made"}
    assert not getattr(stimuli, "download", False)


def test_a_shipped_recipe_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="lcb"):
        recipe_text("lcb")


_TABLES = st.fixed_dictionaries(
    {
        "run": st.fixed_dictionaries(
            {
                "seed": st.integers(0, 2**31),
                "description": st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
            }
        ),
        "network": st.fixed_dictionaries(
            {"n_neurons": st.integers(1, 4096), "threshold": st.floats(1e-6, 1e3)},
            optional={"dt": st.just("0.5 ms")},
        ),
        "analysis": st.fixed_dictionaries({"bound_sweep": st.lists(st.floats(1, 10), max_size=4)}),
    }
)


@given(_TABLES)
def test_the_resolved_recipe_is_the_same_recipe(table: dict[str, object]) -> None:
    recipe = Recipe.model_validate(table)
    assert Recipe.model_validate(tomllib.loads(recipe.to_toml())) == recipe


def test_the_resolved_recipe_names_every_key_that_has_a_value(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(load_recipe("lca").to_toml(), encoding="utf-8")
    assert load_recipe(path) == load_recipe("lca")
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(written["analysis"]) == set(Recipe().analysis.model_dump())
    assert written["stimuli"]["whitening"]["steepness"] == 4.0


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("network.n_neuron=3", "network.n_neuron: unknown key; did you mean 'network.n_neurons'?"),
        ("stimuli.n_neurons=3", "stimuli.n_neurons: unknown key; did you mean 'network.n_neurons'?"),
        ("stimulus.border=3", "stimulus: unknown key; did you mean 'stimuli'?"),
        ("analysis.zebra=3", "analysis.zebra: unknown key; expected one of amplitude_bound"),
        ("stimuli.whitening.cutof=.2", "did you mean 'stimuli.whitening.cutoff'?"),
        ("network.n_neurons=0", "network.n_neurons: expected greater than or equal to 1, got 0"),
        ("network.n_neurons=1.5", "network.n_neurons: expected integer, got 1.5"),
        ("network.n_neurons=true", "network.n_neurons: expected integer, got True"),
        ('network.n_neurons="512"', "network.n_neurons: expected integer, got '512'"),
        ("network.threshold=nan", 'network.threshold: expected a number above 0, or "auto", got nan'),
        ("network.threshold_kind=sotf", "got 'sotf'; did you mean 'soft'?"),
        ("network.model=lcb", "'svae', got 'lcb'; did you mean 'lca'?"),
        (
            "network.model=SAILnet",
            "network.model: expected 'lca', 'spiking-lca', 'sailnet', 'einet', 'linked-lca'",
        ),
        (
            "stimuli.kind=digit",
            "stimuli.kind: expected 'photographs', 'digits', 'stereo', 'films', 'arrays', got 'digit'",
        ),
        ("stimuli.font=Arial", "stimuli.font: unknown key; it goes with stimuli.kind = 'digits'"),
        ("network.n_inhibitory=9", "unknown key; it goes with network.model = 'einet'"),
        ("network.homeostasis=none", "it goes with network.model = 'sailnet' or 'einet'"),
        (
            "network.n_inhibitry=9",
            "did you mean 'network.n_inhibitory'? It goes with network.model = 'einet'",
        ),
        ("stimuli.whitening.centre_sigma=2", "it goes with stimuli.whitening.kind = 'centre_surround'"),
        ("network.tau=10 parsec", "network.tau: expected a time longer than nothing in s, ms or us"),
        ("network.tau=0 ms", "network.tau: expected a time longer than nothing"),
        ("network.batch_size=1000000000", "network.batch_size: expected at most stimuli.n_train"),
        ("stimuli.whitening.kind=olshuasen", "got 'olshuasen'; did you mean 'olshausen'?"),
        ("stimuli.held_out_fraction=1", "stimuli.held_out_fraction: expected less than 1, got 1"),
        ("stimuli.source=[1]", 'stimuli.source: expected "embedded", a path or a list of paths'),
        ("analysis.bound_sweep=[0.3]", "analysis.bound_sweep[0]: expected greater than or equal to 1"),
        ("run.name=a/b", "run.name: expected letters"),
        (
            "likelihood.n_samples=9",
            "likelihood: goes with network.model = 'svae', got 'lca'; leave the section out",
        ),
        ("network.decoder_norm=unit", "unknown key; it goes with network.model = 'svae'"),
        ("network.pooling=4", "unknown key; it goes with network.model = 'topographic-lca'"),
        ("network.locality=1.0", "unknown key; it goes with network.model = 'wlsc'"),
        ("run.seed=-1", "run.seed: expected greater than or equal to 0, got -1"),
    ],
)
def test_an_impossible_value_names_its_key(assignment: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("lca", assignments=[assignment])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("recipe", "assignment", "message"),
    [
        (
            "sailnet",
            "network.threshold=1",
            "it goes with network.model = 'lca' or 'spiking-lca' or 'linked-lca'",
        ),
        ("sailnet", "network.n_inhibitory=9", "it goes with network.model = 'einet'"),
        ("sailnet", "network.target_rat=1.0", "did you mean 'network.target_rate'?"),
        ("sailnet", "network.homeostasis=treshold", "got 'treshold'; did you mean 'threshold'?"),
        (
            "sailnet",
            "network.dt=60 ms",
            "network.dt: expected at most the presentation '50 ms', got '60 ms'",
        ),
        (
            "einet",
            "network.delay=1.5 ms",
            "network.delay: expected a whole number of time steps of '1 ms', got '1.5 ms'",
        ),
        ("einet", "network.n_inhibitory=0", "n_inhibitory: expected greater than or equal to 1, got 0"),
        ("einet", "network.noise=-1.0", "network.noise: expected greater than or equal to 0, got -1.0"),
        ("svae", "network.hidden=[]", "network.hidden: expected"),
        ("svae", "network.hidden=[32, 0]", "network.hidden[1]: expected greater than or equal to 1, got 0"),
        ("svae", "network.prior=laplac", "got 'laplac'; did you mean 'laplace'?"),
        ("svae", "network.noise_sd=0.0", "network.noise_sd: expected greater than 0, got 0.0"),
        ("svae", "network.backend=numpy", "network.backend: unknown key; it goes with network.model = 'lca'"),
        ("svae", "likelihood.n_sample=3", "unknown key; did you mean 'likelihood.n_samples'?"),
        (
            "svae",
            "likelihood.n_samples=0",
            "likelihood.n_samples: expected greater than or equal to 1, got 0",
        ),
        ("spiking-lca", "network.charge=0", 'network.charge: expected a number above 0, or "auto", got 0'),
        ("spiking-lca", "network.pairs=1", "network.pairs: expected boolean, got 1"),
        (
            "spiking-lca",
            "network.batch_size=1000000000",
            "network.batch_size: expected at most stimuli.n_train",
        ),
    ],
)
def test_the_other_networks_are_as_strict(recipe: str, assignment: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, assignments=[assignment])
    assert message in str(caught.value)


def test_stimuli_that_name_no_kind_are_photographs(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[stimuli]\nn_train = 700\n", encoding="utf-8")
    stimuli = load_recipe(path).stimuli
    assert stimuli == PhotographSection(n_train=700)
    assert load_recipe(path, assignments=["stimuli.kind=photographs"]).stimuli == stimuli


def test_the_resolved_recipe_has_the_measures_of_its_kind_of_stimuli_only() -> None:
    sections = {
        name: set(tomllib.loads(load_recipe(name).to_toml()))
        for name in ("lca", "linked", "binocular", "svae", "svae-mnist", "svae-grid")
    }
    assert sections["lca"] == {"run", "stimuli", "network", "analysis"}
    assert sections["svae"] == {"run", "stimuli", "network", "analysis", "likelihood"}
    assert sections["svae-grid"] == sections["svae"] | {"arms"}
    assert sections["svae-mnist"] == {"run", "stimuli", "network", "linked", "likelihood"}
    assert sections["linked"] == {"run", "stimuli", "network", "linked"}
    assert sections["binocular"] == {"run", "stimuli", "network", "analysis", "linked", "disparity"}


def test_a_network_that_names_no_model_is_an_lca(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[network]\nn_neurons = 7\n", encoding="utf-8")
    network = load_recipe(path).network
    assert (network.model, network.n_neurons) == ("lca", 7)
    assert load_recipe(path, assignments=["network.model=lca"]).network == network


def test_another_model_starts_with_its_own_defaults() -> None:
    assert load_recipe("lca", assignments=["network.model=einet"]).network == EINetSection()


def test_a_network_that_is_no_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("network = 3\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="network: expected a table, got 3"):
        load_recipe(path)


@pytest.mark.parametrize("name", recipe_names())
def test_the_resolved_recipe_of_every_shipped_one_is_the_same_recipe(name: str) -> None:
    recipe = load_recipe(name)
    assert Recipe.model_validate(tomllib.loads(recipe.to_toml())) == recipe


@pytest.mark.parametrize("name", ["sailnet", "sailnet-paper", "einet", "einet-paper"])
def test_patches_of_sailnet_and_e_i_net_are_as_published(name: str) -> None:
    assert load_recipe(name).stimuli.normalise == "std"


@pytest.mark.parametrize(("name", "batches"), [("sailnet-paper", 25_000), ("einet-paper", 30_000)])
def test_paper_recipes_have_the_published_number_of_batches(name: str, batches: int) -> None:
    recipe = load_recipe(name)
    assert recipe.network.batch_size == 100
    assert recipe.network.n_epochs * recipe.stimuli.n_train == 100 * batches


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("lca", assignments=["network.n_neurons=0", "run.sed=1"])
    assert "network.n_neurons" in str(caught.value)
    assert "run.sed" in str(caught.value)


def test_a_surround_must_be_wider_than_its_centre() -> None:
    whitening = ["stimuli.whitening.kind=centre_surround", "stimuli.whitening.surround_sigma=0.5"]
    with pytest.raises(RecipeError, match=r"stimuli.whitening: expected surround_sigma above centre_sigma"):
        load_recipe("lca", assignments=whitening)


def test_a_mistyped_name_gets_the_near_one() -> None:
    with pytest.raises(RecipeError, match="did you mean 'lca'"):
        load_recipe("lac")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RecipeError, match=r"found no file 'nowhere/a.toml'"):
        load_recipe("nowhere/a.toml")


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[run\n", encoding="utf-8")
    with pytest.raises(RecipeError, match=r"broken.toml.*line 1"):
        load_recipe(path)


def test_paths_start_from_the_recipe_and_those_of_an_assignment_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "own.toml"
    path.write_text('[stimuli]\nsource = ["a.png", "b.png"]\n', encoding="utf-8")
    assert load_recipe(path).stimuli.source == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    changed = load_recipe(path, assignments=["stimuli.source=photos"])
    assert changed.stimuli.source == str(tmp_path / "here" / "photos")


def test_names_of_photographs_go_with_the_embedded_set_only() -> None:
    wanted = 'stimuli.photographs=["camera"]'
    assert load_recipe("lca", assignments=[wanted]).stimuli.photographs == ["camera"]
    with pytest.raises(RecipeError, match="photographs goes with"):
        load_recipe("lca", assignments=[wanted, "stimuli.source=photos"])


@pytest.mark.parametrize(
    ("recipe", "assignment", "message"),
    [
        (
            "lca",
            "analysis.fields=mapped",
            "analysis.fields: expected 'adjoint', 'both' or 'reverse_correlation'",
        ),
        (
            "lca",
            "analysis.noise_frames=10",
            "analysis.noise_frames: expected greater than or equal to 1000, got 10",
        ),
        (
            "wlsc-arms",
            "analysis.fields=both",
            "goes with one network on photographs, got arms; leave the key out",
        ),
        (
            "binocular",
            "analysis.fields=both",
            "goes with one network on photographs, got stimuli.kind = 'stereo'",
        ),
    ],
)
def test_fields_that_cannot_be_mapped_with_noise_are_told(recipe: str, assignment: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe, assignments=[assignment])
