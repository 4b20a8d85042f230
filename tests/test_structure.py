"""The house: what is packaged, which room may import which, and what is public."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "neurosim.registry": set(),
    "neurosim.engine": set(),
    "neurosim.front_end": set(),
    "neurosim.networks": {"neurosim.engine", "neurosim.registry", "neurosim.front_end"},
    "neurosim.datasets": set(),
    "neurosim.stimuli": {"neurosim.datasets", "neurosim.registry", "neurosim.front_end"},
    "neurosim.analysis": {"neurosim.registry", "neurosim.stimuli", "neurosim.datasets", "neurosim.front_end"},
    "neurosim.laboratory": {
        "neurosim.networks.models",
        "neurosim.stimuli",
        "neurosim.analysis",
        "neurosim.front_end",
    },
    "neurosim.recordings": {"neurosim.registry", "neurosim.stimuli", "neurosim.analysis"},
    "neurosim.recipes": {"neurosim.registry", "neurosim.networks", "neurosim.stimuli"},
    "neurosim.results": {
        "neurosim.registry",
        "neurosim.recipes",
        "neurosim.stimuli",
        "neurosim.networks.saving.network_file",
    },
    "neurosim.measures": {
        "neurosim.registry",
        "neurosim.networks",
        "neurosim.stimuli",
        "neurosim.front_end",
        "neurosim.analysis",
        "neurosim.laboratory",
        "neurosim.datasets",
        "neurosim.recordings",
        "neurosim.recipes",
        "neurosim.results",
    },
    "neurosim.sweeps": {
        "neurosim.registry",
        "neurosim.engine.errors",
        "neurosim.analysis.plots",
        "neurosim.recipes",
        "neurosim.results",
        "neurosim.measures",
        "neurosim.runs",
    },
    "neurosim.exchange": {
        "neurosim.registry",
        "neurosim.engine.errors",
        "neurosim.networks",
        "neurosim.front_end",
        "neurosim.analysis",
        "neurosim.recordings",
        "neurosim.results",
    },
    "neurosim.report": {
        "neurosim.registry",
        "neurosim.analysis.fields.window",
        "neurosim.networks",
        "neurosim.measures",
        "neurosim.results",
    },
}
BRIAN2_ROOMS = ("neurosim.engine", "neurosim.networks")


def _folders() -> dict[str, Path]:
    """Every package by name, with its folder; the rooms behind links are walked too."""
    found = {}

    def walk(name: str, folder: Path) -> None:
        found[name] = folder
        for inside in sorted(folder.iterdir()):
            if (inside / "__init__.py").exists():
                walk(f"{name}.{inside.name}", inside)

    walk("neurosim", ROOT / "neurosim")
    return found


def _of_room(room: str) -> list[Path]:
    """The modules of a room, those of its inner packages among them."""
    return [
        path
        for name, folder in _folders().items()
        if name == room or name.startswith(f"{room}.")
        for path in sorted(folder.glob("*.py"))
    ]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert all(alias.name != "*" for alias in node.names), f"{path}: wildcard import"
            whole = node.module == "neurosim"  # whose names are rooms
            yield from (f"neurosim.{alias.name}" if whole else node.module or "" for alias in node.names)


def test_every_sub_package_is_listed_for_the_wheel() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    assert sorted(listed) == sorted(_folders())


@pytest.mark.parametrize("room", ["networks", "stimuli", "analysis"])
def test_the_top_level_folders_are_rooms_of_the_package(room: str) -> None:
    link = ROOT / "neurosim" / room
    if link.is_symlink():
        assert link.readlink() == Path("..") / room
    else:  # in an sdist, which keeps no links
        files = [
            {p.name: p.read_text(encoding="utf-8") for p in folder.glob("*.py")}
            for folder in (link, ROOT / room)
        ]
        assert files[0] == files[1]
        assert (ROOT / "PKG-INFO").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    allowed = ROOMS[room] | {
        room,
        "neurosim._version",
        "neurosim._faces",
        "neurosim._masked",
        "neurosim._turns",
        "neurosim.owned_folders",
    }
    for path in _of_room(room):
        for name in _imports(path):
            if name.startswith("neurosim"):
                assert any(name == door or name.startswith(f"{door}.") for door in allowed), (
                    f"{path.name}: {name}"
                )


def test_brian2_is_imported_by_engine_and_networks_only() -> None:
    for room, folder in _folders().items():
        for path in folder.glob("*.py"):
            uses = any(name.split(".")[0] == "brian2" for name in _imports(path))
            assert not uses or room.startswith(BRIAN2_ROOMS), f"{path} imports brian2"


def test_brian2_is_somewhere_so_that_the_rule_above_can_fail() -> None:
    paths = (ROOT / "neurosim" / "engine").glob("*.py")
    assert any(name.split(".")[0] == "brian2" for path in paths for name in _imports(path))


@pytest.mark.parametrize(
    "path", sorted({p for f in _folders().values() for p in f.glob("*.py")}), ids=lambda p: p.name
)
def test_no_module_is_longer_than_the_house_allows(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 400


def test_every_folder_with_python_files_is_a_package() -> None:
    without = [
        str(path.relative_to(ROOT))
        for top in ("neurosim", "networks", "stimuli", "analysis")
        for path in {found.parent for found in (ROOT / top).rglob("*.py")}
        if not (path / "__init__.py").exists()
    ]
    assert not without


def test_nothing_is_called_utilities() -> None:
    banned = {"utils", "util", "helpers", "helper", "misc", "common", "tools"}
    assert not banned & {p.stem for f in _folders().values() for p in f.glob("*.py")}


@pytest.mark.parametrize(
    "room", ["neurosim/runs", "neurosim/report", "neurosim/measures", "neurosim/results", "neurosim/recipes"]
)
def test_no_model_is_known_by_its_name_or_by_what_it_seems_to_have(room: str) -> None:
    from neurosim.networks.models import MODELS

    names = {model.name for model in MODELS}
    for path in sorted((ROOT / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr":
                assert ast.unparse(node.args[0]) == "os", f"{path}: {ast.unparse(node)}"
            if isinstance(node, ast.Compare):
                compared = {c.value for c in node.comparators if isinstance(c, ast.Constant)}
                assert not names & compared, f"{path}: {ast.unparse(node)}"
