"""JPEG, WebP, GIF and BMP: one picture, opaque, the right way up, of known colours."""

import struct
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey

ROWS, COLUMNS = np.mgrid[:24, :32]
COLOURS = np.stack([8 * COLUMNS, 10 * ROWS, 3 * (ROWS + COLUMNS)], axis=-1).astype(np.uint8)
GREYS = COLOURS[..., 0]
EXPECTED = COLOURS @ np.array(LUMINANCE_WEIGHTS) / 255


def saved(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.bmp", {}, 1e-14),
        ("a.webp", {"lossless": True}, 1e-14),
        ("a.jpg", {"quality": 98, "subsampling": 0}, 0.02),
        ("a.jpg", {"quality": 98, "progressive": True}, 0.02),
    ],
)
def test_colours_come_back(tmp_path: Path, name: str, options: dict[str, Any], tolerance: float) -> None:
    np.testing.assert_allclose(
        read_grey(saved(tmp_path / name, COLOURS, **options)), EXPECTED, atol=tolerance
    )


@pytest.mark.parametrize("name", ["a.gif", "a.bmp", "a.webp"])
def test_grey_comes_back_exactly(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, GREYS, **({"lossless": True} if name == "a.webp" else {}))
    np.testing.assert_allclose(read_grey(path), GREYS / 255, rtol=1e-14)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8, 0, 99])
def test_the_camera_s_orientation_is_applied_and_an_unknown_one_is_none(
    tmp_path: Path, name: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name == "a.webp" else {"quality": 98}
    path = saved(tmp_path / name, GREYS, exif=exif, **options)
    turns = {3: 2, 6: -1, 8: 1}.get(orientation, 0)
    np.testing.assert_allclose(read_grey(path), np.rot90(GREYS / 255, turns), atol=0.02)


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_animations_are_refused(tmp_path: Path, name: str) -> None:
    frames = [Image.fromarray(np.full((8, 8), value, dtype=np.uint8)) for value in (0, 90, 255)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    with pytest.raises(
        UnreadableImageError, match=rf"{name}: expected one picture in the file, got 3; save the"
    ):
        read_grey(tmp_path / name)


def test_a_stereo_pair_in_one_mpo_is_refused(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(
        tmp_path / "eyes.mpo", save_all=True, append_images=[Image.fromarray(COLOURS[:, ::-1])]
    )
    content = (tmp_path / "eyes.mpo").read_bytes()
    start = content.index(b"MPF\0") + 4
    # After the directory of three tags; 0x030000 is a photograph, and of its others 0x020002 the second eye.
    entry = start + 50
    assert content[entry : entry + 4] == struct.pack("<I", 0x030000)
    second = bytearray(content)
    second[entry + 16 : entry + 20] = struct.pack("<I", 0x020002)
    (tmp_path / "eyes.mpo").write_bytes(second)
    with pytest.raises(UnreadableImageError, match=r"eyes\.mpo: expected one picture in the file, got 2"):
        read_grey(tmp_path / "eyes.mpo")
    second[entry + 16 : entry + 20] = struct.pack("<I", 0x010001)  # a large thumbnail
    (tmp_path / "eyes.mpo").write_bytes(second)
    assert read_grey(tmp_path / "eyes.mpo").shape == (24, 32)


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_transparent_pixels_are_refused(tmp_path: Path, name: str) -> None:
    alpha = np.where(ROWS < 6, 0, 255).astype(np.uint8)
    pixels = np.concatenate([COLOURS, alpha[..., None]], axis=2)
    with pytest.raises(UnreadableImageError, match=r"expected opaque pixels, got 25\.00% transparent"):
        read_grey(saved(tmp_path / name, pixels))


def test_a_gif_that_leaves_a_part_of_its_frame_empty_is_refused(tmp_path: Path) -> None:
    content = bytearray(saved(tmp_path / "a.gif", GREYS).read_bytes())
    content[6:10] = struct.pack("<HH", 64, 48)
    (tmp_path / "a.gif").write_bytes(content)
    with pytest.raises(UnreadableImageError, match="a part of 48 × 64 pixels empty"):
        read_grey(tmp_path / "a.gif")


def test_inks_are_refused(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).convert("CMYK").save(tmp_path / "a.jpg")
    with pytest.raises(
        UnreadableImageError, match=r"a\.jpg: expected .*, got inks \(CMYK\).*convert .* to sRGB"
    ):
        read_grey(tmp_path / "a.jpg")


@pytest.mark.parametrize("index", [b"R03\0", b"R98\0"])
def test_a_camera_s_adobe_rgb_without_its_profile_is_refused(tmp_path: Path, index: bytes) -> None:
    """Three directories of one entry each: pointer to EXIF, pointer to interoperability, its index."""
    entries = ((0x8769, 4, 1, struct.pack("<I", 26)), (0xA005, 4, 1, struct.pack("<I", 44)), (1, 2, 4, index))
    exif = b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, 8)
    for tag, kind, count, value in entries:
        exif += struct.pack("<HHHI", 1, tag, kind, count) + value + bytes(4)
    path = saved(tmp_path / "a.jpg", COLOURS, exif=exif, quality=98)
    if index == b"R98\0":  # sRGB
        np.testing.assert_allclose(read_grey(path), EXPECTED, atol=0.02)
        return
    with pytest.raises(UnreadableImageError, match="Adobe RGB"):
        read_grey(path)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"8BPS\0\1" + bytes(40), "Photoshop's PSD"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (bytes(4) + b"ftypavif" + bytes(20), "HEIF or AVIF"),
        (b"SIMPLE  =   T", "FITS"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of git-lfs"),
        (b"<!DOCTYPE html><html>Not found</html>", "a web page"),
        ("Dear cortex,".encode("utf-16"), "text in UTF-16"),
    ],
)
def test_files_of_another_kind_are_named(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableImageError, match=rf"a\.png: expected .*, got {name}"):
        read_grey(tmp_path / "a.png")


def test_a_jpeg_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    content = bytearray(saved(tmp_path / "a.jpg", GREYS).read_bytes())
    start = content.index(b"\xff\xc0") + 5
    for height, width, message in ((65000, 65000, "gigabytes"), (12000, 12000, "at most 89,478,485 pixels")):
        content[start : start + 4] = struct.pack(">HH", height, width)
        (tmp_path / "a.jpg").write_bytes(content)
        with pytest.raises(UnreadableImageError, match=message):
            read_grey(tmp_path / "a.jpg")


def test_the_filters_of_warnings_are_as_they_were_after_many_threads(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{index}.jpg", COLOURS) for index in range(12)]
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(read_grey, paths * 4)
    assert list(warnings.filters) == before
    for other in others:
        np.testing.assert_array_equal(other, first)
