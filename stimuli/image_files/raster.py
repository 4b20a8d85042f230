"""JPEG, WebP, GIF and BMP files, whose pixels have 8 bits at most and which Pillow reads whole."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from neurosim.stimuli.image_files.picture import Picture, UnreadableImageError, require_size, without_warnings

_FORMATS = ("JPEG", "WEBP", "GIF", "BMP")
KINDS = "PNG, TIFF, JPEG, WebP, GIF, BMP or netpbm"
"""What is read, in words."""
_ORIENTATION, _INTEROPERABILITY = 0x0112, 0xA005


def read_raster(file: BinaryIO) -> Picture:
    """Return the picture in a JPEG, WebP, GIF or BMP file that is at its start.

    Raises `UnreadableImageError` for several pictures, inks, and colours whose profile it does not bring; for a
    damaged file whatever Pillow raises.
    """
    with without_warnings(), Image.open(file, formats=_formats(file)) as image:
        require_size(*image.size)
        _require_one(image)
        exif = image.getexif()
        profile = image.info.get("icc_profile") or None
        orientation = exif.get(_ORIENTATION, 1)
        if profile is None and _interoperability(exif) == "R03":
            raise UnreadableImageError(
                "expected sRGB or a colour profile, got a photograph in Adobe RGB (its EXIF says R03) without "
                "one; convert it to sRGB and save it again"
            )
        pixels, opaque = _pixels(image)
    # A number out of range is no orientation: EXIF has the value 0 where a camera did not know it.
    known = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return Picture(
        pixels, 1.0 if pixels.dtype == bool else 255.0, opaque=opaque, orientation=known, profile=profile
    )


def _interoperability(exif: Image.Exif) -> object:
    """Return the index of EXIF's interoperability: R98 is sRGB, R03 is Adobe RGB."""
    try:
        return exif.get_ifd(_INTEROPERABILITY).get(1)
    except KeyError:  # older versions of Pillow, where a file has no such directory
        return None


def _formats(file: BinaryIO) -> tuple[str, ...]:
    """Return what Pillow may take the file for; a format that is not announced gets its name."""
    start = file.read(16)
    file.seek(0)
    for magic, name in {
        b"%PDF": "PDF",
        b"%!PS": "PostScript",
        b"8BPS": "Photoshop's PSD",
        b"\0\0\0\x0cjP": "JPEG 2000",
        b"\xff\x4f\xff\x51": "JPEG 2000",
        b"SIMPLE": "FITS",
        b"\x89HDF": "HDF5",
        b"v/1\x01": "OpenEXR",
        b"#?RAD": "Radiance HDR",
        b"Pf": "PFM",
        b"PF": "PFM",
        b"P7": "PAM",
    }.items():
        if start.startswith(magic):
            raise UnreadableImageError(
                f"expected a {KINDS} file, got {name}; save the picture as PNG or TIFF"
            )
    if start[4:8] == b"ftyp":
        raise UnreadableImageError(
            f"expected a {KINDS} file, got HEIF or AVIF ({start[8:12].decode('latin-1')}); save the picture as PNG"
        )
    return _FORMATS


def _require_one(image: Image.Image) -> None:
    n_frames = getattr(image, "n_frames", 1)
    if image.format == "MPO":
        # A photograph and its own thumbnails is one picture; a stereo pair or a panorama is several.
        entries: list[dict[str, Any]] = getattr(image, "mpinfo", {}).get(0xB002, [])
        kinds = [str(entry["Attribute"]["MPType"]) for entry in entries]
        n_frames = 1 + sum("Multi-Frame" in kind for kind in kinds[1:])
    if n_frames > 1:
        raise UnreadableImageError(
            f"expected one picture in the file, got {n_frames}; save the wanted one by itself"
        )
    tiles = getattr(image, "tile", ())
    if image.format == "GIF" and tiles and tiles[0][1] != (0, 0, *image.size):
        raise UnreadableImageError(
            f"expected a picture that fills its frame, got one that leaves a part of {image.size[1]} × "
            f"{image.size[0]} pixels empty; cut the frame to the picture"
        )


def _pixels(image: Image.Image) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Return grey or red, green and blue, and where they are opaque."""
    if image.mode == "CMYK":
        raise UnreadableImageError(
            "expected grey or red, green and blue, got inks (CMYK), which have no colour without paper; convert "
            "the picture to sRGB and save it again"
        )
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    pixels = np.asarray(image)
    match image.mode:
        case "1" | "L" | "RGB":
            return pixels, None
        case "LA" | "RGBA":
            colours = pixels[..., 0] if image.mode == "LA" else pixels[..., :3]
            return colours, pixels[..., -1] == 255
    raise UnreadableImageError(
        f"expected grey or red, green and blue, got pixels of the kind {image.mode}; save the picture as PNG"
    )
