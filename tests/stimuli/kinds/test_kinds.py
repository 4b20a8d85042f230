"""The kinds are declared once, and reading what they declare loads nothing that makes stimuli."""

import subprocess
import sys

import pytest

from neurosim.registry.stimulus import StimulusKind, StimulusSizes
from neurosim.stimuli.kinds import KINDS, kind_of
from neurosim.stimuli.kinds.arrays import ArraySection

_HEAVY = {"brian2", "skimage", "sklearn", "scipy", "PIL", "numpy", "pandas", "matplotlib"}


def _section(kind: StimulusKind) -> object:
    return ArraySection(path="a.npz") if kind.section is ArraySection else kind.section()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_found_by_its_section_and_can_be_prepared(kind: StimulusKind) -> None:
    assert kind_of(_section(kind)) is kind  # type: ignore[arg-type]
    assert callable(kind.preparation())
    assert kind.measures <= {"arms", "analysis", "linked", "disparity", "laboratory"}
    assert set(kind.paths) <= set(kind.section.model_fields)
    assert kind.title
    assert "\n" not in kind.title


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_a_kind_needs_is_told_in_whole_numbers(kind: StimulusKind) -> None:
    sizes = kind.sizes(_section(kind))
    assert isinstance(sizes, StimulusSizes)
    assert min(sizes[:3]) >= 0
    assert sizes.copies >= 1


def test_names_are_told_apart() -> None:
    names = [kind.name for kind in KINDS]
    assert names == ["photographs", "digits", "stereo", "films", "arrays"]


@pytest.mark.parametrize("module", ["neurosim.stimuli.kinds", "neurosim.recipes.recipe"])
def test_declaring_them_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({_HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
