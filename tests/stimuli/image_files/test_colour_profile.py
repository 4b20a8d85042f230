"""Colour profiles: sRGB by any name changes nothing, others are converted by their own definition or refused."""

import struct
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageCms

from neurosim.stimuli.image_files.colour_profile import in_srgb
from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey
from neurosim.stimuli.images.images import embedded_photographs, load_images, photograph_path

RNG = np.random.default_rng(0)
# CIE XYZ (D50) of the primaries as profiles store them: sRGB, Adobe RGB (1998). Columns: red, green, blue.
SRGB = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
ADOBE = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7448]])
D50 = (0.9642, 1.0, 0.8249)


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def profile(gamma: float, primaries: np.ndarray | None) -> bytes:
    """Write an ICC profile of version 2: one power for brightness, and the primaries unless it is of grey."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    points = {b"wtpt": D50} | (
        {} if primaries is None else dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries.T, strict=True))
    )
    tags = {name: b"XYZ " + bytes(4) + b"".join(map(fixed, point)) for name, point in points.items()}
    tags |= dict.fromkeys((b"kTRC",) if primaries is None else (b"rTRC", b"gTRC", b"bTRC"), curve)
    tags[b"desc"] = b"desc" + bytes(4) + struct.pack(">I", 8) + b"by hand\0" + bytes(78)
    tags[b"cprt"] = b"text" + bytes(4) + b"none\0\0\0\0"
    start, table, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    space = b"GRAY" if primaries is None else b"RGB "
    head = struct.pack(">I4sI4s4s4s", start + len(data), bytes(4), 0x02100000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(fixed, D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def encoded(light: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("gamma", [1.0, 1.8])
def test_grey_of_another_power_is_converted_by_that_power(tmp_path: Path, gamma: float) -> None:
    ramp = np.arange(256, dtype=np.uint8)[None].repeat(4, axis=0)
    Image.fromarray(ramp).save(tmp_path / "a.png", icc_profile=profile(gamma, None))
    np.testing.assert_allclose(read_grey(tmp_path / "a.png"), encoded((ramp / 255) ** gamma), atol=1.5 / 255)


def test_colours_of_other_primaries_are_converted_by_their_matrix(tmp_path: Path) -> None:
    colours = RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    Image.fromarray(colours).save(tmp_path / "a.png", icc_profile=profile(2.19921875, ADOBE))
    light = (colours / 255) ** 2.19921875 @ (np.linalg.inv(SRGB) @ ADOBE).T
    expected = encoded(light) @ np.array(LUMINANCE_WEIGHTS)
    np.testing.assert_allclose(read_grey(tmp_path / "a.png"), expected, atol=2 / 255)
    assert abs(read_grey(tmp_path / "a.png", as_encoded=True) - expected).max() > 10 / 255


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "china", "flower"])
def test_photographs_whose_profile_is_srgb_stay_as_they_are_encoded(name: str) -> None:
    path = photograph_path(name)
    np.testing.assert_array_equal(load_images([path])[path.name], embedded_photographs(name)[name])


def test_the_photograph_in_adobe_rgb_is_converted_unless_it_is_asked_for_by_its_name() -> None:
    path = photograph_path("rocket")
    difference = abs(load_images([path])[path.name] - embedded_photographs("rocket")["rocket"])
    assert 0.01 < difference.mean() < 0.03


def test_more_than_8_bits_are_refused_with_another_profile_and_read_with_srgb(
    tmp_path: Path, encoders: ModuleType
) -> None:
    stored = RNG.integers(0, 65536, (9, 8, 1))
    linear, srgb = profile(1.0, None), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for content, refused in ((linear, True), (srgb, False)):
        tags = {34675: (7, content)}
        (tmp_path / "a.tif").write_bytes(encoders.tiff(stored, bits=16, photometric=1, tags=tags))
        if refused:
            with pytest.raises(
                UnreadableImageError, match=r"more than 8 bits, got the colour profile 'by hand'"
            ):
                read_grey(tmp_path / "a.tif")
        else:
            np.testing.assert_array_equal(read_grey(tmp_path / "a.tif"), stored[..., 0] / 65535)


def test_two_levels_are_black_and_white_in_every_profile(tmp_path: Path) -> None:
    bright = RNG.random((9, 11)) > 0.5
    Image.fromarray(bright).save(tmp_path / "a.png", icc_profile=profile(1.0, None))
    np.testing.assert_array_equal(read_grey(tmp_path / "a.png"), bright)


def test_profiles_of_another_kind_of_picture_are_refused() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    with pytest.raises(
        UnreadableImageError, match="expected a profile of red, green and blue or of grey, got one of"
    ):
        in_srgb(np.zeros((2, 2, 3)), lab, np.uint8)
    with pytest.raises(UnreadableImageError, match="expected a profile of colours, got one of grey"):
        in_srgb(np.zeros((2, 2, 3)), profile(1.0, None), np.uint8)
