import json
import os
import sys
import threading
import time
import warnings
from hashlib import sha256
from pathlib import Path

import pytest

from neurosim.engine import build_cache
from neurosim.engine.build_cache import build_cache_folder, clear_build_cache, fetch_program, keep_program

BINARY = b"\x7fELF" + bytes(range(256)) * 40 + b"\n{}\n"
HOUR = 3600.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "cache"))
    return build_cache_folder()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "built"
    path.write_bytes(BINARY)
    return path


def test_a_kept_program_comes_back_as_an_executable_copy(folder: Path, program: Path, tmp_path: Path) -> None:
    keep_program("key", program, inputs={})
    program.unlink()
    target = tmp_path / "run" / "main"
    target.parent.mkdir()
    assert fetch_program("key", target)
    assert target.read_bytes() == BINARY
    assert os.access(target, os.X_OK)
    clear_build_cache()
    assert target.read_bytes() == BINARY


def test_a_program_that_was_never_kept_is_not_found(folder: Path, program: Path, tmp_path: Path) -> None:
    keep_program("key", program, inputs={})
    assert not fetch_program("other", tmp_path / "main")
    assert not (tmp_path / "main").exists()


def _flipped(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


DAMAGES = {
    "empty": lambda content: b"",
    "cut short": lambda content: content[:-100],
    "one bit flipped": _flipped,
    "no first line": lambda content: content.partition(b"\n")[2],
    "not what was expected": lambda content: b"null\n" + BINARY,
    "no digest": lambda content: json.dumps({"inputs": {}}).encode() + b"\n" + BINARY,
    "a list": lambda content: b"[1]\n" + BINARY,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_program_is_never_used_and_can_be_replaced(
    damage: str, folder: Path, program: Path, tmp_path: Path
) -> None:
    keep_program("key", program, inputs={})
    (entry,) = folder.iterdir()
    entry.write_bytes(DAMAGES[damage](entry.read_bytes()))
    assert not fetch_program("key", tmp_path / "main")
    keep_program("key", program, inputs={})
    assert fetch_program("key", tmp_path / "main")


def test_a_program_is_not_used_when_a_header_from_elsewhere_has_changed(
    folder: Path, program: Path, tmp_path: Path
) -> None:
    header = tmp_path / "mine.h"
    header.write_text("#define GAIN 1")
    keep_program("key", program, inputs={str(header): sha256(header.read_bytes()).hexdigest()})
    assert fetch_program("key", tmp_path / "main")
    header.write_text("#define GAIN 2")
    assert not fetch_program("key", tmp_path / "main")
    header.unlink()
    assert not fetch_program("key", tmp_path / "main")


def test_a_folder_that_cannot_be_written_warns_once_and_tells_the_remedy(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match=r"each process compiles its own; .*NEUROSIM_CACHE") as told:
        keep_program("key", program, inputs={})
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keep_program("key", program, inputs={})
        assert not fetch_program("key", tmp_path / "main")


def test_the_programs_used_last_are_kept(
    folder: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_cache, "_KEPT", 3)
    for k in range(3):
        keep_program(f"key{k}", program, inputs={})
        _age(folder / f"key{k}.program", (10 - k) * HOUR)
    assert fetch_program("key0", tmp_path / "main")
    keep_program("key3", program, inputs={})
    assert {path.stem for path in folder.iterdir()} == {"key0", "key2", "key3"}


def test_what_stopped_processes_left_goes_and_what_others_are_writing_stays(
    folder: Path, program: Path
) -> None:
    folder.mkdir(parents=True)
    for name, age in (("left", 2 * HOUR), ("being_written", 1.0)):
        (folder / f"{name}.unfinished").write_bytes(BINARY[:50])
        _age(folder / f"{name}.unfinished", age)
    keep_program("key", program, inputs={})
    assert {path.name for path in folder.iterdir()} == {"being_written.unfinished", "key.program"}


def _age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_clearing_removes_the_programs_and_nothing_else(folder: Path, program: Path) -> None:
    assert clear_build_cache() == 0
    for key in ("a", "b"):
        keep_program(key, program, inputs={})
    (folder / "notes.txt").write_text("mine")
    assert clear_build_cache() == 2
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_program_that_is_replaced_and_removed_meanwhile_is_found_whole_or_not_at_all(
    folder: Path, program: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(BINARY[::-1] * 30)
    stop = threading.Event()

    def disturb(path: Path) -> None:
        while not stop.is_set():
            for _ in range(20):
                keep_program("key", path, inputs={})
            clear_build_cache()

    writers = [threading.Thread(target=disturb, args=(path,)) for path in (program, other)]
    for writer in writers:
        writer.start()
    found, deadline = set(), time.monotonic() + 60
    try:
        for _ in range(300):
            found.add(_content("key", tmp_path / "main"))
        while len(found - {None}) < 2 and time.monotonic() < deadline:
            found.add(_content("key", tmp_path / "main"))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert found - {None} == {BINARY, other.read_bytes()}


def _content(key: str, target: Path) -> bytes | None:
    return target.read_bytes() if fetch_program(key, target) else None


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have other variables")
def test_without_the_variable_programs_are_kept_where_the_platform_keeps_such_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEUROSIM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert build_cache_folder() == tmp_path / "neurosim" / "standalone"


def test_tests_do_not_write_into_the_users_own_folder() -> None:
    assert Path.home() not in build_cache_folder().parents
