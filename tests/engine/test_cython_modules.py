"""Compiled modules are loaded only if they are what was compiled, from a folder that only this user writes to."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from brian2 import prefs
from brian2.codegen.runtime.cython_rt import cython_rt
from brian2.codegen.runtime.cython_rt.extension_manager import CythonExtensionManager
from forks import in_a_fork

from neurosim.engine import cache_folder, cython_modules
from neurosim.engine.backend import activated
from neurosim.engine.clearing import clear_caches
from neurosim.engine.cython_modules import SUM, checked_modules, cython_cache_folder

CODE = "#cython: language_level=3\ndef main(namespace):\n    namespace['answer'] = 42\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for Brian2's compiler and loader; a module it loads is the file's content."""
    names: list[str] = []

    def load(manager: Any, module_path: str) -> bytes:
        if not Path(module_path).exists():
            names.append(module_path)
            Path(module_path).write_bytes(b"\x7fELF compiled " + bytes(range(256)))
        return Path(module_path).read_bytes()

    monkeypatch.setattr(CythonExtensionManager, "_load_module", load)
    return names


def _loaded(path: Path) -> Any:
    return cython_modules._CheckedModules()._load_module(str(path))


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: os.truncate(path, 100),
    "one bit flipped": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xfe"),
    "something behind it": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "a hole": lambda path: (os.truncate(path, 50), os.truncate(path, 268)),
    "no sum": lambda path: path.with_name(path.name + SUM).unlink(),
    "an empty sum": lambda path: path.with_name(path.name + SUM).write_bytes(b""),
    "a sum that is no text": lambda path: path.with_name(path.name + SUM).write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_module_is_compiled_again_and_never_loaded(
    damage: str, tmp_path: Path, compiled: list[str]
) -> None:
    path = tmp_path / "module.so"
    sound = _loaded(path)
    assert _loaded(path) == sound
    assert len(compiled) == 1
    DAMAGES[damage](path)
    assert _loaded(path) == sound
    assert len(compiled) == 2
    assert _loaded(path) == sound
    assert len(compiled) == 2


def test_a_damaged_module_is_not_written_over_where_another_process_has_it_loaded(
    tmp_path: Path, compiled: list[str]
) -> None:
    path = tmp_path / "module.so"
    _loaded(path)
    path.write_bytes(b"loaded elsewhere")
    with path.open("rb") as elsewhere:
        _loaded(path)
        assert elsewhere.read() == b"loaded elsewhere"


def test_a_module_that_cannot_be_loaded_leaves_the_search_path_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(manager: Any, module_path: str) -> None:
        sys.path.insert(0, str(tmp_path))
        raise ImportError("no module")

    monkeypatch.setattr(CythonExtensionManager, "_load_module", fail)
    before = list(sys.path)
    with pytest.raises(ImportError, match="no module"):
        _loaded(tmp_path / "module.so")
    assert sys.path == before


def _answer() -> Any:
    namespace: dict[str, Any] = {}
    cython_modules._manager.cache_clear()
    with activated("cython"):
        cython_rt.cython_extension_manager.create_extension(CODE).main(namespace)
    return namespace["answer"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_truncated_module_does_not_end_python_and_is_compiled_again(root: Path, cython: str) -> None:
    assert in_a_fork(_answer, patience=300) == 42
    (module,) = cython_cache_folder().rglob("*.so")
    whole = module.stat().st_size
    os.truncate(module, whole // 3)
    assert in_a_fork(_answer, patience=300) == 42
    assert module.stat().st_size > whole // 2
    assert clear_caches().n_modules == 1
    assert not list(cython_cache_folder().rglob("*.so"))


def test_the_users_folder_and_loader_come_back(cython: str) -> None:
    where, manager = "codegen.runtime.cython.cache_dir", cython_rt.cython_extension_manager
    kept = prefs[where]
    try:
        prefs[where] = "/mine"
        with activated(cython):
            assert Path(prefs[where]).parent.resolve() == cython_cache_folder().resolve()
            assert cython_rt.cython_extension_manager is not manager
        assert prefs[where] == "/mine"
        assert cython_rt.cython_extension_manager is manager
    finally:
        prefs[where] = kept


def test_other_flags_have_another_folder(root: Path) -> None:
    own, folders = "codegen.cpp.extra_link_args", []
    kept = prefs[own]
    try:
        for flags in ([], ["-lm"], []):
            prefs[own] = flags
            with checked_modules():
                folders.append(prefs["codegen.runtime.cython.cache_dir"])
    finally:
        prefs[own] = kept
    assert folders[0] == folders[2] != folders[1]


@pytest.mark.skipif(sys.platform == "win32", reason="no modes of folders")
def test_a_folder_that_others_may_write_to_is_not_used_and_the_user_is_told_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "_WARNED", set())
    (root / "cython").mkdir(parents=True)
    (root / "cython").chmod(0o777)
    with (
        pytest.warns(RuntimeWarning, match="others may write there, mode 777: chmod go-w it"),
        checked_modules(),
    ):
        first = prefs["codegen.runtime.cython.cache_dir"]
    with checked_modules():
        assert prefs["codegen.runtime.cython.cache_dir"] == first
    assert root not in Path(first).parents
    assert Path(first).stat().st_mode & 0o077 == 0
