"""The laboratory in a recipe: off unless it is there, and only where it can be."""

import pytest

from neurosim.recipes.recipe import RecipeError, load_recipe


def test_a_recipe_without_the_section_has_no_laboratory() -> None:
    recipe = load_recipe("lca")
    assert recipe.laboratory is None
    assert "laboratory" not in recipe.to_toml()


def test_words_stand_for_what_is_found_or_left_out() -> None:
    recipe = load_recipe("lca", assignments=["laboratory.ppd=auto", "laboratory.tile=off"])
    assert recipe.laboratory is not None
    assert recipe.laboratory.ppd is None
    assert recipe.laboratory.tile is None
    assert "[laboratory]" in recipe.to_toml()


def test_a_larger_field_is_a_table_of_two() -> None:
    recipe = load_recipe("lca", assignments=["laboratory.tile={stride=8, size=32}", "laboratory.ppd=24"])
    assert recipe.laboratory is not None
    assert recipe.laboratory.tile is not None
    assert (recipe.laboratory.tile.stride, recipe.laboratory.tile.size, recipe.laboratory.ppd) == (8, 32, 24)


@pytest.mark.parametrize(
    ("recipe", "assignment", "message"),
    [
        ("lca", "laboratory.pool=learned", "did you mean 'laboratory.pools'"),
        ("lca", "laboratory.pools=learnt", "did you mean 'learned'"),
        ("lca", "laboratory.ppd=-3", "laboratory.ppd: expected greater than 0, got -3"),
        (
            "lca",
            "laboratory.pools=sheet",
            "laboratory.pools: 'sheet' .* got network.model = 'lca'; use 'learned'",
        ),
        ("wlsc-arms", "laboratory.ppd=24", "goes with one network, got arms"),
        ("binocular", "laboratory.ppd=24", "laboratory: goes with stimuli.kind = 'photographs'"),
    ],
)
def test_what_cannot_be_is_told(recipe: str, assignment: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe, assignments=[assignment])


def test_pools_of_a_sheet_go_with_a_sheet_without_edges() -> None:
    recipe = load_recipe("topographic", assignments=["laboratory.pools=sheet"])
    assert recipe.laboratory is not None
    assert recipe.laboratory.pools == "sheet"
    for assignment, message in (
        ("network.torus=false", "got a sheet with edges"),
        ("network.pooling=1", "network.pooling = 1, which pools nothing"),
    ):
        with pytest.raises(RecipeError, match=message):
            load_recipe("topographic", assignments=["laboratory.pools=sheet", assignment])
