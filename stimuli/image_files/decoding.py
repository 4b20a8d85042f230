"""One image file to one grey image in [0, 1]."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from neurosim.stimuli.image_files.colour_profile import in_srgb, is_srgb, light_in_srgb
from neurosim.stimuli.image_files.netpbm import read_netpbm
from neurosim.stimuli.image_files.picture import (
    Picture,
    UnreadableImageError,
    UnreadableImageWarning,
    upright,
)
from neurosim.stimuli.image_files.png import read_png
from neurosim.stimuli.image_files.png_chunks import SIGNATURE
from neurosim.stimuli.image_files.raster import KINDS, read_raster
from neurosim.stimuli.image_files.tiff import read_tiff

__all__ = ["LUMINANCE_WEIGHTS", "UnreadableImageError", "UnreadableImageWarning", "read_grey"]

LUMINANCE_WEIGHTS = (0.2125, 0.7154, 0.0721)
"""Weights of red, green and blue in grey: Rec. ITU-R BT.709, those of scikit-image's ``rgb2gray``."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_LOG = logging.getLogger(__name__)
_ROWS = 256  # turned into grey at once: bounds memory


def read_grey(path: Path, *, as_encoded: bool = False) -> NDArray[np.float64]:
    """Return one image file as grey values in [0, 1].

    Integer pixels are divided by the full scale that the file states (255 for 8 bits, 4095 for 12, 65535 for
    16), and turned over where white is zero. The values stay encoded as in the file (sRGB photographs are not
    linearised); a colour profile or a gamma that is unlike sRGB is converted to sRGB. Grey is the weighted sum
    ``LUMINANCE_WEIGHTS`` of red, green and blue. The orientation that the file notes is applied, so that
    vertical in the scene is vertical in the array.

    Parameters
    ----------
    path : pathlib.Path
        A PNG, TIFF, JPEG, WebP, GIF, BMP or netpbm (pgm, ppm) file, with one picture in it. The content
        decides, not the name.
    as_encoded : bool
        If true, profile and gamma are left aside: grey is the weighted sum of the values in the file.

    Returns
    -------
    ndarray (height, width), float64, in [0, 1]

    Raises
    ------
    UnreadableImageError
        If the file is missing, damaged or no image; if it holds several pictures, missing data or transparent
        pixels (what lies behind them is not in the file); if its values have no known scale or colour; if it
        would expand to more than ``neurosim.stimuli.image_files.picture.LARGEST_PICTURE`` pixels. The message names the
        file.

    Examples
    --------
    >>> from neurosim.stimuli.images.images import photograph_path
    >>> read_grey(photograph_path("camera")).shape
    (512, 512)
    """
    try:
        picture = _decoded(path)
        grey = upright(_grey(picture, as_encoded=as_encoded), picture.orientation)
    except UnreadableImageError as error:
        raise UnreadableImageError(f"{path}: {error}") from error.__cause__
    # Decoders raise OSError, SyntaxError, EOFError, struct.error, MemoryError and more.
    except Exception as error:
        raise UnreadableImageError(
            f"{path}: expected a complete image file, got {_reason(path, error)}; replace the file or leave it out"
        ) from error
    for note in picture.notes:
        _LOG.warning("%s: %s", path, note)
    return grey


def _decoded(path: Path) -> Picture:
    """Return the stored pixels, read by the decoder for what the first bytes announce."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UnreadableImageError(
            f"expected a file, got {'a folder' if path.is_dir() else 'a device'}; leave it out"
        )
    with path.open("rb") as file:
        start = file.read(64)
        file.seek(0)
        if start.startswith(SIGNATURE):
            return read_png(file)
        if start.startswith(_TIFF):
            return read_tiff(file)
        if start.removeprefix(b"\xef\xbb\xbf")[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"):
            return read_netpbm(file)
        return read_raster(file)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, Image.DecompressionBombError):
        return "one that would expand to gigabytes"
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:  # not ours to read: the error says so
        return f"{type(error).__name__} ({error})"
    if not start:
        return "an empty file"
    if isinstance(error, UnidentifiedImageError):
        return _content(start).removesuffix(": ") or f"one of no kind that is read ({KINDS})"
    return f"{_content(start)}{type(error).__name__} ({error})"


def _content(start: bytes) -> str:
    """Return in words what an unreadable file begins with, where that is something else than an image."""
    if start.startswith(b"version https://git-lfs"):
        return "a pointer of git-lfs in place of the file (`git lfs pull` fetches it): "
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "a web page: "
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text in UTF-16: "
    return "text: " if start and start.removeprefix(b"\xef\xbb\xbf").isascii() and b"\0" not in start else ""


def _grey(picture: Picture, *, as_encoded: bool) -> NDArray[np.float64]:
    """Return the luminance in [0, 1], in the order of the file."""
    _require_opaque(picture)
    pixels = picture.pixels
    if pixels.dtype.kind == "f":
        _require_unit_range(pixels)
    if not as_encoded:
        picture = _in_srgb(picture)
    grey = np.empty(picture.pixels.shape[:2])
    for top in range(0, len(grey), _ROWS):
        rows = slice(top, top + _ROWS)
        grey[rows] = _luminance(picture.pixels[rows], picture)
    return grey


def _in_srgb(picture: Picture) -> Picture:
    """Return a picture whose values are encoded as sRGB encodes them; the same one if they are already."""
    pixels = picture.pixels
    if picture.profile is not None and not is_srgb(picture.profile, coloured=pixels.ndim == 3):
        values = in_srgb(_in_unit_range(pixels, picture), picture.profile, pixels.dtype)
        return Picture(values, full_scale=1.0)
    if picture.gamma is not None:
        return Picture(light_in_srgb(_in_unit_range(pixels, picture), gamma=picture.gamma), full_scale=1.0)
    return picture


def _luminance(pixels: NDArray[np.generic], picture: Picture) -> NDArray[np.float64]:
    if pixels.ndim == 2:
        return _in_unit_range(pixels, picture)
    # Three products instead of a matrix product: the sum of equal channels is then the same on every BLAS.
    red, green, blue = (_in_unit_range(pixels[..., channel], picture) for channel in range(3))
    weights = LUMINANCE_WEIGHTS
    grey: NDArray[np.float64] = weights[0] * red + weights[1] * green + weights[2] * blue
    return np.minimum(grey, 1.0)  # 0.2125 + 0.7154 + 0.0721 exceeds 1 by one rounding error


def _in_unit_range(pixels: NDArray[np.generic], picture: Picture) -> NDArray[np.float64]:
    """Return stored values over their full scale, bright being large."""
    values: NDArray[np.float64] = pixels.astype(np.float64)
    if picture.white_is_zero:
        np.subtract(picture.full_scale, values, out=values)
    return np.divide(values, picture.full_scale, out=values)


def _require_opaque(picture: Picture) -> None:
    if picture.opaque is not None and not picture.opaque.all():
        raise UnreadableImageError(
            f"expected opaque pixels, got {1 - picture.opaque.mean():.2%} transparent ones; what lies behind "
            "them is not in the file: blend it over a background and save it without alpha"
        )


def _require_unit_range(pixels: NDArray[np.generic]) -> None:
    n_missing = int((~np.isfinite(pixels)).sum())
    if n_missing:
        raise UnreadableImageError(
            f"expected floating-point pixels in [0, 1], got {n_missing:,} NaN or infinite ones of {pixels.size:,}; "
            "fill or cut away what is missing and save the file again"
        )
    least, most = float(pixels.min()), float(pixels.max())
    if least < 0 or most > 1:
        raise UnreadableImageError(
            f"expected floating-point pixels in [0, 1], got {least:.4g} to {most:.4g}; rescale them and save the "
            "file again"
        )
