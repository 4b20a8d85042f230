"""No module imports itself by way of others, and folders are small enough to be looked through."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What a folder may hold where one idea is of many parts (docs/architecture.md).
MOST_FILES = {
    "neurosim/engine": 33,
    "neurosim/commands": 18,
    "neurosim/measures": 16,
    "networks/lca": 15,
    "networks/spiking": 14,
    "networks/svae": 15,
    "analysis/plots": 18,
}
TOPS = {"networks": "neurosim.networks", "stimuli": "neurosim.stimuli", "analysis": "neurosim.analysis"}


def _modules() -> dict[str, Path]:
    """Every module of the package by its full name; a package stands for its ``__init__``."""
    found = {}
    for top in ("neurosim", *TOPS):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join((TOPS.get(parts[0], parts[0]), *parts[1:]))
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = _modules()


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                inner if (inner := f"{node.module}.{alias.name}") in MODULES else node.module
                for alias in node.names
            }
    return names & MODULES.keys()


def _graph() -> dict[str, set[str]]:
    return {name: _imported(path) - {name} for name, path in MODULES.items()}


def test_no_import_leads_back_to_where_it_came_from() -> None:
    graph = _graph()
    # Public faces name what is below them for type checkers alone; what they load is loaded when it is asked for.
    for face in ("neurosim", "neurosim.networks", "neurosim.stimuli", "neurosim.analysis"):
        graph[face] = {"neurosim._faces"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_circle_would_be_found() -> None:
    graph = _graph() | {"neurosim.registry.names": {"neurosim.registry.model"}}
    graph["neurosim.registry.section"] = {"neurosim.registry.names"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("folder", sorted({str(path.parent.relative_to(ROOT)) for path in MODULES.values()}))
def test_a_folder_holds_no_more_files_than_one_looks_through(folder: str) -> None:
    number = len(list((ROOT / folder).glob("*.py")))
    assert number <= MOST_FILES.get(folder, 13)
