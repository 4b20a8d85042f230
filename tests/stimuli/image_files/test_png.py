"""PNG: transparency, bit depth, filters, interlacing, gamma and orientation, against files written by hand."""

import logging
import struct
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
RNG = np.random.default_rng(0)


@pytest.fixture
def written(tmp_path: Path, encoders: ModuleType) -> Any:
    def write(samples: np.ndarray, **options: Any) -> Path:
        (tmp_path / "a.png").write_bytes(encoders.png(samples, **options))
        return tmp_path / "a.png"

    return write


def samples(depth: int, n_channels: int = 1, *, size: tuple[int, int] = (13, 18)) -> np.ndarray:
    return RNG.integers(0, 2**depth, (*size, n_channels))


def grey(colours: np.ndarray) -> np.ndarray:
    return colours @ np.array(LUMINANCE_WEIGHTS)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_depth_is_divided_by_its_own_white(written: Any, depth: int, interlaced: bool) -> None:
    stored = samples(depth)
    found = read_grey(written(stored, depth=depth, colour=GREY, interlaced=interlaced))
    np.testing.assert_allclose(found, stored[..., 0] / (2**depth - 1), rtol=1e-15)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_colours_keep_all_their_bits(written: Any, depth: int, interlaced: bool) -> None:
    stored = samples(depth, 3)
    found = read_grey(written(stored, depth=depth, colour=RGB, interlaced=interlaced))
    np.testing.assert_allclose(found, grey(stored / (2**depth - 1)), rtol=1e-14)


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 3)])
def test_every_filter_of_rows_is_undone(written: Any, kind: int, size: tuple[int, int]) -> None:
    stored = samples(16, 3, size=size)
    found = read_grey(written(stored, depth=16, colour=RGB, n_filters=kind + 1))
    np.testing.assert_allclose(found, grey(stored / 65535), rtol=1e-14)


def test_a_16_bit_picture_in_colour_is_the_one_that_a_library_writes_in_8_bits(written: Any) -> None:
    stored = samples(8, 3, size=(40, 30))
    path = written(stored * 257, depth=16, colour=RGB)
    np.testing.assert_allclose(read_grey(path), grey(np.asarray(Image.open(path)) / 255), rtol=1e-14)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_that_no_pixel_has_changes_nothing(written: Any, depth: int) -> None:
    stored = samples(depth)
    stored[stored == 1] = 0
    path = written(stored, depth=depth, colour=GREY, chunks=[(b"tRNS", struct.pack(">H", 1))])
    np.testing.assert_allclose(read_grey(path), stored[..., 0] / (2**depth - 1), rtol=1e-15)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_that_pixels_have_is_refused_with_their_share(written: Any, depth: int) -> None:
    stored = np.zeros((4, 5, 1), dtype=int)
    stored[0, :2] = 1
    path = written(stored, depth=depth, colour=GREY, chunks=[(b"tRNS", struct.pack(">H", 1))])
    with pytest.raises(
        UnreadableImageError, match=r"a\.png: expected opaque pixels, got 10\.00% transparent"
    ):
        read_grey(path)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour_counts_only_where_all_three_values_are_its_own(
    written: Any, depth: int
) -> None:
    white = 2**depth - 1
    stored = np.array([[[0, 0, 0], [white, 7, 0], [white, 0, 0], [0, 7, 3]]])
    key = [(b"tRNS", struct.pack(">3H", white, 7, 3))]
    found = read_grey(written(stored, depth=depth, colour=RGB, chunks=key))
    np.testing.assert_allclose(found, grey(stored / white), rtol=1e-14)
    key = [(b"tRNS", struct.pack(">3H", white, 7, 0))]
    with pytest.raises(UnreadableImageError, match=r"25\.00% transparent"):
        read_grey(written(stored, depth=depth, colour=RGB, chunks=key))


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_are_looked_up_and_their_transparent_entries_count_where_they_are_used(
    written: Any, depth: int
) -> None:
    colours = RNG.integers(0, 256, (2**depth, 3), dtype=np.uint8)
    stored = samples(depth)
    stored[stored == 1] = 0
    chunks = [(b"PLTE", colours.tobytes()), (b"tRNS", bytes([255, 0]))]
    found = read_grey(written(stored, depth=depth, colour=PALETTE, chunks=chunks))
    np.testing.assert_allclose(found, grey(colours[stored[..., 0]] / 255), rtol=1e-14)
    stored[0, 0] = 1
    with pytest.raises(UnreadableImageError, match="transparent"):
        read_grey(written(stored, depth=depth, colour=PALETTE, chunks=chunks))


def test_an_index_beyond_the_palette_is_refused(written: Any) -> None:
    stored = np.array([[[0], [3]]])
    with pytest.raises(UnreadableImageError, match="palette of 2 colours, got index 3"):
        read_grey(written(stored, depth=4, colour=PALETTE, chunks=[(b"PLTE", bytes(6))]))


@pytest.mark.parametrize(("colour", "n_channels"), [(GREY_ALPHA, 2), (RGB_ALPHA, 4)])
@pytest.mark.parametrize("depth", [8, 16])
def test_alpha_is_left_out_where_it_is_opaque_and_refused_one_level_below(
    written: Any, colour: int, n_channels: int, depth: int
) -> None:
    stored = samples(depth, n_channels)
    stored[..., -1] = 2**depth - 1
    found = read_grey(written(stored, depth=depth, colour=colour))
    shown = stored[..., 0] if n_channels == 2 else grey(stored[..., :3])
    np.testing.assert_allclose(found, shown / (2**depth - 1), rtol=1e-14)
    stored[3, 4, -1] -= 1
    with pytest.raises(UnreadableImageError, match=r"got 0\.43% transparent"):
        read_grey(written(stored, depth=depth, colour=colour))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_in_an_exif_chunk_is_applied(written: Any, orientation: int) -> None:
    exif = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    stored = samples(8)
    found = read_grey(written(stored, depth=8, colour=GREY, chunks=[(b"eXIf", exif)]))
    flat = stored[..., 0] / 255
    # TIFF 6.0, page 36: where row 0 and column 0 of the file are in the scene.
    expected = {
        1: flat,
        2: np.fliplr(flat),
        3: np.rot90(flat, 2),
        4: np.flipud(flat),
        5: flat.T,
        6: np.rot90(flat, -1),
        7: np.rot90(flat, 2).T,
        8: np.rot90(flat),
    }
    np.testing.assert_allclose(found, expected[orientation], rtol=1e-15)


@pytest.mark.parametrize(
    ("stated", "power"), [(100_000, 1.0), (55_556, 0.55556), (45_455, None), (45_000, None)]
)
def test_a_gamma_unlike_srgb_is_converted_to_it(written: Any, stated: int, power: float | None) -> None:
    stored = samples(16)
    found = read_grey(written(stored, depth=16, colour=GREY, chunks=[(b"gAMA", struct.pack(">I", stated))]))
    values = stored[..., 0] / 65535
    if power is None:
        np.testing.assert_allclose(found, values, rtol=1e-15)
        return
    light = values ** (1 / power)
    expected = np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert abs(found - values).max() > 0.02


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([(b"cICP", bytes([9, 16, 0, 1]))], "another coding of colour"),
        ([(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))], "primaries"),
        ([(b"iCCP", b"name\0\0not zlib")], "damaged"),
        ([(b"iCCP", b"name\0\0" + zlib.compress(b"no profile"))], "colour profile, got a damaged one"),
        ([(b"acTL", struct.pack(">II", 3, 0))], r"expected one picture in the file, got 3 \(an animation\)"),
        ([(b"gAMA", bytes(4))], "expected a gamma"),
        ([(b"tRNS", bytes(1))], "expected 3 transparent values"),
        ([(b"gAMA", struct.pack(">I", 45455))] * 2, "expected gAMA once"),
        ([(b"ABCD", b"")], "damaged, or no ordinary PNG"),
    ],
)
def test_what_gives_colours_another_meaning_is_refused(written: Any, chunks: Any, message: str) -> None:
    with pytest.raises(UnreadableImageError, match=message):
        read_grey(written(samples(8, 3), depth=8, colour=RGB, chunks=chunks))


@pytest.mark.parametrize(
    "chunk", [(b"cICP", bytes([1, 13, 0, 1])), (b"sRGB", b"\0"), (b"tEXt", b"Title\0leaf")]
)
def test_srgb_by_any_name_and_text_change_nothing(written: Any, chunk: tuple[bytes, bytes]) -> None:
    stored = samples(8, 3)
    found = read_grey(written(stored, depth=8, colour=RGB, chunks=[chunk]))
    np.testing.assert_allclose(found, grey(stored / 255), rtol=1e-14)


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 2), (1, 10**8), (0, 5)])
def test_sizes_that_no_memory_holds_are_refused_from_the_header(
    tmp_path: Path, encoders: ModuleType, size: tuple[int, int]
) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + encoders.png_chunk(b"IHDR", header) + encoders.png_chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(
        UnreadableImageError, match=r"bomb\.png: expected (at most 89,478,485 pixels|sides of|a picture)"
    ):
        read_grey(tmp_path / "bomb.png")


@pytest.mark.parametrize("n_bytes", [0, 20, 2**20])
def test_pixels_that_unpack_to_fewer_or_more_bytes_than_the_header_says_are_refused(
    tmp_path: Path, encoders: ModuleType, n_bytes: int
) -> None:
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(n_bytes))), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(encoders.png_chunk(*chunk) for chunk in chunks)
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableImageError, match="expected 72 bytes of pixels"):
        read_grey(tmp_path / "a.png")


def test_a_changed_bit_in_any_chunk_is_found_by_its_checksum(tmp_path: Path, written: Any) -> None:
    whole = written(samples(8, 3), depth=8, colour=RGB, chunks=[(b"tEXt", b"Title\0leaf")]).read_bytes()
    for position in range(8, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 16
        (tmp_path / "b.png").write_bytes(damaged)
        with pytest.raises(UnreadableImageError, match=r"b\.png: expected"):
            read_grey(tmp_path / "b.png")


def test_12_bits_in_16_are_read_as_16_and_the_log_says_so(
    written: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stored = np.array([[[0], [1000], [4095]]])
    with caplog.at_level(logging.WARNING, logger="neurosim"):
        np.testing.assert_allclose(read_grey(written(stored, depth=16, colour=GREY)), stored[..., 0] / 65535)
    assert "a.png: 16-bit pixels reach 4,095 at most, which 12 bits hold" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="neurosim"):
        read_grey(written(stored * 16, depth=16, colour=GREY))
    assert not caplog.text
