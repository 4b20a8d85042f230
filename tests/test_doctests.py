"""Every example in a docstring runs and shows what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "neurosim"
# `rglob` does not go through the links to the top-level rooms, so each of them is walked from its own place.
WALKED = (ROOT, *(path for path in ROOT.iterdir() if path.is_symlink()))
MODULES = sorted(
    {
        ".".join(("neurosim", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for folder in WALKED
        for path in folder.rglob("*.py")
    }
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module_hold(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert failed == 0


def test_there_are_examples_to_run() -> None:
    assert len(MODULES) > 50
    assert len(PAGES) > 10
    assert set(WITH_BLOCKS) >= ELSEWHERE


# Blocks of a page go on from one another.
WITH_BLOCKS = {
    str(page.relative_to(ROOT.parent)): page.read_text(encoding="utf-8")
    for page in (ROOT.parent / "README.md", *(ROOT.parent / "docs").glob("*.md"))
    if "```python\n" in page.read_text(encoding="utf-8")
}
# The one trains for half a minute; the other's blocks are added to a copy of the house by tests of their own.
ELSEWHERE = {"docs/linked.md", "docs/architecture.md"}
PAGES = sorted(set(WITH_BLOCKS) - ELSEWHERE)


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_of_the_page_run(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = [part.split("```")[0] for part in WITH_BLOCKS[page].split("```python\n")[1:]]
    names = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
