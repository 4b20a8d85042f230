import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from neurosim import owned_folders
from neurosim.owned_folders import also_sweep, own_folder, process_mark, still_runs, sweep
from neurosim.results.leftovers import brian2_files_swept


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _mark_of_a_dead_process() -> str:
    lines = "import neurosim.owned_folders as o; print(o.process_mark())"
    return subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc")
def test_marks_tell_running_processes_from_ended_ones_and_from_new_ones_of_the_same_number() -> None:
    machine, process, start = process_mark().split("-")
    assert still_runs(process_mark())
    assert not still_runs(_mark_of_a_dead_process())
    assert not still_runs(f"{machine}-{process}-{int(start) + 1}")
    assert not still_runs(f"{machine}-{10**30}-{start}")


def test_of_another_machine_nobody_can_tell() -> None:
    assert still_runs(f"00000000{_mark_of_a_dead_process()[8:]}")


def test_only_what_dead_processes_of_ours_left_is_swept(temporary: Path) -> None:
    dead = _mark_of_a_dead_process()
    mine = own_folder()
    kept = [
        "neurosim-tests-12ab",
        f"neurosim-00000000{dead[8:]}-x",
        "neurosim-x",
        f"neurosim-{dead}",
        "other",
    ]
    for name in kept:
        (temporary / name).mkdir()
    (temporary / "target").mkdir()
    (temporary / f"neurosim-{dead}-link").symlink_to(temporary / "target")
    swept = temporary / f"neurosim-{dead}-abc"
    (swept / "deep").mkdir(parents=True)
    assert sweep() == [swept]
    assert {path.name for path in temporary.iterdir()} == {
        mine.name, *kept, "target", f"neurosim-{dead}-link",
    }  # fmt: skip


def test_brian2s_files_go_with_the_folder_of_their_process_and_nothing_else_does(temporary: Path) -> None:
    left = temporary / f"neurosim-{_mark_of_a_dead_process()}-abc"
    left.mkdir()
    outside = temporary / "deep" / "brian_debug_x.log"
    outside.parent.mkdir()
    files = [temporary / name for name in ("brian_debug_x.log", "brian_script_x.py", "thesis.tex")] + [
        outside
    ]
    for file in files:
        file.write_text("")
    also_sweep(left, [*map(str, files), str(temporary / "brian_gone.log")])
    sweep()
    assert [file.exists() for file in files] == [False, False, True, True]


def test_nothing_is_left_by_a_run_that_comes_to_its_end(temporary: Path) -> None:
    with brian2_files_swept():
        assert len(list(temporary.iterdir())) == 1
    assert list(temporary.iterdir()) == []


def test_a_place_that_cannot_be_read_is_no_reason_to_stop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(owned_folders.tempfile, "gettempdir", lambda: str(tmp_path / "nowhere"))
    assert sweep() == []
