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


# Blocks of a page go on from one another. That of linked.md trains for half a minute.
PAGES = [
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            "engine",
            "exchange",
            "laboratory",
            "laboratory_stimuli",
            "recordings",
            "structured",
            "svae",
        )
    ),
]


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_of_the_page_run(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT.parent / page).read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert blocks
    names = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
