import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.recipes.errors import RecipeError
from neurosim.recipes.overrides import overridden, toml_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("512", 512), ("-3", -3), ("1e-3", 1e-3), ("0.5", 0.5), (".5", 0.5), ("2.", 2.0), ("true", True),
        ("soft", "soft"), ("10 ms", "10 ms"), ('"512"', "512"), ("[1.1, 2]", [1.1, 2]), ("a=b", "a=b"),
        ("2024-01-01", "2024-01-01"), ("/a/b c.png", "/a/b c.png"), ("1\nb = 2", "1\nb = 2"),
    ],
)  # fmt: skip
def test_values_are_read_as_toml_and_bare_words_as_strings(text: str, value: object) -> None:
    read = toml_value(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["[1, 2", '"open', "{a", "[a, b]"])
def test_a_broken_list_table_or_string_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="expects a TOML value"):
        toml_value(text)


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans())
def test_every_number_survives_the_command_line(value: object) -> None:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    assert toml_value(text) == value


def test_later_assignments_win_and_the_table_given_is_left_alone() -> None:
    table = {"run": {"seed": 0, "name": "a"}}
    assert overridden(table, ["run.seed=1", "run.seed=2"]) == {"run": {"seed": 2, "name": "a"}}
    assert table == {"run": {"seed": 0, "name": "a"}}


@pytest.mark.parametrize("text", ["run.seed", "seed=1", "=1", "run.=1", "run.seed=", ".seed=1"])
def test_an_assignment_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match=r"section\.key=value"):
        overridden({}, [text])


def test_a_key_cannot_be_a_section_too() -> None:
    with pytest.raises(RecipeError, match=r"run\.seed: expected a section"):
        overridden({"run": {"seed": 0}}, ["run.seed.deep=1"])


def test_another_kind_of_whitening_starts_its_table_afresh() -> None:
    table = {"stimuli": {"border": 4, "whitening": {"kind": "olshausen", "cutoff": 0.4}}}
    changed = overridden(table, ["stimuli.whitening.kind=zca", "stimuli.whitening.regularisation=0.1"])
    assert changed == {"stimuli": {"border": 4, "whitening": {"kind": "zca", "regularisation": 0.1}}}


def test_the_same_kind_of_whitening_keeps_its_parameters() -> None:
    table = {"stimuli": {"whitening": {"kind": "olshausen", "cutoff": 0.3}}}
    assert overridden(table, ["stimuli.whitening.kind=olshausen"]) == table


def test_another_model_starts_the_network_afresh_and_lca_is_what_it_is_without_one() -> None:
    table = {"network": {"n_neurons": 7}}
    assert overridden(table, ["network.model=lca"]) == {"network": {"n_neurons": 7, "model": "lca"}}
    assert overridden(table, ["network.model=sailnet"]) == {"network": {"model": "sailnet"}}


def test_what_is_asked_of_another_model_is_kept_whichever_is_named_first() -> None:
    table = {"network": {"model": "lca", "n_neurons": 256, "tau": "10 ms"}}
    wanted = {"network": {"model": "sailnet", "n_neurons": 64}}
    assert overridden(table, ["network.n_neurons=64", "network.model=sailnet"]) == wanted
    nested = {"stimuli": {"kind": "films", "whitening": {"kind": "zca", "regularisation": 0.1}}}
    asked = ["stimuli.whitening.regularisation=0.1", "stimuli.whitening.kind=zca", "stimuli.kind=films"]
    assert overridden({"stimuli": {"whitening": {"kind": "olshausen", "cutoff": 0.3}}}, asked) == nested
    assert overridden(table, ["network.tau=5 ms", "network.tau=20 ms"])["network"]["tau"] == "20 ms"


def test_a_film_of_a_file_forgets_the_photographs_and_how_they_moved() -> None:
    table = {"stimuli": {"kind": "films", "source": "made", "photographs": ["camera"], "motion": "eye"}}
    assert overridden(table, ["stimuli.source=my.mp4"])["stimuli"] == {"kind": "films", "source": "my.mp4"}
    assert overridden(table, ["stimuli.source=made"]) == table
    # Asked for on the same line it is a contradiction, which the section tells.
    both = overridden(table, ["stimuli.source=my.mp4", "stimuli.motion=move"])
    assert both["stimuli"]["motion"] == "move"


def test_another_kind_of_stimuli_starts_their_table_afresh_and_without_one_they_are_photographs() -> None:
    table = {"stimuli": {"patch_size": 8}}
    assert overridden(table, ["stimuli.kind=photographs"]) == {
        "stimuli": {"patch_size": 8, "kind": "photographs"}
    }
    assert overridden(table, ["stimuli.kind=digits", "stimuli.n_test=9"]) == {
        "stimuli": {"kind": "digits", "n_test": 9}
    }


def test_another_source_of_images_drops_the_names_of_the_embedded_photographs() -> None:
    table = {"stimuli": {"source": "embedded", "photographs": ["camera"]}}
    assert overridden(table, ["stimuli.source=my/images"]) == {"stimuli": {"source": "my/images"}}
    assert overridden(table, ["stimuli.source=embedded"]) == table


def test_relays_replace_the_recipes_whitening_and_no_relays_leave_it() -> None:
    table = {"stimuli": {"whitening": {"kind": "zca"}, "normalise": "std", "patch_size": 8}}
    relays = [{"name": "a", "filter": {"kind": "olshausen"}}]
    replaced = overridden(table, ['stimuli.relays=[{name="a", filter={kind="olshausen"}}]'])
    assert replaced == {"stimuli": {"patch_size": 8, "relays": relays}}
    assert overridden(table, ["stimuli.relays=[]"]) == {"stimuli": table["stimuli"] | {"relays": []}}
