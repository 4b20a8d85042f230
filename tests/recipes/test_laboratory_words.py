"""What is said of the laboratory on the command line reaches the recipe, or is told what it should be."""

import pytest

from neurosim.recipes.laboratory_words import laboratory_assignments
from neurosim.recipes.recipe import RecipeError, load_recipe


def test_what_is_said_reaches_the_recipe() -> None:
    said = laboratory_assignments(ppd="24.5", tile="8, 32", control="feedforward", pools="learned")
    section = load_recipe("lca", assignments=said).laboratory
    assert section is not None
    assert section.tile is not None
    assert (section.ppd, section.tile.stride, section.tile.size) == (24.5, 8, 32)
    assert (section.control, section.pools) == ("feedforward", "learned")


def test_what_is_not_said_is_left_to_the_recipe() -> None:
    assert laboratory_assignments() == []
    assert laboratory_assignments(ppd="auto", tile="off") == ["laboratory.ppd=auto", "laboratory.tile=off"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("ppd", "many", "--ppd: expected pixels per degree, a number, or auto"),
        ("tile", "8", "--tile: expected STRIDE,SIZE in pixels"),
        ("tile", "8,big", "--tile: expected STRIDE,SIZE in pixels"),
    ],
)
def test_other_words_are_refused(option: str, value: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        laboratory_assignments(**{option: value})
