import errno
import json
import os
from pathlib import Path

import pytest
import xarray as xr

from neurosim.networks.saving.network_file import write_dataset
from neurosim.results.store import (
    RunFolderError,
    RunInterrupted,
    new_run_folder,
    require_run,
    write_json,
)


def _write_run(out: Path, *, text: str = "{}", overwrite: bool = False) -> None:
    with new_run_folder(out, overwrite=overwrite) as folder:
        (folder / "summary.json").write_text(text)
        (folder / "recipe.toml").write_text("[run]")


def test_a_whole_run_appears_in_its_place_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    _write_run(tmp_path / "deep" / "run")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]
    require_run(tmp_path / "deep" / "run")


def test_nothing_is_there_before_the_run_is_whole(tmp_path: Path) -> None:
    with new_run_folder(tmp_path / "run"):
        assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    _write_run(tmp_path / "run", text="1")
    with pytest.raises(RunFolderError, match=r"already holds a run.*--overwrite"):
        _write_run(tmp_path / "run", text="2")
    assert (tmp_path / "run" / "summary.json").read_text() == "1"


def test_a_run_is_replaced_when_asked(tmp_path: Path) -> None:
    _write_run(tmp_path / "run", text="1")
    _write_run(tmp_path / "run", text="2", overwrite=True)
    assert (tmp_path / "run" / "summary.json").read_text() == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_failed_run_leaves_the_one_it_was_to_replace(tmp_path: Path) -> None:
    _write_run(tmp_path / "run", text="1")
    with pytest.raises(ZeroDivisionError), new_run_folder(tmp_path / "run", overwrite=True):
        raise ZeroDivisionError
    assert (tmp_path / "run" / "summary.json").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_files_of_somebody_else_is_never_touched(tmp_path: Path, *, overwrite: bool) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RunFolderError, match=r"holds 'thesis.tex'"):
        _write_run(tmp_path, overwrite=overwrite)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    _write_run(tmp_path / "run")
    require_run(tmp_path / "run")


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(RunFolderError, match="got the file"):
        _write_run(tmp_path / "run")


def _write(path: Path) -> None:
    if path.suffix == ".nc":
        write_dataset(xr.Dataset({"dictionary": ("neuron", [1.0])}), path)
    else:
        path.write_text("[run]")


def _interrupt(out: Path, *, after: str, overwrite: bool = False) -> None:
    with new_run_folder(out, overwrite=overwrite) as folder:
        _write(folder / after)
        raise KeyboardInterrupt


def test_an_interruption_before_the_network_is_stored_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunInterrupted, match="nothing was kept"):
        _interrupt(tmp_path / "run", after="recipe.toml")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_afterwards_keeps_the_network_under_another_name(tmp_path: Path) -> None:
    with pytest.raises(RunInterrupted, match=r"kept .*run\.partial.*not a whole run"):
        _interrupt(tmp_path / "run", after="network.nc")
    with xr.open_dataset(tmp_path / "run.partial" / "network.nc", engine="h5netcdf") as stored:
        assert stored["dictionary"].item() == 1.0
    assert not (tmp_path / "run").exists()


def _fail(out: Path, *, after: str) -> None:
    with new_run_folder(out) as folder:
        _write(folder / after)
        raise ZeroDivisionError


def test_another_error_says_what_was_kept_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _fail(tmp_path / "run", after="network.nc")
    assert "run.partial" in caught.value.__notes__[0]


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"found no summary.json"):
        require_run(tmp_path)


def test_what_is_not_a_number_is_null_in_json(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": float("nan"), "b": [1.5, float("nan")], "c": "größe"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "a": None, "b": [1.5, None], "c": "größe",
    }  # fmt: skip


def test_an_infinite_figure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("inf")})


def test_a_second_run_to_the_same_place_is_refused_at_once(tmp_path: Path) -> None:
    with new_run_folder(tmp_path / "run"):
        with pytest.raises(RunFolderError, match="another process is writing"):
            _write_run(tmp_path / "run")
        _write_run(tmp_path / "other")
    _write_run(tmp_path / "run", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "run"]


def test_the_lock_of_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / ".run.neurosim-lock").touch()
    _write_run(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_somebody_elses_folders_beside_the_place_are_not_touched(tmp_path: Path) -> None:
    for name in ("run.partial", "run.replaced"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.tex").write_text("years of work")
    _write_run(tmp_path / "run", text="1")
    _write_run(tmp_path / "run", text="2", overwrite=True)
    with pytest.raises(RunInterrupted, match=r"run\.partial-\w+'"):
        _interrupt(tmp_path / "run", after="network.nc", overwrite=True)
    assert {path.read_text() for path in tmp_path.rglob("thesis.tex")} == {"years of work"}
    assert (tmp_path / "run" / "summary.json").read_text() == "2"


def test_a_figure_of_ones_own_in_a_run_is_not_replaced(tmp_path: Path) -> None:
    _write_run(tmp_path / "run", text="1")
    (tmp_path / "run" / "figures").mkdir()
    (tmp_path / "run" / "figures" / "sparsity.png").write_text("annotated")
    with pytest.raises(RunFolderError, match=r"figures/sparsity\.png"):
        _write_run(tmp_path / "run", text="2", overwrite=True)


def test_what_is_put_there_during_the_run_is_not_replaced(tmp_path: Path) -> None:
    _write_run(tmp_path / "run", text="1")
    with pytest.raises(RunFolderError, match="thesis"), new_run_folder(tmp_path / "run", overwrite=True):
        (tmp_path / "run" / "thesis.tex").write_text("years of work")
    assert (tmp_path / "run" / "summary.json").read_text() == "1"


def test_an_unfinished_run_stays_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RunInterrupted):
        _interrupt(tmp_path / "run", after="network.nc")
    _write_run(tmp_path / "run")
    assert "run.partial' holds an unfinished run with its trained network" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.partial"]


@pytest.mark.parametrize("content", [b"", b"weights", b"\x89HDF\r\n\x1a\n" + b"\0" * 500])
def test_a_network_that_does_not_open_is_not_kept(tmp_path: Path, content: bytes) -> None:
    def fail() -> None:
        with new_run_folder(tmp_path / "run") as folder:
            (folder / "network.nc").write_bytes(content)
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted, match="nothing was kept"):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disc_is_told_in_one_sentence_and_the_network_kept(tmp_path: Path, number: int) -> None:
    def fill() -> None:
        with new_run_folder(tmp_path / "run") as folder:
            _write(folder / "network.nc")
            raise OSError(number, os.strerror(number))

    with pytest.raises(RunFolderError, match="no room is left") as caught:
        fill()
    assert "trained network" in caught.value.__notes__[0]


def test_another_folder_above_is_made_and_goes_again_with_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_run_folder(tmp_path / "a" / "b" / "run"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_new_folders_have_the_permissions_that_others_get(tmp_path: Path) -> None:
    _write_run(tmp_path / "run")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_words_that_are_no_text_are_escaped_in_json(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": "\udcff"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": "\udcff"}


def test_a_disc_that_fills_up_at_the_last_moment_leaves_nothing_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def run() -> None:
        with new_run_folder(tmp_path / "run") as folder:
            _write(folder / "network.nc")
            for name in ("summary.json", "recipe.toml"):
                (folder / name).write_text("")
            monkeypatch.setattr(Path, "write_text", full)

    with pytest.raises(RunFolderError, match="no room is left"):
        run()
    with pytest.raises(RunFolderError, match="did not come to its end"):
        require_run(tmp_path / "run.partial")
    assert not (tmp_path / "run").exists()
