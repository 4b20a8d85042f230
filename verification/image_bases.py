"""Whole files of every kind with what they hold, the stuff that `image_files.py` damages."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from image_encoders import GREY, GREY_ALPHA, PALETTE, RGB, RGB_ALPHA, png, tiff
from image_readers import WEIGHTS, turned
from PIL import Image, PngImagePlugin

from neurosim.stimuli import photograph_path

SIZE = (17, 24)
Base = tuple[str, bytes, Any]


def image_bases(kind: str, rng: np.random.Generator) -> list[Base]:
    """Return name, content and grey values of small pictures; None where the values are not known exactly."""
    return {"png": _pngs, "tiff": _tiffs}.get(kind, _others)(rng)


def npz_bases(rng: np.random.Generator) -> list[Base]:
    """Return files of modalities with their values."""
    found = []
    for save in (np.savez, np.savez_compressed):
        for dtype in ("<f8", ">f8", "<f4", ">i2", "|u1"):
            for order in ("C", "F"):
                arrays = {
                    "image": np.asarray(rng.integers(0, 99, (7, 4, 3)).astype(dtype), order=order),
                    "sound": np.asarray(rng.integers(0, 99, (7, 5)).astype(dtype), order=order),
                    "labels": np.arange(7) % 3,
                }
                file = BytesIO()
                save(file, **arrays)
                found.append(("pair.npz", file.getvalue(), arrays))
    return found


def _grey(values: Any) -> Any:
    return values[..., 0] if values.shape[2] == 1 else values[..., :3] @ WEIGHTS


def _pngs(rng: np.random.Generator) -> list[Base]:
    """Every type of colour and depth, plain and interlaced, with the chunks of photographs and of cameras."""
    found: list[Base] = []
    kinds = [
        (GREY, 1, (1, 2, 4, 8, 16)),
        (RGB, 3, (8, 16)),
        (GREY_ALPHA, 2, (8, 16)),
        (RGB_ALPHA, 4, (8, 16)),
    ]
    metadata = _metadata_chunks()
    for colour, n_channels, depths in kinds:
        for depth in depths:
            for interlaced in (False, True):
                samples = rng.integers(0, 2**depth, (*SIZE, n_channels))
                if colour in (GREY_ALPHA, RGB_ALPHA):
                    samples[..., -1] = 2**depth - 1
                shown = samples[..., : 1 if n_channels < 3 else 3] / (2**depth - 1)
                orientation = int(rng.integers(1, 9))
                chunks = [*metadata[int(rng.integers(len(metadata)))], (b"eXIf", _exif(orientation))]
                if colour in (GREY, RGB) and rng.random() < 0.5:  # a transparent value that no pixel has
                    samples[samples == 1] = 0
                    shown = samples / (2**depth - 1)
                    chunks = [*chunks, (b"tRNS", struct.pack(f">{n_channels}H", *[1] * n_channels))]
                content = png(samples, depth=depth, colour=colour, chunks=chunks, interlaced=interlaced)
                found.append(("hand.png", content, turned(_grey(shown), orientation)))
                if colour in (GREY_ALPHA, RGB_ALPHA):
                    samples[3, 4, -1] -= 1
                    content = png(samples, depth=depth, colour=colour, chunks=chunks, interlaced=interlaced)
                    found.append(("transparent.png", content, None))
    for depth in (1, 2, 4, 8):
        colours = rng.integers(0, 256, (2**depth, 3), dtype=np.uint8)
        samples = rng.integers(0, 2**depth, (*SIZE, 1))
        chunks = [(b"PLTE", colours.tobytes()), (b"tRNS", bytes([255] * 2**depth))]
        content = png(samples, depth=depth, colour=PALETTE, chunks=chunks)
        found.append(("palette.png", content, colours[samples[..., 0]] / 255 @ WEIGHTS))
    return found + _pngs_of_pillow()


def _metadata_chunks() -> list[list[tuple[bytes, bytes]]]:
    """Return the chunks beside the pixels of photographs: profiles of sRGB, XMP, dates, resolution, orientation."""
    found: list[list[tuple[bytes, bytes]]] = [[]]
    for name in ("chelsea", "astronaut", "coffee", "camera"):
        content, position, chunks = photograph_path(name).read_bytes(), 8, []
        while position < len(content):
            length, kind = struct.unpack(">I4s", content[position : position + 8])
            if kind not in (b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"bKGD", b"sBIT"):
                chunks.append((kind, content[position + 8 : position + 8 + length]))
            position += 12 + length
        found.append(chunks)
    found.append([(b"gAMA", struct.pack(">I", 45455)), (b"tIME", bytes([7, 234, 1, 2, 3, 4, 5]))])
    return [[chunk for chunk in chunks if chunk[0] != b"eXIf"] for chunks in found]


def _exif(orientation: int) -> bytes:
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _pngs_of_pillow() -> list[Base]:
    found = []
    for name in ("chelsea", "astronaut", "camera"):
        with Image.open(photograph_path(name)) as photograph:
            image = photograph.crop((100, 100, 100 + SIZE[1], 100 + SIZE[0]))
            text = PngImagePlugin.PngInfo()
            text.add_itxt("Title", "leaf \N{LATIN SMALL LETTER E WITH ACUTE}", zip=True)
            file = BytesIO()
            profile = photograph.info.get("icc_profile")
            image.save(
                file, "PNG", pnginfo=text, dpi=(300, 300), icc_profile=profile, exif=photograph.getexif()
            )
            values = np.asarray(image) / 255
            found.append(("pillow.png", file.getvalue(), values if values.ndim == 2 else values @ WEIGHTS))
    return found


def _tiffs(rng: np.random.Generator) -> list[Base]:
    """Every depth, byte order, layout and sense of white, with tags of scanners, microscopes and GDAL."""
    found: list[Base] = []
    layouts: list[dict[str, Any]] = [
        {},
        {"rows_per_strip": 5},
        {"tile": (16, 16), "compression": 8},
        {"compression": 32773},
        {"big": True},
    ]
    for order in "<>":
        for bits in (1, 2, 4, 8, 12, 16, 32):
            samples = rng.integers(0, 2**bits, (*SIZE, 1))
            photometric, orientation = int(rng.integers(2)), int(rng.integers(1, 9))
            options = layouts[int(rng.integers(5))] | {
                "order": order,
                "bits": bits,
                "tags": _tags(rng, orientation),
            }
            shown = turned(samples[..., 0] / (2**bits - 1), orientation)
            content = tiff(samples, photometric=photometric, **options)
            found.append(("grey.tif", content, shown if photometric else 1 - shown))
        for bits in (8, 16):
            samples = rng.integers(0, 2**bits, (*SIZE, 3))
            options = {"order": order, "planar": int(rng.integers(1, 3)), "tags": _tags(rng)}
            found.append(
                (
                    "rgb.tif",
                    tiff(samples, bits=bits, photometric=2, **options),
                    _grey(samples / (2**bits - 1)),
                )
            )
            floats = rng.random((*SIZE, 1)).astype(np.float32)
            options = {"order": order, "compression": 8, "predictor": int(rng.choice([1, 3]))}
            found.append(
                ("float.tif", tiff(floats, bits=32, photometric=1, **options), floats[..., 0].astype(float))
            )
        table = rng.integers(0, 65536, (3, 256))
        index = rng.integers(0, 256, (*SIZE, 1))
        content = tiff(index, bits=8, photometric=3, order=order, tags={320: (3, table.ravel().tolist())})
        found.append(("palette.tif", content, table.T[index[..., 0]] / 65535 @ WEIGHTS))
    return found + _tiffs_of_libraries(rng)


def _tags(rng: np.random.Generator, orientation: int = 1) -> dict[int, tuple[int, Any]]:
    """Return the tags that devices and programs add."""
    with Image.open(photograph_path("chelsea")) as photograph:
        profile, xmp = photograph.info["icc_profile"], photograph.info.get("xmp", b"<x:xmpmeta/>")
    dots = struct.pack("<2I", 300, 1)
    every: dict[int, tuple[int, Any]] = {
        270: (2, b"leaf, transmitted light\0"),
        271: (2, b"Scanner\0"),
        282: (5, dots),
        283: (5, dots),
        296: (3, [2]),
        305: (2, b"program 1.2\0"),
        306: (2, b"2026:11:28 12:00:00\0"),
        700: (1, xmp),
        34675: (7, profile),
        42112: (2, b"<GDALMetadata><Item name='gain'>1</Item></GDALMetadata>\0"),
        42113: (2, b"-9999\0"),
    }
    chosen = {tag: value for tag, value in every.items() if rng.random() < 0.5}
    return chosen | ({274: (3, [orientation])} if orientation > 1 or rng.random() < 0.5 else {})


def _tiffs_of_libraries(rng: np.random.Generator) -> list[Base]:
    grey8, grey16 = (rng.integers(0, 2**bits, SIZE).astype(f"u{bits // 8}") for bits in (8, 16))
    colours = rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    found: list[Base] = []
    for options in (
        {"imagej": True},
        {"ome": True},
        {"bigtiff": True},
        {"tile": (16, 16)},
        {"photometric": "miniswhite"},
    ):
        file = BytesIO()
        tifffile.imwrite(file, grey16, resolution=(100, 100), software="microscope", **options)
        shown = grey16 / 65535
        found.append(("tifffile.tif", file.getvalue(), 1 - shown if "photometric" in options else shown))
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "group4", "raw"):
        for array in (grey8 > 127,) if compression == "group4" else (grey8, grey16, colours):
            file = BytesIO()
            Image.fromarray(array).save(
                file, "TIFF", compression=compression, dpi=(300, 300), software="program 1.2"
            )
            white = 1 if array.dtype == bool else np.iinfo(array.dtype).max
            found.append(("pillow.tif", file.getvalue(), _grey(np.atleast_3d(array) / white)))
    return found


def _others(rng: np.random.Generator) -> list[Base]:
    """JPEG, WebP, GIF, BMP and netpbm; those that lose something have no exact values."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    colours = np.stack([9 * columns, 12 * rows, 5 * (rows + columns)], axis=-1).astype(np.uint8)
    grey = rng.integers(0, 256, SIZE, dtype=np.uint8)
    found: list[Base] = []
    for name, array, options in (
        ("a.jpg", colours, {"quality": 90}),
        ("a.jpg", grey, {"progressive": True}),
        ("a.webp", colours, {"lossless": True}),
        ("a.gif", grey, {}),
        ("a.bmp", colours, {}),
        ("a.bmp", grey, {}),
    ):
        file = BytesIO()
        format_name = {"jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP"}[name[2:]]
        Image.fromarray(array).save(file, format_name, **options)
        found.append((name, file.getvalue(), None if name == "a.jpg" else _grey(np.atleast_3d(array) / 255)))
    for white in (255, 1023):
        values = rng.integers(0, white + 1, SIZE)
        head = f"{SIZE[1]} {SIZE[0]} {white}\n".encode()
        found.append(("a.pgm", b"P2 " + head + " ".join(map(str, values.ravel())).encode(), values / white))
        packed = values.astype(">u2" if white > 255 else "u1").tobytes()
        found.append(("a.pgm", b"P5 " + head + packed, values / white))
    return found
