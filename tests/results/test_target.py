import os
from pathlib import Path

import pytest

from neurosim.analysis.v1.disparity import cortical_disparity_tuning
from neurosim.engine.build_cache import build_cache_folder
from neurosim.results.run_files import MARKER, mark
from neurosim.results.store import new_run_folder
from neurosim.results.target import RunFolderError, left_beside, require_free, require_room, resolved
from neurosim.runs.installation import installation
from neurosim.stimuli.digits.mnist import load_mnist

THESIS = "years of work"


def test_the_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolved("~/runs/x") == tmp_path / "runs" / "x"
    assert resolved(Path("~")) == tmp_path


@pytest.mark.parametrize("out", ["runs/~x", "a~"])
def test_a_tilde_elsewhere_is_a_letter(out: str) -> None:
    assert resolved(out) == Path.cwd() / out


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("~nobody-of-this-name/x", "home directory"),
        ("", "got ''"),
        ("a\0b", "path of a folder"),
        ("\udcff", "path of a folder"),
    ],
)
def test_what_is_no_path_is_refused(out: str, message: str) -> None:
    with pytest.raises(RunFolderError, match=message):
        resolved(out)


def test_a_link_to_a_folder_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with new_run_folder(tmp_path / "link") as folder:
        (folder / "summary.json").write_text("{}")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "summary.json").is_file()


@pytest.mark.parametrize("to", ["nowhere", "link"])
def test_a_link_to_nowhere_or_itself_is_refused(tmp_path: Path, to: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / to)
    with pytest.raises(RunFolderError, match=r"is a link to .*nothing is there"):
        require_free(tmp_path / "link", overwrite=True)


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("file/run", "is a file"), ("file/deep/run", "is a file"), ("x" * 300, "too long"), ("y" * 250, "too long"),
        ("/".join(["z" * 200] * 30), "too long"),
    ],
)  # fmt: skip
def test_a_place_where_nothing_can_be_made_is_refused_before_the_block(
    tmp_path: Path, out: str, reason: str
) -> None:
    (tmp_path / "file").write_text(THESIS)
    with pytest.raises(RunFolderError, match=reason), new_run_folder(tmp_path / out):
        pytest.fail("began")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc")
def test_a_place_that_cannot_be_written_is_refused_before_the_block() -> None:
    with pytest.raises(RunFolderError, match=r"cannot be used \("), new_run_folder("/proc/run"):
        pytest.fail("began")


def test_the_working_folder_and_those_above_it_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunFolderError, match="working folder"):
        require_free(".", overwrite=False)
    with pytest.raises(RunFolderError, match="working folder"):
        require_free("..", overwrite=True)


@pytest.mark.parametrize(
    "foreign", ["thesis.tex", "figures/thesis.png", "figures/old/dictionary.png", "figures"]
)
@pytest.mark.parametrize("marked", [False, True])
def test_foreign_content_is_refused_also_deeper_and_beside_a_run(
    tmp_path: Path, foreign: str, *, marked: bool
) -> None:
    out = tmp_path / "run"
    (out / foreign).parent.mkdir(parents=True)
    for name in ("summary.json", "recipe.toml"):
        (out / name).write_text("[run]\n[stimuli]\n[network]\n")
    if marked:
        mark(out, whole=True)
    (out / foreign).write_text(THESIS)
    expected = foreign if marked or foreign != "figures" else None
    if expected is None:  # a run of an older version may have a file of that name
        require_free(out, overwrite=True)
    else:
        with pytest.raises(RunFolderError, match=f"holds '{expected}', which no run wrote"):
            require_free(out, overwrite=True)
    assert (out / foreign).read_text() == THESIS


@pytest.mark.parametrize("names", [("recipe.toml",), ("summary.json", "recipe.toml"), ("fields.csv",)])
def test_files_that_have_names_of_ours_are_not_taken_for_a_run(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / name).write_text("[package]\n")
    with pytest.raises(RunFolderError, match="and no run"):
        require_free(tmp_path, overwrite=True)


def test_a_run_of_an_older_version_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    (tmp_path / "recipe.toml").write_text("[run]\n[stimuli]\n[network]\n")
    require_free(tmp_path, overwrite=True)
    assert not (tmp_path / MARKER).exists()


def test_only_our_own_is_named_as_left(tmp_path: Path) -> None:
    for name in ("run.partial", "run.partial-1234", "run.replaced-12", "runner"):
        (tmp_path / name).mkdir()
    for name in ("run.partial-1234", "runner"):
        mark(tmp_path / name, whole=False)
    assert [path.name for path in left_beside(tmp_path / "run")] == ["run.partial-1234"]


def test_too_little_room_is_told_with_both_figures(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"take about more than 1000 EB, but where .* are free"):
        require_room(tmp_path, 10**22, out=tmp_path / "run")
    require_room(tmp_path, 1000, out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_the_tilde_is_the_home_folder_in_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEUROSIM_DATA", "~/data")
    assert not installation()["data_folder_exists"]
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/data"):
        load_mnist("train")
    (tmp_path / "data").mkdir()
    assert installation()["data_folder_exists"]
    with pytest.raises(FileNotFoundError, match=f"cells in {tmp_path}/data"):
        cortical_disparity_tuning()
    monkeypatch.setenv("NEUROSIM_CACHE", "~/cache")
    assert build_cache_folder() == tmp_path / "cache" / "standalone"
