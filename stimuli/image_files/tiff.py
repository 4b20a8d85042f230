"""TIFF files: what the tags say that pixels mean, and the pixels that go with it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from neurosim.stimuli.image_files.picture import Picture, UnreadableImageError, require_size, without_warnings
from neurosim.stimuli.image_files.png import dim_note
from neurosim.stimuli.image_files.tiff_blocks import assembled
from neurosim.stimuli.image_files.tiff_coding import (
    CODINGS,
    DEFLATE,
    LZMA,
    LZW,
    NONE,
    OLD_DEFLATE,
    ZSTANDARD,
    Coding,
)
from neurosim.stimuli.image_files.tiff_tags import Directory, read_directories

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_OTHER_COLOURS = {
    4: "a mask of transparency",
    5: "inks (CMYK), which have no colour without paper",
    8: "CIE L*a*b*",
    9: "ICC L*a*b*",
    10: "ITU L*a*b*",
    32803: "the mosaic of a camera's sensor",
    32844: "LogL",
    32845: "LogLuv",
    34892: "raw light of a camera's sensor",
}
_CCITT, _JPEG = (2, 3, 4), 7
_COMPRESSIONS = {
    6: "JPEG of 1992",
    34712: "JPEG 2000",
    34887: "LERC",
    50001: "WebP",
    50002: "JPEG XL",
}
_FLOAT = 3
_SAMPLE_FORMATS = {
    2: "signed integers (int{0})",
    4: "undefined ones",
    5: "complex integers",
    6: "complex numbers",
}


def read_tiff(file: BinaryIO) -> Picture:
    """Return the picture in a TIFF file (Adobe 1992, revision 6.0) that is at its start.

    Raises `UnreadableImageError` for a damaged file, several pictures, marks of missing data, and pixels whose
    meaning is not known here; before any pixel is read wherever the tags tell.
    """
    tags = _only_picture(read_directories(file))
    width, height = tags.number(256), tags.number(257)
    require_size(width, height)
    photometric, n_channels, n_extra = _meaning(tags)
    compression = tags.number(259, default=NONE)
    if compression in (*_CCITT, _JPEG):
        pixels = _by_pillow(tags, photometric, n_extra)
        white_is_zero = False  # Pillow has turned it over
        full_scale = 1.0 if pixels.dtype == bool else 255.0
        opaque = None
    else:
        coding = _coding(tags, compression)
        samples = assembled(tags, (height, width, n_channels + n_extra), coding)
        full_scale = 1.0 if coding.floating else float(2**coding.bits - 1)
        opaque = _opaque(tags, samples[..., n_channels:], full_scale)
        pixels = samples[..., 0] if n_channels == 1 else samples[..., :3]
        _require_data(tags, pixels)
        white_is_zero = photometric == _WHITE_IS_ZERO
        if photometric == _PALETTE:
            pixels, full_scale = _looked_up(tags, pixels, coding), 65535.0
    notes = dim_note(pixels, 65535) if full_scale == 65535 and photometric != _PALETTE else ()
    return Picture(
        pixels,
        full_scale,
        opaque=opaque,
        white_is_zero=white_is_zero,
        orientation=tags.number(274, default=1),
        profile=tags.content(34675) or None,
        notes=notes,
    )


def _only_picture(directories: list[Directory]) -> Directory:
    """Return the directory of the one picture; small copies of it (subfile type 1) do not count."""
    kinds = [directory.number(254, default=0) for directory in directories]
    if any(kind & 4 for kind in kinds):
        raise UnreadableImageError(
            "expected opaque pixels, got a mask of transparency; blend the picture over a background and save it "
            "without the mask"
        )
    full = [directory for directory, kind in zip(directories, kinds, strict=True) if not kind & 1]
    if any(50706 in directory for directory in directories) or not full:
        raise UnreadableImageError(
            "expected a developed picture, got a camera's raw file; save it as TIFF or PNG"
        )
    n_pictures = max(len(full), _n_announced(full[0].content(270)), full[0].number(32997, default=1))
    if n_pictures > 1:
        raise UnreadableImageError(
            f"expected one picture in the file, got {n_pictures}; save the wanted one by itself"
        )
    return full[0]


def _n_announced(description: bytes) -> int:
    """Return how many pictures ImageJ or tifffile say that one directory stands for."""
    if description.startswith(b"ImageJ=") and (found := re.search(rb"\bimages=(\d{1,9})", description)):
        return int(found[1])
    if description.startswith(b'{"shape"') and b'"truncated": true' in description:
        shape = [int(size) for size in re.findall(rb"\d{1,9}", description.partition(b"]")[0])]
        return int(np.prod(shape[:-3])) * (shape[-3] if len(shape) > 2 and shape[-1] not in (3, 4) else 1)
    return 1


def _meaning(tags: Directory) -> tuple[int, int, int]:
    """Return photometric interpretation, number of channels of grey or colour, and number of others."""
    photometric = tags.number(262)
    if photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR):
        got = _OTHER_COLOURS.get(photometric, f"photometric interpretation {photometric}")
        raise UnreadableImageError(
            f"expected grey, a palette or red, green and blue, got {got}; convert the picture to grey or sRGB and "
            "save it again"
        )
    n_channels = 3 if photometric in (_RGB, _YCBCR) else 1
    n_samples = tags.number(277, default=1)
    if not n_channels <= n_samples <= n_channels + 1:
        raise UnreadableImageError(
            f"expected {n_channels} channels, or an alpha channel more, got {n_samples}; save the wanted ones by "
            "themselves"
        )
    return photometric, n_channels, n_samples - n_channels


def _coding(tags: Directory, compression: int) -> Coding:
    if compression not in CODINGS:
        name = _COMPRESSIONS.get(compression, "an unknown one")
        raise UnreadableImageError(
            f"expected no compression, LZW, deflate, PackBits, LZMA, Zstandard, JPEG or CCITT, got {name} "
            f"({compression}); save the file with one of those"
        )
    if tags.number(262) == _YCBCR:
        raise UnreadableImageError(
            "expected YCbCr in JPEG, got it without; convert the picture to sRGB and save it again"
        )
    bits, formats = set(tags.values(258, default=(1,))), set(tags.values(339, default=(1,)))
    if len(bits) > 1 or len(formats) > 1:
        raise UnreadableImageError("expected channels of one kind, got several; save the picture as RGB")
    n_bits, kind = bits.pop(), formats.pop()
    if kind not in (1, _FLOAT):
        raise UnreadableImageError(
            f"expected unsigned integers or floats in [0, 1], got "
            f"{_SAMPLE_FORMATS.get(kind, 'kind ' + str(kind)).format(n_bits)}, "
            "whose full scale is not known; save the file with 8 or 16 unsigned bits"
        )
    if n_bits not in ((16, 32, 64) if kind == _FLOAT else (*range(1, 17), 32)):
        raise UnreadableImageError(
            f"expected 1 to 16 or 32 bits, or floats of 16, 32 or 64, got {n_bits}; save the file with 8 or 16 bits"
        )
    predictor, fill_order = tags.number(317, default=1), tags.number(266, default=1)
    allowed = {2: (8, 16, 32) if kind == 1 else (), 3: (16, 32, 64) if kind == _FLOAT else ()}.get(
        predictor, ()
    )
    predicted = compression in (LZW, DEFLATE, OLD_DEFLATE, LZMA, ZSTANDARD) and n_bits in allowed
    if predictor != 1 and not predicted:
        raise UnreadableImageError(
            f"expected a predictor that goes with {n_bits} bits and the compression, got {predictor}; save the file "
            "without"
        )
    if fill_order not in (1, 2) or (fill_order == 2 and (compression != NONE or n_bits > 8)):
        raise UnreadableImageError(
            f"expected the highest bit first, got fill order {fill_order}; save the file again"
        )
    return Coding(compression, predictor, n_bits, kind == _FLOAT, tags.order, fill_order == 2)


def _opaque(tags: Directory, extra: NDArray[np.generic], full_scale: float) -> NDArray[np.bool_] | None:
    """Return where an alpha channel is opaque; a channel of another meaning may only be full throughout."""
    if not extra.shape[2]:
        return None
    opaque: NDArray[np.bool_] = extra[..., 0] == full_scale
    if tags.values(338, default=(0,))[0] not in (1, 2) and not opaque.all():
        raise UnreadableImageError(
            "expected channels whose meaning the file says, got one more that is neither colour nor alpha; save the "
            "wanted ones by themselves"
        )
    return opaque


def _require_data(tags: Directory, pixels: NDArray[np.generic]) -> None:
    """Raise if a pixel has the value that GDAL's tag 42113 keeps for missing data."""
    text = tags.content(42113).strip(b"\0 \n").decode("latin-1")
    if not text:
        return
    try:
        value = float(text)
    except ValueError:
        raise UnreadableImageError(
            f"expected a number for missing data (GDAL_NODATA), got {text!r}; correct or remove the tag"
        ) from None
    with np.errstate(over="ignore"):
        same = pixels == np.asarray(value, dtype=pixels.dtype if pixels.dtype.kind == "f" else np.float64)
    missing = same if pixels.ndim == 2 else same.all(axis=-1)
    if missing.any():
        raise UnreadableImageError(
            f"expected data in every pixel, got {missing.mean():.2%} with the value {text} that marks missing data "
            "(GDAL_NODATA); fill or cut away what is missing and save the file again"
        )


def _looked_up(tags: Directory, pixels: NDArray[np.generic], coding: Coding) -> NDArray[np.uint16]:
    colours = (
        np.array(tags.values(320), dtype=np.uint16).reshape(3, -1).T if 320 in tags else np.empty((0, 3))
    )
    if coding.floating or len(colours) != 2**coding.bits:
        raise UnreadableImageError(
            f"expected a palette of {2**coding.bits} colours, got {len(colours)}; the file is damaged"
        )
    if 0 < colours.max() < 256:
        raise UnreadableImageError(
            f"expected a palette in which white is 65,535, got values up to {colours.max()}, nearly black; it was "
            "probably written as if white were 255: save the picture as RGB"
        )
    return np.asarray(colours[pixels.astype(np.intp)], dtype=np.uint16)


def _by_pillow(tags: Directory, photometric: int, n_extra: int) -> NDArray[np.generic]:
    """Return pixels compressed as JPEG or fax, with white as the largest value, in the order of the file."""
    jpeg = tags.number(259) == _JPEG
    allowed = (_BLACK_IS_ZERO, _RGB, _YCBCR) if jpeg else (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    bits = set(tags.values(258, default=(1,)))
    if photometric not in allowed or n_extra or bits != {8 if jpeg else 1}:
        raise UnreadableImageError(
            f"expected 8-bit grey or colour in JPEG or 1-bit grey in CCITT compression, got photometric "
            f"interpretation {photometric} with {sorted(bits)} bits; save the file with LZW or deflate"
        )
    with without_warnings(), Image.open(BytesIO(tags.content_as_stored()), formats=("TIFF",)) as image:
        pixels = np.asarray(image)
    if pixels.ndim != (3 if photometric in (_RGB, _YCBCR) else 2):
        raise UnreadableImageError(
            "expected as many channels as the tags say, got others; the file is damaged"
        )
    return pixels
