"""What is handed out: dependencies with bounds, extras that some code needs, and a picture that is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# A package's name where it is not that of what is imported.
_IMPORTED = {"spams-bin": "spams", "dask": "distributed"}  # dask is what distributed carries out
_NAME = re.compile(r"[\w.-]+")
_TOOLS = {"test", "docs", "page"}  # the extras of those who work on it


def _every_requirement() -> list[str]:
    return [*PROJECT["dependencies"], *(r for extra in EXTRAS.values() for r in extra)]


@pytest.mark.parametrize("requirement", [r for r in _every_requirement() if not r.startswith("neurosim")])
def test_every_dependency_has_a_lower_bound_that_make_lowest_can_install(requirement: str) -> None:
    assert re.search(r">=\d", requirement)


@pytest.mark.parametrize("extra", sorted(set(EXTRAS) - _TOOLS))
def test_no_extra_is_without_code_that_imports_it(extra: str) -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for room in (
            "networks",
            "stimuli",
            "analysis",
            "neurosim/engine",
            "neurosim/recordings",
            "neurosim/exchange",
            "neurosim/sweeps",
            "neurosim/runs",
            "benchmarks",
        )
        for path in (ROOT / room).rglob("*.py")
    )
    for requirement in EXTRAS[extra]:
        found = _NAME.match(requirement)
        assert found is not None
        name = _IMPORTED.get(found.group(), found.group())
        assert re.search(rf"(import|import_module\(.)\s*{name}\b|\"{name}\"", text), name


def test_the_readme_names_extras_that_exist_and_pictures_that_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(extra `(\w+)`\)", text)) <= set(EXTRAS)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_package_says_that_it_is_typed_and_what_brian2s_licence_is() -> None:
    assert (ROOT / "neurosim" / "py.typed").is_file()
    assert "CeCILL 2.1" in (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert PROJECT["license-files"] == ["LICENSE", "NOTICE"]
