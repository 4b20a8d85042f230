"""One image file to one grey image in [0, 1]."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

LUMINANCE_WEIGHTS = (0.2125, 0.7154, 0.0721)
"""Weights of red, green and blue in grey: Rec. ITU-R BT.709, those of scikit-image's ``rgb2gray``."""

_FULL_SCALE = {"b": 1.0, "u1": 255.0, "u2": 65535.0, "u4": 4294967295.0}

# Pillow modes that are a coding of colour: they are decoded to RGB first.
_CODED_COLOUR = {"P", "CMYK", "YCbCr", "LAB", "HSV", "RGBX"}


class UnreadableImageError(ValueError):
    """An image file that is missing, truncated, or not an image this room can turn into grey values."""


class UnreadableImageWarning(UserWarning):
    """An image file was left out of a set because it could not be read and the caller asked to go on."""


def read_grey(path: Path) -> NDArray[np.float64]:
    """Return one image file as grey values in [0, 1].

    Integer pixels are divided by the full scale of their type (255, 65535). The values stay encoded as in
    the file (sRGB photographs are not linearised), and grey is the weighted sum ``LUMINANCE_WEIGHTS`` of
    red, green and blue. An EXIF orientation is applied, so that vertical in the scene is vertical in the
    array. Pillow reads 16-bit grey exactly and 16-bit colour at 8 bits.

    Parameters
    ----------
    path : pathlib.Path
        A file that Pillow can read (png, jpg, tif, bmp, gif, webp, ...), with one picture in it.

    Returns
    -------
    ndarray (height, width), float64, in [0, 1]

    Raises
    ------
    UnreadableImageError
        If the file is missing, truncated or no image; if it holds several pictures or transparent pixels
        (what lies behind them is not in the file); if its values have no known scale. The message names the
        file.

    Examples
    --------
    >>> from neurosim.stimuli.images import photograph_path
    >>> read_grey(photograph_path("camera")).shape
    (512, 512)
    """
    try:
        pixels = _decoded(path)
    except UnreadableImageError:
        raise
    # Decoders raise OSError, SyntaxError, EOFError, struct.error, DecompressionBombError and more.
    except Exception as error:
        raise UnreadableImageError(
            f"{path}: expected a complete image file, got {_reason(path, error)}; replace the file, "
            "leave it out, or pass skip_unreadable=True to go on without it"
        ) from error
    return _grey(_scaled(pixels, path), path)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if path.is_file() and path.stat().st_size == 0:
        return "an empty file"
    return f"{type(error).__name__} ({error})"


def _decoded(path: Path) -> NDArray[np.generic]:
    """Return the stored pixels, (height, width) or (height, width, channels), with their own type."""
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, which has no bearing on the pixels, and of pictures beyond 89 Mpixel,
        # which are merely large.
        warnings.simplefilter("ignore")
        with Image.open(path) as picture:
            n_frames = getattr(picture, "n_frames", 1)
            if n_frames > 1 and picture.format != "MPO":  # MPO: a photograph and its own thumbnails
                raise UnreadableImageError(
                    f"{path}: expected one picture in the file, got {n_frames}; save the wanted one by itself"
                )
            upright = ImageOps.exif_transpose(picture)
            if upright.mode == "PA" or "transparency" in upright.info:
                upright = upright.convert("RGBA")
            elif upright.mode in _CODED_COLOUR:
                upright = upright.convert("RGB")
            if upright.mode == "I" and picture.format == "PNG":
                return np.asarray(upright).astype(np.uint16)  # a PNG holds at most 16 bits
            return np.asarray(upright)


def _scaled(pixels: NDArray[np.generic], path: Path) -> NDArray[np.float64]:
    """Return pixels as float64 in [0, 1], by the full scale of their integer type."""
    if pixels.dtype.kind == "f":
        values = pixels.astype(np.float64)
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise UnreadableImageError(
                f"{path}: expected floating-point pixels in [0, 1], got {values.min():.4g} to "
                f"{values.max():.4g}; rescale them and save the file again"
            )
        return values
    kind = pixels.dtype.kind
    full_scale = _FULL_SCALE.get("b" if kind == "b" else f"{kind}{pixels.dtype.itemsize}")
    if full_scale is None:
        raise UnreadableImageError(
            f"{path}: expected unsigned integers or floats in [0, 1], got {pixels.dtype}, whose full scale "
            "is not known; save the file with 8 or 16 unsigned bits"
        )
    return pixels.astype(np.float64) / full_scale


def _grey(values: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    """Return the luminance of (height, width[, channels]); an alpha channel must be opaque throughout."""
    if values.ndim == 2:
        return values
    n_channels = values.shape[2]
    if n_channels in (2, 4):
        transparent = float((values[..., -1] < 1).mean())
        if transparent > 0:
            raise UnreadableImageError(
                f"{path}: expected opaque pixels, got {transparent:.2%} transparent ones; what lies behind "
                "them is not in the file: blend it over a background and save it without alpha"
            )
        values = values[..., :-1]
    if values.shape[2] == 1:
        return values[..., 0]
    if values.shape[2] != 3:
        raise UnreadableImageError(
            f"{path}: expected 1 to 4 channels, got {n_channels}; save the file as RGB"
        )
    # Three products instead of a matrix product: the sum of equal channels is then the same on every BLAS.
    red, green, blue = LUMINANCE_WEIGHTS
    grey: NDArray[np.float64] = red * values[..., 0] + green * values[..., 1] + blue * values[..., 2]
    return np.minimum(grey, 1.0)  # 0.2125 + 0.7154 + 0.0721 exceeds 1 by one rounding error
