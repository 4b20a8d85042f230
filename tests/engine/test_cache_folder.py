"""Compiled code is run as this user, so nobody else may have written it."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from neurosim.engine import cache_folder
from neurosim.engine.build_cache import build_cache_folder, fetch_program, keep_program
from neurosim.engine.cache_folder import owned_folder, refuse_foreign, write_at_once
from neurosim.engine.clearing import clear_caches
from neurosim.engine.cython_modules import SUM, cython_cache_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no modes of folders")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache_folder, "_WARNED", set())
    return tmp_path / "cache"


def test_a_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    assert owned_folder(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("mode", "safe"), [(0o700, True), (0o755, True), (0o775, False), (0o757, False)])
def test_a_folder_is_safe_if_its_owner_alone_writes(mode: int, safe: bool, tmp_path: Path) -> None:
    tmp_path.chmod(mode)
    wanted = f"others may write there, mode {mode:o}: chmod go-w it"
    with nullcontext() if safe else pytest.raises(PermissionError, match=wanted):
        refuse_foreign(tmp_path)


def test_a_folder_of_somebody_else_is_not_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(PermissionError, match=f"it belongs to user {owner}, not to {owner + 1}"):
        refuse_foreign(tmp_path)


def test_a_program_from_a_folder_that_others_may_write_to_is_not_run(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"program")
    keep_program("key", program, inputs={})
    assert fetch_program("key", tmp_path / "copy")
    build_cache_folder().chmod(0o777)
    with pytest.warns(RuntimeWarning, match="chmod go-w it"):
        assert not fetch_program("key", tmp_path / "copy")


def test_what_is_cleared_is_counted_and_locks_that_may_be_held_stay(root: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"program")
    keep_program("one", program, inputs={})
    inside = owned_folder(cython_cache_folder() / "flags")
    for name, content in {"a.so": b"1234", f"a.so{SUM}": b"sum", "b.so": b"no sum", "a.lock": b""}.items():
        write_at_once(inside / name, content)
    write_at_once(inside / "old.lock", b"")
    os.utime(inside / "old.lock", (0, 0))
    (inside / "tmp" / "left").mkdir(parents=True)
    cleared = clear_caches()
    assert (cleared.folder, cleared.n_programs, cleared.n_modules) == (root, 1, 1)
    assert cleared.n_bytes > len(b"1234sumno sum")
    assert {path.name for path in root.rglob("*")} == {"standalone", "cython", "flags", "a.lock"}
    assert clear_caches()[1:] == (0, 0, 0)


def test_clearing_a_folder_that_is_not_there_removes_nothing(root: Path) -> None:
    assert clear_caches() == (root, 0, 0, 0)
    assert not root.exists()


def test_the_home_of_nobody_is_not_made_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no user of that name"):
        owned_folder(Path("~nobody-of-that-name") / "standalone")
    assert not list(tmp_path.iterdir())
