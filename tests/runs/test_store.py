import json
from pathlib import Path

import pytest
import xarray as xr

from neurosim.runs.network_file import write_dataset
from neurosim.runs.store import (
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


def _interrupt(out: Path, *, after: str) -> None:
    with new_run_folder(out) as folder:
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
