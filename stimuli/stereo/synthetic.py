"""Stereo with a known disparity: planted in any photograph, or in random dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dct

from neurosim.stimuli.images.image_set import finite_image
from neurosim.stimuli.randomness import Randomness, generator
from neurosim.stimuli.stereo.patches import StereoPatches, check_room, check_stereo_options


def planted_stereo(
    image: ArrayLike,
    *,
    patch_size: int,
    n_patches: int,
    disparity_sd: float,
    rng: Randomness,
    border: int = 4,
) -> StereoPatches:
    """Return patches of one image as two eyes would see it as a flat picture, at a disparity drawn for each.

    Each eye's patch is shifted by half the disparity, to opposite sides, by a shift of the phases of the whole
    row's cosines: contrast is kept at every frequency, where splines would lose the highest, and both eyes are
    treated alike. Disparities are drawn from a normal distribution, then places uniformly among those where
    both patches are inside the image.

    Parameters
    ----------
    image : array_like (height, width)
        Any real unit: whiten and scale first.
    patch_size : int
        Height and width of a patch in pixels, 2 or more.
    n_patches : int
        Number of patches.
    disparity_sd : float
        Standard deviation of the disparities in pixels.
    rng : numpy.random.Generator or int
        Source of all randomness.
    border : int
        Pixels along each edge that no patch may touch.

    Returns
    -------
    StereoPatches
        A thing at x + disparity / 2 of the left patch is at x - disparity / 2 of the right one. Both columns
        of ``positions`` are that of the patch before it is shifted.

    Raises
    ------
    ValueError
        If the image is not finite or too small for a patch, its borders and the largest disparity drawn; if
        an option is impossible.
    TypeError
        If ``rng`` is not a numpy Generator.

    See Also
    --------
    neurosim.stimuli.sample_stereo_patches : the same from a photographed pair.

    Examples
    --------
    >>> from neurosim.stimuli.images.images import embedded_photographs
    >>> camera = embedded_photographs("camera")["camera"]
    >>> patches = planted_stereo(
    ...     camera, patch_size=16, n_patches=100, disparity_sd=2.0, rng=np.random.default_rng(0)
    ... )
    >>> patches.right.shape, patches.disparity.shape
    ((100, 256), (100,))
    """
    rng = generator(rng)
    check_stereo_options(patch_size, n_patches, rng, disparity_sd, border)
    pixels = finite_image(image, "image")
    check_room(pixels, "image", patch_size, border)
    disparity = rng.normal(0.0, disparity_sd, n_patches)
    rows = rng.integers(border, pixels.shape[0] - border - patch_size + 1, n_patches)
    columns = _columns_with_room(pixels.shape[1], disparity, patch_size, border, rng)
    cosines = dct(pixels, axis=1) / pixels.shape[1]
    cosines[:, 0] /= 2
    left, right = (
        _shifted_patches(cosines, rows, columns + side * disparity / 2, patch_size) for side in (-1, 1)
    )
    return StereoPatches(left, right, disparity, np.stack([rows, columns, columns], axis=1))


def dot_stereogram(
    *,
    size: int,
    disparity: int,
    n_stimuli: int,
    rng: Randomness,
    density: float = 0.5,
    correlated: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return random dots of one disparity throughout, for tuning curves.

    Dots are single pixels, as often bright (1) as dark (-1), on grey (0). Those that the shift moves out at
    one edge are replaced by fresh ones at the other, so neither eye alone can tell the disparity.

    Parameters
    ----------
    size : int
        Height and width in pixels, 2 or more.
    disparity : int
        In whole pixels, of either sign, below ``size``: place in the left image minus place in the right one,
        positive for nearer than what is fixated (crossed).
    n_stimuli : int
        Number of stereograms.
    rng : numpy.random.Generator or int
        Source of all randomness.
    density : float, in (0, 1]
        Share of pixels that are dots.
    correlated : {1, 0, -1}
        The right eye sees the same dots; others; or the same with bright and dark exchanged (anticorrelated).

    Returns
    -------
    left, right : ndarray (n_stimuli, size * size), float64
        -1, 0 or 1. Variance ``density``.

    Raises
    ------
    ValueError
        If an option is impossible.
    TypeError
        If ``rng`` is not a numpy Generator.

    References
    ----------
    Julesz 1960, Bell System Technical Journal 39:1125. Anticorrelated: Cumming & Parker 1997, Nature 389:280.

    Examples
    --------
    >>> left, right = dot_stereogram(size=8, disparity=2, n_stimuli=5, rng=np.random.default_rng(0))
    >>> left, right = left.reshape(5, 8, 8), right.reshape(5, 8, 8)
    >>> bool((left[:, :, 2:] == right[:, :, :-2]).all())
    True
    """
    rng = generator(rng)
    check_stereo_options(size, n_stimuli, rng, 0.0, 0)
    if not isinstance(disparity, int | np.integer) or abs(disparity) >= size:
        raise ValueError(f"expected a disparity in whole pixels below the size, {size}, got {disparity!r}")
    if not 0 < density <= 1:
        raise ValueError(f"expected a density in (0, 1], got {density!r}")
    if correlated not in (-1, 0, 1):
        raise ValueError(f"expected correlated to be 1, 0 or -1, got {correlated!r}")
    shape = (n_stimuli, size, size + abs(int(disparity)))
    strip = _dots(shape, density, rng)
    others = strip * correlated if correlated else _dots(shape, density, rng)
    start = max(-int(disparity), 0)
    left = strip[:, :, start : start + size]
    right = others[:, :, start + disparity : start + disparity + size]
    return left.reshape(n_stimuli, -1), right.reshape(n_stimuli, -1)


def _dots(shape: tuple[int, ...], density: float, rng: np.random.Generator) -> NDArray[np.float64]:
    dots: NDArray[np.float64] = rng.choice([-1.0, 0.0, 1.0], shape, p=[density / 2, 1 - density, density / 2])
    return dots


def _columns_with_room(
    width: int, disparity: NDArray[np.float64], patch_size: int, border: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return columns uniform among those where a patch shifted by half its disparity stays off the border."""
    reach = np.ceil(np.abs(disparity) / 2)
    room = width - 2 * border - patch_size + 1 - 2 * reach
    if (room < 1).any():
        raise ValueError(
            f"image: expected room for a disparity of {np.abs(disparity).max():.4g} pixels beside patches of "
            f"{patch_size} and a border of {border}, got a width of {width}; lower disparity_sd, or use a "
            "wider image"
        )
    return border + reach.astype(np.int64) + rng.integers(room.astype(np.int64))


def _shifted_patches(
    cosines: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.float64], patch_size: int
) -> NDArray[np.float64]:
    """Return patches whose first pixels lie at whole rows and any columns, from the cosines of the rows.

    The cosines are those of the row followed by its mirror image, which has no jump at the edges.
    """
    width = cosines.shape[1]
    frequencies = np.pi * np.arange(width) / width
    within = frequencies[:, None] * (np.arange(patch_size) + 0.5)
    even, odd = np.cos(within), np.sin(within)
    patches = np.empty((len(rows), patch_size, patch_size))
    for patch, row, column in zip(patches, rows, columns, strict=True):
        mine, phases = cosines[row : row + patch_size], frequencies * column
        patch[:] = (mine * np.cos(phases)) @ even - (mine * np.sin(phases)) @ odd
    return patches.reshape(len(rows), -1)
