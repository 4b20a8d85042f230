"""TIFF: what the tags say of pixels, against files written by hand."""

import struct
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from neurosim.stimuli.image_files.decoding import LUMINANCE_WEIGHTS, UnreadableImageError, read_grey

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE = 0, 1, 2, 3
LZW, DEFLATE, PACKBITS = 5, 8, 32773
RNG = np.random.default_rng(0)


@pytest.fixture
def written(tmp_path: Path, encoders: ModuleType) -> Any:
    def write(samples: np.ndarray, **options: Any) -> Path:
        (tmp_path / "a.tif").write_bytes(encoders.tiff(samples, **options))
        return tmp_path / "a.tif"

    return write


def samples(bits: int, n_channels: int = 1, *, size: tuple[int, int] = (21, 18)) -> np.ndarray:
    return RNG.integers(0, 2**bits, (*size, n_channels))


def grey(colours: np.ndarray) -> np.ndarray:
    return colours @ np.array(LUMINANCE_WEIGHTS)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 10, 12, 14, 16, 32])
def test_white_is_zero_turns_every_depth_over(written: Any, bits: int, order: str) -> None:
    stored = samples(bits)
    bright = stored[..., 0] / (2**bits - 1)
    for photometric, expected in ((BLACK_IS_ZERO, bright), (WHITE_IS_ZERO, 1 - bright)):
        found = read_grey(written(stored, bits=bits, photometric=photometric, order=order))
        np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [16, 32, 64])
def test_white_is_zero_turns_floats_over(written: Any, bits: int, order: str) -> None:
    stored = RNG.random((9, 7, 1)).astype(f"f{bits // 8}")
    expected = stored[..., 0].astype(np.float64)
    np.testing.assert_array_equal(
        read_grey(written(stored, bits=bits, photometric=BLACK_IS_ZERO, order=order)), expected
    )
    np.testing.assert_array_equal(
        read_grey(written(stored, bits=bits, photometric=WHITE_IS_ZERO, order=order)), 1 - expected
    )


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "f4"])
def test_negatives_that_tifffile_writes_are_positives_again(tmp_path: Path, dtype: str) -> None:
    ramp = np.tile(np.linspace(0, 1, 32), (24, 1))
    scale = 1 if dtype == "f4" else 2 ** (8 * int(dtype[1])) - 1
    stored = ((1 - ramp) * scale).round(None if dtype == "f4" else 0).astype(dtype) if scale > 1 else 1 - ramp
    tifffile.imwrite(tmp_path / "a.tif", stored.astype(dtype), photometric="miniswhite")
    np.testing.assert_allclose(read_grey(tmp_path / "a.tif"), ramp, atol=0.5 / 255)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"rows_per_strip": 4},
        {"tile": (16, 16)},
        {"planar": 2},
        {"planar": 2, "rows_per_strip": 5, "compression": DEFLATE},
        {"planar": 2, "tile": (16, 32), "compression": PACKBITS},
        {"compression": DEFLATE, "predictor": 2, "rows_per_strip": 7},
        {"compression": PACKBITS},
    ],
    ids=str,
)
@pytest.mark.parametrize("bits", [8, 16])
def test_colours_are_read_in_every_layout(
    written: Any, bits: int, layout: dict[str, Any], order: str, big: bool
) -> None:
    stored = samples(bits, 3, size=(19, 37))
    found = read_grey(written(stored, bits=bits, photometric=RGB, order=order, big=big, **layout))
    np.testing.assert_allclose(found, grey(stored / (2**bits - 1)), rtol=1e-14)


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_the_prediction_of_floats_is_undone(written: Any, bits: int, n_channels: int) -> None:
    stored = RNG.random((8, 11, n_channels)).astype(f"f{bits // 8}")
    photometric = RGB if n_channels == 3 else BLACK_IS_ZERO
    found = read_grey(written(stored, bits=bits, photometric=photometric, compression=DEFLATE, predictor=3))
    shown = stored.astype(np.float64)
    np.testing.assert_allclose(found, grey(shown) if n_channels == 3 else shown[..., 0], rtol=1e-14)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma", "zstd"])
@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_what_libtiff_packs_is_unpacked(tmp_path: Path, compression: str, mode: str) -> None:
    stored = samples(16 if mode == "I;16" else 8, 3 if mode == "RGB" else 1, size=(40, 33))
    if mode != "RGB":
        stored = stored[..., 0]
    image = Image.fromarray(stored.astype(np.uint16 if mode == "I;16" else np.uint8))
    try:
        image.save(tmp_path / "a.tif", compression=compression)
    except OSError:
        pytest.skip(f"this Pillow cannot write {compression}")
    expected = (
        grey(stored / 255) if mode == "RGB" else stored / stored.dtype.type(65535 if mode == "I;16" else 255)
    )
    np.testing.assert_allclose(read_grey(tmp_path / "a.tif"), expected, rtol=1e-14)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize(("dtype", "predictor"), [("u1", 2), ("u2", 2), ("f4", 3)])
def test_what_libtiff_predicts_is_undone(
    tmp_path: Path, compression: str, dtype: str, predictor: int
) -> None:
    stored = (
        RNG.random((20, 17)).astype("f4")
        if dtype == "f4"
        else samples(8 * int(dtype[1]))[..., 0].astype(dtype)
    )
    Image.fromarray(stored).save(tmp_path / "a.tif", compression=compression, tiffinfo={317: predictor})
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.pages[0].predictor == predictor
    white = 1 if dtype == "f4" else np.iinfo(stored.dtype).max
    np.testing.assert_array_equal(read_grey(tmp_path / "a.tif"), stored.astype(np.float64) / white)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_faxes_are_read_the_right_way_round(
    tmp_path: Path, compression: str, photometric: int, orientation: int
) -> None:
    bright = RNG.random((20, 33)) > 0.5
    tags = {262: photometric, 274: orientation}
    Image.fromarray(bright).save(tmp_path / "a.tif", compression=compression, tiffinfo=tags)
    expected = {1: bright, 3: np.rot90(bright, 2), 6: np.rot90(bright, -1)}[orientation]
    np.testing.assert_array_equal(read_grey(tmp_path / "a.tif"), expected)


def test_jpeg_inside_tiff_is_read_as_the_colours_it_codes(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:48, :64]
    colours = np.stack([4 * columns, 5 * rows, 2 * (rows + columns)], axis=-1).astype(np.uint8)
    Image.fromarray(colours).save(tmp_path / "a.tif", compression="jpeg", quality=98)
    np.testing.assert_allclose(read_grey(tmp_path / "a.tif"), grey(colours / 255), atol=0.02)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("order", ["<", ">"])
def test_palettes_are_looked_up_at_16_bits(written: Any, bits: int, order: str) -> None:
    colours = RNG.integers(0, 65536, (3, 2**bits))
    stored = samples(bits)
    table = {320: (3, colours.ravel().tolist())}
    found = read_grey(written(stored, bits=bits, photometric=PALETTE, order=order, tags=table))
    np.testing.assert_allclose(found, grey(colours.T[stored[..., 0]] / 65535), rtol=1e-14)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_applied(written: Any, orientation: int) -> None:
    stored = samples(16)
    found = read_grey(written(stored, bits=16, photometric=BLACK_IS_ZERO, tags={274: (3, [orientation])}))
    flat = stored[..., 0] / 65535
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
    np.testing.assert_array_equal(found, expected[orientation])


def test_the_lowest_bit_can_come_first(written: Any) -> None:
    stored = samples(1)
    content = bytearray(written(stored, bits=1, photometric=BLACK_IS_ZERO, tags={266: (3, [2])}).read_bytes())
    start, n_bytes = 8, 21 * 3
    content[start : start + n_bytes] = bytes(
        int(f"{b:08b}"[::-1], 2) for b in content[start : start + n_bytes]
    )
    path = written(stored, bits=1, photometric=BLACK_IS_ZERO)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_grey(path), stored[..., 0])


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize(("bits", "planar"), [(8, 1), (16, 1), (16, 2)])
def test_alpha_is_left_out_where_it_is_opaque_and_refused_where_not(
    written: Any, kind: int, bits: int, planar: int
) -> None:
    stored = samples(bits, 4)
    stored[..., 3] = 2**bits - 1
    options = {"bits": bits, "photometric": RGB, "planar": planar, "tags": {338: (3, [kind])}}
    np.testing.assert_allclose(
        read_grey(written(stored, **options)), grey(stored[..., :3] / (2**bits - 1)), rtol=1e-14
    )
    stored[0, 0, 3] -= 1
    with pytest.raises(UnreadableImageError, match=r"a\.tif: expected opaque pixels, got 0\.26% transparent"):
        read_grey(written(stored, **options))


def test_missing_data_is_refused_by_its_mark_and_only_where_there_is_some(written: Any) -> None:
    stored = RNG.random((5, 10, 1)).astype(np.float32)
    options = {"bits": 32, "photometric": BLACK_IS_ZERO, "tags": {42113: (2, b"0.5\0")}}
    np.testing.assert_array_equal(read_grey(written(stored, **options)), stored[..., 0])
    stored[0, :2] = 0.5
    with pytest.raises(UnreadableImageError, match=r"got 4\.00% with the value 0\.5 that marks missing data"):
        read_grey(written(stored, **options))
    deep = np.array([[[0], [9], [65535]]])
    with pytest.raises(UnreadableImageError, match=r"got 33\.33% with the value 0 that marks"):
        read_grey(written(deep, bits=16, photometric=BLACK_IS_ZERO, tags={42113: (2, b"0\0")}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"photometric": 5}, r"inks \(CMYK\)"),
        ({"photometric": 8}, r"CIE L\*a\*b\*"),
        ({"photometric": 32803}, "mosaic"),
        ({"tags": {262: (3, [6]), 277: (3, [3]), 258: (3, [8, 8, 8])}}, "expected YCbCr in JPEG"),
        ({"photometric": 77}, "photometric interpretation 77"),
        ({"tags": {339: (3, [2])}}, r"got signed integers \(int8\)"),
        ({"bits": 16, "tags": {339: (3, [2])}}, r"got signed integers \(int16\)"),
        ({"tags": {339: (3, [4])}}, "undefined"),
        ({"tags": {258: (3, [24])}}, "got 24"),
        ({"compression": 1, "predictor": 2}, "expected a predictor"),
        ({"tags": {259: (3, [34712])}}, "JPEG 2000"),
        ({"tags": {259: (3, [6])}}, "JPEG of 1992"),
        ({"tags": {277: (3, [5])}}, "expected 1 channels, or an alpha channel more, got 5"),
        ({"tags": {254: (4, [4])}}, "mask of transparency"),
        ({"tags": {50706: (1, b"\1\4\0\0")}}, "raw file"),
        ({"tags": {254: (4, [1])}}, "raw file"),
        ({"tags": {274: (3, [9])}}, "expected an orientation of 1 to 8"),
        ({"tags": {270: (2, b"ImageJ=1.54\nimages=7\nslices=7\n\0")}}, "one picture in the file, got 7"),
        ({"tags": {270: (2, b'{"shape": [4, 21, 18], "truncated": true}\0')}}, "got 4; save"),
        ({"tags": {32997: (4, [3])}}, "one picture in the file, got 3"),
        ({"tags": {42113: (2, b"none\0")}}, "expected a number for missing data"),
        ({"photometric": 3}, "expected a palette of 256 colours, got 0"),
        ({"photometric": 3, "tags": {320: (3, [*range(256)] * 3)}}, "white is 65,535, got values up to 255"),
        ({"tags": {256: (4, [100_000]), 257: (4, [100_000])}}, "at most 89,478,485 pixels"),
        ({"tags": {257: (4, [0])}}, "got a size of 0 × 18"),
        ({"tags": {273: (4, [10**9])}}, "expected a complete image file, got"),
        ({"tags": {279: (4, [0])}}, "expected data for every part of the picture"),
        ({"tags": {273: (4, [0])}}, "expected data for every part of the picture"),
        ({"tags": {279: (4, [100])}}, "expected 378 bytes in a strip or tile"),
        ({"tags": {278: (4, [5])}}, "expected 5 strips or tiles"),
        ({"tags": {278: (4, [0])}}, "got a size of 0 × 18"),
        ({"tags": {34675: (7, b"no profile")}}, "colour profile, got a damaged one"),
        ({"tags": {258: (2, b"eight\0")}}, "expected numbers in tag 258"),
    ],
)
def test_what_has_no_known_meaning_is_refused_with_the_reason(
    written: Any, options: Any, message: str
) -> None:
    options = {"bits": 8, "photometric": BLACK_IS_ZERO} | options
    with pytest.raises(UnreadableImageError, match=message):
        read_grey(written(samples(8), **options))


def test_a_second_channel_of_no_stated_meaning_is_refused(written: Any) -> None:
    with pytest.raises(UnreadableImageError, match="neither colour nor alpha"):
        read_grey(written(samples(16, 2), bits=16, photometric=BLACK_IS_ZERO))


def test_a_small_copy_beside_the_picture_is_no_second_picture(tmp_path: Path) -> None:
    stored = samples(8, size=(30, 40))[..., 0].astype(np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(stored)
        file.write(stored[::4, ::4], subfiletype=1)
    np.testing.assert_array_equal(read_grey(tmp_path / "a.tif"), stored / 255)


def test_a_stack_of_imagej_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "stack.tif", np.zeros((3, 20, 30), np.uint16), imagej=True)
    with pytest.raises(UnreadableImageError, match=r"stack\.tif: expected one picture in the file, got 3"):
        read_grey(tmp_path / "stack.tif")


def test_directories_in_a_circle_are_refused(written: Any) -> None:
    content = bytearray(written(samples(8), bits=8, photometric=BLACK_IS_ZERO).read_bytes())
    (first,) = struct.unpack("<I", content[4:8])
    (n_entries,) = struct.unpack("<H", content[first : first + 2])
    end = first + 2 + 12 * n_entries
    content[end : end + 4] = struct.pack("<I", first)
    path = written(samples(8), bits=8, photometric=BLACK_IS_ZERO)
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match="a chain without end"):
        read_grey(path)


def test_the_encoder_of_these_tests_agrees_with_tifffile(encoders: ModuleType) -> None:
    for order in "<>":
        for layout in ({}, {"tile": (16, 16)}, {"planar": 2}, {"predictor": 2, "compression": DEFLATE}):
            stored = samples(16, 3)
            content = encoders.tiff(stored, bits=16, photometric=RGB, order=order, **layout)
            found = tifffile.imread(BytesIO(content))
            np.testing.assert_array_equal(
                found if found.shape == stored.shape else np.moveaxis(found, 0, 2), stored
            )
