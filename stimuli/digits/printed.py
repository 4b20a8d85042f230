"""The ten digits as print, and which of them an image is nearest to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from neurosim._masked import unmasked
from neurosim.stimuli.digits.fonts import DIGITS, Font, find_font
from neurosim.stimuli.modalities import unit_norm

# Digits are drawn on a canvas of about this many pixels: 18 levels and more across a pixel of MNIST.
_CANVAS = 512


@dataclass(frozen=True, eq=False)
class PrintedDigits:
    """One printed image of each digit.

    Attributes
    ----------
    images : ndarray (10, size, size), float32, in [0, 1]
        Row d is the digit d, ink bright.
    font : Font
        What they are printed in.
    """

    images: NDArray[np.float32]
    font: Font

    @property
    def flat(self) -> NDArray[np.float32]:
        """The images as stimuli: (10, size * size); ``flat[labels]`` prints the class of every sample."""
        return self.images.reshape(len(self.images), -1)


def printed_digits(size: int = 28, *, font: Font | None = None, fraction: float = 20 / 28) -> PrintedDigits:
    """Return the ten digits in print, antialiased, all at one scale, each in the middle of its image.

    The scale is the largest at which every digit fits a centred square of ``fraction * size`` pixels: in
    MNIST, handwriting takes 20 of 28. What is centred is the digit's bounding box.

    Parameters
    ----------
    size : int
        Height and width of an image in pixels, 4 or more.
    font : Font, optional
        From `find_font`, whose default is Arial or the nearest to it.
    fraction : float, up to 1
        Side of the square that the digits take, relative to that of the image; 3 pixels or more.

    Returns
    -------
    PrintedDigits
        A pixel is the share of its area that is ink.

    Raises
    ------
    ValueError
        If an option is impossible, or the font draws nothing for a digit or the same for two of them.

    Examples
    --------
    >>> printed = printed_digits(28, font=find_font("DejaVu Sans"))
    >>> printed.images.shape, np.flatnonzero(printed.images[0].any(axis=1))[[0, -1]].tolist()
    ((10, 28, 28), [4, 23])
    """
    if not isinstance(size, int | np.integer) or size < 4:
        raise ValueError(f"expected size to be a whole number of at least 4 pixels, got {size!r}")
    if not 3 / size <= fraction <= 1:
        raise ValueError(
            f"expected fraction to be from {3 / size:.3g} (digits of 3 pixels) to 1, got {fraction!r}"
        )
    font = find_font() if font is None else font
    zoom = -(-_CANVAS // int(size))
    glyphs = _fitted_glyphs(font, round(fraction * size * zoom))
    canvases = np.stack([_centred(glyph, int(size) * zoom) for glyph in glyphs])
    # The mean over a pixel's area; every larger pixel is zoom × zoom small ones, so nothing is interpolated.
    blocks = canvases.reshape(len(DIGITS), size, zoom, size, zoom)
    return PrintedDigits((blocks.mean(axis=(2, 4)) / 255).astype(np.float32), font)


def nearest_printed(recalled: ArrayLike, printed: PrintedDigits | ArrayLike) -> NDArray[np.int64]:
    """Return for each image the class whose printed image is nearest, both scaled to unit norm.

    At unit norm the Euclidean distance falls as the cosine grows, so neither the contrast of a recalled image
    nor the amount of ink of a digit counts, only the pattern. Nothing is subtracted.

    Parameters
    ----------
    recalled : array_like (n, n_pixels) or (n, height, width)
        Any unit.
    printed : PrintedDigits, or array_like (n_classes, n_pixels) or (n_classes, height, width)
        One image for each class.

    Returns
    -------
    ndarray (n,), int64
        0 to n_classes - 1, the lowest of those equally near; -1 for an image that is zero throughout, which
        is near none.

    Raises
    ------
    ValueError
        If the numbers of pixels differ, a value is not finite, or a printed image is zero throughout.

    Examples
    --------
    >>> nearest_printed([[0.1, 3.0], [5.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]])
    array([ 1,  0, -1])
    """
    images = _rows(recalled, "recalled")
    templates = _rows(printed.images if isinstance(printed, PrintedDigits) else printed, "printed")
    if images.shape[1] != templates.shape[1]:
        raise ValueError(
            f"expected recalled images of {templates.shape[1]} pixels, as the printed ones have, got "
            f"{images.shape[1]}; print the digits at the size of the modality"
        )
    nearest: NDArray[np.int64] = np.full(len(images), -1, dtype=np.int64)
    seen = images.any(axis=1)
    if seen.any():
        nearest[seen] = (unit_norm(images[seen]) @ unit_norm(templates).T).argmax(axis=1)
    return nearest


def _rows(images: ArrayLike, name: str) -> NDArray[np.float64]:
    values = unmasked(images, "images").astype(np.float64, copy=False)
    if values.ndim not in (2, 3) or values.size == 0:
        raise ValueError(
            f"{name}: expected images of shape (n, n_pixels) or (n, height, width), got {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: expected finite pixels, got NaN or infinite ones; leave those images out")
    return values.reshape(len(values), -1)


def _fitted_glyphs(font: Font, side: int) -> list[NDArray[np.uint8]]:
    """Return the ink of each digit, cut to its bounding box, at the largest font size that fits the square."""
    points = side * side // _largest_side(_glyphs(font, side)) + 1
    glyphs = _glyphs(font, points)
    # Outlines are fitted to the pixel grid, so boxes do not grow in exact proportion: step down to the fit.
    while _largest_side(glyphs) > side:
        points -= 1
        glyphs = _glyphs(font, points)
    return glyphs


def _largest_side(glyphs: list[NDArray[np.uint8]]) -> int:
    return max(int(max(glyph.shape)) for glyph in glyphs)


def _glyphs(font: Font, points: int) -> list[NDArray[np.uint8]]:
    # The basic layout is in every build of Pillow.
    face = ImageFont.truetype(str(font.path), points, layout_engine=ImageFont.Layout.BASIC)
    glyphs = [_glyph(face, digit, points) for digit in DIGITS]
    for digit, glyph in zip(DIGITS, glyphs, strict=True):
        if not glyph.size:
            raise ValueError(
                f"{font.path}: expected a font that draws {digit}, got nothing from {font.family!r}"
            )
    drawn = [(glyph.shape, glyph.tobytes()) for glyph in glyphs]
    twins = [(a, b) for a in DIGITS for b in DIGITS if a < b and drawn[int(a)] == drawn[int(b)]]
    if twins:
        raise ValueError(
            f"{font.path}: expected ten different digits, but {font.family!r} draws the same for "
            f"{twins[0][0]} and {twins[0][1]}; choose a font for text"
        )
    return glyphs


def _glyph(face: ImageFont.FreeTypeFont, digit: str, points: int) -> NDArray[np.uint8]:
    canvas = Image.new("L", (3 * points, 3 * points))
    ImageDraw.Draw(canvas).text((points, points), digit, fill=255, font=face)
    box = canvas.getbbox()
    return np.asarray(canvas.crop(box) if box else canvas.crop((0, 0, 0, 0)))


def _centred(glyph: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    canvas = np.zeros((side, side), dtype=np.uint8)
    top, left = (side - glyph.shape[0]) // 2, (side - glyph.shape[1]) // 2
    canvas[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    return canvas
