"""File formats to grey values: full scale, colour weights, alpha, orientation."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]], dtype=np.uint8)
GREYS = np.array([*LUMINANCE_WEIGHTS, 1.0, 0.0])


def saved(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def test_colours_are_weighted_by_their_luminance(tmp_path: Path) -> None:
    np.testing.assert_allclose(read_grey(saved(tmp_path / "a.png", COLOURS))[0], GREYS, atol=1e-12)


def test_the_weights_sum_to_one() -> None:
    assert sum(LUMINANCE_WEIGHTS) == pytest.approx(1.0, abs=1e-15)


def test_white_is_exactly_1_in_colour(tmp_path: Path) -> None:
    assert read_grey(saved(tmp_path / "a.png", COLOURS))[0, 3] == pytest.approx(1.0, abs=1e-15)
    assert read_grey(saved(tmp_path / "a.png", COLOURS)).max() <= 1.0


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize(("dtype", "full_scale"), [(np.uint8, 255), (np.uint16, 65535)])
def test_integers_are_divided_by_their_full_scale(
    tmp_path: Path, suffix: str, dtype: type[np.unsignedinteger], full_scale: int
) -> None:
    pixels = np.array([[0, 1, full_scale // 3, full_scale]], dtype=dtype)
    np.testing.assert_array_equal(read_grey(saved(tmp_path / f"a.{suffix}", pixels)), pixels / full_scale)


def test_sixteen_bit_grey_keeps_all_its_levels(tmp_path: Path) -> None:
    pixels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert len(np.unique(read_grey(saved(tmp_path / "a.png", pixels)))) == 65536


def test_a_bilevel_image_is_0_and_1(tmp_path: Path) -> None:
    pixels = np.array([[True, False, True]])
    np.testing.assert_array_equal(read_grey(saved(tmp_path / "a.png", pixels)), [[1.0, 0.0, 1.0]])


def test_floating_point_tiffs_between_0_and_1_are_taken_as_they_are(tmp_path: Path) -> None:
    pixels = np.array([[0.0, 0.25, 1.0]], dtype=np.float32)
    np.testing.assert_array_equal(read_grey(saved(tmp_path / "a.tif", pixels)), pixels)


@pytest.mark.parametrize("bad", [1.5, -0.1, np.nan, np.inf])
def test_floating_point_values_of_no_known_scale_are_refused(tmp_path: Path, bad: float) -> None:
    path = saved(tmp_path / "bad.tif", np.array([[0.0, bad]], dtype=np.float32))
    with pytest.raises(UnreadableImageError, match=r"bad\.tif: expected floating-point pixels in \[0, 1\]"):
        read_grey(path)


def test_signed_integers_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "signed.tif", np.array([[1, 2]], dtype=np.int32))
    with pytest.raises(
        UnreadableImageError, match=r"signed\.tif: expected unsigned .* signed integers \(int32\)"
    ):
        read_grey(path)


def test_palette_images_are_looked_up(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_grey(tmp_path / "a.png")[0], GREYS, atol=1e-2)


def test_an_opaque_alpha_channel_changes_nothing(tmp_path: Path) -> None:
    opaque = np.concatenate([COLOURS, np.full((1, 5, 1), 255, dtype=np.uint8)], axis=2)
    np.testing.assert_allclose(read_grey(saved(tmp_path / "a.png", opaque))[0], GREYS, atol=1e-12)


def test_transparent_pixels_are_refused_with_their_share(tmp_path: Path) -> None:
    alpha = np.array([[[255], [255], [255], [0], [128]]], dtype=np.uint8)
    path = saved(tmp_path / "glass.png", np.concatenate([COLOURS, alpha], axis=2))
    with pytest.raises(
        UnreadableImageError, match=r"glass\.png: expected opaque pixels, got 40\.00% transparent"
    ):
        read_grey(path)


def test_grey_with_alpha_is_understood(tmp_path: Path) -> None:
    Image.fromarray(np.array([[10, 200]], dtype=np.uint8)).convert("LA").save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_grey(tmp_path / "a.png"), [[10 / 255, 200 / 255]])


def test_a_transparent_colour_key_counts_as_transparency(tmp_path: Path) -> None:
    path = saved(tmp_path / "key.png", COLOURS, transparency=(255, 0, 0))
    with pytest.raises(UnreadableImageError, match=r"20\.00% transparent"):
        read_grey(path)


def test_the_orientation_a_camera_noted_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turn by 90° clockwise to show
    pixels = np.zeros((8, 16), dtype=np.uint8)
    pixels[:, :8] = 255
    path = saved(tmp_path / "upright.png", pixels, exif=exif)
    grey = read_grey(path)
    assert grey.shape == (16, 8)
    np.testing.assert_array_equal(grey[:8], 1.0)
    np.testing.assert_array_equal(grey[8:], 0.0)


def test_several_pictures_in_one_file_are_refused(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((4, 4), value, dtype=np.uint8)) for value in (0, 90, 255)]
    frames[0].save(tmp_path / "film.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImageError, match=r"film\.tif: expected one picture in the file, got 3"):
        read_grey(tmp_path / "film.tif")


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cut=st.floats(0.05, 0.99))
def test_a_png_cut_anywhere_is_refused_by_name_or_whole_in_its_pixels(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cut: float
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)
    path = saved(tmp_path_factory.getbasetemp() / "cut.png", pixels)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    if cut < 0.9:  # the rest holds checksums and the end mark, without which the pixels may be whole
        with pytest.raises(UnreadableImageError, match=r"cut\.png"):
            read_grey(path)
        return
    with contextlib.suppress(UnreadableImageError):
        np.testing.assert_array_equal(read_grey(path), pixels / 255)
