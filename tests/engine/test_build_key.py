import shutil
from pathlib import Path

import pytest
from brian2 import prefs

from neurosim.engine.build_key import program_key

MAKE = "devices.cpp_standalone.extra_make_args_unix"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    for name, text in {
        "main.cpp": "int main() { return 0; }",
        "code_objects/step.cpp": "int step() { return 1; }",
        "makefile": "OPTIMISATIONS = -O3",
        "static_arrays/start": "1 2 3",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_place_of_the_folder_does_not_matter(sources: Path, tmp_path: Path) -> None:
    shutil.copytree(sources, tmp_path / "elsewhere" / "copy")
    assert program_key(sources) == program_key(tmp_path / "elsewhere" / "copy")


@pytest.mark.parametrize("name", ["main.cpp", "code_objects/step.cpp", "makefile"])
def test_a_change_of_any_source_or_flag_gives_another_key(name: str, sources: Path) -> None:
    before = program_key(sources)
    (sources / name).write_text((sources / name).read_text() + " ")
    assert program_key(sources) != before


def test_a_file_under_another_name_gives_another_key(sources: Path) -> None:
    before = program_key(sources)
    (sources / "main.cpp").rename(sources / "other.cpp")
    assert program_key(sources) != before


def test_text_that_moves_from_one_file_to_the_next_gives_another_key(sources: Path) -> None:
    before = program_key(sources)
    (sources / "main.cpp").write_text("")
    (sources / "makefile").write_text("OPTIMISATIONS = -O3int main() { return 0; }")
    assert program_key(sources) != before


def test_arrays_read_at_run_time_are_not_part_of_the_program(sources: Path) -> None:
    before = program_key(sources)
    (sources / "static_arrays" / "start").write_text("4 5 6")
    assert program_key(sources) == before


@pytest.mark.parametrize("variable", ["CXX", "CPATH", "MACOSX_DEPLOYMENT_TARGET"])
def test_another_compiler_or_search_path_gives_another_key(
    variable: str, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = program_key(sources)
    monkeypatch.setenv(variable, "somewhere-else")
    assert program_key(sources) != before


def test_what_make_is_told_matters_but_not_the_number_of_its_jobs(sources: Path) -> None:
    kept = prefs[MAKE]
    keys = []
    try:
        for arguments in (["-j2"], ["-j16"], ["-j2", "OPTIMISATIONS=-O0"]):
            prefs[MAKE] = arguments
            keys.append(program_key(sources))
    finally:
        prefs[MAKE] = kept
    assert keys[0] == keys[1] != keys[2]


def _renamed(sources: Path, target: Path, names: dict[str, str]) -> Path:
    target.mkdir()
    for path in sources.rglob("*.cpp"):
        text, name = path.read_text(), path.name
        for old, new in names.items():
            text, name = text.replace(f"{old}()", f"{new}()"), name.replace(f"{old}.", f"{new}.")
        (target / name).write_text(text)
    return target


def test_numbers_that_brian_appends_to_a_name_do_not_matter_but_the_order_of_calls_does(
    tmp_path: Path,
) -> None:
    sources = tmp_path / "first"
    sources.mkdir()
    (sources / "main.cpp").write_text('#include "network.h"\n_run_step(); _run_step_1();')
    (sources / "step.cpp").write_text("_run_step();")
    (sources / "step_1.cpp").write_text("_run_step_1();")
    shifted = _renamed(sources, tmp_path / "shifted", {"step_1": "step_2", "step": "step_1"})
    assert "_run_step_1(); _run_step_2();" in (shifted / "main.cpp").read_text()
    key = program_key(sources, numbered=["step", "step_1", "network"])
    assert program_key(shifted, numbered=["step_1", "step_2", "network_1"]) == key
    (shifted / "main.cpp").write_text('#include "network.h"\n_run_step_2(); _run_step_1();')
    assert program_key(shifted, numbered=["step_1", "step_2", "network_1"]) != key
