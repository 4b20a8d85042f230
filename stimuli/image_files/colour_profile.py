"""Values encoded otherwise than sRGB, converted to it: ICC profiles and powers."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from neurosim.stimuli.image_files.picture import UnreadableImageError

# A profile is sRGB by another name if it moves no colour of a lattice by more than this (of 255). Copies of sRGB
# that differ in the rounding of their curves and primaries stay below 3; Display P3 moves colours by 90.
_LARGEST_DIFFERENCE = 3
# LittleCMS's flags; Pillow has had names for them since 10.1.
_MATCH_BLACK, _NOT_OPTIMISED = 0x2000, 0x0100
# 1 / 2.2 is what files of sRGB state; a power within 2 % of it counts as sRGB.
_SRGB_POWER = 1 / 2.2


def in_srgb(values: NDArray[np.float64], profile: bytes, stored: DTypeLike) -> NDArray[np.float64]:
    """Return encoded values, (height, width) or (height, width, 3) in [0, 1], as sRGB encodes the profile's colours.

    Colours outside sRGB go to its edge, as on a screen (relative colorimetric, black points matched). Profiles
    unlike sRGB are applied to pixels stored in 8 bits only. Raises `UnreadableImageError` for more bits, and for a
    profile that is damaged, for inks or for another kind of picture.

    Examples
    --------
    >>> from PIL import ImageCms
    >>> srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    >>> in_srgb(np.array([[0.0, 0.5]]), srgb, np.uint8).tolist()
    [[0.0, 0.5]]
    """
    name, space, transform = _transform(profile)
    if is_srgb(profile, coloured=values.ndim == 3):
        return values
    if np.dtype(stored) not in (np.uint8, np.bool_):
        raise UnreadableImageError(
            f"expected sRGB or no profile in a picture of more than 8 bits, got the colour profile {name!r}, which "
            "encodes brightness or colour in another way; convert the picture to sRGB and save it again"
        )
    return _applied(np.rint(values * 255).astype(np.uint8), space, transform) / 255


def is_srgb(profile: bytes, *, coloured: bool) -> bool:
    """Return whether an ICC profile is sRGB by another name, or raise if it is none for such a picture.

    Examples
    --------
    >>> from PIL import ImageCms
    >>> is_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), coloured=True)
    True
    """
    name, space, transform = _transform(profile)
    if space == "GRAY" and coloured:
        raise UnreadableImageError(
            f"expected a profile of colours, got one of grey ({name}) in a picture in colour; save it as sRGB"
        )
    return transform is None


def light_in_srgb(values: NDArray[np.float64], *, gamma: float | None) -> NDArray[np.float64]:
    """Return values in [0, 1] that are light to the power ``gamma`` as sRGB encodes that light.

    Without ``gamma``, or within 2 % of 1 / 2.2, what files of sRGB state, they stay as they are. IEC 61966-2-1:1999
    (sRGB); PNG specification, third edition, 11.3.2.2 (gAMA).

    Examples
    --------
    >>> light_in_srgb(np.array([0.0, 0.2140411, 1.0]), gamma=1.0).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    if gamma is None or abs(gamma / _SRGB_POWER - 1) <= 0.02:
        return values
    light = values ** (1 / gamma)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.minimum(encoded, 1.0))


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> tuple[str, str, Any]:
    """Return a profile's name, its kind of values, and the way to sRGB, None where that changes nothing."""
    from PIL import ImageCms

    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = opened.profile.xcolor_space.strip()
        name = ImageCms.getProfileDescription(opened).strip()
        if space not in ("RGB", "GRAY"):
            raise UnreadableImageError(
                f"expected a profile of red, green and blue or of grey, got one of {space} ({name}); convert the "
                "picture to sRGB and save it again"
            )
        transform = ImageCms.buildTransform(
            opened,
            ImageCms.createProfile("sRGB"),
            "RGB" if space == "RGB" else "L",
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            # The optimised way interpolates too coarsely where a curve is steep: dark pixels would be off by a third.
            flags=cast("Any", _MATCH_BLACK | _NOT_OPTIMISED),
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, UnreadableImageError):
            raise
        raise UnreadableImageError(
            f"expected a colour profile, got a damaged one ({error}); convert the picture to sRGB and save it again"
        ) from error
    lattice = _lattice(space)
    moved = np.abs(_applied(lattice, space, transform).astype(int) - lattice).max()
    return name, space, None if moved <= _LARGEST_DIFFERENCE else transform


def _lattice(space: str) -> NDArray[np.uint8]:
    """Return every grey, and for colours 6 × 6 × 6 of them too, as a picture of one row."""
    greys = np.arange(256, dtype=np.uint8)[None]
    if space == "GRAY":
        return greys
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    return np.concatenate([np.repeat(greys[..., None], 3, axis=2), colours], axis=1)


def _applied(pixels: NDArray[np.uint8], space: str, transform: Any) -> NDArray[np.uint8]:
    """Return 8-bit pixels after a transform, of the shape they had."""
    from PIL import ImageCms

    shown = pixels if space == "GRAY" or pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    converted = ImageCms.applyTransform(Image.fromarray(shown), transform)
    result = np.asarray(converted)
    # Neutral values stay neutral to within a level, and grey is wanted where grey came.
    return result if pixels.ndim == 3 else result[..., 1]
