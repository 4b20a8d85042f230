"""The embedded photographs and image files of one's own."""

import os
import shutil
import socket
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neurosim.stimuli.image_files.decoding import UnreadableImageError, UnreadableImageWarning
from neurosim.stimuli.images.images import PHOTOGRAPHS, embedded_photographs, load_images, photograph_path

SHAPES = {
    "camera": (512, 512),
    "chelsea": (300, 451),
    "coffee": (400, 600),
    "rocket": (427, 640),
    "astronaut": (512, 512),
    "grass": (512, 512),
    "gravel": (512, 512),
    "brick": (512, 512),
    "china": (427, 640),
    "flower": (427, 640),
}


def write_png(path: Path, seed: int = 0) -> Path:
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30), dtype=np.uint8)).save(path)
    return path


def truncate(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def test_all_ten_photographs_come_from_the_wheels_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a photograph asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("pooch.retrieve", refuse)
    photographs = embedded_photographs()
    assert {name: image.shape for name, image in photographs.items()} == SHAPES


def test_the_photographs_are_files_that_the_wheels_list() -> None:
    from importlib.metadata import files

    listed = {str(file) for wheel in ("scikit-image", "scikit-learn") for file in files(wheel) or []}
    assert {f"{package}/{inside}" for package, inside in PHOTOGRAPHS.values()} <= listed


def test_photographs_are_grey_floats_between_0_and_1_with_contrast() -> None:
    for name, image in embedded_photographs().items():
        assert image.dtype == np.float64, name
        assert image.min() >= 0, name
        assert image.max() <= 1, name
        assert image.std() > 0.04, name


def test_grey_agrees_with_scikit_image() -> None:
    from skimage.color import rgb2gray
    from skimage.io import imread

    expected = rgb2gray(imread(photograph_path("coffee")))
    np.testing.assert_allclose(embedded_photographs("coffee")["coffee"], expected, atol=1e-12)


def test_photographs_keep_the_order_asked_for() -> None:
    assert list(embedded_photographs(["flower", "brick"])) == ["flower", "brick"]


def test_an_unknown_photograph_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"got 'chelsey'; did you mean 'chelsea'\? choose from camera"):
        embedded_photographs(["chelsey"])


def test_a_name_like_no_other_gets_the_list_without_a_guess() -> None:
    with pytest.raises(ValueError, match="got 'zzzzzz'; choose from camera, chelsea"):
        embedded_photographs(["zzzzzz"])


def test_no_photograph_and_repeated_photographs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one photograph"):
        embedded_photographs([])
    with pytest.raises(ValueError, match="got camera more than once"):
        embedded_photographs(["camera", "brick", "camera"])


def test_a_photograph_missing_from_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHOTOGRAPHS, "camera", ("skimage", "data/absent.png"))
    with pytest.raises(FileNotFoundError, match=r"'camera' inside the installed package 'skimage'"):
        embedded_photographs("camera")


def test_a_folder_is_read_in_sorted_order_and_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("b.png", "a.PNG", "c.tif", ".hidden.png"):
        write_png(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "folder.png").mkdir()
    assert list(load_images(tmp_path)) == ["a.PNG", "b.png", "c.tif"]


def test_a_list_gives_the_same_set_in_any_order(tmp_path: Path) -> None:
    paths = [write_png(tmp_path / f"{seed}.png", seed) for seed in range(3)]
    forward, backward = load_images(paths), load_images(str(path) for path in reversed(paths))
    assert list(forward) == list(backward) == ["0.png", "1.png", "2.png"]
    for name in forward:
        np.testing.assert_array_equal(forward[name], backward[name])


def test_files_of_the_same_name_keep_their_paths(tmp_path: Path) -> None:
    for folder in ("left", "right"):
        (tmp_path / folder).mkdir()
        write_png(tmp_path / folder / "eye.png")
    paths = [tmp_path / "right" / "eye.png", tmp_path / "left" / "eye.png"]
    assert list(load_images(paths)) == sorted(path.as_posix() for path in paths)


@pytest.mark.parametrize(("source", "got"), [("camera", "one that ends early"), ("rocket", "OSError")])
def test_a_truncated_file_is_an_error_that_names_it(tmp_path: Path, source: str, got: str) -> None:
    whole = photograph_path(source)
    broken = truncate(Path(shutil.copy(whole, tmp_path / f"broken{whole.suffix}")))
    with pytest.raises(
        UnreadableImageError, match=rf"{broken.name}: expected a complete image file, got {got}"
    ):
        load_images(tmp_path)


def test_a_text_file_called_png_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear cortex,")
    with pytest.raises(UnreadableImageError, match=r"letter\.png: expected a complete image file"):
        load_images(tmp_path)


def test_an_empty_and_a_missing_file_are_called_so(tmp_path: Path) -> None:
    (tmp_path / "void.png").touch()
    with pytest.raises(UnreadableImageError, match=r"void\.png: .* got an empty file"):
        load_images(tmp_path)
    with pytest.raises(UnreadableImageError, match=r"absent\.png: .* got no such file"):
        load_images([tmp_path / "absent.png"])


def test_the_rest_goes_on_only_if_asked_and_the_warning_names_the_file(tmp_path: Path) -> None:
    write_png(tmp_path / "good.png")
    truncate(write_png(tmp_path / "torn.png"))
    with pytest.warns(UnreadableImageWarning, match=r"left out: .*torn\.png") as caught:
        images = load_images(tmp_path, skip_unreadable=True)
    assert list(images) == ["good.png"]
    assert len(caught) == 1


def test_whole_files_give_no_warning_when_unreadable_ones_may_be_skipped(tmp_path: Path) -> None:
    write_png(tmp_path / "good.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(load_images(tmp_path, skip_unreadable=True)) == ["good.png"]


def test_skipping_every_file_is_still_an_error(tmp_path: Path) -> None:
    truncate(write_png(tmp_path / "torn.png"))
    with (
        pytest.warns(UnreadableImageWarning),
        pytest.raises(UnreadableImageError, match="1 files and could read none"),
    ):
        load_images(tmp_path, skip_unreadable=True)


def test_an_image_smaller_than_a_patch_is_refused_or_skipped_by_name(tmp_path: Path) -> None:
    write_png(tmp_path / "good.png")
    Image.fromarray(np.zeros((40, 19), dtype=np.uint8)).save(tmp_path / "narrow.png")
    with pytest.raises(
        UnreadableImageError,
        match=r"narrow\.png: expected at least 20 × 20 pixels, got 40 × 19; .*skip_unreadable",
    ):
        load_images(tmp_path, smallest=20)
    with pytest.warns(UnreadableImageWarning, match=r"left out: .*narrow\.png: expected at least 20"):
        assert list(load_images(tmp_path, smallest=20, skip_unreadable=True)) == ["good.png"]
    assert len(load_images(tmp_path, smallest=19)) == 2


def test_a_link_to_nowhere_a_folder_and_a_pipe_are_named_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "away.png")
    with pytest.raises(UnreadableImageError, match=r"gone\.png: .* got no such file"):
        load_images(tmp_path)
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name, words in (("folder.png", "a folder"), ("pipe.png", "a device")):
        with pytest.raises(UnreadableImageError, match=rf"{name}: expected a file, got {words}"):
            load_images([tmp_path / name])


def test_every_refusal_says_how_to_go_on_without_the_file(tmp_path: Path) -> None:
    truncate(write_png(tmp_path / "torn.png"))
    with pytest.raises(UnreadableImageError, match=r"or pass skip_unreadable=True to go on without it$"):
        load_images(tmp_path)


def test_a_home_folder_may_be_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_png(tmp_path / "a.png")
    assert list(load_images("~")) == list(load_images(["~/a.png"])) == ["a.png"]


def test_folders_and_lists_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="found 0 files of which none"):
        load_images(tmp_path)
    with pytest.raises(FileNotFoundError, match="empty list"):
        load_images([])
    path = write_png(tmp_path / "twice.png")
    with pytest.raises(ValueError, match=r"twice\.png more than once"):
        load_images([path, path])
