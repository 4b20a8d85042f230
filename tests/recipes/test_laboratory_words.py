"""What is said of the laboratory on the command line reaches the recipe, or is told what it should be."""

import pytest

from neurosim.recipes.laboratory_words import in_options, laboratory_assignments
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
        ("ppd", "many", "--ppd: expected pixels per degree, a number above 0, or auto, got 'many'"),
        ("ppd", "-3", "--ppd: expected pixels per degree, a number above 0, or auto, got '-3'"),
        ("ppd", "0", "--ppd: expected pixels per degree, a number above 0"),
        ("ppd", "nan", "--ppd: expected pixels per degree, a number above 0"),
        ("ppd", "inf", "--ppd: expected pixels per degree, a number above 0"),
        (
            "gain_control",
            "strong",
            "--gain-control: expected the strength of the inhibitory pool, a number of 0 or more",
        ),
        ("gain_control", "-0.1", "--gain-control: expected the strength of the inhibitory pool"),
        ("tile", "8", "--tile: expected STRIDE,SIZE in pixels"),
        ("tile", "0,32", "--tile: expected a STRIDE of 1 pixel or more and a SIZE of 4 or more, got '0,32'"),
        ("tile", "8,3", "--tile: expected a STRIDE of 1 pixel"),
        ("tile", "8,big", "--tile: expected STRIDE,SIZE in pixels"),
    ],
)
def test_other_words_are_refused(option: str, value: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        laboratory_assignments(**{option: value})


def test_sensitivity_is_asked_for_or_left_to_the_recipe() -> None:
    section = load_recipe("lca", assignments=laboratory_assignments(sensitivity=True)).laboratory
    assert section is not None
    assert section.sensitivity


def test_what_the_recipe_refuses_is_told_in_the_options_words() -> None:
    with pytest.raises(RecipeError) as refused:
        load_recipe("lca", assignments=laboratory_assignments(pools="learnt"))
    told = in_options(f"neurosim: {refused.value}")
    assert told.startswith("neurosim: --pools: expected 'off'")
    assert "did you mean 'learned'" in told
    assert in_options("stimuli.patch_size: expected 4") == "stimuli.patch_size: expected 4"
